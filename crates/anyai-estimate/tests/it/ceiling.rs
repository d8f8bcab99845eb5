//! The ceiling is a theorem: whatever the provider bills within the bounds, the charge fits it.

use anyai_catalog::Usage;
use anyai_estimate::DraftTurn;
use anyai_units::Tokens;
use proptest::prelude::*;

use crate::{ESTIMATOR, NOW, conversation, count, draft};

#[test]
fn a_limit_that_is_asked_for_is_the_limit_that_is_priced() {
    let asked = DraftTurn {
        max_output: Some(Tokens::new(1_000)),
        ..draft("hello")
    };
    for estimate in ESTIMATOR.estimate_all(&asked, NOW) {
        assert_eq!(
            estimate.max_output,
            Tokens::new(1_000),
            "{}",
            estimate.model
        );
    }
    let absurd = DraftTurn {
        max_output: Some(Tokens::new(u64::MAX)),
        ..draft("hello")
    };
    for estimate in ESTIMATOR.estimate_all(&absurd, NOW) {
        let model = ESTIMATOR
            .catalogue()
            .model(estimate.model.as_str())
            .unwrap();
        assert!(
            estimate.max_output <= model.max_output,
            "{}",
            estimate.model
        );
    }
}

#[test]
fn a_long_cache_is_in_the_ceiling_only_when_asked_for() {
    let mut turn = draft("hello");
    turn.history = conversation(30, 60);
    let short = crate::estimate("claude-opus-5-5", &turn);
    turn.asks_long_cache = true;
    let long = crate::estimate("claude-opus-5-5", &turn);
    assert!(long.ceiling > short.ceiling);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_bill_within_the_bounds_is_above_the_ceiling(
        which in any::<prop::sample::Index>(),
        days in 0i64..120,
        exchanges in prop_oneof![0usize..3, 10usize..12, 90usize..110, 380usize..420],
        words in prop_oneof![0usize..40, 2_000usize..4_000],
        asked in prop::option::of(1u64..200_000),
        available in prop::option::of(0i64..60_000),
        shares in prop::array::uniform4(0u64..1_000),
        used_permille in (0u64..=1_000, 0u64..=1_000),
        asks_long_cache: bool,
    ) {
        let now = NOW.plus_millis(days * 86_400_000);
        let turn = DraftTurn {
            history: conversation_cached(exchanges),
            draft: count(&"word ".repeat(words)),
            max_output: asked.map(Tokens::new),
            asks_long_cache,
            ..DraftTurn::default()
        };
        let models: Vec<_> = ESTIMATOR.catalogue().offered(now).map(|(model, _)| model).collect();
        let model = models[which.index(models.len())];
        let mut estimate = ESTIMATOR.estimate(model.id.as_str(), &turn, now).unwrap();
        if let Some(Ok(fitted)) = available.map(|mc| estimate.fit_to(anyai_units::Credits::from_millicredits(mc))) {
            estimate = fitted;
        }
        let input = estimate.input_upper.count() * used_permille.0 / 1_000;
        let output = estimate.max_output.count() * used_permille.1 / 1_000;
        let long_share = if asks_long_cache { shares[3] } else { 0 };
        let sum = (shares[0] + shares[1] + shares[2] + long_share).max(1);
        let part = |share: u64| input * share / sum;
        let (cached, short, long) = (part(shares[1]), part(shares[2]), part(long_share));
        let usage = Usage {
            uncached_input: Tokens::new(input - cached - short - long),
            cached_input: Tokens::new(cached),
            cache_write_5m: Tokens::new(short),
            cache_write_1h: Tokens::new(long),
            output: Tokens::new(output),
            reasoning: Tokens::new(output / 2),
            tool_calls: 0,
        };
        let charge = estimate.price().charge(&usage).unwrap();
        prop_assert!(charge.total <= estimate.ceiling, "{}: {} > {}", model.id, charge.total, estimate.ceiling);
    }
}

/// Conversations up to above every long-context threshold, counted once.
fn conversation_cached(exchanges: usize) -> anyai_estimate::History {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};
    static KNOWN: LazyLock<Mutex<HashMap<usize, anyai_estimate::History>>> =
        LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    known
        .entry(exchanges)
        .or_insert_with(|| conversation(exchanges, 60))
        .clone()
}
