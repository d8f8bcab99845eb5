//! What providers said their answers cost, against the rate card, to the tick.
//!
//! A tick is a ten-thousand-millionth of a dollar, at a cent a credit ten thousand pico-credits.

use anyai_catalog::{Catalogue, Documents, ImageAsk, MediaUsage, Usage, VideoAsk, VideoTask};
use anyai_units::{Tokens, UtcMillis};
use serde_json::Value;

use crate::shared::{data, scaled};

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const PICOCREDITS_PER_TICK: u128 = 10_000;

/// Rows whose price is another one, and why; `docs/RATES.md` says the same.
const DIFFERENT: [(&str, &str); 3] = [
    (
        "openrouter/chat-json-gemini-2-5-flash-audio-stop",
        "sound has a price of its own",
    ),
    (
        "openrouter/chat-json-gemini-2-5-flash-cacheread-cachewrite-length",
        "OpenRouter charges for storing a cache",
    ),
    (
        "xai/vercel-xai-image-generation-tool-1-stream",
        "the figure was made up by its authors",
    ),
];

/// Models that the catalogue does not list: older ones, and OpenRouter's names. An operator's card
/// may carry them, with the prices of their day in nano-dollars a token.
const OTHERS: [(&str, &str, [u32; 3]); 7] = [
    ("openai/gpt-4o", "openrouter", [2_500, 1_250, 10_000]),
    ("openai/gpt-4.1", "openrouter", [2_000, 500, 8_000]),
    ("openai/gpt-4.1-mini", "openrouter", [400, 100, 1_600]),
    ("openai/gpt-5.2", "openrouter", [1_750, 175, 14_000]),
    ("openai/gpt-5-nano", "openrouter", [50, 5, 400]),
    ("x-ai/grok-4", "openrouter", [3_000, 750, 15_000]),
    ("grok-3-mini", "xai", [300, 75, 500]),
];

/// The embedded card with the others joined to it, as an operator would.
fn with_others() -> Catalogue {
    let mut documents = Documents::embedded();
    for (id, provider, [input, cached, output]) in OTHERS {
        documents.rate_card.push_str(&format!(
            "[[model]]\nid = \"{id}\"\nlabel = \"{id}\"\nprovider = \"{provider}\"\n\
             api = \"chat-completions\"\ncontext_window = 200_000\nmax_input = 200_000\n\
             max_output = 64_000\nthinking = \"never\"\ntokenizer = \"unknown\"\n\
             image_tokens = \"unknown\"\nstrengths = \"Older.\"\n\
             [[price]]\nmodel = \"{id}\"\neffective_from = 2026-01-01\ninput = {input}\n\
             cached_input = {cached}\noutput = {output}\ntool_call = 10_000_000\n"
        ));
    }
    Catalogue::parse(documents).unwrap()
}

#[test]
fn what_providers_charged_is_what_the_rate_card_says() {
    let Some(folder) = data("recorded") else {
        return;
    };
    let catalogue = with_others();
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let (mut equal, mut unknown, mut complaints) = (0, Vec::new(), Vec::new());
    for line in index.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let Some(ticks) = reported_ticks(&row) else {
            continue;
        };
        let id = row["id"].as_str().unwrap();
        let body = row["response_body"].as_str().unwrap();
        let body = std::fs::read_to_string(folder.join(body)).unwrap_or_default();
        let ours = match ours(&catalogue, &row, &body) {
            Some(picocredits) => picocredits,
            None => {
                unknown.push(id.to_owned());
                continue;
            }
        };
        let expected_to_differ = DIFFERENT.iter().any(|(known, _)| *known == id);
        let is_equal = ours == u128::from(ticks) * PICOCREDITS_PER_TICK;
        equal += u32::from(is_equal);
        if is_equal == expected_to_differ {
            complaints.push(format!(
                "{id}: {} ticks here, {ticks} reported",
                ours / PICOCREDITS_PER_TICK
            ));
        }
    }
    eprintln!("{equal} equal to the tick; not in the catalogue: {unknown:?}");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!((equal, unknown.len()), (28, 3));
}

fn reported_ticks(row: &Value) -> Option<u64> {
    let usage = &row["expect"]["usage"];
    let ticks = usage["cost_in_usd_ticks"].as_u64();
    ticks
        .or_else(|| row["expect"]["cost_in_usd_ticks"].as_u64())
        .or_else(|| scaled(&usage["cost"], 1e10))
}

/// What the rate card says; `None` where the model is not in the catalogue.
fn ours(catalogue: &Catalogue, row: &Value, body: &str) -> Option<u128> {
    let model = row["model"].as_str()?;
    let model = match catalogue.model(model) {
        Ok(_) => model,
        // OpenRouter puts the maker before the name, and sometimes the day behind it.
        Err(_) => model.rsplit('/').next()?.trim_end_matches("-20251217"),
    };
    match row["kind"].as_str()? {
        "image" => {
            let (_, price) = catalogue.image_offer(model, NOW).ok()?;
            let usage = MediaUsage {
                pictures: 1,
                ..MediaUsage::default()
            };
            let charge = price.charge(&ImageAsk::default(), &usage).unwrap();
            Some(charge.lines.iter().map(|line| line.picocredits).sum())
        }
        "video_poll" => {
            let (_, price) = catalogue.video_offer(model, NOW).ok()?;
            // As its recorded request asks.
            let ask = VideoAsk {
                task: VideoTask::Text,
                seconds: 1,
                resolution: Some("480p".to_owned()),
                aspect: None,
                sound: None,
                references: 0,
                first_frame: false,
                last_frame: false,
                source_seconds: None,
                prompt: Tokens::ZERO,
            };
            let usage = MediaUsage {
                milliseconds: row["expect"]["duration"].as_u64()? * 1_000,
                ..MediaUsage::default()
            };
            let charge = price.charge(&ask, &usage).unwrap();
            Some(charge.lines.iter().map(|line| line.picocredits).sum())
        }
        _ => {
            let price = catalogue.price(model, NOW).ok()?;
            let usage = chat_usage(&row["expect"]["usage"], row["provider"] == "xai", body);
            Some(price.charge(&usage).unwrap().picocredits)
        }
    }
}

fn chat_usage(usage: &Value, is_xai: bool, body: &str) -> Usage {
    let first = |fields: [&str; 2]| fields.iter().find_map(|field| usage[*field].as_u64());
    let input = first(["prompt_tokens", "input_tokens"]).unwrap();
    let output = first(["completion_tokens", "output_tokens"]).unwrap();
    let cached = usage["cached_tokens"].as_u64().unwrap_or_default();
    // xAI's chat completions count thinking apart from the answer.
    let apart = match is_xai && usage["completion_tokens"].is_u64() {
        true => usage["reasoning_tokens"].as_u64().unwrap_or_default(),
        false => 0,
    };
    let searches = body
        .split("\"web_search_requests\":")
        .nth(1)
        .and_then(|rest| rest.split(['}', ',']).next()?.parse().ok());
    let tools = usage["num_server_side_tools_used"].as_u64();
    Usage {
        uncached_input: Tokens::new(input - cached),
        cached_input: Tokens::new(cached),
        output: Tokens::new(output + apart),
        tool_calls: searches.or(tools).unwrap_or_default(),
        ..Usage::default()
    }
}
