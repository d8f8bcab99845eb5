//! The documents this program is built with.

use anyai_catalog::{Api, Catalogue, CatalogueError, Effort, LocalModel, Provider, Thinking};
use anyai_units::{Credits, Tokens, UtcMillis};

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const DAY_MS: i64 = 86_400_000;
/// 2026-12-01T00:00:00Z and 2027-01-01T00:00:00Z.
const DECEMBER: UtcMillis = UtcMillis::from_millis(1_796_083_200_000);
const NEW_YEAR: UtcMillis = UtcMillis::from_millis(1_798_761_600_000);

fn catalogue() -> Catalogue {
    Catalogue::embedded().expect("the embedded documents pass every check")
}

#[test]
fn every_provider_has_models_that_are_offered_now() {
    let catalogue = catalogue();
    for provider in [
        Provider::OpenAi,
        Provider::Anthropic,
        Provider::Google,
        Provider::Xai,
    ] {
        let offered = catalogue
            .offered(NOW)
            .filter(|(model, _)| model.provider == provider);
        assert!(offered.count() >= 7, "{provider}");
    }
    assert_eq!(catalogue.models().len(), 51);
}

#[test]
fn a_price_is_the_published_one_in_credits() {
    let catalogue = catalogue();
    let (model, price) = catalogue.offer("claude-opus-5-5", NOW).unwrap();
    assert_eq!(
        (model.label.as_str(), model.api),
        ("Opus 5.5", Api::Messages)
    );
    assert_eq!(model.thinking, Thinking::Always);
    // US$4 and US$20 a million: 400 and 2,000 credits, so 400 and 2,000 micro-credits a token.
    assert_eq!(price.standard.uncached_input, 400_000_000);
    assert_eq!(price.standard.cached_input, 20_000_000);
    assert_eq!(price.standard.cache_write_5m, 500_000_000);
    assert_eq!(price.standard.cache_write_1h, 800_000_000);
    assert_eq!(price.standard.output, 2_000_000_000);
    assert_eq!(
        (price.list_input.nano(), price.list_output.nano()),
        (4_000, 20_000)
    );
}

#[test]
fn announced_price_changes_start_at_midnight_utc() {
    let catalogue = catalogue();
    for (model, change, before, after) in [
        ("gemini-4-argon", DECEMBER, 1_000_000_000, 2_000_000_000),
        ("gemini-3.6-flash", NEW_YEAR, 375_000_000, 750_000_000),
        ("gemini-3.7-flash", NEW_YEAR, 375_000_000, 750_000_000),
        ("gemini-3.8-flash", NEW_YEAR, 375_000_000, 750_000_000),
    ] {
        let output = |at| catalogue.price(model, at).unwrap().standard.output;
        assert_eq!(
            output(change.plus_millis(-1)),
            before,
            "{model} until the day"
        );
        assert_eq!(output(change), after, "{model} from the day on");
        assert_eq!(
            output(change.plus_millis(400 * DAY_MS)),
            after,
            "{model} after it"
        );
    }
}

#[test]
fn a_model_is_not_offered_after_its_shutdown_but_still_settles() {
    let catalogue = catalogue();
    let id = "claude-sonnet-4-5";
    let end = catalogue
        .model(id)
        .unwrap()
        .shuts_down_at
        .expect("its end is announced");
    assert!(catalogue.offer(id, end.plus_millis(-1)).is_ok());
    let refused = catalogue.offer(id, end).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the provider has shut claude-sonnet-4-5 down"
    );
    assert!(
        catalogue
            .offered(end)
            .all(|(model, _)| model.id.as_str() != id)
    );
    assert!(
        catalogue.price(id, end.plus_millis(DAY_MS)).is_ok(),
        "open holds keep their price"
    );
}

#[test]
fn an_unknown_model_is_refused_by_name() {
    let refused = catalogue().offer("gpt-99", NOW).unwrap_err();
    assert_eq!(
        refused,
        CatalogueError::UnknownModel {
            model: "gpt-99".to_owned()
        }
    );
    let before_all = UtcMillis::from_millis(0);
    let early = catalogue().price("gpt-6-sol", before_all).unwrap_err();
    assert!(
        matches!(early, CatalogueError::NotYetPriced { .. }),
        "{early}"
    );
}

#[test]
fn plans_are_the_three_of_the_product() {
    let catalogue = catalogue();
    let plans: Vec<_> = catalogue
        .plans()
        .iter()
        .map(|plan| {
            (
                plan.id.as_str(),
                plan.monthly_allowance,
                plan.monthly_price_us_cents,
            )
        })
        .collect();
    let credits = |whole| Credits::from_whole(whole).unwrap();
    let expected = [
        ("free", credits(100), 0),
        ("pro", credits(2_000), 2_000),
        ("max", credits(10_000), 10_000),
    ];
    assert_eq!(plans, expected);
    assert_eq!(
        catalogue.plan("pro").map(|plan| plan.label.as_str()),
        Some("Pro")
    );
    assert_eq!(catalogue.plan("enterprise"), None);
}

#[test]
fn documents_travel() {
    let here = catalogue();
    let there = Catalogue::parse(here.documents().clone()).unwrap();
    assert_eq!(here.rate_card(), there.rate_card());
    assert_eq!(here.models(), there.models());
    let mut edited = here.documents().clone();
    edited.rate_card.push_str("\n# a remark\n");
    let edited = Catalogue::parse(edited).unwrap();
    assert_ne!(
        here.rate_card().id,
        edited.rate_card().id,
        "any change is another card"
    );
    assert!(
        here.rate_card().id.to_string().starts_with("2-"),
        "{}",
        here.rate_card().id
    );
}

#[test]
fn local_models_join_at_no_cost() {
    let local = LocalModel {
        id: "llama\"3\\\n:8b".to_owned(),
        label: "Llama 3".to_owned(),
        context_window: Tokens::new(8_192),
        max_output: Tokens::new(4_096),
        image: true,
    };
    let with = catalogue()
        .with_local(std::slice::from_ref(&local))
        .unwrap();
    let (model, price) = with.offer(&local.id, NOW).unwrap();
    assert_eq!(
        (model.provider, model.api),
        (Provider::Local, Api::ChatCompletions)
    );
    let most = Tokens::new(u64::MAX);
    assert_eq!(price.ceiling(most, most, true), Ok(Credits::ZERO));
    assert_eq!(
        with.rate_card().id,
        catalogue().rate_card().id,
        "the rate card is untouched"
    );
    let sent = Catalogue::parse(with.documents().clone()).unwrap();
    assert!(sent.offer(&local.id, NOW).is_ok(), "the documents carry it");
    assert!(with.with_local(&[local]).is_err(), "an id is taken once");
}

#[test]
fn an_effort_a_model_does_not_take_becomes_its_default() {
    let catalogue = catalogue();
    let resolve = |id, wished| catalogue.model(id).unwrap().resolve_effort(wished);
    assert_eq!(resolve("gpt-6-sol", Some(Effort::None)), Some(Effort::None));
    assert_eq!(
        resolve("gpt-6.1-sol", Some(Effort::None)),
        Some(Effort::Medium)
    );
    assert_eq!(resolve("claude-haiku-4-5", None), Some(Effort::None));
    assert_eq!(resolve("grok-4.7", Some(Effort::High)), None);
}
