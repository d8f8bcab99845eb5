//! The report card in the window's words.

use std::collections::BTreeMap;

use anyai_estimate::report::{Outcome, Score, Scores, report_card};
use anyai_mirror::SettledRow;
use anyai_units::{Interval, UtcMillis};
use anyai_wire::{EstimateReport, EstimateScore, EstimateScores, ModelScores};

pub(crate) fn card(turns: &[SettledRow], now: UtcMillis) -> EstimateReport {
    let outcomes: Vec<Outcome> = turns.iter().map(outcome).collect();
    let labels: BTreeMap<&str, &str> = turns
        .iter()
        .map(|turn| (turn.model_id.as_str(), turn.model_label.as_str()))
        .collect();
    let card = report_card(&outcomes, now);
    let model = |(id, of_model): (String, Scores)| ModelScores {
        model_label: labels
            .get(id.as_str())
            .map_or_else(|| id.clone(), |label| (*label).to_owned()),
        scores: scores(of_model),
        model_id: id,
    };
    let mut models: Vec<ModelScores> = card.models.into_iter().map(model).collect();
    models.sort_by_key(|model| std::cmp::Reverse(model.scores.days_90.turns));
    EstimateReport {
        overall: scores(card.overall),
        models,
    }
}

fn outcome(turn: &SettledRow) -> Outcome {
    Outcome {
        model: turn.model_id.clone(),
        at: turn.created_at,
        shown: Interval {
            low: turn.estimate.low,
            likely: turn.estimate.likely,
            high: turn.estimate.high,
        },
        charged: turn.charged,
    }
}

const fn scores(scores: Scores) -> EstimateScores {
    EstimateScores {
        days_30: score(scores.days_30),
        days_90: score(scores.days_90),
    }
}

const fn score(score: Score) -> EstimateScore {
    EstimateScore {
        turns: score.turns,
        inside_permille: score.inside_permille,
        median_error_permille: score.median_error_permille,
        bias_permille: score.bias_permille,
    }
}
