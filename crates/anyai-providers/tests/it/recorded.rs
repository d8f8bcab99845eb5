//! Replays recorded answers of the real providers, whole and cut everywhere, and compares what the
//! adapters extract with what a correct client extracts.
//!
//! The recordings are not part of this repository; without them the test says so and passes.

use anyai_providers::{
    Citation, Decoder, Protocol, Provider, ProviderError, ProviderEvent, Usage, error_from_response,
};
use anyai_units::{NanoUsd, Tokens};
use serde_json::{Value, json};

use crate::recordings::{Case, cases, cuts, folder, protocol, provider};
use crate::sent_back::text_sent_back;

#[test]
fn every_recorded_answer_is_read_however_it_is_cut() {
    let Some(folder) = folder() else { return };
    let mut replayed = 0;
    let mut complaints = Vec::new();
    for case in cases(&folder) {
        let (Some(protocol), Some(provider)) = (protocol(&case), provider(&case)) else {
            continue;
        };
        if case.text("kind") == "error" {
            continue;
        }
        replayed += 1;
        let body = std::fs::read(folder.join(case.text("response_body"))).expect("a recorded body");
        let whole = Answer::read(provider, protocol, &[&body]);
        complaints.extend(compare(&case, protocol, &whole));
        for chunks in cuts(&body) {
            let cut = Answer::read(provider, protocol, &chunks);
            if cut != whole {
                let lengths: Vec<usize> = chunks.iter().map(|chunk| chunk.len()).take(8).collect();
                complaints.push(format!(
                    "{}: reads differently when cut as {lengths:?}...",
                    case.text("id")
                ));
                break;
            }
        }
    }
    assert!(
        complaints.is_empty(),
        "{} of {replayed} answers:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
    assert!(
        replayed > 100,
        "the recordings hold more than {replayed} chat answers"
    );
}

#[test]
fn every_recorded_error_is_classed() {
    let Some(folder) = folder() else { return };
    let mut replayed = 0;
    for case in cases(&folder) {
        let (Some(provider), "error") = (provider(&case), case.text("kind")) else {
            continue;
        };
        replayed += 1;
        let body = std::fs::read(folder.join(case.text("response_body"))).expect("a recorded body");
        let expected = &case.0["expect"]["error"];
        let status =
            u16::try_from(expected["status"].as_u64().expect("a status")).expect("a status");
        let error = error_from_response(provider, status, &body);
        let class = match expected["class"].as_str().expect("a class") {
            "context_length" => "context_overflow",
            class => class,
        };
        assert_eq!(error.class.as_str(), class, "{}", case.text("id"));
        assert_eq!(
            error.message,
            expected["message"].as_str().expect("a message"),
            "{}",
            case.text("id")
        );
        assert_eq!(error.http_status, Some(status));
    }
    assert!(
        replayed > 20,
        "the recordings hold more than {replayed} errors"
    );
}

#[test]
fn every_recorded_signature_goes_back_as_it_came() {
    let Some(folder) = folder() else { return };
    let mut sent_back = std::collections::BTreeMap::new();
    for case in cases(&folder) {
        let (Some(protocol), Some(provider)) = (protocol(&case), provider(&case)) else {
            continue;
        };
        let keeps_state = protocol != Protocol::ChatCompletions || provider == Provider::OpenRouter;
        // An answer without words is not sent back at all.
        let says_nothing = case.expected_text(&["text"]).is_empty();
        if case.text("kind") == "error" || !keeps_state || says_nothing {
            continue;
        }
        let body = std::fs::read(folder.join(case.text("response_body"))).expect("a recorded body");
        let mut decoder = Decoder::new(provider, protocol);
        let mut events = decoder.push(&body);
        events.extend(decoder.finish());
        let request = text_sent_back(provider, protocol, &events);
        for signature in signatures(&String::from_utf8_lossy(&body)) {
            assert!(
                request.contains(&signature),
                "{} keeps {signature}",
                case.text("id")
            );
            *sent_back.entry(format!("{protocol:?}")).or_insert(0) += 1;
        }
    }
    assert_eq!(
        sent_back.keys().collect::<Vec<_>>(),
        [
            "ChatCompletions",
            "GenerateContent",
            "Interactions",
            "Messages",
            "Responses"
        ],
        "{sent_back:?}"
    );
}

/// Every signature and every encrypted thought in a body, as JSON text, found without a decoder.
fn signatures(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in body.lines() {
        let data = line.strip_prefix("data:").unwrap_or(line);
        if let Ok(value) = serde_json::from_str(data) {
            collect_signatures(&value, &mut found);
        }
    }
    if found.is_empty()
        && let Ok(value) = serde_json::from_str(body)
    {
        collect_signatures(&value, &mut found);
    }
    found
}

fn collect_signatures(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_signatures(item, found)),
        Value::Object(fields) => {
            let kind = value["type"].as_str().unwrap_or_default();
            // Calls of tools are not sent back; nothing here runs tools.
            if kind.ends_with("_call")
                || kind.ends_with("_result")
                || fields.contains_key("functionCall")
            {
                return;
            }
            // An item's state is encrypted anew each time it is told; it is kept when it is done.
            if kind.starts_with("response.") && kind != "response.output_item.done" {
                return;
            }
            for (key, field) in fields {
                let is_state = matches!(
                    key.as_str(),
                    "signature" | "thoughtSignature" | "encrypted_content"
                ) || (key == "data"
                    && matches!(kind, "redacted_thinking" | "reasoning.encrypted"));
                match field.as_str().filter(|text| is_state && !text.is_empty()) {
                    Some(text) => found.push(json!(text).to_string()),
                    None => collect_signatures(field, found),
                }
            }
        }
        _ => {}
    }
}

/// What a client makes of an answer.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    text: String,
    thinking: String,
    refusal: String,
    model: Option<String>,
    id: Option<String>,
    stop: Option<String>,
    tool_calls: Vec<Value>,
    images: Vec<usize>,
    opaque: Vec<Vec<u8>>,
    citations: Vec<Citation>,
    usage: Option<Usage>,
    error: Option<ProviderError>,
}

impl Answer {
    pub(crate) fn read(provider: Provider, protocol: Protocol, chunks: &[&[u8]]) -> Self {
        let mut decoder = Decoder::new(provider, protocol);
        let mut answer = Self::default();
        for chunk in chunks {
            decoder
                .push(chunk)
                .into_iter()
                .for_each(|event| answer.take(event));
        }
        decoder
            .finish()
            .into_iter()
            .for_each(|event| answer.take(event));
        assert!(
            answer.stop.is_some() || answer.error.is_some(),
            "an answer always ends"
        );
        answer
    }

    fn take(&mut self, event: ProviderEvent) {
        match event {
            ProviderEvent::Started {
                provider_request_id,
                model,
            } => {
                self.id = provider_request_id;
                self.model = model;
            }
            ProviderEvent::Text(text) => self.text.push_str(&text),
            ProviderEvent::Thinking(text) => self.thinking.push_str(&text),
            ProviderEvent::AskedToWait(_) | ProviderEvent::ThinkingBreak => {}
            ProviderEvent::Citation(citation) => self.citations.push(citation),
            ProviderEvent::Refusal(text) => self.refusal.push_str(&text),
            ProviderEvent::Opaque(state) => self.opaque.push(state.bytes.to_vec()),
            ProviderEvent::ToolCall(call) if call.provider_side => {}
            ProviderEvent::ToolCall(call) => {
                let arguments = serde_json::from_str(&call.arguments)
                    .unwrap_or_else(|_| json!({"__invalid_json__": call.arguments}));
                self.tool_calls
                    .push(json!({"id": call.id, "name": call.name, "arguments": arguments}));
            }
            ProviderEvent::Image(image) => self.images.push(image.bytes.len()),
            ProviderEvent::Preview { .. }
            | ProviderEvent::ImageLink { .. }
            | ProviderEvent::RevisedPrompt(_) => {}
            ProviderEvent::Usage(usage) => self.usage = Some(usage),
            ProviderEvent::Finished { raw, .. } | ProviderEvent::Stopping { raw, .. } => {
                self.stop = Some(raw)
            }
            ProviderEvent::Failed(error) => self.error = Some(error),
        }
    }
}

fn compare(case: &Case, protocol: Protocol, answer: &Answer) -> Vec<String> {
    let expect = &case.0["expect"];
    let mut complaints = Vec::new();
    let mut check = |what: &str, found: Value, expected: Value| {
        if found != expected {
            complaints.push(format!(
                "{} {what}: found {found}, expected {expected}",
                case.text("id")
            ));
        }
    };
    check("text", json!(answer.text), json!(expect["text"]));
    let thinking = case.expected_text(&[
        "thinking",
        "reasoning",
        "reasoning_summary",
        "reasoning_text",
    ]);
    check("thinking", json!(answer.thinking), json!(thinking));
    check("model", json!(answer.model), expect["model"].clone());
    if protocol != Protocol::OllamaChat {
        check("id", json!(answer.id), expect["id"].clone());
    }
    if protocol != Protocol::Messages {
        check(
            "refusal",
            json!(answer.refusal),
            json!(expect["refusal"].as_str().unwrap_or_default()),
        );
    }
    check(
        "tool calls",
        json!(answer.tool_calls),
        expect["tool_calls"].clone(),
    );
    let images: Vec<&Value> = expect["images"]
        .as_array()
        .map(|images| images.iter().map(|image| &image["bytes"]).collect())
        .unwrap_or_default();
    check("images", json!(answer.images), json!(images));
    let failed = expect["error"].is_object() || expect["stream_error"].is_object();
    check("failure", json!(answer.error.is_some()), json!(failed));
    check("stop", json!(answer.stop), expected_stop(expect, failed));
    check(
        "usage",
        json!(answer.usage.map(|usage| format!("{usage:?}"))),
        json!(expected_usage(case, protocol).map(|usage| format!("{usage:?}"))),
    );
    complaints
}

fn expected_stop(expect: &Value, failed: bool) -> Value {
    let word = [
        "stop_reason",
        "finish_reason",
        "done_reason",
        "incomplete_reason",
        "status",
    ]
    .into_iter()
    .find_map(|key| expect[key].as_str());
    match word {
        Some("failed") if failed => Value::Null,
        word => json!(word),
    }
}

/// Searches and other tools the provider ran and counts.
fn provider_tool_calls(expect: &Value, usage: &Value) -> u64 {
    let searches = expect["output_types"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(expect["step_types"].as_array().into_iter().flatten())
        .filter(|kind| *kind == "web_search_call" || *kind == "google_search_call")
        .count();
    usage["num_server_side_tools_used"]
        .as_u64()
        .or(usage["server_tool_use"]["web_search_requests"].as_u64())
        .unwrap_or(u64::try_from(searches).expect("few"))
}

/// Compaction and advice are billed beside the top-level counts.
fn anthropic_counts(usage: &Value) -> Counts {
    let count = |key: &str| usage[key].as_u64().unwrap_or_default();
    let apart = |key: &str| -> u64 {
        let iterations = usage["iterations"].as_array().into_iter().flatten();
        iterations
            .filter(|one| one["type"] == "compaction" || one["type"] == "advisor_message")
            .map(|one| one[key].as_u64().unwrap_or_default())
            .sum()
    };
    let cached = count("cache_read_input_tokens");
    let written = count("cache_creation_input_tokens");
    let write_1h = count("cache_creation_1h");
    let input = count("input_tokens") + cached + written + apart("input_tokens");
    let output = count("output_tokens") + apart("output_tokens");
    let reasoning = usage["output_tokens_details"]["thinking_tokens"].as_u64();
    (
        input,
        cached,
        written - write_1h,
        write_1h,
        output,
        reasoning.unwrap_or_default(),
    )
}

/// What Google says of pictures in a list of counts.
fn of_pictures(counts: &Value, key: &str) -> Tokens {
    let counts = counts.as_array().into_iter().flatten();
    let pictures = counts.filter(|count| count["modality"] == "IMAGE");
    Tokens::new(pictures.filter_map(|count| count[key].as_u64()).sum())
}

/// Input, cached, written for five minutes and an hour, output, reasoning.
type Counts = (u64, u64, u64, u64, u64, u64);

/// PROTOCOLS.md 0.6 and 0.7, said a second time.
fn expected_counts(case: &Case, protocol: Protocol, usage: &Value) -> Option<Counts> {
    let count = |key: &str| usage[key].as_u64().unwrap_or_default();
    let (cached, written) = (count("cached_tokens"), count("cache_write_tokens"));
    Some(match protocol {
        Protocol::Messages => anthropic_counts(usage),
        Protocol::Responses => {
            let (input, output) = (count("input_tokens"), count("output_tokens"));
            (input, cached, written, 0, output, count("reasoning_tokens"))
        }
        Protocol::ChatCompletions => {
            let reasoning = count("reasoning_tokens");
            let is_beside = case.text("provider") == "xai";
            let beside = if is_beside { reasoning } else { 0 };
            let output = count("completion_tokens") + beside;
            (
                count("prompt_tokens"),
                cached,
                written,
                0,
                output,
                reasoning,
            )
        }
        Protocol::GenerateContent => {
            let input = count("promptTokenCount") + count("toolUsePromptTokenCount");
            let (cached, output) = (
                count("cachedContentTokenCount"),
                count("billable_output_tokens"),
            );
            (input, cached, 0, 0, output, count("thoughtsTokenCount"))
        }
        Protocol::Interactions => {
            let input = count("total_input_tokens") + count("total_tool_use_tokens");
            let (cached, output) = (
                count("total_cached_tokens"),
                count("billable_output_tokens"),
            );
            (input, cached, 0, 0, output, count("total_thought_tokens"))
        }
        Protocol::OllamaChat => (count("prompt_eval_count"), 0, 0, 0, count("eval_count"), 0),
        Protocol::Images | Protocol::Videos | Protocol::PredictLongRunning => return None,
    })
}

fn expected_usage(case: &Case, protocol: Protocol) -> Option<Usage> {
    let expect = &case.0["expect"];
    let usage = expect.get("usage").filter(|usage| usage.is_object())?;
    let nano = |dollars: f64| NanoUsd::from_nano((dollars * 1e9).round() as i64);
    let counts = expected_counts(case, protocol, usage)?;
    let (input, cached, write_5m, write_1h, output, reasoning) = counts;
    let ticks = usage["cost_in_usd_ticks"]
        .as_f64()
        .map(|ticks| nano(ticks / 1e10));
    Some(Usage {
        input_tokens: Tokens::new(input),
        cached_input_tokens: Tokens::new(cached),
        cache_write_5m_tokens: Tokens::new(write_5m),
        cache_write_1h_tokens: Tokens::new(write_1h),
        output_tokens: Tokens::new(output),
        reasoning_tokens: Tokens::new(reasoning),
        provider_tool_calls: provider_tool_calls(expect, usage),
        provider_cost: usage["cost"].as_f64().map(nano).or(ticks),
        upstream_cost: None,
        image_input_tokens: of_pictures(&usage["promptTokensDetails"], "tokenCount"),
        image_output_tokens: of_pictures(&usage["candidatesTokensDetails"], "tokenCount"),
        video_output_tokens: Tokens::ZERO,
        pictures: expect["images"].as_array().map_or(0, |images| {
            u32::try_from(images.len()).expect("a few pictures")
        }),
    })
}
