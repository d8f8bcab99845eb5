//! What an estimate says, on models whose numbers are known.

use anyai_catalog::{Catalogue, Effort, ModelId, Usage};
use anyai_estimate::{Attached, DraftTurn, Estimate, EstimateError, Source};
use anyai_tokens::{Counter, ImageSize};
use anyai_units::{Credits, Tokens, UtcMillis};

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
        let shares: u16 = estimate.drivers.iter().map(|driver| driver.permille).sum();
        let is_free = estimate.ceiling == Credits::ZERO;
        assert_eq!(shares, if is_free { 0 } else { 1_000 }, "{model}");
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

/// A conversation whose last turn was sent to a model at an instant.
fn sent(model: &str, at: UtcMillis) -> DraftTurn {
    let mut turn = draft(QUESTION);
    turn.history = conversation(20, 60);
    turn.history.push_user(count("And then?"), &[]);
    turn.history.sent_to(&ModelId::new(model), at);
    turn.history.push_reply(count("Nothing."), Tokens::ZERO);
    turn
}

#[test]
fn what_was_sent_minutes_ago_is_read_from_the_cache_but_never_in_the_ceiling() {
    let now = |turn: &DraftTurn| estimate("gpt-6-sol", turn);
    let cold = now(&sent("gpt-6-astra", NOW));
    let warm = now(&sent("gpt-6-sol", NOW.plus_millis(-299_000)));
    assert!(warm.credits.likely < cold.credits.likely && warm.credits.low < cold.credits.low);
    assert_eq!(
        (warm.credits.high, warm.ceiling),
        (cold.credits.high, cold.ceiling)
    );
    let forgotten = now(&sent("gpt-6-sol", NOW.plus_millis(-300_000)));
    assert_eq!(forgotten, cold, "kept for five minutes, says the catalogue");
}

/// The arithmetic of a request whose start is cached and whose rest is written to the cache.
#[test]
fn a_cached_prompt_is_priced_line_by_line() {
    let warm = estimate("gpt-6-sol", &sent("gpt-6-sol", NOW));
    let mut before = conversation(20, 60);
    before.push_user(count("And then?"), &[]);
    let whole = estimate(
        "gpt-6-sol",
        &DraftTurn {
            history: before,
            ..draft("")
        },
    );
    // All but the frame of 42 messages: 4 for each and 3 for the reply.
    let cached = whole.input.likely.count() - (42 * 4 + 3);
    let usage = Usage {
        cached_input: Tokens::new(cached),
        cache_write_5m: Tokens::new(warm.input.likely.count() - cached),
        output: warm.output.likely,
        ..Usage::default()
    };
    let charge = warm.price().charge(&usage).unwrap();
    assert_eq!(warm.credits.likely, charge.total);
}

#[test]
fn a_short_conversation_is_in_no_cache() {
    let mut turn = draft(QUESTION);
    turn.history.push_user(count("Hello"), &[]);
    let cold = estimate("gpt-6-sol", &turn);
    turn.history.sent_to(&ModelId::new("gpt-6-sol"), NOW);
    assert_eq!(estimate("gpt-6-sol", &turn).credits, cold.credits);
}

/// A provider that is asked to remember bills the whole prompt as remembered.
#[test]
fn a_prompt_that_is_written_to_the_cache_costs_what_writing_does() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(20, 60);
    let long = estimate("claude-opus-5-5", &turn);
    let usage = Usage {
        cache_write_5m: long.input.likely,
        output: long.output.likely,
        ..Usage::default()
    };
    assert_eq!(
        long.credits.likely,
        long.price().charge(&usage).unwrap().total
    );
}

#[test]
fn pictures_of_earlier_turns_are_not_sent_to_a_model_that_reads_none() {
    let blind = ESTIMATOR.catalogue().offered(NOW);
    let (blind, _) = blind
        .map(|(model, price)| (model.id.clone(), (model, price)))
        .find(|(_, (model, _))| !model.input.image)
        .unwrap();
    let words = estimate(blind.as_str(), &draft(QUESTION));
    let mut turn = draft(QUESTION);
    turn.history
        .push_user(count(""), &[Attached::picture(PICTURE)]);
    let seen = estimate("gpt-6-sol", &turn).input.likely.count();
    assert!(seen > 1_000, "{seen}");
    let unseen = estimate(blind.as_str(), &turn).input.likely.count();
    assert!(unseen < words.input.likely.count() + 20, "{unseen}");
}

const PICTURE: ImageSize = ImageSize {
    width_px: 2_000,
    height_px: 2_000,
};

fn share(estimate: &Estimate, source: Source) -> u16 {
    let driver = estimate
        .drivers
        .iter()
        .find(|driver| driver.source == source);
    driver.map_or(0, |driver| driver.permille)
}

#[test]
fn drivers_name_what_moves_the_price() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(40, 60);
    turn.attachments = vec![Attached::picture(PICTURE)];
    let long = estimate("claude-opus-5-5", &turn);
    assert!(share(&long, Source::History) > 500, "{:?}", long.drivers);
    assert!(
        share(&long, Source::Attachment(0)) > 0,
        "{:?}",
        long.drivers
    );
    assert!(
        long.drivers
            .is_sorted_by(|more, less| more.permille >= less.permille)
    );
    turn.history = anyai_estimate::History::new();
    let fresh = estimate("claude-opus-5-5", &turn);
    assert_eq!(share(&fresh, Source::History), 0);
    assert!(share(&fresh, Source::Answer) > share(&long, Source::Answer));
    let counter = Counter::shared().unwrap();
    turn.attachments.push(Attached::text_file(
        counter,
        "notes.txt",
        &QUESTION.repeat(400),
    ));
    turn.attachments.push(Attached::pdf(counter, 3, None));
    let attached = estimate("claude-opus-5-5", &turn);
    let shares = [0, 1, 2].map(|number| share(&attached, Source::Attachment(number)));
    assert!(
        shares[2] > shares[1] && shares[1] > shares[0] && shares[0] > 0,
        "{shares:?}"
    );
    turn.system = count(&QUESTION.repeat(400));
    let instructed = estimate("claude-opus-5-5", &turn);
    assert!(
        share(&instructed, Source::Instructions) > 50,
        "{:?}",
        instructed.drivers
    );
}

#[test]
fn the_words_of_a_pdf_are_in_the_bound_whoever_counts_them() {
    let counter = Counter::shared().unwrap();
    let with = |most: u32| {
        let mut turn = draft(QUESTION);
        turn.attachments.push(Attached::pdf(counter, 1, Some(most)));
        turn
    };
    for model in ["claude-opus-5-5", "gpt-6-sol", "gemini-3.8-flash"] {
        let upper = |most| estimate(model, &with(most)).input_upper.count();
        assert!(upper(100_000) >= upper(0) + 100_000, "{model}");
        let likely = |most| estimate(model, &with(most)).input.likely.count();
        assert!(likely(100_000) < likely(0) + 50_000, "{model}");
        let window = Catalogue::embedded().unwrap();
        let window = window.model(model).unwrap().context_window.count();
        assert_eq!(upper(u32::MAX), window, "a longer prompt is not billed");
    }
}

#[test]
fn no_pool_and_no_wish_makes_a_limit_shorter_than_providers_take() {
    for model in ["gpt-6-sol", "gpt-6-luna", "grok-4.3", "claude-haiku-5-5"] {
        for wished in [None, Some(0), Some(1), Some(15), Some(300)] {
            let mut turn = draft(QUESTION);
            turn.max_output = wished.map(Tokens::new);
            let whole = estimate(model, &turn);
            for share in 0..=100 {
                let available = whole.ceiling.millicredits() * share / 100;
                let available = Credits::from_millicredits(available);
                let Ok(fitted) = whole.fit_to(available) else {
                    continue;
                };
                assert!(fitted.max_output.count() >= 16, "{model} {wished:?}");
                assert!(fitted.ceiling <= available, "{model} {wished:?}");
            }
            let least = whole.fit_to(whole.ceiling).unwrap();
            assert!(least.max_output.count() >= 16, "{model} {wished:?}");
        }
    }
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
