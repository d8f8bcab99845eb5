//! What an estimate says, on models whose numbers are known.

use anyai_catalog::{Effort, ModelId};
use anyai_estimate::EstimateError;
use anyai_tokens::ImageSize;
use anyai_units::{Credits, Tokens};

use crate::{ESTIMATOR, NOW, conversation, count, draft, estimate};

const QUESTION: &str =
    "Why do ships carry more than one kind of light at night, and who decided it?";

#[test]
fn every_model_on_offer_gets_an_estimate_that_holds_together() {
    let estimates = ESTIMATOR.estimate_all(&draft(QUESTION), NOW);
    assert_eq!(estimates.len(), ESTIMATOR.catalogue().offered(NOW).count());
    for estimate in estimates {
        let (model, credits) = (&estimate.model, estimate.credits);
        assert!(
            credits.low <= credits.likely && credits.likely <= credits.high,
            "{model}"
        );
        assert!(
            credits.high <= estimate.ceiling,
            "{model}: the interval is within the hold"
        );
        assert!(estimate.output.high <= estimate.max_output, "{model}");
        assert!(estimate.input.likely <= estimate.input_upper, "{model}");
        assert!(estimate.fits_context && !estimate.is_limited(), "{model}");
        let drivers = estimate.drivers;
        let shares = [
            drivers.history_permille,
            drivers.attachments_permille,
            drivers.draft_permille,
            drivers.answer_permille,
        ];
        let is_free = estimate.ceiling == Credits::ZERO;
        assert_eq!(
            shares.iter().sum::<u16>(),
            if is_free { 0 } else { 1_000 },
            "{model}"
        );
        assert_eq!(is_free, model.as_str() == "llama3:8b", "{model}");
    }
}

#[test]
fn openai_input_is_exact() {
    let estimate = estimate("gpt-6-sol", &draft("hello world"));
    assert_eq!(estimate.input.likely, Tokens::new(9), "2 and a frame of 7");
}

#[test]
fn an_unknown_model_has_no_estimate() {
    let refused = ESTIMATOR
        .estimate("gpt-99", &draft(QUESTION), NOW)
        .unwrap_err();
    assert!(matches!(refused, EstimateError::Catalogue(_)));
    assert_eq!(refused.to_string(), "the catalogue has no model \"gpt-99\"");
}

#[test]
fn the_price_of_the_day_is_used() {
    let new_year = anyai_units::UtcMillis::from_millis(1_798_761_600_000);
    let turn = draft(QUESTION);
    let before = ESTIMATOR
        .estimate("gemini-3.8-flash", &turn, new_year.plus_millis(-1))
        .unwrap();
    let after = ESTIMATOR
        .estimate("gemini-3.8-flash", &turn, new_year)
        .unwrap();
    let doubled = before.ceiling.millicredits() * 2;
    assert!(
        (doubled - after.ceiling.millicredits()).abs() <= 1,
        "US$0.75 becomes US$1.50"
    );
}

#[test]
fn more_effort_costs_more() {
    let at = |effort| {
        let turn = anyai_estimate::DraftTurn {
            effort: Some(effort),
            ..draft(QUESTION)
        };
        estimate("claude-opus-5", &turn)
    };
    let likely: Vec<_> = [
        Effort::None,
        Effort::Low,
        Effort::Medium,
        Effort::High,
        Effort::Xhigh,
        Effort::Max,
    ]
    .map(|effort| at(effort).credits.likely)
    .into();
    assert!(likely.is_sorted_by(|less, more| less < more), "{likely:?}");
    assert_eq!(
        at(Effort::Minimal).effort,
        Some(Effort::Medium),
        "a value it lacks is its default"
    );
}

#[test]
fn a_warm_cache_makes_the_conversation_cheaper_but_never_the_ceiling() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(20, 60);
    let cold = estimate("gpt-6-sol", &turn);
    turn.warm_for = Some(ModelId::new("gpt-6-sol"));
    let warm = estimate("gpt-6-sol", &turn);
    assert!(warm.credits.likely < cold.credits.likely && warm.credits.low < cold.credits.low);
    assert_eq!(
        (warm.credits.high, warm.ceiling),
        (cold.credits.high, cold.ceiling)
    );
    turn.warm_for = Some(ModelId::new("gpt-6-astra"));
    assert_eq!(
        estimate("gpt-6-sol", &turn),
        cold,
        "another model's cache is no help"
    );
}

#[test]
fn drivers_name_what_moves_the_price() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(40, 60);
    turn.images = vec![ImageSize {
        width_px: 2_000,
        height_px: 2_000,
    }];
    let long = estimate("claude-opus-5-5", &turn).drivers;
    assert!(long.history_permille > 500, "{long:?}");
    assert!(long.attachments_permille > 0, "{long:?}");
    turn.history = anyai_estimate::History::new();
    let fresh = estimate("claude-opus-5-5", &turn).drivers;
    assert_eq!(fresh.history_permille, 0);
    assert!(fresh.answer_permille > long.answer_permille, "{fresh:?}");
    turn.attachments = count(&QUESTION.repeat(400));
    let attached = estimate("claude-opus-5-5", &turn).drivers;
    assert!(
        attached.attachments_permille > fresh.attachments_permille,
        "{attached:?}"
    );
}

#[test]
fn context_use_is_told() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(100, 100);
    let small = estimate("llama3:8b", &turn);
    assert!(!small.fits_context);
    assert!(
        small.context_used_permille > 1_000,
        "{}",
        small.context_used_permille
    );
    let large = estimate("gemini-4-argon", &turn);
    assert!(large.fits_context);
    assert!(
        (1..500).contains(&large.context_used_permille),
        "{}",
        large.context_used_permille
    );
}

#[test]
fn a_full_window_leaves_no_room_for_an_answer() {
    // 8,192 tokens of window; a byte bounds a token of an unknown vocabulary, 1.15 a likely one.
    let mut turn = draft(&"word ".repeat(6_900));
    let full = estimate("llama3:8b", &turn);
    assert!(!full.fits_context, "{:?}", full.input);
    turn.draft = count(&"word ".repeat(5_000));
    let nearly = estimate("llama3:8b", &turn);
    assert!(nearly.fits_context);
    let room = 8_192 - nearly.input.likely.count();
    assert!(
        nearly.max_output.count() <= room,
        "input and answer share the window"
    );
}
