//! The report card, worked out by hand.

use anyai_estimate::report::{Outcome, Score, report_card};
use anyai_units::{Credits, Interval};

use crate::NOW;

const DAY_MS: i64 = 86_400_000;

fn credits(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

fn outcome(model: &str, days_ago: i64, shown: (i64, i64, i64), charged: i64) -> Outcome {
    Outcome {
        model: model.to_owned(),
        at: NOW.plus_millis(-days_ago * DAY_MS),
        shown: Interval {
            low: credits(shown.0),
            likely: credits(shown.1),
            high: credits(shown.2),
        },
        charged: credits(charged),
    }
}

#[test]
fn scores_by_model_and_window() {
    let outcomes = [
        outcome("sol", 1, (800, 1_000, 1_500), 1_000),
        outcome("sol", 2, (800, 1_000, 1_500), 2_000),
        outcome("sol", 29, (800, 1_000, 1_500), 800),
        outcome("sol", 31, (800, 1_000, 1_500), 500),
        outcome("luna", 60, (10, 20, 30), 30),
        outcome("luna", 91, (10, 20, 30), 3_000),
    ];
    let card = report_card(&outcomes, NOW);
    let sol = card.models["sol"];
    // Errors 0, -50 and +25 %: the middle of 0, 25, 50 is 25, and of -50, 0, 25 it is 0.
    let recent = Score {
        turns: 3,
        inside_permille: 667,
        median_error_permille: 250,
        bias_permille: 0,
    };
    assert_eq!(sol.days_30, recent);
    assert_eq!(sol.days_90.turns, 4);
    assert_eq!(sol.days_90.inside_permille, 500);
    assert_eq!(sol.days_90.bias_permille, 125, "between 0 and 250");
    assert_eq!(card.models["luna"].days_30, Score::default());
    assert_eq!(
        card.models["luna"].days_90.turns, 1,
        "91 days are too long ago"
    );
    assert_eq!(card.models["luna"].days_90.bias_permille, -333);
    assert_eq!(card.overall.days_30, recent);
    assert_eq!(card.overall.days_90.turns, 5);
}

#[test]
fn both_ends_are_inside() {
    let ends = [
        outcome("sol", 1, (800, 1_000, 1_500), 800),
        outcome("sol", 1, (800, 1_000, 1_500), 1_500),
    ];
    assert_eq!(
        report_card(&ends, NOW).overall.days_30.inside_permille,
        1_000
    );
}

#[test]
fn what_is_free_says_nothing() {
    let free = [outcome("llama", 1, (0, 0, 0), 0)];
    let card = report_card(&free, NOW);
    assert_eq!(card.overall.days_90.turns, 0);
    assert!(card.models.is_empty());
}
