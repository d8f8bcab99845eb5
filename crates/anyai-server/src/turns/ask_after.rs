//! Asks providers what became of answers whose run is gone.
//!
//! A provider that says is believed, up to the hold. One that keeps nothing, or cannot be asked, has
//! said so for ever: what came is charged. One that cannot be reached is asked again, at longer and
//! longer intervals, until the time for it is over; one that writes things down a while after, for as
//! long as that may take.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyai_catalog::Model;
use anyai_ledger::{HoldRecord, HoldState, WorkKind};
use anyai_providers::Aftermath;
use anyai_units::{HoldId, UtcMillis};

use super::finish::NotFinished;
use crate::gateway::{End, Heard, Route};
use crate::keys::KeyFor;
use crate::studio::Studio;

/// How long to wait before asking again: twice as long each time, between these.
const AGAIN_FIRST_MS: i64 = 15 * 1_000;
const AGAIN_LAST_MS: i64 = 60 * 60 * 1_000;

/// How long a provider may take to write down what an answer cost.
const RECORD_TIME_MAX_MS: i64 = 10 * 60 * 1_000;

/// What asking came to.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
#[derive(Debug)]
pub(super) enum Asked {
    /// The answer is over, and this was heard of it.
    Told(End, Heard),
    /// Nobody knows yet; its credits stay held.
    NotYet,
    /// Nobody will ever know.
    Never,
}

/// When a hold is asked after again.
#[derive(Clone, Copy, Debug)]
struct Again {
    at: UtcMillis,
    wait_ms: i64,
}

/// The questions that are to be asked again.
#[derive(Debug, Default)]
pub(crate) struct Questions(Mutex<HashMap<HoldId, Again>>);

impl Questions {
    pub(crate) fn is_due(&self, hold: HoldId, now: UtcMillis) -> bool {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.get(&hold).is_none_or(|again| again.at <= now)
    }

    pub(crate) fn put_off(&self, hold: HoldId, now: UtcMillis) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = waits.get(&hold).map(|again| again.wait_ms);
        let wait_ms = before.map_or(AGAIN_FIRST_MS, |wait| wait.saturating_mul(2));
        let wait_ms = wait_ms.min(AGAIN_LAST_MS);
        let at = now.plus_millis(wait_ms);
        waits.insert(hold, Again { at, wait_ms });
    }

    fn forget(&self, hold: HoldId) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.remove(&hold);
    }
}

/// Asks after a sent hold. Without `may_call` nobody is called: what can be asked waits.
pub(super) async fn ask(
    studio: &Studio,
    hold: &HoldRecord,
    may_call: bool,
) -> Result<Asked, NotFinished> {
    if hold.kind != WorkKind::Chat && studio.is_shared {
        return wait(studio, hold).await;
    }
    let prices = studio.prices.get();
    let Ok(model) = prices.catalogue().model(&hold.model) else {
        return Ok(Asked::Never);
    };
    let route = studio.route(&hold.model, model.provider, model.api, None);
    let Some(id) = hold.provider_op.as_deref().filter(|_| route.can_be_asked()) else {
        return Ok(Asked::Never);
    };
    let now = studio.clock.now();
    // From here on the time counts that is given to the provider.
    let hold = match hold.state {
        HoldState::Dispatched => studio.ledger.mark_unknown(hold, now).await?,
        _ => hold.clone(),
    };
    if is_over(studio, &hold, now) {
        studio.questions.forget(hold.id);
        return Ok(Asked::Never);
    }
    if !may_call || !studio.questions.is_due(hold.id, now) {
        return Ok(Asked::NotYet);
    }
    let since = hold.unknown_since.unwrap_or(now);
    let is_fresh = now < since.plus_millis(RECORD_TIME_MAX_MS);
    let asked = call(studio, model, route, id, is_fresh).await;
    match asked {
        Asked::NotYet => studio.questions.put_off(hold.id, now),
        Asked::Told(..) | Asked::Never => studio.questions.forget(hold.id),
    }
    Ok(asked)
}

/// Pictures and clips whose turn is not here are another program's, which goes on with them when it
/// starts again.
async fn wait(studio: &Studio, hold: &HoldRecord) -> Result<Asked, NotFinished> {
    let now = studio.clock.now();
    let hold = match hold.state {
        HoldState::Dispatched => studio.ledger.mark_unknown(hold, now).await?,
        _ => hold.clone(),
    };
    match is_over(studio, &hold, now) {
        true => Ok(Asked::Never),
        false => Ok(Asked::NotYet),
    }
}

fn is_over(studio: &Studio, hold: &HoldRecord, now: UtcMillis) -> bool {
    let time = i64::try_from(studio.upkeep.ask_for.as_millis()).unwrap_or(i64::MAX);
    let since = hold.unknown_since.unwrap_or(now);
    since.plus_millis(time) <= now
}

async fn call(studio: &Studio, model: &Model, route: Route, id: &str, is_fresh: bool) -> Asked {
    let key = match studio.keys.key_for(model.provider).await {
        Ok(KeyFor::Ready(key)) => key,
        Ok(KeyFor::Missing) | Err(_) => return Asked::NotYet,
    };
    let route = Route { key, ..route };
    match studio.gateway.ask_after(&route, id).await {
        Ok(told) => asked(told, is_fresh),
        Err(error) => {
            let provider = model.provider;
            tracing::warn!(%provider, %error, "{provider} does not say yet what became of an answer: {error}");
            Asked::NotYet
        }
    }
}

fn asked(told: Aftermath, is_fresh: bool) -> Asked {
    match told {
        Aftermath::Ended { end, usage } => {
            let end = end.map_or_else(End::Failed, End::Finished);
            let heard = Heard {
                began: true,
                has_output: true,
                usage,
                ..Heard::default()
            };
            Asked::Told(end, heard)
        }
        Aftermath::Running => Asked::NotYet,
        Aftermath::NotYetKept if is_fresh => Asked::NotYet,
        Aftermath::NotYetKept | Aftermath::NotKept => Asked::Never,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_record_that_comes_late_is_waited_for_and_not_for_ever() {
        let late = |is_fresh| asked(Aftermath::NotYetKept, is_fresh);
        assert!(matches!(late(true), Asked::NotYet));
        assert!(matches!(late(false), Asked::Never));
        assert!(matches!(asked(Aftermath::NotKept, true), Asked::Never));
    }

    #[test]
    fn each_time_is_waited_for_twice_as_long_up_to_an_hour() {
        let questions = Questions::default();
        let hold = HoldId::from_uuid(Uuid::from_u128(1));
        let at = UtcMillis::from_millis;
        assert!(questions.is_due(hold, at(0)), "never asked before");
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..10 {
            questions.put_off(hold, at(now));
            let asked_again = (now..)
                .step_by(1_000)
                .find(|&ms| questions.is_due(hold, at(ms)));
            let next = asked_again.unwrap();
            waits.push((next - now) / 1_000);
            now = next;
        }
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        questions.forget(hold);
        assert!(questions.is_due(hold, at(0)));
    }
}
