//! The audit: every sum derived again from the entries alone, and compared with the rows.

use std::collections::{BTreeMap, HashMap};

use anyai_units::{Credits, HoldId, PoolId, UtcMillis};

use crate::chain::{ChainFault, Head, verify_chain};
use crate::{
    Account, Entry, EntryKind, Grant, HoldRecord, HoldState, Period, PeriodBounds, PlanGrant,
    PoolState, Settlement,
};

/// The first thing that does not follow from the entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// The chain is broken.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// An entry is chained correctly and says something that cannot be.
    #[error("entry {seq} {what}")]
    Entry {
        /// The entry.
        seq: u64,
        /// What cannot be.
        what: &'static str,
    },
    /// The pool's row says something else than its entries.
    #[error("the pool's {what} is not what its entries come to")]
    Pool {
        /// Which field.
        what: &'static str,
    },
    /// A period's row says something else than the entries.
    #[error("period {no}: {what} is not what the entries come to")]
    Period {
        /// The period's number.
        no: u32,
        /// Which field.
        what: &'static str,
    },
    /// A grant's row says something else than the entries and the holds.
    #[error("grant {no}: {what} is not what the entries and holds come to")]
    Grant {
        /// The grant's number.
        no: u64,
        /// Which field.
        what: &'static str,
    },
    /// A hold's row says something else than its entries.
    #[error("hold {hold}: {what} is not what its entries say")]
    Hold {
        /// The hold.
        hold: HoldId,
        /// Which field.
        what: &'static str,
    },
}

impl AuditFault {
    /// The entry that lies, when it is an entry.
    #[must_use]
    pub const fn seq(&self) -> Option<u64> {
        match self {
            Self::Chain(fault) => Some(fault.seq()),
            Self::Entry { seq, .. } => Some(*seq),
            Self::Pool { .. } | Self::Period { .. } | Self::Grant { .. } | Self::Hold { .. } => {
                None
            }
        }
    }
}

/// What a pool's entries come to. Feed it every entry from the first, then compare the rows.
#[derive(Clone, Debug)]
pub struct Audit {
    pool: PoolId,
    anchor: UtcMillis,
    head: Head,
    last_at: UtcMillis,
    tx: u64,
    frozen: bool,
    balances: BTreeMap<Account, Credits>,
    periods: BTreeMap<u32, PeriodSums>,
    grants: HashMap<String, GrantSums>,
    holds: HashMap<HoldId, HoldSums>,
}

#[derive(Clone, Copy, Debug, Default)]
struct PeriodSums {
    granted: Credits,
    posted: Credits,
    pending: Credits,
    expired: Credits,
}

#[derive(Clone, Copy, Debug, Default)]
struct GrantSums {
    amount: Credits,
    revoked: Credits,
    expired: Credits,
}

#[derive(Clone, Debug)]
struct HoldSums {
    placed: Entry,
    ended: Option<Entry>,
    overrun: Credits,
    /// Of the ceiling, not yet charged or given back.
    held: Credits,
}

type Checked<T> = Result<T, &'static str>;

const TOO_LARGE: &str = "makes a sum larger than the ledger can hold";

impl Audit {
    /// The audit of a pool, before its first entry.
    #[must_use]
    pub fn new(pool: &PoolState) -> Self {
        Self {
            pool: pool.id,
            anchor: pool.anchor,
            head: Head {
                seq: 0,
                hash: pool.epoch,
            },
            last_at: UtcMillis::from_millis(i64::MIN),
            tx: 0,
            frozen: false,
            balances: BTreeMap::new(),
            periods: BTreeMap::new(),
            grants: HashMap::new(),
            holds: HashMap::new(),
        }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// When it does not follow from the ones before.
    pub fn take(&mut self, entry: &Entry) -> Result<(), AuditFault> {
        self.head = verify_chain(self.pool, self.head, [entry])?;
        self.check(entry).map_err(|what| AuditFault::Entry {
            seq: entry.seq,
            what,
        })
    }

    fn check(&mut self, entry: &Entry) -> Checked<()> {
        require(
            entry.at >= self.last_at,
            "is dated before the entry before it",
        )?;
        require(
            entry.tx == entry.seq || entry.tx == self.tx,
            "belongs to no command",
        )?;
        require(!entry.amount.is_negative(), "moves less than nothing")?;
        (self.last_at, self.tx) = (entry.at, entry.tx);
        self.post(entry.debit, negated(entry.amount)?)?;
        self.post(entry.credit, entry.amount)?;
        self.derive(entry)
    }

    /// The pool's own accounts never go below zero: that is the cap.
    fn post(&mut self, account: Account, amount: Credits) -> Checked<()> {
        let balance = self.balances.entry(account).or_default();
        *balance = balance.checked_add(amount).ok_or(TOO_LARGE)?;
        let is_pools = matches!(account, Account::Available(_) | Account::Held(_));
        require(
            !(is_pools && balance.is_negative()),
            "takes more than there is",
        )
    }

    /// What the entry means. A kind moves credits between its accounts and no others.
    fn derive(&mut self, entry: &Entry) -> Checked<()> {
        use Account::{Available, Held, HouseBreakage, HouseGrants, HouseOverrun, HouseRevenue};
        use EntryKind as Kind;
        let amount = entry.amount;
        match (entry.kind, entry.debit, entry.credit) {
            (Kind::Grant, HouseGrants, Available(no)) => self.granted(no, entry),
            (Kind::Revoke, Available(no), HouseGrants) => {
                increase(&mut self.grant(entry)?.revoked, amount)?;
                increase(&mut self.period(no).granted, negated(amount)?)
            }
            (Kind::Expire, Available(no), HouseBreakage) => {
                increase(&mut self.grant(entry)?.expired, amount)?;
                increase(&mut self.period(no).expired, amount)
            }
            (Kind::Expire, Held(no), HouseBreakage) => {
                increase(&mut self.grant(entry)?.expired, amount)?;
                increase(&mut self.period(no).expired, amount)?;
                self.unheld(no, entry)
            }
            (Kind::Carry, Available(from), Available(to)) if from < to => {
                self.carried(from, to, amount)
            }
            (Kind::Carry, Held(from), Available(to)) if from < to => {
                self.carried(from, to, amount)?;
                self.unheld(from, entry)
            }
            (Kind::Hold, Available(from), Held(no)) if from == no => self.held(no, entry),
            (Kind::Settle, Held(no), HouseRevenue) => {
                increase(&mut self.period(no).posted, amount)?;
                self.ended(no, entry)
            }
            (Kind::Void, Held(no), Available(to)) if no == to => self.ended(no, entry),
            (Kind::Release, Held(no), Available(to)) if no == to => self.unheld(no, entry),
            (Kind::Overrun, HouseOverrun, HouseRevenue) => {
                let hold = self.hold(entry)?;
                require(hold.ended.is_some(), "charges the house for an open hold")?;
                increase(&mut hold.overrun, amount)
            }
            (Kind::Freeze, ..) if amount == Credits::ZERO => {
                self.frozen = true;
                Ok(())
            }
            (Kind::Thaw, ..) if amount == Credits::ZERO => {
                self.frozen = false;
                Ok(())
            }
            _ => Err("moves credits between accounts its kind does not"),
        }
    }

    fn granted(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let source = entry.reason.clone().ok_or("grants without a source")?;
        let sums = GrantSums {
            amount: entry.amount,
            ..GrantSums::default()
        };
        require(
            self.grants.insert(source, sums).is_none(),
            "grants a source twice",
        )?;
        increase(&mut self.period(no).granted, entry.amount)
    }

    fn carried(&mut self, from: u32, to: u32, amount: Credits) -> Checked<()> {
        increase(&mut self.period(from).granted, negated(amount)?)?;
        increase(&mut self.period(to).granted, amount)
    }

    fn held(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let hold = entry.hold.ok_or("holds for nobody")?;
        require(!self.frozen, "holds on a frozen pool")?;
        let sums = HoldSums {
            placed: entry.clone(),
            ended: None,
            overrun: Credits::ZERO,
            held: entry.amount,
        };
        require(
            self.holds.insert(hold, sums).is_none(),
            "holds a turn twice",
        )?;
        increase(&mut self.period(no).pending, entry.amount)
    }

    fn ended(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let hold = self.hold(entry)?;
        require(hold.ended.is_none(), "ends a hold that ended before")?;
        hold.ended = Some(entry.clone());
        self.unheld(no, entry)
    }

    /// Part of a hold leaves `held`, in the command that ends it and in its own period.
    fn unheld(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let tx = entry.tx;
        let hold = self.hold(entry)?;
        let end = hold.ended.as_ref().ok_or("gives back from an open hold")?;
        require(end.tx == tx, "gives back after its hold ended")?;
        require(
            hold.placed.credit == Account::Held(no),
            "ends a hold of another period",
        )?;
        hold.held = hold.held.checked_sub(entry.amount).ok_or(TOO_LARGE)?;
        require(
            !hold.held.is_negative(),
            "takes more from a hold than it held",
        )?;
        increase(&mut self.period(no).pending, negated(entry.amount)?)
    }

    fn period(&mut self, no: u32) -> &mut PeriodSums {
        self.periods.entry(no).or_default()
    }

    fn grant(&mut self, entry: &Entry) -> Checked<&mut GrantSums> {
        let source = entry.reason.as_ref().ok_or("names no grant")?;
        self.grants
            .get_mut(source)
            .ok_or("names a grant that was never made")
    }

    fn hold(&mut self, entry: &Entry) -> Checked<&mut HoldSums> {
        let hold = entry.hold.ok_or("names no hold")?;
        self.holds
            .get_mut(&hold)
            .ok_or("names a hold that was never placed")
    }
}

/// The comparisons, after the last entry.
impl Audit {
    /// How many entries it took.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.head.seq
    }

    /// Compares the pool's row, and how many rows of each sort the pool has.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare_pool(&self, row: &PoolState, rows: RowCounts) -> Result<(), AuditFault> {
        let plans = [Some(&row.plan), row.next_plan.as_ref()];
        let is_negative = |plan: &PlanGrant| plan.amount.is_negative();
        let fields = [
            ("plan", !plans.into_iter().flatten().any(is_negative)),
            ("seq", row.seq == self.head.seq),
            ("head_hash", row.head_hash == self.head.hash),
            ("frozen", row.frozen == self.frozen),
            ("last_at", row.last_at >= self.last_at || self.head.seq == 0),
            ("grant_count", row.grant_count == count(self.grants.len())),
            ("number of grants", rows.grants == count(self.grants.len())),
            ("number of holds", rows.holds == count(self.holds.len())),
            ("period", self.periods.keys().all(|no| *no <= row.period)),
        ];
        let what = first_false(&fields);
        what.map_or(Ok(()), |what| Err(AuditFault::Pool { what }))
    }

    /// Compares a period's row.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare_period(&self, row: &Period) -> Result<(), AuditFault> {
        let no = row.bounds.no;
        let sums = self.periods.get(&no).copied().unwrap_or_default();
        let bounds = PeriodBounds::containing(self.anchor, row.bounds.starts_at);
        let fields = [
            ("range", bounds == Some(row.bounds)),
            ("granted", row.granted == sums.granted),
            ("posted", row.posted == sums.posted),
            ("pending", row.pending == sums.pending),
            ("expired", row.expired == sums.expired),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(AuditFault::Period { no, what }))
    }

    /// Compares a grant's row; `used` and `held` are the sums over the allocations of its holds.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare_grant(
        &self,
        row: &Grant,
        used: Credits,
        held: Credits,
    ) -> Result<(), AuditFault> {
        let no = row.no;
        let sums = self.grants.get(&row.source).copied().unwrap_or_default();
        let fields = [
            ("amount", row.amount == sums.amount),
            ("revoked", row.revoked == sums.revoked),
            ("expired", row.expired == sums.expired),
            ("used", row.used == used),
            ("held", row.held == held),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(AuditFault::Grant { no, what }))
    }

    /// Compares a hold's row; `allocated` and `used` are the sums over its allocations.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare_hold(
        &self,
        row: &HoldRecord,
        allocated: Credits,
        used: Credits,
    ) -> Result<(), AuditFault> {
        let hold = row.id;
        let fault = |what| AuditFault::Hold { hold, what };
        let sums = self.holds.get(&hold).ok_or(fault("existence"))?;
        let ended = sums.ended.as_ref();
        let ended_as = match ended.map(|entry| entry.kind) {
            None => row.state.is_open(),
            Some(EntryKind::Settle) => row.state == HoldState::Settled,
            Some(_) => row.state == HoldState::Voided,
        };
        let report = row
            .charged
            .zip(row.basis)
            .map(|(charged, basis)| Settlement::report_digest(hold, charged, row.overrun, basis));
        let words = ended.and_then(|entry| entry.reason.as_ref());
        let fields = [
            ("terms", sums.placed.detail == Some(row.terms_digest())),
            (
                "ceiling",
                sums.placed.amount == row.ceiling && allocated == row.ceiling,
            ),
            ("state", ended_as),
            ("report", ended.and_then(|entry| entry.detail) == report),
            ("charge", used == row.charged.unwrap_or(Credits::ZERO)),
            ("overrun", sums.overrun == row.overrun),
            ("reason", words == row.reason.as_ref()),
            ("end", row.resolved_at == ended.map(|entry| entry.at)),
            ("return", ended.is_none() || sums.held == Credits::ZERO),
        ];
        first_false(&fields).map_or(Ok(()), |what| Err(fault(what)))
    }
}

/// How many rows of each sort a pool has, to find rows no entry speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCounts {
    /// Grants.
    pub grants: u64,
    /// Holds.
    pub holds: u64,
}

fn first_false(fields: &[(&'static str, bool)]) -> Option<&'static str> {
    fields
        .iter()
        .find(|(_, is_equal)| !is_equal)
        .map(|(what, _)| *what)
}

const fn require(holds: bool, what: &'static str) -> Checked<()> {
    if holds { Ok(()) } else { Err(what) }
}

fn increase(sum: &mut Credits, amount: Credits) -> Checked<()> {
    *sum = sum.checked_add(amount).ok_or(TOO_LARGE)?;
    Ok(())
}

fn negated(amount: Credits) -> Checked<Credits> {
    Credits::ZERO.checked_sub(amount).ok_or(TOO_LARGE)
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
