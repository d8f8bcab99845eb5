//! A whole answer where a stream was asked for: in one piece, written over several lines, as one
//! event, or as a list. The bytes tell; nobody looks at the content type.

use anyai_providers::{Decoder, Protocol, Provider, ProviderEvent, StopReason};
use anyai_units::Tokens;
use serde_json::{Value, json};

use crate::answer::{ALL, decode, greeting, stop, text, usage};

/// The same short answer in one piece.
fn whole(protocol: Protocol) -> Option<Value> {
    let words = "Grüße, 🦀!";
    Some(match protocol {
        Protocol::Messages => {
            json!({"type": "message", "id": "m1", "model": "m", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": words}], "usage": {"input_tokens": 3, "output_tokens": 5}})
        }
        Protocol::Responses => {
            json!({"object": "response", "id": "r1", "model": "m", "status": "completed",
            "error": null, "output": [{"type": "message", "content": [{"type": "output_text", "text": words}]}],
            "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}})
        }
        Protocol::ChatCompletions => json!({"id": "c1", "model": "m", "choices": [{"index": 0,
            "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}}),
        Protocol::GenerateContent => {
            json!({"responseId": "g1", "modelVersion": "m", "candidates": [
            {"content": {"parts": [{"text": words}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}})
        }
        Protocol::Interactions => {
            json!({"object": "interaction", "id": "i1", "model": "m", "status": "completed",
            "steps": [{"type": "thought", "signature": "c2ln"},
                {"type": "model_output", "content": [{"type": "text", "text": words}]}],
            "usage": {"total_input_tokens": 3, "total_output_tokens": 5}})
        }
        Protocol::OllamaChat => {
            json!({"model": "m", "message": {"role": "assistant", "content": words},
            "done": true, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 5})
        }
        _ => return None,
    })
}

fn forms(answer: &Value) -> [String; 5] {
    let pretty = serde_json::to_string_pretty(answer).expect("JSON");
    [
        answer.to_string(),
        format!("\u{feff}\r\n {pretty}\r\n"),
        pretty,
        format!("data: {answer}\n\n"),
        format!("event: message\r\ndata: {answer}"),
    ]
}

fn check(events: &[ProviderEvent], what: &str) {
    assert_eq!(text(events), "Grüße, 🦀!", "{what}");
    assert_eq!(stop(events).0, StopReason::EndTurn, "{what}");
    let usage = usage(events);
    assert_eq!(
        (usage.input_tokens, usage.output_tokens),
        (Tokens::new(3), Tokens::new(5)),
        "{what}"
    );
}

#[test]
fn a_whole_answer_is_read_in_every_form() {
    for (provider, protocol) in ALL {
        let answer = whole(protocol).expect("a chat protocol");
        for form in forms(&answer) {
            check(
                &decode(provider, protocol, form.as_bytes()),
                &format!("{protocol:?} as {form:?}"),
            );
        }
    }
}

#[test]
fn a_whole_answer_is_read_in_every_cut() {
    for (provider, protocol) in ALL {
        let pretty = serde_json::to_string_pretty(&whole(protocol)).expect("JSON");
        for cut in 0..pretty.len() {
            let mut decoder = Decoder::new(provider, protocol);
            let mut events = decoder.push(&pretty.as_bytes()[..cut]);
            events.extend(decoder.push(&pretty.as_bytes()[cut..]));
            events.extend(decoder.finish());
            check(&events, &format!("{protocol:?} cut at {cut}"));
        }
    }
}

#[test]
fn gemini_may_send_its_stream_as_a_list() {
    let stream = String::from_utf8(greeting(Protocol::GenerateContent)).expect("text");
    let chunks: Vec<Value> = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect();
    for list in [
        json!(chunks).to_string(),
        serde_json::to_string_pretty(&chunks).expect("JSON"),
    ] {
        let events = decode(Provider::Google, Protocol::GenerateContent, list.as_bytes());
        check(&events, &list);
    }
}

#[test]
fn a_stream_of_one_value_a_line_is_read_for_every_protocol() {
    for (provider, protocol) in ALL {
        let stream = String::from_utf8(greeting(protocol)).expect("text");
        let lines: String = stream
            .lines()
            .map(|line| line.strip_prefix("data: ").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .map(|line| format!("{line}\n"))
            .collect();
        check(
            &decode(provider, protocol, lines.as_bytes()),
            &format!("{protocol:?} as {lines}"),
        );
    }
}

#[test]
fn ollamas_own_protocol_is_heard_behind_another_ones_address() {
    let stream = greeting(Protocol::OllamaChat);
    let answer = whole(Protocol::OllamaChat).expect("a chat protocol");
    for protocol in [Protocol::ChatCompletions, Protocol::Responses] {
        check(&decode(Provider::Ollama, protocol, &stream), "a stream");
        for form in &forms(&answer)[..3] {
            let events = decode(Provider::Ollama, protocol, form.as_bytes());
            check(&events, form);
        }
    }
    let events = String::from_utf8(stream).expect("text");
    let events: String = events
        .lines()
        .map(|line| format!("data: {line}\n\n"))
        .collect();
    check(
        &decode(Provider::Ollama, Protocol::OllamaChat, events.as_bytes()),
        "Ollama's values as events",
    );
}
