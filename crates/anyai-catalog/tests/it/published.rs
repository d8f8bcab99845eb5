//! Every price and limit that was published, model by model, against the embedded documents.

use anyai_catalog::{
    Catalogue, Effort, ImageModel, ImagePrice, Model, Price, VideoModel, VideoPrice,
};
use anyai_units::{Tokens, UtcMillis};
use serde_json::Value;

use crate::shared::{data, scaled};

/// 2026-11-22T12:00:00Z, when the prices were read.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
/// At a cent a credit, a nano-dollar is this many pico-credits.
const PICOCREDITS_PER_NANO_USD: u64 = 100_000;

#[test]
fn every_published_model_is_listed_as_published() {
    let Some(path) = data("prices.json") else {
        return;
    };
    let published: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let mut complaints = Complaints::default();
    let mut compared = 0;
    for model in published["models"].as_array().unwrap() {
        let id = model["id"].as_str().unwrap();
        if model["status"] == "shut_down" {
            complaints.check(id, "is gone", is_listed(&catalogue, id), gone_elsewhere(id));
            continue;
        }
        compared += 1;
        complaints.model = id.to_owned();
        match model["kind"].as_str() {
            Some("chat") => match (catalogue.model(id), catalogue.price(id, NOW)) {
                (Ok(ours), Ok(price)) => {
                    chat(&mut complaints, model, ours, price);
                    announced(&mut complaints, model, &catalogue);
                }
                _ => complaints.add("is not listed"),
            },
            Some("image") => match catalogue.image_offer(id, NOW) {
                Ok((ours, price)) => image(&mut complaints, model, ours, price),
                Err(error) => complaints.add(&error.to_string()),
            },
            Some("video") => match catalogue.video_price(id, NOW) {
                Ok(price) => {
                    let ours = catalogue.video_models().iter();
                    let ours = ours.clone().find(|ours| ours.id.as_str() == id).unwrap();
                    video(&mut complaints, model, ours, price);
                }
                Err(error) => complaints.add(&error.to_string()),
            },
            kind => complaints.add(&format!("is of an unknown kind {kind:?}")),
        }
    }
    assert!(
        complaints.found.is_empty(),
        "{}",
        complaints.found.join("\n")
    );
    assert_eq!(compared, 69, "models that are current or about to end");
}

/// Vertex has ended what the Gemini API still lists.
fn gone_elsewhere(id: &str) -> bool {
    ["veo-3.1-generate-001", "veo-3.1-fast-generate-001"].contains(&id)
}

fn is_listed(catalogue: &Catalogue, id: &str) -> bool {
    let lists = |error| matches!(error, anyai_catalog::CatalogueError::UnknownModel { .. });
    !(catalogue.model(id).is_err_and(lists)
        && catalogue.image_price(id, NOW).is_err_and(lists)
        && catalogue.video_price(id, NOW).is_err_and(lists))
}

#[derive(Default)]
struct Complaints {
    model: String,
    found: Vec<String>,
}

impl Complaints {
    fn add(&mut self, what: &str) {
        self.found.push(format!("{} {what}", self.model));
    }

    fn check<T: PartialEq + std::fmt::Debug>(&mut self, id: &str, what: &str, ours: T, theirs: T) {
        id.clone_into(&mut self.model);
        self.same(what, ours, theirs);
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: T, theirs: T) {
        if ours != theirs {
            self.add(&format!("{what}: {ours:?} here, {theirs:?} published"));
        }
    }

    /// A price of a million tokens, where one is published.
    fn rate(&mut self, what: &str, ours: u64, published: &Value) {
        if let Some(nano_usd) = scaled(published, 1_000.0) {
            self.same(what, ours, nano_usd * PICOCREDITS_PER_NANO_USD);
        }
    }

    /// A price of one thing, where one is published.
    fn unit(&mut self, what: &str, ours: anyai_catalog::UnitPrice, published: &Value) {
        let published = scaled(published, 1e9);
        let ours_nano = (
            ours.picocredits / PICOCREDITS_PER_NANO_USD,
            ours.list.nano(),
        );
        if let Some(nano_usd) = published {
            let listed = i64::try_from(nano_usd).unwrap();
            self.same(what, ours_nano, (nano_usd, listed));
        }
    }
}

fn day(value: &Value) -> Option<UtcMillis> {
    let date: jiff::civil::Date = value.as_str()?.parse().unwrap();
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    Some(UtcMillis::from_millis(
        midnight.timestamp().as_millisecond(),
    ))
}

fn texts(value: &Value) -> Vec<&str> {
    let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(Value::as_str).collect()
}

fn chat(complaints: &mut Complaints, published: &Value, ours: &Model, price: &Price) {
    let rates = &price.standard;
    let list = &published["price"];
    complaints.rate("input", rates.uncached_input, &list["input"]);
    complaints.rate("output", rates.output, &list["output"]);
    complaints.rate("cache read", rates.cached_input, &list["cache_read"]);
    complaints.rate("cache write", rates.cache_write_5m, &list["cache_write"]);
    let hour = &list["cache_write_1h"];
    complaints.rate("cache write 1h", rates.cache_write_1h, hour);
    let twelve = &list["cache_write_over_12h"];
    complaints.rate("cache write 12h", rates.cache_write_1h, twelve);
    complaints.unit(
        "web search",
        price.tool_call,
        &published["web_search_per_call_usd"],
    );
    let tier = &published["long_context"][0];
    let long = price.long_context;
    complaints.same(
        "long context",
        long.map(|long| long.above.count()),
        tier["above_input_tokens"].as_u64(),
    );
    if let Some(long) = long {
        let rates = &long.rates;
        complaints.rate("long input", rates.uncached_input, &tier["input"]);
        complaints.rate("long output", rates.output, &tier["output"]);
        complaints.rate("long cache read", rates.cached_input, &tier["cache_read"]);
        let write = &tier["cache_write"];
        complaints.rate("long cache write", rates.cache_write_5m, write);
    }
    let limit = |field: &str| Tokens::new(published[field].as_u64().unwrap());
    complaints.same("max input", ours.max_input, limit("max_input"));
    complaints.same("max output", ours.max_output, limit("max_output"));
    // The larger of the published windows stands here.
    let window = limit("context_window").max(limit("max_input"));
    complaints.same("context window", ours.context_window, window);
    complaints.same(
        "shutdown",
        ours.shuts_down_at,
        day(&published["deprecation_date"]),
    );
    let takes = |word| texts(&published["modalities"]["in"]).contains(&word);
    complaints.same("image", ours.input.image, takes("image"));
    complaints.same("pdf", ours.input.pdf, takes("pdf"));
    complaints.same("audio", ours.input.audio, takes("audio"));
    complaints.same("video", ours.input.video, takes("video"));
    let efforts = texts(&published["knobs"]["reasoning_effort"]);
    let here = ours.effort.as_ref().map(|knob| knob.values.as_slice());
    for effort in efforts {
        let known = Effort::from_text(effort).unwrap();
        let has = here.is_some_and(|values| values.contains(&known));
        complaints.same(&format!("effort {effort}"), has, true);
    }
}

/// Prices that change on a known day.
fn announced(complaints: &mut Complaints, published: &Value, catalogue: &Catalogue) {
    let none = Vec::new();
    let changes = published["scheduled_price_changes"].as_array();
    for change in changes.unwrap_or(&none) {
        let from = day(&change["from"]).unwrap();
        let number = |field: &str| {
            let text = change["prices"][field].as_str().unwrap();
            serde_json::from_str::<Value>(text).unwrap()
        };
        let price = catalogue.price(&complaints.model, from).unwrap();
        complaints.same("change", price.effective_from, from);
        let (input, output) = (number("input_mtok"), number("output_mtok"));
        complaints.rate("later input", price.standard.uncached_input, &input);
        complaints.rate("later output", price.standard.output, &output);
        let cached = number("cache_read_mtok");
        complaints.rate("later cache read", price.standard.cached_input, &cached);
    }
}

fn image(complaints: &mut Complaints, published: &Value, ours: &ImageModel, price: &ImagePrice) {
    let list = &published["price"];
    let rates = &price.rates;
    complaints.rate("text input", rates.text_input, &list["text_input"]);
    complaints.rate("image input", rates.image_input, &list["image_input"]);
    complaints.rate("text output", rates.text_output, &list["text_output"]);
    complaints.rate("image output", rates.image_output, &list["image_output"]);
    let cached = (&list["text_input_cached"], &list["image_input_cached"]);
    complaints.rate("cached text", rates.text_input_cached, cached.0);
    complaints.rate("cached image", rates.image_input_cached, cached.1);
    complaints.unit("reference", price.input_picture, &list["per_input_image"]);
    complaints.same(
        "shutdown",
        ours.shuts_down_at,
        day(&published["deprecation_date"]),
    );
    let knobs = &published["knobs"];
    for aspect in texts(&knobs["imageConfig.aspectRatio"])
        .into_iter()
        .chain(texts(&knobs["aspect_ratio"]))
    {
        let known = ours.aspects.iter().any(|known| known == aspect);
        complaints.same(&format!("aspect {aspect}"), known, true);
    }
    for (field, values) in [
        ("quality", &ours.qualities),
        ("output_format", &ours.formats),
        ("background", &ours.backgrounds),
        ("resolution", &ours.sizes),
    ] {
        for value in texts(&knobs[field]) {
            complaints.same(
                &format!("{field} {value}"),
                values.contains(&value.to_owned()),
                true,
            );
        }
    }
    if let Some(most) = knobs["edit_images_max"].as_u64() {
        complaints.same("references", u64::from(ours.references_max), most);
    }
    pictures(complaints, published, ours, price);
}

/// Prices of pictures: published outright, or as estimates in dollars.
fn pictures(complaints: &mut Complaints, published: &Value, ours: &ImageModel, price: &ImagePrice) {
    let outright = &published["price"]["per_output_image"];
    let ask = |quality: Option<&str>, size: &str| anyai_catalog::ImageAsk {
        count: 1,
        quality: quality.map(str::to_owned),
        size: Some(size.to_owned()),
        ..anyai_catalog::ImageAsk::default()
    };
    if outright.is_number() {
        for size in &ours.sizes {
            complaints.unit(size, price.picture(&ask(None, size)), outright);
        }
    }
    for (key, usd) in outright.as_object().into_iter().flatten() {
        let (quality, size) = key.split_once('/').unwrap();
        complaints.unit(key, price.picture(&ask(Some(quality), size)), usd);
    }
    let estimates = published["estimate_usd_per_image"].as_object();
    for (key, usd) in estimates.into_iter().flatten() {
        let (quality, size) = match key.split_once('/') {
            Some((quality, size)) => (Some(quality), size),
            None => (None, key.as_str()),
        };
        let tokens = ours.tokens.as_ref().unwrap().made.of(Some(size), quality);
        let Some(tokens) = tokens else {
            complaints.add(&format!("{key} has no count of tokens"));
            continue;
        };
        let nano_usd = tokens.count() * price.rates.image_output / PICOCREDITS_PER_NANO_USD;
        let theirs = scaled(usd, 1e9).unwrap();
        // Published to five digits, to three, or with words around the picture.
        let slack = match ours.id.as_str() {
            "gpt-image-2.5-sunburst" | "gpt-image-2.5-flare" => 0,
            "gpt-image-1-mini" => 3_000_000,
            "gpt-image-1.5" => 2_000_000,
            _ => 1_000_000,
        };
        let known_otherwise = ours.id.as_str() == "gemini-3.1-flash-image";
        if nano_usd.abs_diff(theirs) > slack && !known_otherwise {
            complaints.same(key, nano_usd, theirs);
        }
    }
    let recorded = published["recorded_image_output_tokens"].as_object();
    for (key, count) in recorded.into_iter().flatten() {
        let (quality, size) = match key.split_once('/') {
            Some((quality, size)) => (Some(quality), size),
            None => (None, key.as_str()),
        };
        let tokens = ours.tokens.as_ref().unwrap().made.of(Some(size), quality);
        complaints.same(key, tokens.map(Tokens::count), count.as_u64());
    }
}

fn video(complaints: &mut Complaints, published: &Value, ours: &VideoModel, price: &VideoPrice) {
    let list = &published["price"];
    let rates = &price.rates;
    complaints.rate("text input", rates.text_input, &list["text_input"]);
    complaints.rate("text output", rates.text_output, &list["text_output"]);
    complaints.rate("video output", rates.video_output, &list["video_output"]);
    complaints.unit("reference", price.input_picture, &list["per_input_image"]);
    for field in ["per_second", "per_second_with_audio"] {
        for (resolution, usd) in list[field].as_object().into_iter().flatten() {
            let second = price.second(Some(resolution), Some(true));
            complaints.unit(resolution, second, usd);
        }
    }
    complaints.same(
        "shutdown",
        ours.shuts_down_at,
        day(&published["deprecation_date"]),
    );
    let knobs = &published["knobs"];
    let pairs = [
        ("resolution", &ours.resolutions),
        ("aspect_ratio", &ours.aspects),
        ("aspectRatio", &ours.aspects),
    ];
    for (field, values) in pairs {
        for value in texts(&knobs[field]) {
            let known = values.contains(&value.to_owned());
            complaints.same(&format!("{field} {value}"), known, true);
        }
    }
    let seconds = knobs["durationSeconds"].as_array();
    for second in seconds.into_iter().flatten() {
        let second = u32::try_from(second.as_u64().unwrap()).unwrap();
        complaints.same("seconds", ours.seconds.contains(&second), true);
    }
    if let Some(usd) = published["estimate_usd_per_second"].as_f64() {
        let tokens = ours.tokens.as_ref().unwrap();
        let row = tokens.second.iter().find(|row| row.resolution == "720p");
        let nano_usd = row.unwrap().tokens.count() * 17_500;
        let theirs = scaled(&usd.into(), 1e9).unwrap();
        complaints.same("a second", nano_usd.abs_diff(theirs) < theirs / 1_000, true);
    }
    let flagged = ours.id.as_str().starts_with("veo");
    complaints.same("flagged", ours.flagged, flagged);
}
