//! How fast a stream of small deltas is read, on one core: each protocol from bytes to events, the
//! framing of server-sent events alone, and beside them a bare search for line ends over the same
//! bytes, which is what the machine can do.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures and may fail"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyai_providers::{Decoder, Protocol, Provider, ProviderEvent, SseParser};
use serde_json::{Value, json};

/// What one read from a connection brings at most.
const PIECE_BYTES: usize = 16 * 1024;
/// How long each stream is.
const STREAM_BYTES: usize = 16 * 1024 * 1024;
const RUNS: usize = 15;

/// Pieces of an answer as models send them.
const WORDS: [&str; 12] = [
    " The",
    " ledger",
    " holds",
    " every",
    " credit",
    ",",
    " and",
    " says",
    " so",
    ".\n\n",
    "\"ünï\"",
    " 🦀",
];

fn main() {
    println!(
        "MB/s, fastest / median of {RUNS} runs over {} MiB",
        STREAM_BYTES >> 20
    );
    println!(
        "{:34} {:>17} {:>17} {:>17} {:>12}",
        "stream", "line ends alone", "framing alone", "to events", "bytes/event"
    );
    for (provider, protocol) in [
        (Provider::Anthropic, Protocol::Messages),
        (Provider::OpenAi, Protocol::Responses),
        (Provider::OpenAi, Protocol::ChatCompletions),
        (Provider::OpenRouter, Protocol::ChatCompletions),
        (Provider::Google, Protocol::GenerateContent),
        (Provider::Google, Protocol::Interactions),
        (Provider::Ollama, Protocol::OllamaChat),
    ] {
        let (stream, events) = stream(provider, protocol);
        let bare = measure(stream.len(), || line_ends(&stream));
        let framing = if protocol == Protocol::OllamaChat {
            "-".to_owned()
        } else {
            measure(stream.len(), || framed(&stream))
        };
        let decoded = measure(stream.len(), || decoded(provider, protocol, &stream));
        let name = format!("{} of {}", protocol.as_str(), provider.as_str());
        println!(
            "{name:34} {bare:>17} {framing:>17} {decoded:>17} {:>12}",
            stream.len() / events
        );
    }
}

fn measure(bytes: usize, mut work: impl FnMut() -> usize) -> String {
    let mut took: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            black_box(work());
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    let rate = |took: Duration| bytes as f64 / 1e6 / took.as_secs_f64();
    format!("{:.0} / {:.0}", rate(took[0]), rate(took[RUNS / 2]))
}

fn line_ends(stream: &[u8]) -> usize {
    stream
        .chunks(PIECE_BYTES)
        .map(|piece| {
            let (mut longest, mut start) = (0, 0);
            for end in memchr::memchr_iter(b'\n', piece) {
                longest = longest.max(end - start);
                start = end + 1;
            }
            longest
        })
        .sum()
}

fn framed(stream: &[u8]) -> usize {
    let mut parser = SseParser::new(1 << 20);
    let mut data_bytes = 0;
    for piece in stream.chunks(PIECE_BYTES) {
        parser
            .push(piece, |_, data| data_bytes += data.len())
            .unwrap();
    }
    data_bytes
}

fn decoded(provider: Provider, protocol: Protocol, stream: &[u8]) -> usize {
    let mut decoder = Decoder::new(provider, protocol);
    let mut text_bytes = 0;
    for piece in stream.chunks(PIECE_BYTES) {
        for event in decoder.push(piece) {
            if let ProviderEvent::Text(text) = black_box(event) {
                text_bytes += text.len();
            }
        }
    }
    assert!(
        !decoder.ended() && text_bytes > stream.len() / 100,
        "it was read"
    );
    text_bytes
}

/// A long stream of one protocol, and how many events it has.
fn stream(provider: Provider, protocol: Protocol) -> (Vec<u8>, usize) {
    let mut stream = opening(protocol).into_bytes();
    let mut events = 0;
    for (number, word) in WORDS.iter().cycle().enumerate() {
        if stream.len() >= STREAM_BYTES {
            break;
        }
        let delta = delta(provider, protocol, word, number);
        stream.extend_from_slice(delta.as_bytes());
        events += 1;
    }
    (stream, events)
}

fn opening(protocol: Protocol) -> String {
    match protocol {
        Protocol::Messages => named(
            "type",
            &json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}),
        ),
        Protocol::Interactions => named(
            "event_type",
            &json!({"event_type": "step.start", "index": 0,
            "step": {"type": "model_output"}}),
        ),
        _ => String::new(),
    }
}

/// One delta with everything that providers send beside the words.
fn delta(provider: Provider, protocol: Protocol, word: &str, number: usize) -> String {
    match protocol {
        Protocol::Messages => named(
            "type",
            &json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": word}}),
        ),
        Protocol::Responses => named(
            "type",
            &json!({"type": "response.output_text.delta",
            "sequence_number": number, "item_id": "msg_68f1c2d4e5f6819ab3c4d5e6f708192a3b4c5d6e7f809112",
            "output_index": 1, "content_index": 0, "delta": word, "logprobs": []}),
        ),
        Protocol::ChatCompletions => {
            let mut chunk = json!({"id": "chatcmpl-CkYx8Q2vP0aN7eT3rL5sW9uB1dZ4h", "object": "chat.completion.chunk",
                "created": 1_764_000_000, "model": "gpt-5-nano-2025-08-07", "service_tier": "default",
                "system_fingerprint": null, "usage": null, "choices": [{"index": 0, "delta": {"content": word},
                "logprobs": null, "finish_reason": null}]});
            if provider == Provider::OpenRouter {
                chunk["provider"] = json!("Anthropic");
                chunk["choices"][0]["delta"]["role"] = json!("assistant");
                chunk["choices"][0]["native_finish_reason"] = Value::Null;
            }
            format!("data: {chunk}\n\n")
        }
        Protocol::GenerateContent => {
            let chunk = json!({"candidates": [{"content": {"parts": [{"text": word}], "role": "model"}, "index": 0}],
                "usageMetadata": {"promptTokenCount": 812, "candidatesTokenCount": number, "totalTokenCount": 812 + number,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 812}], "thoughtsTokenCount": 96},
                "modelVersion": "gemini-3-flash-preview", "responseId": "T3NIaYbXKp6ZmtkP5ujTwQE"});
            format!("data: {chunk}\r\n\r\n")
        }
        Protocol::Interactions => named(
            "event_type",
            &json!({"event_type": "step.delta", "index": 0,
            "delta": {"type": "text", "text": word}}),
        ),
        Protocol::Images | Protocol::Videos | Protocol::PredictLongRunning => String::new(),
        Protocol::OllamaChat => {
            let line = json!({"model": "qwen3:4b", "created_at": "2026-11-22T10:00:00.123456789Z",
                "message": {"role": "assistant", "content": word}, "done": false});
            format!("{line}\n")
        }
    }
}

fn named(key: &str, event: &Value) -> String {
    format!("event: {}\ndata: {event}\n\n", event[key].as_str().unwrap())
}
