//! From usage to a charge: exact lines, one rounding, the tier of the whole request.

use std::sync::LazyLock;

use anyai_catalog::{Catalogue, ChargeError, LineKind, Price, Tier, Usage};
use anyai_units::{Credits, Tokens, UtcMillis};
use proptest::prelude::*;

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

fn price(model: &str) -> Price {
    CATALOGUE.price(model, NOW).unwrap().clone()
}

fn usage(uncached: u64, cached: u64, write_5m: u64, write_1h: u64, output: u64) -> Usage {
    Usage {
        uncached_input: Tokens::new(uncached),
        cached_input: Tokens::new(cached),
        cache_write_5m: Tokens::new(write_5m),
        cache_write_1h: Tokens::new(write_1h),
        output: Tokens::new(output),
        reasoning: Tokens::ZERO,
        tool_calls: 0,
    }
}

#[test]
fn a_charge_is_the_sum_of_its_lines() {
    let charge = price("claude-opus-5-5")
        .charge(&usage(1_000, 20_000, 3_000, 400, 700))
        .unwrap();
    // In micro-US-dollars: 4,000 + 4,000 + 15,000 + 3,200 + 14,000 = 40,200, so 4.02 credits.
    assert_eq!(charge.total.to_string(), "4.02");
    assert_eq!(charge.picocredits, 4_020_000_000_000);
    assert_eq!(
        charge
            .lines
            .iter()
            .map(|line| line.picocredits)
            .sum::<u128>(),
        charge.picocredits
    );
    let kinds: Vec<_> = charge.lines.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "input",
            "cached_input",
            "cache_write_5m",
            "cache_write_1h",
            "output"
        ]
    );
    assert_eq!(charge.tier, Tier::Standard);
}

#[test]
fn reasoning_is_inside_output_and_not_charged_again() {
    let plain = usage(10, 0, 0, 0, 500);
    let thought = Usage {
        reasoning: Tokens::new(400),
        ..plain
    };
    let price = price("gpt-6-sol");
    assert_eq!(price.charge(&plain), price.charge(&thought));
}

#[test]
fn anything_above_nothing_costs_a_millicredit() {
    let price = price("gpt-5-nano");
    assert_eq!(
        price.charge(&Usage::default()).unwrap().total,
        Credits::ZERO
    );
    let one = price.charge(&usage(0, 1, 0, 0, 0)).unwrap();
    assert_eq!(one.total, Credits::from_millicredits(1));
    assert_eq!(one.lines.len(), 1, "empty lines are not printed");
}

#[test]
fn rounding_happens_once_at_the_end() {
    // 5 nano-dollars a cached token: 200 tokens are exactly one millicredit, split or not.
    let price = price("gpt-5-nano");
    let exact = price.charge(&usage(0, 2_000, 0, 0, 0)).unwrap();
    assert_eq!(exact.total, Credits::from_millicredits(1));
    let two_lines = price.charge(&usage(100, 1_000, 0, 0, 0)).unwrap();
    assert_eq!(
        two_lines.total,
        Credits::from_millicredits(1),
        "0.5 + 0.5, not 1 + 1"
    );
    let above = price.charge(&usage(0, 2_001, 0, 0, 0)).unwrap();
    assert_eq!(above.total, Credits::from_millicredits(2));
}

#[test]
fn the_long_context_tier_applies_to_the_whole_request() {
    let price = price("gpt-6.1-sol");
    let at = price.charge(&usage(100_000, 172_000, 0, 0, 1_000)).unwrap();
    assert_eq!(
        at.tier,
        Tier::Standard,
        "the threshold itself is not above it"
    );
    // US$0.20 + US$0.0172 + US$0.01.
    assert_eq!(at.total.to_string(), "22.72");
    let above = price.charge(&usage(100_001, 172_000, 0, 0, 1_000)).unwrap();
    assert_eq!(
        above.tier,
        Tier::LongContext {
            above: Tokens::new(272_000)
        }
    );
    // US$0.400004 + US$0.0344 + US$0.015, rounded up to a millicredit.
    assert_eq!(above.total.to_string(), "44.941");
}

#[test]
fn calls_of_a_providers_tools_have_a_line_of_their_own() {
    let searched = Usage {
        tool_calls: 2,
        ..usage(1_000, 0, 0, 0, 0)
    };
    // US$0.00125 of reading and twice US$0.005.
    let charge = price("grok-4.3").charge(&searched).unwrap();
    assert_eq!(charge.total.to_string(), "1.125");
    let last = charge.lines.last().unwrap();
    assert_eq!((last.kind, last.quantity), (LineKind::ToolCalls, 2));
    assert_eq!(last.picocredits_each, 500_000_000_000);
    // A model without a published price for them charges none.
    let free = price("gpt-5.4").charge(&searched).unwrap();
    assert_eq!(free.lines.len(), 1);
}

#[test]
fn an_impossible_usage_is_refused_not_wrapped() {
    let most = u64::MAX;
    let price = price("gpt-5.5-pro");
    assert_eq!(
        price.charge(&usage(most, 0, 0, 0, most)),
        Err(ChargeError::TooLarge)
    );
    assert_eq!(
        price.ceiling(Tokens::new(most), Tokens::new(most), false),
        Err(ChargeError::TooLarge)
    );
}

#[test]
fn line_kinds_have_distinct_words() {
    let words: std::collections::HashSet<_> =
        LineKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), LineKind::ALL.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The ceiling is a theorem: no split of the input between cache kinds, no tier, no shorter
    /// request costs more.
    #[test]
    fn no_usage_within_bounds_costs_more_than_the_ceiling(
        model in 0usize..51,
        at_days in 0i64..200,
        input in prop_oneof![0u64..2_000, 90_000u64..110_000, 190_000u64..300_000, 0u64..2_000_000],
        output in 0u64..200_000,
        shares in prop::array::uniform4(0u64..1_000),
        used_permille in (0u64..=1_000, 0u64..=1_000),
        asks_long_cache: bool,
    ) {
        let catalogue = &*CATALOGUE;
        let id = catalogue.models()[model].id.clone();
        let price = catalogue.price(id.as_str(), NOW.plus_millis(at_days * 86_400_000)).unwrap();
        let ceiling = price.ceiling(Tokens::new(input), Tokens::new(output), asks_long_cache).unwrap();
        let used = input * used_permille.0 / 1_000;
        let long_share = if asks_long_cache { shares[3] } else { 0 };
        let sum = (shares[0] + shares[1] + shares[2] + long_share).max(1);
        let part = |share: u64| used * share / sum;
        let (cached, short, long) = (part(shares[1]), part(shares[2]), part(long_share));
        let usage = usage(used - cached - short - long, cached, short, long, output * used_permille.1 / 1_000);
        let charge = price.charge(&usage).unwrap();
        prop_assert!(charge.total <= ceiling, "{id}: {} > {ceiling}", charge.total);
        prop_assert!(charge.total > Credits::ZERO || usage == Usage::default());
    }
}
