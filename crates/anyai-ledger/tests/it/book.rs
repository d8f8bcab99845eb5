//! Every row of a pool at once: to audit them, to forge one of them, to compare two stores.

use anyai_ledger::{
    Audit, AuditFault, Checkpoint, Entry, Envelope, EnvelopeUse, Grant, HoldRecord, Member,
    MemberUse, MemoryStore, OrderRecord, Period, PoolState, Rows,
};
use anyai_units::PoolId;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Book {
    pub(crate) pool: PoolState,
    pub(crate) entries: Vec<Entry>,
    pub(crate) holds: Vec<HoldRecord>,
    pub(crate) periods: Vec<Period>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) members: Vec<Member>,
    pub(crate) member_uses: Vec<MemberUse>,
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) envelope_uses: Vec<EnvelopeUse>,
    pub(crate) orders: Vec<OrderRecord>,
    pub(crate) checkpoints: Vec<Checkpoint>,
}

impl Book {
    pub(crate) fn of(store: &mut MemoryStore, pool: PoolId) -> Self {
        let mut holds: Vec<_> = store
            .holds()
            .filter(|hold| hold.pool == pool)
            .cloned()
            .collect();
        holds.sort_by_key(|hold| hold.id);
        Self {
            pool: store.pool(pool).unwrap().unwrap(),
            envelopes: store.envelopes(pool).unwrap(),
            entries: store.entries(pool).to_vec(),
            holds,
            periods: store.periods(pool).cloned().collect(),
            grants: store.all_grants(pool).cloned().collect(),
            members: store.members(pool).copied().collect(),
            member_uses: store.member_uses(pool).copied().collect(),
            envelope_uses: store.envelope_uses(pool).copied().collect(),
            orders: store.orders(pool).cloned().collect(),
            checkpoints: store.checkpoints(pool).copied().collect(),
        }
    }

    /// What a verifier does: the entries, then the rows.
    pub(crate) fn audit(&self) -> Result<(), AuditFault> {
        let mut audit = Audit::new(&self.pool);
        for entry in &self.entries {
            audit.take(entry)?;
        }
        self.compare(audit)
    }

    /// Every row against an audit that took the entries.
    pub(crate) fn compare(&self, mut audit: Audit) -> Result<(), AuditFault> {
        audit.compare_pool(&self.pool)?;
        for row in &self.holds {
            audit.compare_hold(row)?;
        }
        for row in &self.periods {
            audit.compare_period(row)?;
        }
        for row in &self.grants {
            audit.compare_grant(row)?;
        }
        for row in &self.members {
            audit.compare_member(row)?;
        }
        for row in &self.member_uses {
            audit.compare_member_use(row)?;
        }
        for row in &self.envelopes {
            audit.compare_envelope(row)?;
        }
        for row in &self.envelope_uses {
            audit.compare_envelope_use(row)?;
        }
        for row in &self.orders {
            audit.compare_order(row)?;
        }
        audit.finish()
    }
}
