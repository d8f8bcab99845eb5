//! What orders do to the naive ledger.

use anyai_ledger::{
    Action, EntryKind, EnvelopeScope, GrantKind, PeriodBounds, PlanTerms, Refusal, TakeBackCause,
};
use anyai_units::{MemberId, UtcMillis};

use super::{Oracle, OracleEnvelope, OracleGrant, OracleHold, Reversed, is_inside};
use crate::fixture::mc;

const TWO_PERSONS_ABOVE: i64 = 10_000_000;

impl Oracle {
    /// What an order does, or why not. `entry` is the one it wants reversed.
    pub(crate) fn order(
        &mut self,
        key: &str,
        is_approved: bool,
        action: &Action,
        entry: Option<Reversed>,
    ) -> Result<(), Refusal> {
        match action {
            Action::ChangePlan { plan, terms } => {
                self.change_plan(plan.amount.millicredits(), *terms);
            }
            Action::Grant {
                kind,
                amount,
                priority,
                expires_at,
            } => {
                let amount = amount.millicredits();
                if *kind != GrantKind::TopUp {
                    two_persons(amount, is_approved)?;
                }
                self.add(key, *kind, amount, *priority, *expires_at)?;
            }
            Action::Adjust { change, expires_at } => {
                let change = change.millicredits();
                two_persons(change, is_approved)?;
                if change > 0 {
                    return self.add(key, GrantKind::Admin, change, 100, *expires_at);
                }
                let mut order = self.spending_order();
                order.reverse();
                self.take_from(&order, -change, self.available())?;
            }
            Action::Reverse { seq, amount } => {
                let amount = amount.map(|amount| amount.millicredits());
                self.reverse(key, is_approved, *seq, amount, entry)?;
            }
            Action::TakeBack { source, cause } => self.take_back(source, *cause)?,
            Action::SetFrozen { frozen } => self.frozen = *frozen,
            Action::SetMember { member, limit } => {
                let limit = limit.map(|limit| limit.millicredits());
                self.members.insert(*member, (limit, false));
            }
            Action::RemoveMember { member } => {
                self.members.entry(*member).or_default().1 = true;
            }
            Action::MakeOwner { .. } => {}
            Action::SetEnvelope { member, scope, cap } => {
                self.set_envelope(*member, *scope, cap.millicredits());
            }
            Action::RemoveEnvelope { no } => {
                let at = usize::try_from(*no).unwrap().wrapping_sub(1);
                match self.envelopes.get_mut(at) {
                    Some(envelope) if !envelope.is_removed => envelope.is_removed = true,
                    _ => return Err(Refusal::UnknownEnvelope { envelope: *no }),
                }
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        key: &str,
        kind: GrantKind,
        amount: i64,
        priority: u32,
        expires_at: Option<UtcMillis>,
    ) -> Result<(), Refusal> {
        let expires_at = expires_at.map_or(i64::MAX, UtcMillis::millis);
        if expires_at <= self.clock {
            let source_key = key.to_owned();
            return Err(Refusal::InvalidGrant { source_key });
        }
        self.grants.push(OracleGrant {
            source: key.to_owned(),
            kind,
            amount,
            revoked: 0,
            priority,
            expires_at,
            plan_of: None,
        });
        Ok(())
    }

    /// Revokes the whole amount from these grants, of which `unused` is left, or nothing.
    fn take_from(&mut self, grants: &[usize], amount: i64, unused: i64) -> Result<(), Refusal> {
        if amount > unused {
            return Err(Refusal::NotUnused {
                needed: mc(amount),
                available: mc(unused),
            });
        }
        let mut wanted = amount;
        for grant in grants {
            let revoked = self.left(*grant).min(wanted);
            self.grants[*grant].revoked += revoked;
            wanted -= revoked;
        }
        Ok(())
    }

    fn reverse(
        &mut self,
        key: &str,
        is_approved: bool,
        seq: u64,
        amount: Option<i64>,
        entry: Option<Reversed>,
    ) -> Result<(), Refusal> {
        let entry = entry.ok_or(Refusal::NotReversible { seq })?;
        let charge = entry.turn.map(|turn| self.holds[&turn].charged);
        let original = match entry.kind {
            EntryKind::Settle => charge.unwrap(),
            _ => entry.amount,
        };
        let left = original - self.reversed.get(&seq).copied().unwrap_or(0);
        let amount = amount.unwrap_or(left);
        if amount > left || left == 0 {
            return Err(Refusal::AlreadyReversed {
                seq,
                needed: mc(amount),
                available: mc(left),
            });
        }
        two_persons(amount, is_approved)?;
        let of_source = |grant: &OracleGrant| grant.source == entry.source;
        let grant = self.grants.iter().position(of_source);
        match (entry.kind, grant) {
            (EntryKind::Settle, _) => self.add(key, GrantKind::Refund, amount, 100, None)?,
            (EntryKind::Grant | EntryKind::Refund, Some(at)) => {
                self.take_from(&[at], amount, self.left(at))?;
            }
            (EntryKind::Revoke, at) => {
                let is_current = entry.period == Some(self.bounds.no);
                let end = if is_current {
                    self.bounds.ends_at.millis()
                } else {
                    0
                };
                let plans = (GrantKind::Admin, 100, end);
                let (kind, priority, end) = at.map_or(plans, |at| {
                    let grant = &self.grants[at];
                    (grant.kind, grant.priority, grant.expires_at)
                });
                let end = (end < i64::MAX).then(|| UtcMillis::from_millis(end));
                self.add(key, kind, amount, priority, end)?;
            }
            _ => return Err(Refusal::NotReversible { seq }),
        }
        if entry.kind == EntryKind::Settle {
            self.holds.get_mut(&entry.turn.unwrap()).unwrap().refunded += amount;
        }
        *self.reversed.entry(seq).or_default() += amount;
        Ok(())
    }

    fn take_back(&mut self, source: &str, cause: TakeBackCause) -> Result<(), Refusal> {
        let bought = |grant: &OracleGrant| grant.source == source && grant.kind == GrantKind::TopUp;
        let Some(at) = self.grants.iter().position(bought) else {
            let source_key = source.to_owned();
            return Err(Refusal::UnknownGrant { source_key });
        };
        let left = self.left(at);
        self.grants[at].revoked += left;
        if cause == TakeBackCause::Chargeback && self.taken(at) > 0 {
            self.frozen = true;
        }
        Ok(())
    }

    fn set_envelope(&mut self, member: Option<MemberId>, scope: EnvelopeScope, cap: i64) {
        let is_same = |known: &&mut OracleEnvelope| {
            !known.is_removed && (known.member, known.scope) == (member, scope)
        };
        if let Some(known) = self.envelopes.iter_mut().find(is_same) {
            known.cap = cap;
            return;
        }
        let window = self.window(scope, self.clock);
        let before = |hold: &OracleHold| {
            let is_theirs = member.is_none() || member == Some(hold.who.member);
            let is_then = match scope {
                EnvelopeScope::Modality(_) => (self.bounds.starts_at.millis()
                    ..self.bounds.ends_at.millis())
                    .contains(&hold.placed_at),
                _ => self.window(scope, hold.placed_at) == window,
            };
            is_theirs && is_then && is_inside(scope, hold.who)
        };
        let spent = self.sum(before, OracleHold::kept);
        self.envelopes.push(OracleEnvelope {
            member,
            scope,
            cap,
            is_removed: false,
            start: (window, spent),
        });
    }

    pub(crate) fn change_plan(&mut self, amount: i64, terms: PlanTerms) {
        match terms {
            PlanTerms::Budget => self.change_budget(amount),
            PlanTerms::Subscription if amount < self.plan => self.next_plan = Some(amount),
            PlanTerms::Subscription => {
                let PeriodBounds {
                    starts_at, ends_at, ..
                } = self.bounds;
                let left = i128::from(ends_at.millis() - self.clock);
                let whole = i128::from(ends_at.millis() - starts_at.millis());
                let extra = i128::from(amount - self.plan) * left / whole;
                let extra = i64::try_from(extra).unwrap();
                self.plan_grant(extra.min(amount - self.plan_granted()));
                (self.plan, self.next_plan) = (amount, None);
            }
        }
    }

    /// What the plan granted in this period, without what was revoked.
    fn plan_granted(&self) -> i64 {
        let grants = self.grants.iter();
        grants
            .filter(|grant| grant.plan_of == Some(self.bounds.no))
            .map(|grant| grant.amount - grant.revoked)
            .sum()
    }

    fn change_budget(&mut self, amount: i64) {
        let more = amount - self.plan;
        (self.plan, self.next_plan) = (amount, None);
        self.plan_grant(more.min(amount - self.plan_granted()));
        self.take_unused(-more);
    }

    /// What the plan granted above its amount goes, as far as it is unused.
    pub(super) fn take_excess(&mut self) {
        self.take_unused(self.plan_granted() - self.plan);
    }

    fn take_unused(&mut self, amount: i64) {
        let mut wanted = amount;
        for grant in (0..self.grants.len()).rev() {
            if self.grants[grant].plan_of.is_some() && wanted > 0 {
                let revoked = self.left(grant).min(wanted);
                self.grants[grant].revoked += revoked;
                wanted -= revoked;
            }
        }
    }
}

fn two_persons(amount: i64, is_approved: bool) -> Result<(), Refusal> {
    if amount.abs() > TWO_PERSONS_ABOVE && !is_approved {
        let above = mc(TWO_PERSONS_ABOVE);
        return Err(Refusal::NeedsApproval { above });
    }
    Ok(())
}
