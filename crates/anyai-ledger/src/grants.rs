//! Grants in the books of a pool: made, and taken back as far as they are unused.

use anyai_units::{Credits, HoldId, UtcMillis};

use crate::amount::{negate, subtract};
use crate::books::{Books, Draft, LEDGER_ACTOR};
use crate::effect::{Effect, GrantMove, PeriodMove};
use crate::{Account, EntryKind, Grant, GrantKind, Refusal};

/// Where a plan's month stands in the order of spending.
pub(crate) const PLAN_PRIORITY: u32 = 100;

/// A grant to make.
pub(crate) struct NewGrant {
    pub(crate) kind: GrantKind,
    pub(crate) amount: Credits,
    pub(crate) priority: u32,
    pub(crate) expires_at: Option<UtcMillis>,
    pub(crate) source: String,
    pub(crate) actor: String,
    pub(crate) entry_kind: EntryKind,
    pub(crate) from: Account,
    pub(crate) hold: Option<HoldId>,
    pub(crate) reverses: Option<u64>,
}

/// The entry that a taking back reverses, and the hold it belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Reversed {
    pub(crate) seq: u64,
    pub(crate) hold: Option<HoldId>,
}

impl Books {
    /// A grant in the current period, with its entry.
    pub(crate) fn add_grant(&mut self, new: NewGrant) -> Result<(), Refusal> {
        let no = self
            .pool
            .grant_count
            .checked_add(1)
            .ok_or(Refusal::AmountTooLarge)?;
        self.pool.grant_count = no;
        let grant = Grant {
            pool: self.pool.id,
            no,
            period: self.period.bounds.no,
            kind: new.kind,
            amount: new.amount,
            used: Credits::ZERO,
            held: Credits::ZERO,
            revoked: Credits::ZERO,
            expired: Credits::ZERO,
            priority: new.priority,
            effective_at: self.at,
            expires_at: new.expires_at,
            source: new.source,
        };
        let to = Account::Available(grant.period);
        self.append(Draft {
            hold: new.hold,
            reverses: new.reverses,
            detail: Some(grant.terms_digest()),
            actor: new.actor,
            reason: Some(grant.source.clone()),
            ..Draft::new(new.entry_kind, new.from, to, grant.amount)
        })?;
        self.push(Effect::AddGrant(grant.clone()));
        self.move_period(PeriodMove {
            granted: grant.amount,
            ..self.period_move(grant.period)
        })?;
        self.grants.push(grant);
        self.grants.sort_by_key(Grant::spending_order);
        Ok(())
    }

    /// A plan's grant in the current period; it lasts to the period's end.
    pub(crate) fn add_plan_grant(
        &mut self,
        amount: Credits,
        source: String,
        actor: String,
    ) -> Result<(), Refusal> {
        self.add_grant(NewGrant {
            kind: GrantKind::Plan,
            amount,
            priority: PLAN_PRIORITY,
            expires_at: Some(self.period.bounds.ends_at),
            source,
            actor,
            entry_kind: EntryKind::Grant,
            from: Account::HouseGrants,
            hold: None,
            reverses: None,
        })
    }

    /// Takes up to `wanted` of what these grants have left, in their order.
    pub(crate) fn revoke(
        &mut self,
        grants: Vec<Grant>,
        wanted: Credits,
        actor: &str,
        reversed: Option<Reversed>,
    ) -> Result<(), Refusal> {
        let no = self.period.bounds.no;
        let mut wanted = wanted;
        for grant in grants {
            let revoked = grant.left().ok_or(self.disagree())?.min(wanted);
            if revoked == Credits::ZERO {
                continue;
            }
            wanted = subtract(wanted, revoked)?;
            self.move_grant(GrantMove {
                revoked,
                ..self.grant_move(grant.no)
            })?;
            self.move_period(PeriodMove {
                granted: negate(revoked)?,
                ..self.period_move(no)
            })?;
            let (from, to) = (Account::Available(no), Account::HouseGrants);
            self.append(Draft {
                hold: reversed.and_then(|entry| entry.hold),
                reverses: reversed.map(|entry| entry.seq),
                actor: actor.to_owned(),
                reason: Some(grant.source),
                ..Draft::new(EntryKind::Revoke, from, to, revoked)
            })?;
        }
        Ok(())
    }

    /// The plan's grant as the period begins.
    pub(crate) fn grant_month(&mut self) -> Result<(), Refusal> {
        let amount = self.pool.plan.amount;
        if amount == Credits::ZERO {
            return Ok(());
        }
        let source = format!("plan:{}", self.period.bounds.no);
        self.add_plan_grant(amount, source, LEDGER_ACTOR.to_owned())
    }
}
