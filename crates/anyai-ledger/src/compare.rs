//! The audit's second half: each row against what the entries, and the holds compared before, come
//! to.
//!
//! What no entry speaks of cannot be proven: until when an open hold may stay unresolved, which of
//! the open states it is in, and the provider's name for the work.

use anyai_units::Credits;

use crate::audit::{Audit, EndFacts, HoldFacts, Uses, increase};
use crate::{
    AuditFault, Envelope, EnvelopeUse, Grant, HoldRecord, HoldState, Member, MemberUse,
    OrderRecord, Period, PeriodBounds, PlanGrant, PoolState, SeqRange, Settlement,
};

impl Audit {
    /// Compares the pool's row.
    ///
    /// # Errors
    /// The first difference; likewise below.
    pub fn compare_pool(&self, row: &PoolState) -> Result<(), AuditFault> {
        let plans = [Some(&row.plan), row.next_plan.as_ref()];
        let is_negative = |plan: &PlanGrant| plan.amount.is_negative();
        let proven = self.plan;
        let is_planned = proven.is_none_or(|(_, digest)| digest == row.plan_digest());
        let is_dated = match proven {
            Some(_) => row.last_at == self.last_at,
            None => row.last_at >= self.last_at || self.head.seq == 0,
        };
        let is_in = match proven {
            Some((no, _)) => row.period == no,
            None => row.period >= self.last_period,
        };
        let is_sound = !plans.into_iter().flatten().any(is_negative);
        let fields = [
            ("id", row.id == self.pool),
            ("anchor", row.anchor == self.anchor),
            ("plan", is_planned && is_sound),
            ("seq", row.seq == self.head.seq),
            ("head_hash", row.head_hash == self.head.hash),
            ("frozen", row.frozen == self.frozen),
            ("last_at", is_dated),
            ("grant_count", row.grant_count == self.grant_count),
            ("period", is_in),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(AuditFault::Pool { what }))
    }

    /// Compares a period's row.
    ///
    /// # Errors
    /// See above.
    pub fn compare_period(&mut self, row: &Period) -> Result<(), AuditFault> {
        let no = row.bounds.no;
        let found = self.periods.remove(&no);
        let is_proven = self.proven_from.is_some_and(|first| no >= first);
        let sums = found.unwrap_or_default();
        let bounds = PeriodBounds::containing(self.anchor, row.bounds.starts_at);
        let fields = [
            ("existence", found.is_some() || !is_proven),
            ("pool", row.pool == self.pool),
            ("range", bounds == Some(row.bounds)),
            ("granted", row.granted == sums.granted),
            ("posted", row.posted == sums.posted),
            ("pending", row.pending == sums.pending),
            ("expired", row.expired == sums.expired),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(AuditFault::Period { no, what }))
    }

    /// Compares a hold's row, and adds it to what its grants, its member and its envelopes come to.
    ///
    /// # Errors
    /// See above.
    pub fn compare_hold(&mut self, row: &HoldRecord) -> Result<(), AuditFault> {
        let hold = row.id;
        let fault = |what| AuditFault::Hold { hold, what };
        let facts = self.holds.remove(&hold).ok_or(fault("existence"))?;
        if let Some(what) = first_false(&placing(row, &facts)).or(first_false(&ending(row, &facts)))
        {
            return Err(fault(what));
        }
        if row.pool != self.pool {
            return Err(fault("pool"));
        }
        self.add_up(row, facts.refunded).map_err(fault)
    }

    fn add_up(&mut self, row: &HoldRecord, refunded: Credits) -> Result<(), &'static str> {
        let is_open = row.state.is_open();
        let uses = |amount, charged| Uses {
            posted: charged,
            pending: if is_open { amount } else { Credits::ZERO },
        };
        for part in &row.allocations {
            let sums = self.by_grant.entry(part.grant).or_default();
            sums.add(uses(part.amount, part.used))?;
        }
        let kept = row.charged.unwrap_or_default().checked_sub(refunded);
        let all = uses(row.ceiling, kept.ok_or("refunds")?);
        let member = (row.member, row.period);
        self.by_member.entry(member).or_default().add(all)?;
        for share in &row.envelopes {
            let window = (share.envelope, share.window);
            self.by_envelope.entry(window).or_default().add(all)?;
        }
        Ok(())
    }

    /// Compares a grant's row. All holds have to be compared before.
    ///
    /// # Errors
    /// See above.
    pub fn compare_grant(&mut self, row: &Grant) -> Result<(), AuditFault> {
        let no = row.no;
        let fault = |what| AuditFault::Grant { no, what };
        let facts = self.grants.remove(&row.source).ok_or(fault("existence"))?;
        let sums = self.by_grant.remove(&row.no).unwrap_or_default();
        let terms = facts.terms;
        let fields = [
            ("number", row.no == facts.no),
            ("amount", row.amount == facts.amount),
            ("revoked", row.revoked == facts.revoked),
            ("expired", row.expired == facts.expired),
            ("used", row.used == sums.posted),
            ("held", row.held == sums.pending),
            ("period", row.period == facts.period),
            ("effective_at", row.effective_at == facts.at),
            ("sum", row.left().is_some()),
            (
                "terms",
                terms.is_none_or(|terms| terms == row.terms_digest()),
            ),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(fault(what)))
    }

    /// Compares what is set for a member.
    ///
    /// # Errors
    /// See above.
    pub fn compare_member(&mut self, row: &Member) -> Result<(), AuditFault> {
        let member = row.member;
        let what = match self.members.remove(&member) {
            None => "existence",
            Some(digest) if digest != row.digest() => "limit",
            Some(_) => return Ok(()),
        };
        Err(AuditFault::Member { member, what })
    }

    /// Compares a member's sums. All holds have to be compared before.
    ///
    /// # Errors
    /// See above.
    pub fn compare_member_use(&mut self, row: &MemberUse) -> Result<(), AuditFault> {
        let found = self.by_member.remove(&(row.member, row.period));
        let sums = found.unwrap_or_default();
        let fields = [
            ("existence", found.is_some() && row.pool == self.pool),
            ("posted", row.posted == sums.posted),
            ("pending", row.pending == sums.pending),
        ];
        let member = row.member;
        first_false(&fields).map_or(Ok(()), |what| Err(AuditFault::Member { member, what }))
    }

    /// Compares an envelope, and adds what its first window started with.
    ///
    /// # Errors
    /// See above.
    pub fn compare_envelope(&mut self, row: &Envelope) -> Result<(), AuditFault> {
        let no = row.no;
        let fault = |what| AuditFault::Envelope { no, what };
        let facts = self.envelopes.remove(&no).ok_or(fault("existence"))?;
        if facts.digest != row.digest() {
            return Err(fault("terms"));
        }
        if facts.start > Credits::ZERO {
            let window = row.scope.window(facts.start_period, facts.start_at);
            let sums = self.by_envelope.entry((no, window)).or_default();
            increase(&mut sums.posted, facts.start).map_err(fault)?;
        }
        Ok(())
    }

    /// Compares an envelope's sums. All holds and envelopes have to be compared before.
    ///
    /// # Errors
    /// See above.
    pub fn compare_envelope_use(&mut self, row: &EnvelopeUse) -> Result<(), AuditFault> {
        let found = self.by_envelope.remove(&(row.envelope, row.window));
        let sums = found.unwrap_or_default();
        let fields = [
            ("existence", found.is_some() && row.pool == self.pool),
            ("posted", row.posted == sums.posted),
            ("pending", row.pending == sums.pending),
        ];
        let no = row.envelope;
        first_false(&fields).map_or(Ok(()), |what| Err(AuditFault::Envelope { no, what }))
    }

    /// Compares an order's row.
    ///
    /// # Errors
    /// See above.
    pub fn compare_order(&mut self, row: &OrderRecord) -> Result<(), AuditFault> {
        let seq = row.entries.first;
        let fault = |what| AuditFault::Order { seq, what };
        let facts = self.orders.remove(&seq).ok_or(fault("existence"))?;
        let fields = [
            ("pool", row.pool == self.pool),
            ("actor", row.order.actor == facts.actor),
            ("reason", Some(&row.order.reason) == facts.reason.as_ref()),
            ("content", row.chained_digest() == facts.digest),
            ("entries", row.entries.last == facts.last),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(fault(what)))
    }

    /// After every row: says which are missing.
    ///
    /// # Errors
    /// The first that the entries or other rows speak of and that was not compared.
    pub fn finish(self) -> Result<(), AuditFault> {
        let what = "existence";
        if let Some(hold) = self.holds.keys().min().copied() {
            return Err(AuditFault::Hold { hold, what });
        }
        if let Some(no) = self.periods.keys().next().copied() {
            return Err(AuditFault::Period { no, what });
        }
        let granted = self.grants.values().map(|facts| facts.no);
        if let Some(no) = granted.chain(self.by_grant.keys().copied()).min() {
            return Err(AuditFault::Grant { no, what });
        }
        let set_for = self.members.keys().next();
        let spent_by = self.by_member.keys().map(|(member, _)| member).next();
        if let Some(member) = set_for.or(spent_by).copied() {
            return Err(AuditFault::Member { member, what });
        }
        let set = self.envelopes.keys().next();
        let spent_in = self.by_envelope.keys().map(|(no, _)| no).next();
        if let Some(no) = set.or(spent_in).copied() {
            return Err(AuditFault::Envelope { no, what });
        }
        if let Some(seq) = self.orders.keys().next().copied() {
            return Err(AuditFault::Order { seq, what });
        }
        Ok(())
    }
}

impl Uses {
    fn add(&mut self, more: Self) -> Result<(), &'static str> {
        increase(&mut self.posted, more.posted)?;
        increase(&mut self.pending, more.pending)
    }
}

type Field = (&'static str, bool);

fn placing(row: &HoldRecord, facts: &HoldFacts) -> [Field; 6] {
    let is_agreed = facts.terms == Some(row.terms_digest())
        || (facts.is_early && facts.terms == Some(row.first_terms_digest()));
    let amounts = row.allocations.iter().map(|part| part.amount);
    let covered = amounts.map(Credits::millicredits).map(i128::from).sum();
    let is_sent = row.dispatched_at.is_some();
    let is_marked = match row.state {
        HoldState::Held => !is_sent,
        HoldState::Dispatched | HoldState::Unknown | HoldState::Settled => is_sent,
        HoldState::Voided => true,
    };
    [
        ("terms", is_agreed),
        ("ceiling", facts.ceiling == row.ceiling),
        ("period", facts.period == row.period),
        ("created_at", facts.at == row.created_at),
        (
            "allocations",
            i128::from(row.ceiling.millicredits()) == covered,
        ),
        ("dispatched_at", is_marked),
    ]
}

fn ending(row: &HoldRecord, facts: &HoldFacts) -> [Field; 9] {
    let end = facts.end.as_ref();
    let ended_as = match end.map(|end| end.charged) {
        None => row.state.is_open(),
        Some(Some(_)) => row.state == HoldState::Settled,
        Some(None) => row.state == HoldState::Voided,
    };
    let report = row
        .charged
        .zip(row.basis)
        .map(|(charged, basis)| Settlement::report_digest(row.id, charged, row.overrun, basis));
    let words = end.and_then(|end| end.reason.as_deref());
    let entries = end.map(|end: &EndFacts| SeqRange {
        first: end.first,
        last: end.last,
    });
    [
        ("state", ended_as),
        ("charge", row.charged == end.and_then(|end| end.charged)),
        ("report", end.and_then(|end| end.report) == report),
        ("allocations", is_charged_in_order(row)),
        ("overrun", facts.overrun == row.overrun),
        ("reason", words == row.reason.as_deref()),
        ("end", row.resolved_at == end.map(|end| end.at)),
        ("entries", row.resolved_by == entries),
        ("return", end.is_none() || facts.held == Credits::ZERO),
    ]
}

/// A charge takes from the allocations in their order.
fn is_charged_in_order(row: &HoldRecord) -> bool {
    let mut uncharged = row.charged.unwrap_or_default();
    for part in &row.allocations {
        let used = part.amount.min(uncharged);
        let rest = uncharged.checked_sub(used);
        if part.used != used || rest.is_none() {
            return false;
        }
        uncharged = rest.unwrap_or_default();
    }
    uncharged == Credits::ZERO
}

fn first_false(fields: &[Field]) -> Option<&'static str> {
    fields
        .iter()
        .find(|(_, is_equal)| !is_equal)
        .map(|(what, _)| *what)
}
