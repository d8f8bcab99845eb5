//! A whole ledger against its entries: the audit of each pool, then the storage beneath.

use std::collections::VecDeque;

use anyai_ledger::{Audit, AuditFault, Checkpoint, Entry, HoldRecord, PoolState};
use anyai_units::{PoolId, TurnId};

use crate::LedgerError;
use crate::backing::Reader;
use crate::checkpoints::signature_problem;
use crate::witness::{Nobody, Witness};

/// How many entries are read at a time.
const PAGE: u32 = 4_096;

/// The first thing in a file that does not follow from its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The pool it belongs to, where one is known.
    pub pool: Option<PoolId>,
    /// The entry that lies, where it is an entry.
    pub seq: Option<u64>,
    /// The turn whose charge lies, where it is one.
    pub turn: Option<TurnId>,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// What verification is asked to insist on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// The public keys of the servers that sign: every checkpoint has to be one of theirs, and every
    /// pool has to have one. None for any key or no checkpoint at all. Whoever can rewrite
    /// a whole ledger can take its checkpoints away, or sign it with a key of their own: only keys known
    /// from elsewhere show it.
    pub keys: Vec<[u8; 32]>,
}

/// How far a pool's signatures reach. What came after the last one is chained, and not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPool {
    /// The pool.
    pub pool: PoolId,
    /// How many entries it has.
    pub entries: u64,
    /// Its newest checkpoint; `None` while nothing of it is signed.
    pub last: Option<Checkpoint>,
}

impl SignedPool {
    /// How many of its entries no signature covers yet.
    #[must_use]
    pub fn unsigned(&self) -> u64 {
        let signed = self.last.map_or(0, |checkpoint| checkpoint.seq);
        self.entries.saturating_sub(signed)
    }
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many pools were read.
    pub pools: u64,
    /// How many entries were read, up to the first problem.
    pub entries: u64,
    /// How many checkpoints were verified.
    pub checkpoints: u64,
    /// How far the signatures of each pool reach, in the order in which they were read.
    pub signed: Vec<SignedPool>,
    /// Whether everything follows from the entries.
    pub sound: bool,
    /// The first problem, when it is not sound.
    pub first_problem: Option<Problem>,
}

/// Why checking stopped: the ledger lies, or it cannot be read on.
enum Stop {
    Lie(Problem),
    Unreadable(LedgerError),
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Self::Unreadable(error)
    }
}

/// Refuses a ledger that does not follow from its entries.
pub(crate) fn require_sound(reader: &mut dyn Reader, place: &str) -> Result<(), LedgerError> {
    let any_key = VerifyOptions::default();
    match check(reader, &any_key, &mut Nobody)?.first_problem {
        None => Ok(()),
        Some(problem) => Err(LedgerError::Damaged {
            place: place.to_owned(),
            problem: problem.what,
        }),
    }
}

/// Checks the ledger as the reader sees it.
pub(crate) fn check(
    reader: &mut dyn Reader,
    options: &VerifyOptions,
    witness: &mut dyn Witness,
) -> Result<Report, LedgerError> {
    let mut report = Report {
        pools: 0,
        entries: 0,
        checkpoints: 0,
        signed: Vec::new(),
        sound: true,
        first_problem: None,
    };
    let problem = match check_all(reader, options, witness, &mut report) {
        Ok(()) => return Ok(report),
        Err(Stop::Lie(problem)) => problem,
        Err(Stop::Unreadable(error)) => match reader.explain(error) {
            LedgerError::Damaged { problem, .. } => problem_of(problem),
            error => return Err(error),
        },
    };
    report.sound = false;
    report.first_problem = Some(problem);
    Ok(report)
}

fn check_all(
    reader: &mut dyn Reader,
    options: &VerifyOptions,
    witness: &mut dyn Witness,
    report: &mut Report,
) -> Result<(), Stop> {
    let cards = reader.price_cards()?;
    if let Some(card) = cards.iter().find(|card| !card.is_whole()) {
        let version = card.card.version;
        return Err(lie(format!(
            "the rate card of version {version} was edited"
        )));
    }
    witness.take_cards(cards.into_iter().map(|stored| stored.card).collect());
    // The pools first: their audit names the entry, where the storage's own check names a page.
    let mut holds = 0;
    for pool in reader.pools()? {
        report.pools += 1;
        let mut signed = Signed::read(reader, &pool, options)?;
        holds += check_pool(reader, &pool, &mut signed, witness, report)?;
        signed.finish(&pool, report)?;
    }
    if reader.hold_count()? != holds {
        return Err(lie("a hold belongs to no pool".to_owned()));
    }
    if let Some(what) = reader.storage_problem()? {
        return Err(lie(what));
    }
    witness.finish().map_err(|(turn, what)| {
        Stop::Lie(Problem {
            turn,
            ..problem_of(what)
        })
    })
}

fn lie(what: String) -> Stop {
    Stop::Lie(problem_of(what))
}

fn problem_of(what: String) -> Problem {
    Problem {
        pool: None,
        seq: None,
        turn: None,
        what,
    }
}

/// Audits one pool; answers how many holds it has.
fn check_pool(
    reader: &mut dyn Reader,
    pool: &PoolState,
    signed: &mut Signed,
    witness: &mut dyn Witness,
    report: &mut Report,
) -> Result<u64, Stop> {
    let lies = |fault: AuditFault| fault_of(pool.id, &fault);
    let mut audit = Audit::new(pool);
    let taken = take_entries(reader, pool.id, &mut audit, signed);
    report.entries += audit.entries();
    taken?;
    audit.compare_pool(pool).map_err(lies)?;
    let mut holds = 0;
    for first in pages(audit.entries()) {
        let last = first.saturating_add(u64::from(PAGE) - 1);
        let mut placed = reader.holds_placed(pool.id, first, last)?;
        placed.sort_by_key(|hold| (hold.created_at, hold.id));
        for hold in placed {
            holds += 1;
            audit.compare_hold(&hold).map_err(lies)?;
            let taken = witness.take_hold(&hold);
            taken.map_err(|what| turn_lies(&hold, what))?;
        }
    }
    compare_sums(reader, pool.id, &mut audit)?;
    audit.finish().map_err(lies)?;
    Ok(holds)
}

/// What is summed over the holds, which were compared before, and what orders set.
fn compare_sums(reader: &mut dyn Reader, pool: PoolId, audit: &mut Audit) -> Result<(), Stop> {
    let lies = |fault: AuditFault| fault_of(pool, &fault);
    for row in reader.periods(pool)? {
        audit.compare_period(&row).map_err(lies)?;
    }
    for row in reader.all_grants(pool)? {
        audit.compare_grant(&row).map_err(lies)?;
    }
    for row in reader.members(pool)? {
        audit.compare_member(&row).map_err(lies)?;
    }
    for row in reader.member_uses(pool)? {
        audit.compare_member_use(&row).map_err(lies)?;
    }
    for row in reader.envelopes(pool)? {
        audit.compare_envelope(&row).map_err(lies)?;
    }
    for row in reader.envelope_uses(pool)? {
        audit.compare_envelope_use(&row).map_err(lies)?;
    }
    for row in reader.orders(pool)? {
        audit.compare_order(&row).map_err(lies)?;
    }
    Ok(())
}

/// The first entry of each page.
fn pages(entries: u64) -> impl Iterator<Item = u64> {
    let size = u64::from(PAGE);
    (0..entries.div_ceil(size)).map(move |page| page.saturating_mul(size).saturating_add(1))
}

fn take_entries(
    reader: &mut dyn Reader,
    pool: PoolId,
    audit: &mut Audit,
    signed: &mut Signed,
) -> Result<(), Stop> {
    let mut limit = PAGE;
    loop {
        let read = audit.entries();
        let page = match reader.entries(pool, read, limit) {
            Ok(page) => page,
            // One of the page cannot be read: which, is found one by one.
            Err(_) if limit > 1 => {
                limit = 1;
                continue;
            }
            Err(error) => return Err(unreadable(reader, pool, read, error)),
        };
        for entry in &page {
            audit.take(entry).map_err(|fault| fault_of(pool, &fault))?;
            signed.pass(entry)?;
        }
        if page.is_empty() {
            return Ok(());
        }
    }
}

fn unreadable(reader: &dyn Reader, pool: PoolId, read: u64, error: LedgerError) -> Stop {
    let seq = read.saturating_add(1);
    match reader.explain(error) {
        LedgerError::Damaged { problem, .. } => Stop::Lie(Problem {
            pool: Some(pool),
            seq: Some(seq),
            ..problem_of(format!("entry {seq} cannot be read: {problem}"))
        }),
        error => Stop::Unreadable(error),
    }
}

fn fault_of(pool: PoolId, fault: &AuditFault) -> Stop {
    Stop::Lie(Problem {
        pool: Some(pool),
        seq: fault.seq(),
        ..problem_of(fault.to_string())
    })
}

fn turn_lies(hold: &HoldRecord, what: String) -> Stop {
    Stop::Lie(Problem {
        pool: Some(hold.pool),
        seq: hold.resolved_by.map(|entries| entries.first),
        turn: Some(hold.turn),
        what,
    })
}

/// A pool's checkpoints, each waiting for the entry it signs.
struct Signed {
    waiting: VecDeque<Checkpoint>,
    passed: u64,
    last: Option<Checkpoint>,
}

impl Signed {
    /// Reads the pool's checkpoints, and checks what they are signed with.
    fn read(
        reader: &mut dyn Reader,
        pool: &PoolState,
        options: &VerifyOptions,
    ) -> Result<Self, Stop> {
        let waiting = VecDeque::from(reader.checkpoints(pool.id)?);
        if waiting.is_empty() && !options.keys.is_empty() {
            let what = "none of its heads is signed: its checkpoints were taken away, or no server \
                        has looked after it yet";
            return Err(Stop::Lie(Problem {
                pool: Some(pool.id),
                ..problem_of(what.to_owned())
            }));
        }
        for checkpoint in &waiting {
            if let Some(what) = signature_problem(checkpoint, &options.keys) {
                return Err(false_checkpoint(checkpoint, what));
            }
        }
        Ok(Self {
            waiting,
            passed: 0,
            last: None,
        })
    }

    fn pass(&mut self, entry: &Entry) -> Result<(), Stop> {
        let Some(checkpoint) = self.waiting.pop_front_if(|next| next.seq <= entry.seq) else {
            return Ok(());
        };
        if checkpoint.seq != entry.seq || checkpoint.hash != entry.hash {
            return Err(false_checkpoint(&checkpoint, "signed another entry"));
        }
        self.passed += 1;
        self.last = Some(checkpoint);
        Ok(())
    }

    fn finish(mut self, pool: &PoolState, report: &mut Report) -> Result<(), Stop> {
        if let Some(checkpoint) = self.waiting.pop_front() {
            return Err(false_checkpoint(
                &checkpoint,
                "signed an entry that is gone",
            ));
        }
        report.checkpoints += self.passed;
        report.signed.push(SignedPool {
            pool: pool.id,
            entries: pool.seq,
            last: self.last,
        });
        Ok(())
    }
}

fn false_checkpoint(checkpoint: &Checkpoint, what: &str) -> Stop {
    let seq = checkpoint.seq;
    Stop::Lie(Problem {
        pool: Some(checkpoint.pool),
        seq: Some(seq),
        ..problem_of(format!("the checkpoint of entry {seq} {what}"))
    })
}
