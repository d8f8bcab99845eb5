//! The audit: every sum derived again from the entries alone, and compared with the rows.
//!
//! First every entry from the first, then the rows: holds before what is summed over them. A row
//! that was compared is forgotten, so that [`Audit::finish`] knows which rows are missing.

mod reversals;

use std::collections::{BTreeMap, HashMap};

use anyai_units::{Credits, HoldId, MemberId, PoolId, UtcMillis};

use self::reversals::Revoked;
use crate::chain::{Head, verify_chain};
use crate::{Account, AuditFault, Digest, Entry, EntryKind, PoolState, chain};

/// What a pool's entries come to, and which rows still have to be compared with it.
#[derive(Clone, Debug)]
pub struct Audit {
    pub(crate) pool: PoolId,
    pub(crate) anchor: UtcMillis,
    pub(crate) head: Head,
    pub(crate) last_at: UtcMillis,
    tx: u64,
    pub(crate) frozen: bool,
    /// The period of the last `plan` entry, and its digest. Chains begun before there were any have
    /// none at first, and prove less.
    pub(crate) plan: Option<(u32, Digest)>,
    /// The period of the first `plan` entry: each later one has an entry of its own.
    pub(crate) proven_from: Option<u32>,
    pub(crate) last_period: u32,
    pub(crate) grant_count: u64,
    /// Wider than one amount: nothing but these sums over all months bounds what the house pays.
    balances: BTreeMap<Account, i128>,
    pub(crate) periods: BTreeMap<u32, PeriodSums>,
    pub(crate) grants: HashMap<String, GrantFacts>,
    pub(crate) holds: HashMap<HoldId, HoldFacts>,
    pub(crate) members: BTreeMap<MemberId, Digest>,
    pub(crate) envelopes: BTreeMap<u64, EnvelopeFacts>,
    pub(crate) orders: BTreeMap<u64, OrderFacts>,
    order: Option<u64>,
    revoked: HashMap<u64, Revoked>,
    reversed: HashMap<u64, Credits>,
    /// What the compared holds come to, for each grant, member and envelope.
    pub(crate) by_grant: HashMap<u64, Uses>,
    pub(crate) by_member: BTreeMap<(MemberId, u32), Uses>,
    pub(crate) by_envelope: BTreeMap<(u64, i64), Uses>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PeriodSums {
    pub(crate) granted: Credits,
    pub(crate) posted: Credits,
    pub(crate) pending: Credits,
    pub(crate) expired: Credits,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Uses {
    pub(crate) posted: Credits,
    pub(crate) pending: Credits,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct GrantFacts {
    pub(crate) seq: u64,
    pub(crate) no: u64,
    pub(crate) period: u32,
    pub(crate) at: UtcMillis,
    pub(crate) terms: Option<Digest>,
    /// Whose charge it gives back.
    hold: Option<HoldId>,
    pub(crate) amount: Credits,
    pub(crate) revoked: Credits,
    pub(crate) expired: Credits,
}

#[derive(Clone, Debug)]
pub(crate) struct HoldFacts {
    pub(crate) period: u32,
    pub(crate) at: UtcMillis,
    pub(crate) terms: Option<Digest>,
    /// Placed before the first `plan` entry: its terms may have their first form.
    pub(crate) is_early: bool,
    pub(crate) ceiling: Credits,
    /// Of the ceiling, not yet charged or given back.
    pub(crate) held: Credits,
    pub(crate) overrun: Credits,
    /// Of the charge, given back since.
    pub(crate) refunded: Credits,
    pub(crate) end: Option<EndFacts>,
}

#[derive(Clone, Debug)]
pub(crate) struct EndFacts {
    tx: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) at: UtcMillis,
    /// `None` when it was voided.
    pub(crate) charged: Option<Credits>,
    pub(crate) report: Option<Digest>,
    pub(crate) reason: Option<Box<str>>,
}

#[derive(Clone, Debug)]
pub(crate) struct EnvelopeFacts {
    pub(crate) digest: Digest,
    /// What its first window started with, and when.
    pub(crate) start: Credits,
    pub(crate) start_at: UtcMillis,
    pub(crate) start_period: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct OrderFacts {
    pub(crate) digest: Digest,
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
    pub(crate) last: u64,
}

pub(crate) type Checked<T> = Result<T, &'static str>;

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
            plan: None,
            proven_from: None,
            last_period: 0,
            grant_count: 0,
            balances: BTreeMap::new(),
            periods: BTreeMap::new(),
            grants: HashMap::new(),
            holds: HashMap::new(),
            members: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            orders: BTreeMap::new(),
            order: None,
            revoked: HashMap::new(),
            reversed: HashMap::new(),
            by_grant: HashMap::new(),
            by_member: BTreeMap::new(),
            by_envelope: BTreeMap::new(),
        }
    }

    /// How many entries it took.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.head.seq
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// When it does not follow from the ones before.
    pub fn take(&mut self, entry: &Entry) -> Result<(), AuditFault> {
        let before = self.head;
        self.head = verify_chain(self.pool, before, [entry])?;
        let seq = entry.seq;
        self.check(entry, before.hash)
            .map_err(|what| AuditFault::Entry { seq, what })
    }

    fn check(&mut self, entry: &Entry, before: Digest) -> Checked<()> {
        require(
            entry.at >= self.last_at,
            "is dated before the entry before it",
        )?;
        require(
            entry.tx == entry.seq || entry.tx == self.tx,
            "belongs to no command",
        )?;
        require(!entry.amount.is_negative(), "moves less than nothing")?;
        if entry.tx != self.tx {
            self.order = None;
        }
        (self.last_at, self.tx) = (entry.at, entry.tx);
        if entry.debit != entry.credit {
            let millicredits = i128::from(entry.amount.millicredits());
            self.post(entry.debit, -millicredits)?;
            self.post(entry.credit, millicredits)?;
        }
        self.derive(entry, before)?;
        self.check_reversal(entry)?;
        let order = self.order.and_then(|first| self.orders.get_mut(&first));
        if let Some(order) = order {
            order.last = entry.seq;
        }
        Ok(())
    }

    /// The pool's own accounts never go below zero: that is the cap.
    fn post(&mut self, account: Account, millicredits: i128) -> Checked<()> {
        let balance = self.balances.entry(account).or_default();
        *balance = balance.checked_add(millicredits).ok_or(TOO_LARGE)?;
        let is_pools = matches!(account, Account::Available(_) | Account::Held(_));
        require(!(is_pools && *balance < 0), "takes more than there is")
    }

    /// What the entry means. A kind moves credits between its accounts and no others.
    fn derive(&mut self, entry: &Entry, before: Digest) -> Checked<()> {
        use Account::{Available, Held, HouseBreakage, HouseGrants, HouseOverrun, HouseRevenue};
        use EntryKind as Kind;
        let amount = entry.amount;
        match (entry.kind, entry.debit, entry.credit) {
            (Kind::Grant, HouseGrants, Available(no))
            | (Kind::Refund, HouseRevenue, Available(no)) => self.granted(no, entry),
            (Kind::Revoke, Available(no), HouseGrants) => {
                increase(&mut self.grant(entry)?.revoked, amount)?;
                let hold = entry.hold;
                self.revoked.insert(entry.seq, Revoked { amount, hold });
                increase(&mut self.period(no).granted, negated(amount)?)
            }
            (Kind::Expire, Available(no), HouseBreakage) => self.expired(no, entry),
            (Kind::Expire, Held(no), HouseBreakage) => {
                self.expired(no, entry)?;
                self.unheld(no, entry)
            }
            (Kind::Carry, Available(from), Available(to)) if from < to => {
                self.carried(from, to, entry)
            }
            (Kind::Carry, Held(from), Available(to)) if from < to => {
                self.carried(from, to, entry)?;
                self.unheld(from, entry)
            }
            (Kind::Hold, Available(from), Held(no)) if from == no => self.held(no, entry),
            (Kind::Settle, Held(no), HouseRevenue) => {
                increase(&mut self.period(no).posted, amount)?;
                self.ended(no, entry, Some(amount))
            }
            (Kind::Void, Held(no), Available(to)) if no == to => self.ended(no, entry, None),
            (Kind::Release, Held(no), Available(to)) if no == to => self.unheld(no, entry),
            (Kind::Overrun, HouseOverrun, HouseRevenue) => {
                let hold = self.ended_hold(entry)?;
                increase(&mut hold.overrun, amount)
            }
            (_, debit, credit) if debit == credit => self.noted(entry, before),
            _ => Err("moves credits between accounts its kind does not"),
        }
    }

    /// What an entry says that moves nothing.
    fn noted(&mut self, entry: &Entry, before: Digest) -> Checked<()> {
        use EntryKind as Kind;
        let is_still = entry.amount == Credits::ZERO;
        match (entry.kind, entry.credit) {
            (Kind::Freeze, Account::Available(_)) if is_still => self.frozen = true,
            (Kind::Thaw, Account::Available(_)) if is_still => self.frozen = false,
            (Kind::Plan, Account::Available(no)) if is_still => self.planned(no, entry, before)?,
            (Kind::Order, Account::Available(_)) if is_still => {
                let facts = OrderFacts {
                    digest: entry.detail.ok_or("orders nothing")?,
                    actor: entry.actor.clone(),
                    reason: entry.reason.clone(),
                    last: entry.seq,
                };
                self.orders.insert(entry.seq, facts);
                self.order = Some(entry.seq);
            }
            (Kind::Member, Account::Member(member)) if is_still => {
                let digest = entry.detail.ok_or("sets nothing for a member")?;
                self.members.insert(member, digest);
            }
            (Kind::Envelope, Account::Envelope(no)) => self.enveloped(no, entry)?,
            _ => return Err("moves credits between accounts its kind does not"),
        }
        Ok(())
    }

    /// The first entry of a chain says which pool it is, from which anchor, and since when.
    fn planned(&mut self, no: u32, entry: &Entry, before: Digest) -> Checked<()> {
        if entry.seq == 1 {
            let epoch = chain::epoch(self.pool, self.anchor, entry.at);
            require(before == epoch, "opens the pool of another epoch")?;
        }
        let last = self.plan.map_or(0, |(last, _)| last);
        require(
            no >= last.max(self.last_period),
            "goes back to a past period",
        )?;
        let digest = entry.detail.ok_or("plans nothing")?;
        self.plan = Some((no, digest));
        self.proven_from.get_or_insert(no);
        self.period(no);
        Ok(())
    }

    fn enveloped(&mut self, no: u64, entry: &Entry) -> Checked<()> {
        let digest = entry.detail.ok_or("sets nothing for an envelope")?;
        if let Some(known) = self.envelopes.get_mut(&no) {
            known.digest = digest;
            return require(
                entry.amount == Credits::ZERO,
                "starts an envelope a second time",
            );
        }
        let last = self.envelopes.keys().next_back().copied().unwrap_or(0);
        require(
            Some(no) == last.checked_add(1),
            "skips an envelope's number",
        )?;
        let facts = EnvelopeFacts {
            digest,
            start: entry.amount,
            start_at: entry.at,
            start_period: self.last_period,
        };
        self.envelopes.insert(no, facts);
        Ok(())
    }

    fn granted(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let source = entry.reason.clone().ok_or("grants without a source")?;
        self.check_current(no)?;
        require(
            entry.detail.is_some() || self.plan.is_none(),
            "grants without its terms",
        )?;
        self.grant_count = self.grant_count.saturating_add(1);
        let facts = GrantFacts {
            seq: entry.seq,
            no: self.grant_count,
            period: no,
            at: entry.at,
            terms: entry.detail,
            hold: entry.hold,
            amount: entry.amount,
            revoked: Credits::ZERO,
            expired: Credits::ZERO,
        };
        require(
            self.grants.insert(source, facts).is_none(),
            "grants a source twice",
        )?;
        increase(&mut self.period(no).granted, entry.amount)
    }

    fn expired(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        increase(&mut self.grant(entry)?.expired, entry.amount)?;
        increase(&mut self.period(no).expired, entry.amount)
    }

    fn carried(&mut self, from: u32, to: u32, entry: &Entry) -> Checked<()> {
        self.grant(entry)?;
        self.check_current(to)?;
        increase(&mut self.period(from).granted, negated(entry.amount)?)?;
        increase(&mut self.period(to).granted, entry.amount)
    }

    fn held(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let hold = entry.hold.ok_or("holds for nobody")?;
        require(!self.frozen, "holds on a frozen pool")?;
        self.check_current(no)?;
        let facts = HoldFacts {
            period: no,
            at: entry.at,
            terms: entry.detail,
            is_early: self.plan.is_none(),
            ceiling: entry.amount,
            held: entry.amount,
            overrun: Credits::ZERO,
            refunded: Credits::ZERO,
            end: None,
        };
        require(
            self.holds.insert(hold, facts).is_none(),
            "holds a turn twice",
        )?;
        increase(&mut self.period(no).pending, entry.amount)
    }

    /// Credits come and are held in the period that runs, where the chain says which that is.
    fn check_current(&self, no: u32) -> Checked<()> {
        require(
            self.plan.is_none_or(|(current, _)| current == no),
            "is not of the period that runs",
        )
    }

    fn ended(&mut self, no: u32, entry: &Entry, charged: Option<Credits>) -> Checked<()> {
        let hold = self.hold(entry)?;
        require(hold.end.is_none(), "ends a hold that ended before")?;
        hold.end = Some(EndFacts {
            tx: entry.tx,
            first: entry.seq,
            last: entry.seq,
            at: entry.at,
            charged,
            report: entry.detail,
            reason: entry.reason.as_deref().map(Box::from),
        });
        self.unheld(no, entry)
    }

    /// Part of a hold leaves `held`, in the command that ends it and in its own period.
    fn unheld(&mut self, no: u32, entry: &Entry) -> Checked<()> {
        let hold = self.ended_hold(entry)?;
        require(hold.period == no, "ends a hold of another period")?;
        hold.held = hold.held.checked_sub(entry.amount).ok_or(TOO_LARGE)?;
        require(
            !hold.held.is_negative(),
            "takes more from a hold than it held",
        )?;
        increase(&mut self.period(no).pending, negated(entry.amount)?)
    }

    fn period(&mut self, no: u32) -> &mut PeriodSums {
        self.last_period = self.last_period.max(no);
        self.periods.entry(no).or_default()
    }

    fn grant(&mut self, entry: &Entry) -> Checked<&mut GrantFacts> {
        let source = entry.reason.as_ref().ok_or("names no grant")?;
        self.grants
            .get_mut(source)
            .ok_or("names a grant that was never made")
    }

    fn hold(&mut self, entry: &Entry) -> Checked<&mut HoldFacts> {
        let hold = entry.hold.ok_or("names no hold")?;
        self.holds
            .get_mut(&hold)
            .ok_or("names a hold that was never placed")
    }

    /// The hold that ends by the entry's command.
    fn ended_hold(&mut self, entry: &Entry) -> Checked<&mut HoldFacts> {
        let hold = self.hold(entry)?;
        let end = hold.end.as_mut().ok_or("gives back from an open hold")?;
        require(end.tx == entry.tx, "gives back after its hold ended")?;
        end.last = entry.seq;
        Ok(hold)
    }
}

pub(crate) const fn require(holds: bool, what: &'static str) -> Checked<()> {
    if holds { Ok(()) } else { Err(what) }
}

pub(crate) fn increase(sum: &mut Credits, amount: Credits) -> Checked<()> {
    *sum = sum.checked_add(amount).ok_or(TOO_LARGE)?;
    Ok(())
}

fn negated(amount: Credits) -> Checked<Credits> {
    Credits::ZERO.checked_sub(amount).ok_or(TOO_LARGE)
}
