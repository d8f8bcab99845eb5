//! Documents about pictures and clips that cannot be true are refused, naming the model and the field.

use anyai_catalog::{Catalogue, CatalogueError, Documents, LoadError};
use anyai_units::UtcMillis;

const MODELS: &str = r#"
[[model]]
id = "m"
label = "M"
provider = "openai"
api = "responses"
context_window = 1000
max_input = 1000
max_output = 500
thinking = "never"
tokenizer = "o200k"
image_tokens = "unknown"
strengths = "Tests."

[[image_model]]
id = "by-token"
label = "By token"
provider = "openai"
api = "images"
count_max = 4
sizes = ["1024x1024", "auto"]
qualities = ["low", "high"]
quality_default = "low"
references_max = 2
takes_mask = true
prompt_chars_max = 1000
strengths = "Tests."

[image_model.tokens]
words = { likely = 0, most = 50 }
listed = [{ quality = "low", tokens = 100 }, { quality = "high", tokens = 400 }]

[[image_model]]
id = "by-picture"
label = "By picture"
provider = "openrouter"
api = "images"
count_max = 4
sizes = ["1k", "2k"]
qualities = ["low", "high"]
quality_default = "high"
prompt_chars_max = 1000
strengths = "Tests."

[[video_model]]
id = "by-second"
label = "By second"
provider = "xai"
api = "videos"
seconds = [4, 8]
seconds_default = 8
resolutions = ["480p", "720p"]
aspects = ["16:9"]
sound = "choice"
tasks = ["text", "edit"]
edit_source_seconds_max = 9
flagged = true
prompt_chars_max = 1000
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

[[image_price]]
model = "by-token"
effective_from = 2026-01-01
per_token = { text_input = 5_000, image_input = 8_000, text_output = 10_000, image_output = 32_000 }

[[image_price]]
model = "by-picture"
effective_from = 2026-01-01
per_picture = [
  { size = "1k", nano_usd = 40_000_000 },
  { size = "2k", quality = "high", nano_usd = 60_000_000 },
  { nano_usd = 50_000_000 },
]

[[video_price]]
model = "by-second"
effective_from = 2026-01-01
per_second = [
  { resolution = "480p", nano_usd = 20_000_000 },
  { resolution = "720p", sound = true, nano_usd = 40_000_000 },
  { resolution = "720p", sound = false, nano_usd = 30_000_000 },
]
"#;
/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

fn parse(models: &str, rate_card: &str) -> Result<Catalogue, LoadError> {
    Catalogue::parse(Documents {
        models: models.to_owned(),
        rate_card: rate_card.to_owned(),
        plans: Documents::embedded().plans,
    })
}

/// What refuses the documents after one edit of either.
fn error(from: &str, to: &str) -> String {
    let here = MODELS.matches(from).count() + RATE_CARD.matches(from).count();
    assert_eq!(here, 1, "{from:?} is in the example once");
    let (models, card) = (MODELS.replace(from, to), RATE_CARD.replace(from, to));
    parse(&models, &card).unwrap_err().to_string()
}

#[test]
fn the_example_is_right_as_it_stands() {
    let catalogue = parse(MODELS, RATE_CARD).unwrap();
    assert_eq!(catalogue.image_models().len(), 2);
    let (model, price) = catalogue.image_offer("by-picture", NOW).unwrap();
    let ask = |size: &str, quality: &str| anyai_catalog::ImageAsk {
        count: 1,
        size: Some(size.to_owned()),
        quality: Some(quality.to_owned()),
        ..anyai_catalog::ImageAsk::default()
    };
    let nano_usd = |size, quality| price.picture(&ask(size, quality)).list.nano();
    assert_eq!(nano_usd("1k", "high"), 40_000_000);
    assert_eq!(nano_usd("2k", "high"), 60_000_000);
    assert_eq!(nano_usd("2k", "low"), 50_000_000, "the line for the rest");
    let untouched = price.picture(&anyai_catalog::ImageAsk::default());
    assert_eq!(
        untouched.list.nano(),
        60_000_000,
        "the dearest, not the first"
    );
    assert_eq!(model.provider.as_str(), "openrouter");
}

#[test]
fn prices_that_cannot_be_true() {
    for (from, to, sentence) in [
        (
            "image_output = 32_000",
            "image_output = -1",
            "model by-token: the price of image_output is negative",
        ),
        (
            "image_output = 32_000",
            "image_output = 0",
            "model by-token: the price of image_output is absurd (0 nano-dollars a token)",
        ),
        (
            "image_output = 32_000",
            "image_output = 2_000_001",
            "model by-token: the price of image_output is absurd (2000001 nano-dollars a token)",
        ),
        (
            ", image_output = 32_000",
            "",
            "model by-token: the price of image_output is missing",
        ),
        (
            ", text_output = 10_000",
            "",
            "model by-token: the price of text_output is missing",
        ),
        (
            "text_input = 5_000",
            "text_input = 5_000, text_input_cached = 5_001",
            "model by-token: the price of text_input_cached is absurd (5001 nano-dollars a token)",
        ),
        (
            "{ size = \"1k\", nano_usd = 40_000_000 }",
            "{ size = \"1k\", nano_usd = -40_000_000 }",
            "model by-picture: the price of per_picture is negative",
        ),
        (
            "{ size = \"1k\", nano_usd = 40_000_000 }",
            "{ size = \"1k\" }",
            "model by-picture: the price of per_picture is missing",
        ),
        (
            "{ size = \"1k\", nano_usd = 40_000_000 }",
            "{ size = \"1k\", nano_usd = 10_000_000_001 }",
            "model by-picture: the price of per_picture is absurd (10000000001 nano-dollars a picture)",
        ),
        (
            "{ resolution = \"480p\", nano_usd = 20_000_000 }",
            "{ resolution = \"480p\", nano_usd = 0 }",
            "model by-second: the price of per_second is absurd (0 nano-dollars a second)",
        ),
        (
            "output = 200",
            "output = 200\ntool_call = 10_000_000_001",
            "model m: the price of tool_call is absurd (10000000001 nano-dollars a call)",
        ),
    ] {
        assert_eq!(error(from, to), sentence);
    }
}

#[test]
fn prices_that_do_not_fit_their_model() {
    for (from, to, sentence) in [
        (
            "{ size = \"1k\",",
            "{ size = \"4k\",",
            "model by-picture: a price names the size \"4k\", which the model does not have",
        ),
        (
            "{ size = \"2k\", quality = \"high\",",
            "{ size = \"2k\", quality = \"max\",",
            "model by-picture: a price names the quality \"max\", which the model does not have",
        ),
        (
            "  { nano_usd = 50_000_000 },\n",
            "",
            "model by-picture: there is no price for 2k, low",
        ),
        (
            "  { resolution = \"720p\", sound = false, nano_usd = 30_000_000 },\n",
            "",
            "model by-second: there is no price for 720p, without sound",
        ),
        (
            "{ resolution = \"480p\", nano_usd",
            "{ resolution = \"4k\", nano_usd",
            "model by-second: a price names the resolution \"4k\", which the model does not have",
        ),
        (
            "sound = \"choice\"",
            "sound = \"always\"",
            "model by-second: a price names the sound \"false\", which the model does not have",
        ),
        (
            "{ quality = \"high\", tokens = 400 }",
            "{ quality = \"high\", size = \"64x64\", tokens = 400 }",
            "model by-token: there is no count of tokens for 1024x1024, high",
        ),
        (
            "per_token = { text_input = 5_000, image_input = 8_000, text_output = 10_000, image_output = 32_000 }",
            "per_picture = [{ nano_usd = 1 }]",
            "model by-token: the price of per_token is missing",
        ),
        (
            "model = \"by-second\"",
            "model = \"by-picture\"",
            "the rate card prices by-picture, which the model list does not have",
        ),
        (
            "nano_usd_per_credit = 10_000_000",
            "nano_usd_per_credit = 10_000_000\nswitched_on = [\"by-picture\"]",
            "the rate card switches by-picture on, which no list of models that make clips has",
        ),
    ] {
        assert_eq!(error(from, to), sentence);
    }
    let bare = RATE_CARD.split("[[video_price]]").next().unwrap();
    let refused = parse(MODELS, bare).unwrap_err();
    assert_eq!(refused.to_string(), "model by-second has no price");
}

#[test]
fn models_that_cannot_be_true() {
    for (from, to, sentence) in [
        (
            "id = \"by-token\"\nlabel",
            "id = \"m\"\nlabel",
            "m is listed twice in the model list",
        ),
        (
            "api = \"responses\"",
            "api = \"images\"",
            "model m: api cannot be \"images\"",
        ),
        (
            "provider = \"openrouter\"\napi = \"images\"",
            "provider = \"openrouter\"\napi = \"videos\"",
            "model by-picture: api cannot be \"videos\"",
        ),
        (
            "provider = \"openrouter\"",
            "provider = \"local\"",
            "model by-picture: provider cannot be \"local\"",
        ),
        (
            "api = \"videos\"",
            "api = \"images\"",
            "model by-second: api cannot be \"images\"",
        ),
        (
            "quality_default = \"low\"",
            "quality_default = \"best\"",
            "model by-token: quality_default is impossible",
        ),
        (
            "sizes = [\"1k\", \"2k\"]",
            "sizes = [\"1k\", \"1k\"]",
            "model by-picture: sizes is impossible",
        ),
        (
            "sizes = [\"1024x1024\", \"auto\"]",
            "sizes = [\"1024x1024\", \"auto\"]\nfree_size = { multiple_of = 16, ratio_max = 3, long_edge_max = 3840, short_edge_max = 2160 }",
            "model by-token: there is no count of tokens for free sizes",
        ),
        (
            "references_max = 2\n",
            "",
            "model by-token: takes_mask is impossible",
        ),
        (
            "words = { likely = 0, most = 50 }",
            "words = { likely = 60, most = 50 }",
            "model by-token: words is impossible",
        ),
        (
            "tokens = 100 }",
            "tokens = 0 }",
            "model by-token: tokens is impossible",
        ),
        (
            "seconds = [4, 8]",
            "seconds = [8, 4]",
            "model by-second: seconds is impossible",
        ),
        (
            "seconds_default = 8",
            "seconds_default = 6",
            "model by-second: seconds_default is impossible",
        ),
        (
            "edit_source_seconds_max = 9\n",
            "",
            "model by-second: edit_source_seconds_max is impossible",
        ),
        (
            "tasks = [\"text\", \"edit\"]",
            "tasks = [\"text\", \"dream\"]",
            "model by-second: tasks cannot be \"dream\"",
        ),
    ] {
        assert_eq!(error(from, to), sentence);
    }
}

#[test]
fn a_model_held_back_is_offered_once_the_card_switches_it_on() {
    let catalogue = parse(MODELS, RATE_CARD).unwrap();
    let refused = catalogue.video_offer("by-second", NOW).unwrap_err();
    assert!(
        matches!(refused, CatalogueError::SwitchedOff { .. }),
        "{refused}"
    );
    assert_eq!(catalogue.videos_offered(NOW).count(), 0);
    assert!(
        catalogue.video_price("by-second", NOW).is_ok(),
        "holds settle"
    );
    let on = RATE_CARD.replace("version = 7", "version = 8\nswitched_on = [\"by-second\"]");
    let catalogue = parse(MODELS, &on).unwrap();
    assert!(catalogue.video_offer("by-second", NOW).is_ok());
    assert_eq!(catalogue.videos_offered(NOW).count(), 1);
}

#[test]
fn a_card_may_carry_models_of_its_own() {
    let (model, price) = (
        MODELS
            .split("\n\n")
            .next()
            .unwrap()
            .replace("\"m\"", "\"vendor/model\""),
        "[[price]]\nmodel = \"vendor/model\"\neffective_from = 2026-01-01\ninput = 1\noutput = 2\n",
    );
    let card = format!("{RATE_CARD}{model}\n{price}");
    let catalogue = parse(MODELS, &card).unwrap();
    assert!(catalogue.offer("vendor/model", NOW).is_ok());
    let twice = format!("{RATE_CARD}{model}\n{model}\n{price}");
    assert!(parse(MODELS, &twice).is_err(), "an id is taken once");
}
