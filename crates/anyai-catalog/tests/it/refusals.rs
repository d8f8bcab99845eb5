//! Documents that cannot be true are refused, naming the model and the field.

use anyai_catalog::{Catalogue, DocumentKind, Documents, LoadError};

const MODELS: &str = r#"
[[model]]
id = "m"
label = "M"
provider = "openai"
api = "responses"
context_window = 1000
max_input = 1000
max_output = 500
thinking = "on-by-default"
effort = { wire = "effort", values = ["none", "low"], default = "low" }
tokenizer = "o200k"
image_tokens = "unknown"
strengths = "Tests."
"#;
const RATE_CARD: &str = r#"
version = 7
published = 2026-11-22
nano_usd_per_credit = 10_000_000
[[price]]
model = "m"
effective_from = 2026-01-01
input = 100
output = 200
[[price]]
model = "m"
effective_from = 2026-12-01
input = 100
output = 200
long_context = { above = 500, input = 100, output = 200 }
"#;
const PLANS: &str = r#"
[[plan]]
id = "free"
label = "Free"
monthly_credits = 100
monthly_price_us_cents = 0
"#;

fn parse(models: &str, rate_card: &str, plans: &str) -> Result<Catalogue, LoadError> {
    Catalogue::parse(Documents {
        models: models.to_owned(),
        rate_card: rate_card.to_owned(),
        plans: plans.to_owned(),
    })
}

/// What refuses the rate card after one edit.
fn rate_card_error(from: &str, to: &str) -> String {
    assert!(RATE_CARD.contains(from), "{from:?} is in the example");
    parse(MODELS, &RATE_CARD.replacen(from, to, 1), PLANS)
        .unwrap_err()
        .to_string()
}

fn models_error(from: &str, to: &str) -> String {
    assert!(MODELS.contains(from), "{from:?} is in the example");
    parse(&MODELS.replacen(from, to, 1), RATE_CARD, PLANS)
        .unwrap_err()
        .to_string()
}

#[test]
fn the_example_is_right_as_it_stands() {
    let catalogue = parse(MODELS, RATE_CARD, PLANS).unwrap();
    assert_eq!(catalogue.rate_card().id.version, 7);
}

#[test]
fn prices_that_cannot_be_true() {
    for (from, to, sentence) in [
        (
            "input = 100",
            "input = -1",
            "model m: the price of input is negative",
        ),
        (
            "input = 100\n",
            "",
            "model m: the price of input is missing",
        ),
        (
            "output = 200\n",
            "",
            "model m: the price of output is missing",
        ),
        (
            "output = 200",
            "output = 0",
            "model m: the price of output is absurd (0 nano-dollars a token)",
        ),
        (
            "output = 200",
            "output = 2_000_001",
            "model m: the price of output is absurd (2000001 nano-dollars a token)",
        ),
        (
            "output = 200",
            "output = 200\ncached_input = 101",
            "model m: the price of cached_input is absurd (101 nano-dollars a token)",
        ),
        (
            "output = 200",
            "output = 200\ncache_write_1h = -5",
            "model m: the price of cache_write_1h is negative",
        ),
        (
            "above = 500, input = 100",
            "above = 500, input = -100",
            "model m: the price of input is negative",
        ),
        (
            "above = 500, input = 100, output = 200",
            "above = 500, input = 100",
            "model m: the price of output is missing",
        ),
        ("10_000_000", "0", "a credit cannot buy 0 nano-dollars"),
        ("10_000_000", "10", "a credit cannot buy 10 nano-dollars"),
    ] {
        assert_eq!(rate_card_error(from, to), sentence);
    }
}

#[test]
fn price_lines_that_do_not_match_the_models() {
    assert_eq!(
        rate_card_error("model = \"m\"", "model = \"n\""),
        "the rate card prices n, which the model list does not have"
    );
    let unpriced = format!("{MODELS}{}", MODELS.replace("\"m\"", "\"n\""));
    let error = parse(&unpriced, RATE_CARD, PLANS).unwrap_err();
    assert_eq!(
        error,
        LoadError::NoPrice {
            model: "n".to_owned()
        }
    );
    for day in ["2026-01-01", "2025-12-31"] {
        assert_eq!(
            rate_card_error("2026-12-01", day),
            "model m: its price lines are not in date order"
        );
    }
    assert_eq!(
        models_error("provider = \"openai\"", "provider = \"local\""),
        "the rate card prices m, which runs on the operator's own server"
    );
}

#[test]
fn days_that_are_not_days() {
    for value in ["2026-12-01T00:00:00Z", "12:00:00"] {
        assert!(rate_card_error("2026-12-01", value).ends_with("is not a day like 2026-11-22"));
    }
}

#[test]
fn models_that_cannot_be_true() {
    for (from, to, sentence) in [
        (
            "context_window = 1000",
            "context_window = 0",
            "model m: context_window is impossible",
        ),
        (
            "max_input = 1000",
            "max_input = 1001",
            "model m: max_input is impossible",
        ),
        (
            "max_output = 500",
            "max_output = 1001",
            "model m: max_output is impossible",
        ),
        (
            "max_output = 500",
            "max_output = 1",
            "model m: max_output is impossible",
        ),
        (
            "label = \"M\"",
            "label = \" \"",
            "model m: label is impossible",
        ),
        (
            "\"openai\"",
            "\"acme\"",
            "model m: provider cannot be \"acme\"",
        ),
        (
            "\"responses\"",
            "\"telnet\"",
            "model m: api cannot be \"telnet\"",
        ),
        (
            "\"o200k\"",
            "\"p50k\"",
            "model m: tokenizer cannot be \"p50k\"",
        ),
        (
            "default = \"low\"",
            "default = \"high\"",
            "model m: effort cannot be \"high\"",
        ),
        (
            "[\"none\", \"low\"]",
            "[\"low\", \"none\"]",
            "model m: effort cannot be \"low none\"",
        ),
        (
            "[\"none\", \"low\"]",
            "[]",
            "model m: effort cannot be \"low\"",
        ),
    ] {
        assert_eq!(models_error(from, to), sentence);
    }
    let twice = format!("{MODELS}{MODELS}");
    let error = parse(&twice, RATE_CARD, PLANS).unwrap_err();
    assert_eq!(
        error,
        LoadError::Duplicate {
            document: DocumentKind::Models,
            id: "m".to_owned()
        }
    );
}

#[test]
fn text_that_is_not_a_document() {
    for (models, rate_card, plans, document) in [
        ("[[model", RATE_CARD, PLANS, DocumentKind::Models),
        (MODELS, "price = \u{0}", PLANS, DocumentKind::RateCard),
        (MODELS, RATE_CARD, "[[plan]]\nid = 3", DocumentKind::Plans),
    ] {
        let error = parse(models, rate_card, plans).unwrap_err();
        assert!(
            matches!(&error, LoadError::Malformed { document: found, .. } if *found == document),
            "{error}"
        );
    }
    let surprise = RATE_CARD.replacen("input = 100", "input = 100\ninputs = 3", 1);
    assert!(
        parse(MODELS, &surprise, PLANS).is_err(),
        "a misspelled field is not ignored"
    );
    assert_eq!(
        parse("", RATE_CARD, PLANS).unwrap_err(),
        LoadError::Empty {
            document: DocumentKind::Models
        }
    );
    assert_eq!(
        parse(MODELS, RATE_CARD, "").unwrap_err(),
        LoadError::Empty {
            document: DocumentKind::Plans
        }
    );
}

#[test]
fn plans_that_cannot_be_true() {
    for credits in ["0", "-100", "1_000_000_001"] {
        let plans = PLANS.replace("100", credits);
        let error = parse(MODELS, RATE_CARD, &plans).unwrap_err();
        assert_eq!(
            error.to_string(),
            "plan free: monthly_credits is impossible"
        );
    }
    let twice = format!("{PLANS}{PLANS}");
    assert!(matches!(
        parse(MODELS, RATE_CARD, &twice),
        Err(LoadError::Duplicate { .. })
    ));
}

#[test]
fn a_credit_that_does_not_divide_prices_rounds_them_up() {
    let card = RATE_CARD.replacen("10_000_000", "30_000_000", 1);
    let catalogue = parse(MODELS, &card, PLANS).unwrap();
    let now = anyai_units::UtcMillis::from_millis(1_795_348_800_000);
    // 100 nano-dollars of 30,000,000 a credit: 3,333,333.3 pico-credits.
    assert_eq!(
        catalogue.price("m", now).unwrap().standard.uncached_input,
        3_333_334
    );
}
