//! Models that cost the house too much: a provider that reports more than a turn's ceiling is paid the
//! rest by the house, and above so much a day the model is not called any more.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyai_ledger::HoldRecord;
use anyai_ledger_db::LedgerError;
use anyai_units::{Credits, UtcMillis};
use anyai_wire::health::SwitchedOff;
use anyai_wire::{Code, WireError};

use crate::studio::Studio;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What the house paid for each model in the last day.
#[derive(Debug)]
pub(crate) struct Overruns {
    day_max: Credits,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The ledger's entries up to there were looked at.
    head_seq: u64,
    by_model: BTreeMap<String, Account>,
}

/// What was paid for a model.
#[derive(Debug, Default)]
struct Account {
    /// In the last day, the oldest first.
    paid: Vec<(UtcMillis, Credits)>,
    is_off: bool,
}

impl Overruns {
    pub(crate) fn new(day_max: Credits) -> Self {
        Self {
            day_max,
            known: Mutex::default(),
        }
    }

    /// Refuses a model that is switched off.
    pub(crate) fn check(&self, model: &str, now: UtcMillis) -> Result<(), WireError> {
        let known = self.known();
        let account = known.by_model.get(model);
        let Some(off) = account.and_then(|account| account.off(model, self.day_max, now)) else {
            return Ok(());
        };
        let message = format!(
            "{model} is switched off for now: its provider charged {} credits above what its turns \
             were to cost at most within a day, and {} is the limit; nothing was sent and nothing \
             was charged",
            off.overrun, off.day_max
        );
        Err(WireError::new(Code::ModelUnavailable, message))
    }

    /// The models that are switched off.
    pub(crate) fn switched_off(&self, now: UtcMillis) -> Vec<SwitchedOff> {
        let known = self.known();
        let accounts = known.by_model.iter();
        let off = accounts.filter_map(|(model, account)| account.off(model, self.day_max, now));
        off.collect()
    }

    /// Offers a model again: what was paid so far is forgotten. Whether it was switched off.
    pub(crate) fn switch_on(&self, model: &str) -> bool {
        let removed = self.known().by_model.remove(model);
        if removed.is_some() {
            tracing::warn!(model, "{model} is switched on again by the operator");
        }
        removed.is_some_and(|account| account.is_off)
    }

    /// Takes note of holds that were overrun, and of what is a day old.
    fn take(&self, holds: Vec<HoldRecord>, head_seq: u64, now: UtcMillis) {
        let mut known = self.known();
        known.head_seq = head_seq;
        for hold in holds {
            let at = hold.resolved_at.unwrap_or(now);
            let account = known.by_model.entry(hold.model).or_default();
            account.paid.push((at, hold.overrun));
        }
        for (model, account) in &mut known.by_model {
            account.paid.retain(|(at, _)| counts(*at, now));
            account.paid.sort_unstable();
            account.tell(model, self.day_max, now);
        }
        known.by_model.retain(|_, account| !account.paid.is_empty());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    /// What is to be said of the model, if it is switched off: until enough of it is a day old.
    fn off(&self, model: &str, day_max: Credits, now: UtcMillis) -> Option<SwitchedOff> {
        let recent = || self.paid.iter().filter(|(at, _)| counts(*at, now));
        let add = |sum: Credits, (_, paid): &(UtcMillis, Credits)| {
            let most = Credits::from_millicredits(i64::MAX);
            sum.checked_add(*paid).unwrap_or(most)
        };
        let overrun = recent().fold(Credits::ZERO, add);
        // The newest that go on being too much; the oldest of them is the last to be waited for.
        let mut newest = Credits::ZERO;
        let waited_for = recent().rev().find(|paid| {
            newest = add(newest, paid);
            newest > day_max
        });
        waited_for.map(|(at, _)| SwitchedOff {
            model_id: model.to_owned(),
            overrun,
            day_max,
            until: at.plus_millis(DAY_MS),
        })
    }

    /// Says when it is switched off, and when it is on again.
    fn tell(&mut self, model: &str, day_max: Credits, now: UtcMillis) {
        let off = self.off(model, day_max, now);
        match (&off, self.is_off) {
            (Some(off), false) => tracing::error!(
                model,
                overrun_millicredits = off.overrun.millicredits(),
                "{model} is switched off: providers reported {} credits beyond ceilings within a day",
                off.overrun
            ),
            (None, true) => tracing::warn!(model, "{model} is offered again"),
            _ => {}
        }
        self.is_off = off.is_some();
    }
}

/// Whether it was in the last day. A clock that was set back makes nothing older.
fn counts(at: UtcMillis, now: UtcMillis) -> bool {
    at.plus_millis(DAY_MS) > now
}

/// Looks for what was booked since the last time.
pub(crate) async fn look(studio: &Studio) -> Result<(), LedgerError> {
    let after = studio.overruns.known().head_seq;
    let found = studio.ledger.overruns(studio.identity.pool, after).await?;
    let now = studio.clock.now();
    studio.overruns.take(found.holds, found.head_seq, now);
    Ok(())
}
