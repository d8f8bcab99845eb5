//! The report card: how good the estimates were that a person was shown.

use std::collections::BTreeMap;

use anyai_units::{Credits, Interval, UtcMillis};

const DAY_MS: i64 = 86_400_000;

/// A turn that ended by itself: what was shown before and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Catalogue id of the model.
    pub model: String,
    /// When it was sent.
    pub at: UtcMillis,
    /// What was shown.
    pub shown: Interval<Credits>,
    /// What it cost.
    pub charged: Credits,
}

/// How good estimates were. Shares are in thousandths, rounded to the nearest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Turns it rests on; with none, the rest is 0.
    pub turns: u32,
    /// Turns that cost what the interval said.
    pub inside_permille: u32,
    /// The median distance between likely and charged, of what was charged.
    pub median_error_permille: u32,
    /// The median of likely less charged, of what was charged: above 0, estimates are too high.
    pub bias_permille: i32,
}

/// The last 30 and the last 90 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    /// 30 days.
    pub days_30: Score,
    /// 90 days, those 30 among them.
    pub days_90: Score,
}

/// The report card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportCard {
    /// All models together.
    pub overall: Scores,
    /// Each model that was used in the 90 days, by its id.
    pub models: BTreeMap<String, Scores>,
}

/// Scores the turns of the 90 days before `now`. What cost nothing and was to cost nothing says nothing.
#[must_use]
pub fn report_card(outcomes: &[Outcome], now: UtcMillis) -> ReportCard {
    let costs = |outcome: &&Outcome| {
        outcome.shown.likely > Credits::ZERO || outcome.charged > Credits::ZERO
    };
    let recent: Vec<&Outcome> = within(outcomes.iter().filter(costs), now, 90);
    let mut by_model: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for outcome in &recent {
        by_model
            .entry(outcome.model.clone())
            .or_default()
            .push(outcome);
    }
    ReportCard {
        overall: scores(&recent, now),
        models: by_model
            .into_iter()
            .map(|(model, outcomes)| (model, scores(&outcomes, now)))
            .collect(),
    }
}

fn within<'o>(
    outcomes: impl Iterator<Item = &'o Outcome>,
    now: UtcMillis,
    days: i64,
) -> Vec<&'o Outcome> {
    let start = now.plus_millis(-days * DAY_MS);
    outcomes.filter(|outcome| outcome.at > start).collect()
}

fn scores(outcomes: &[&Outcome], now: UtcMillis) -> Scores {
    Scores {
        days_30: score(&within(outcomes.iter().copied(), now, 30)),
        days_90: score(outcomes),
    }
}

fn score(outcomes: &[&Outcome]) -> Score {
    let inside = outcomes
        .iter()
        .filter(|outcome| (outcome.shown.low..=outcome.shown.high).contains(&outcome.charged));
    let signed = || outcomes.iter().map(|outcome| error_permille(outcome));
    Score {
        turns: u32::try_from(outcomes.len()).unwrap_or(u32::MAX),
        inside_permille: share_permille(inside.count(), outcomes.len()),
        median_error_permille: median(signed().map(i32::abs).collect()).unsigned_abs(),
        bias_permille: median(signed().collect()),
    }
}

/// Likely less charged, of what was charged, to the nearest; a charge of nothing counts as the
/// smallest there is.
fn error_permille(outcome: &Outcome) -> i32 {
    let likely = i128::from(outcome.shown.likely.millicredits());
    let charged = i128::from(outcome.charged.millicredits());
    let whole = charged.max(1);
    let twice = (likely - charged) * 2_000 + whole;
    i32::try_from(twice.div_euclid(2 * whole)).unwrap_or(i32::MAX)
}

/// To the nearest.
fn share_permille(part: usize, whole: usize) -> u32 {
    let share = (part * 2_000 + whole).checked_div(2 * whole).unwrap_or(0);
    u32::try_from(share).unwrap_or(1_000)
}

/// The middle value; of two, their mean towards zero.
fn median(mut values: Vec<i32>) -> i32 {
    values.sort_unstable();
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (None, _) => 0,
        (Some(upper), 0) => {
            let sum = i64::from(values[middle - 1]) + i64::from(*upper);
            i32::try_from(sum / 2).unwrap_or(i32::MAX)
        }
        (Some(only), _) => *only,
    }
}
