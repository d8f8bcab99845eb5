//! Rate cards of an operator's own: what they change, leave out and bring along.

use anyai_catalog::{CardChange, Catalogue, Documents};
use anyai_units::UtcMillis;

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

/// The embedded card after some edits, each of which must be possible.
fn card(edits: &[(&str, &str)]) -> String {
    let mut card = Documents::embedded().rate_card;
    for (from, to) in edits {
        assert!(card.contains(from), "{from:?} is in the card");
        card = card.replacen(from, to, 1);
    }
    card
}

const OPUS: &str = "model = \"claude-opus-5-5\"\neffective_from = 2026-01-01\ninput = 4_000";

fn changes(card: &str) -> Vec<CardChange> {
    let (next, _) = Catalogue::embedded_under(card).unwrap();
    Catalogue::embedded().unwrap().changes_to(&next, NOW)
}

fn credits(change: &CardChange) -> (Option<String>, Option<String>) {
    let text = |credits: Option<anyai_units::Credits>| credits.map(|it| it.to_string());
    (text(change.before), text(change.after))
}

#[test]
fn a_card_like_the_one_in_use_changes_nothing() {
    assert_eq!(changes(&card(&[("version = 2", "version = 3")])), []);
}

#[test]
fn a_dearer_model_is_shown_by_a_typical_turn() {
    let dearer = card(&[(OPUS, &OPUS.replace("4_000", "5_000"))]);
    let changes = changes(&dearer);
    assert_eq!(changes.len(), 1);
    let change = &changes[0];
    assert_eq!((change.label.as_str(), change.from), ("Opus 5.5", NOW));
    // 2,000 read at 4,000 or 5,000 nano-dollars and 700 written at 20,000.
    let both = (Some("2.2".to_owned()), Some("2.4".to_owned()));
    assert_eq!(credits(change), both);
    assert!(!change.is_leap());
}

#[test]
fn a_slipped_decimal_point_is_a_leap() {
    for input in ["400_000", "100"] {
        let output = if input == "100" { "100" } else { "2_000_000" };
        let slipped = card(&[
            (OPUS, &OPUS.replace("4_000", input)),
            (
                "cached_input = 200\ncache_write_5m = 5_000\ncache_write_1h = 8_000\noutput = 20_000",
                &format!("output = {output}"),
            ),
        ]);
        let changes = changes(&slipped);
        assert!(changes[0].is_leap(), "{:?}", changes[0]);
    }
}

#[test]
fn a_later_price_is_shown_from_its_day_on() {
    let now = "model = \"gpt-image-2\"\neffective_from = 2026-01-01\n";
    let later = card(&[])
        + "\n[[image_price]]\n"
        + &now.replace("2026-01-01", "2027-02-01")
        + "per_token = { text_input = 5_000, image_output = 60_000 }\n";
    let changes = changes(&later);
    assert_eq!(changes.len(), 1);
    // 2027-02-01T00:00:00Z.
    assert_eq!(changes[0].from, UtcMillis::from_millis(1_801_440_000_000));
    // 1,756 tokens at 30,000 and at 60,000 nano-dollars, and a hundred of a prompt.
    let both = (Some("5.318".to_owned()), Some("10.586".to_owned()));
    assert_eq!(credits(&changes[0]), both);
}

#[test]
fn models_a_card_does_not_price_are_left_out_by_name() {
    let full = card(&[]);
    let short = full.split("[[image_price]]").next().unwrap();
    let (catalogue, left_out) = Catalogue::embedded_under(short).unwrap();
    assert_eq!(left_out.len(), 18, "{left_out:?}");
    assert!(left_out.contains(&"gpt-image-2".to_owned()));
    assert_eq!(catalogue.image_models(), []);
    assert_eq!(catalogue.models().len(), 51);
    let gone = changes(short);
    assert!(gone.iter().all(|change| change.after.is_none()));
    let sent = Catalogue::parse(catalogue.documents().clone()).unwrap();
    assert_eq!(
        sent.models(),
        catalogue.models(),
        "the documents say so too"
    );
    let local = anyai_catalog::LocalModel {
        id: "llama".to_owned(),
        label: "Llama".to_owned(),
        context_window: anyai_units::Tokens::new(8_192),
        max_output: anyai_units::Tokens::new(4_096),
        image: false,
    };
    let joined = catalogue.with_local(&[local]).unwrap();
    assert_eq!(joined.models().len(), 52, "local models join it too");
    let (whole, left_out) = Catalogue::embedded_under(&full).unwrap();
    assert_eq!(
        (whole.documents(), left_out),
        (&Documents::embedded(), Vec::new())
    );
}

#[test]
fn a_model_a_card_brings_along_is_new() {
    let brought = card(&[])
        + r#"
[[model]]
id = "vendor/model"
label = "Vendor's model"
provider = "openrouter"
api = "chat-completions"
context_window = 128_000
max_input = 128_000
max_output = 8_000
thinking = "never"
tokenizer = "unknown"
image_tokens = "unknown"
strengths = "Through OpenRouter."
[[price]]
model = "vendor/model"
effective_from = 2026-01-01
input = 1_000
output = 2_000
"#;
    let changes = changes(&brought);
    assert_eq!(changes.len(), 1);
    assert_eq!(credits(&changes[0]), (None, Some("0.34".to_owned())));
}

#[test]
fn a_card_that_cannot_be_true_is_refused() {
    let absurd = card(&[(OPUS, &OPUS.replace("4_000", "-4_000"))]);
    let refused = Catalogue::embedded_under(&absurd).unwrap_err();
    let sentence = "model claude-opus-5-5: the price of input is negative";
    assert_eq!(refused.to_string(), sentence);
    assert!(Catalogue::embedded_under("version = 3").is_err());
}
