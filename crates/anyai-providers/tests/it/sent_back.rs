//! State a provider gives with an answer comes back to it unchanged, and to nobody else.

use anyai_providers::{
    ChatRequest, Endpoint, Message, OpaqueState, Part, Protocol, Provider, ProviderEvent, Role,
    build,
};
use anyai_units::Tokens;
use serde_json::{Value, json};

use crate::answer::{ALL, decode, sse};

fn opaque(events: &[ProviderEvent]) -> Vec<&OpaqueState> {
    let states = events.iter().filter_map(|event| match event {
        ProviderEvent::Opaque(state) => Some(state),
        _ => None,
    });
    states.collect()
}

/// Sends `events` back as the assistant's turn and returns the request's body.
pub(crate) fn text_sent_back(
    provider: Provider,
    protocol: Protocol,
    events: &[ProviderEvent],
) -> String {
    let parts = events.iter().filter_map(|event| match event {
        ProviderEvent::Text(text) => Some(Part::Text(text.clone())),
        ProviderEvent::Opaque(state) => Some(Part::Opaque(state.clone())),
        _ => None,
    });
    let mut request = ChatRequest::new("m", "go on", Tokens::new(100));
    let answer = Message {
        role: Role::Assistant,
        parts: parts.collect(),
    };
    request.messages.insert(0, answer);
    let endpoint = Endpoint {
        provider,
        protocol,
        base_url: "http://127.0.0.1/v1",
        key: None,
    };
    let request = build(&request, &endpoint).expect("a request");
    String::from_utf8(request.body.to_vec()).expect("text")
}

fn sent_back(provider: Provider, protocol: Protocol, events: &[ProviderEvent]) -> Value {
    serde_json::from_str(&text_sent_back(provider, protocol, events)).expect("JSON")
}

#[test]
fn anthropic_thinking_goes_back_signed_and_in_place() {
    let redacted = json!({"type": "redacted_thinking", "data": "Zm9v/+=="});
    let events = decode(
        Provider::Anthropic,
        Protocol::Messages,
        &sse(&[
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking",
                "thinking": "", "signature": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta",
                "thinking": "Hm <ü>"}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta",
                "signature": "Eu/+"}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta",
                "signature": "Y2=="}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "content_block_start", "index": 1, "content_block": redacted}),
            json!({"type": "content_block_stop", "index": 1}),
            json!({"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": "Yes."}}),
            json!({"type": "content_block_stop", "index": 2}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
            json!({"type": "message_stop"}),
        ]),
    );
    let body = sent_back(Provider::Anthropic, Protocol::Messages, &events);
    let expected = json!([{"type": "thinking", "thinking": "Hm <ü>", "signature": "Eu/+Y2=="}, redacted,
        {"type": "text", "text": "Yes."}]);
    assert_eq!(body["messages"][0]["content"], expected);
}

#[test]
fn openai_reasoning_goes_back_byte_for_byte_before_the_words() {
    let item = r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA\u00fc","zeta":1.50,"alpha":null}"#;
    let done =
        format!(r#"data: {{"type":"response.output_item.done","output_index":0,"item":{item}}}"#);
    let delta = r#"data: {"type":"response.output_text.delta","delta":"Yes."}"#;
    let message = r#"{"type":"message","content":[{"type":"output_text","text":"Yes."}]}"#;
    let response = format!(r#"{{"status":"completed","output":[{item},{message}]}}"#);
    let completed = format!(r#"data: {{"type":"response.completed","response":{response}}}"#);
    let body = format!("{done}\n\n{delta}\n\n{completed}\n\n");
    let events = decode(Provider::OpenAi, Protocol::Responses, body.as_bytes());
    assert_eq!(
        opaque(&events)
            .iter()
            .map(|state| &state.bytes[..])
            .collect::<Vec<_>>(),
        [item.as_bytes()],
        "kept once and exactly"
    );
    let text = text_sent_back(Provider::OpenAi, Protocol::Responses, &events);
    assert!(text.contains(item), "byte for byte: {text}");
    let body = sent_back(Provider::OpenAi, Protocol::Responses, &events);
    assert_eq!(body["input"][0]["encrypted_content"], "gAü");
    assert_eq!(
        body["input"][1],
        json!({"role": "assistant", "content": "Yes."})
    );
}

#[test]
fn openrouter_reasoning_details_go_back_joined() {
    let detail = |detail: Value| {
        json!({"choices": [{"index": 0, "delta": {"reasoning": "x",
        "reasoning_details": [detail]}}]})
    };
    let events = decode(
        Provider::OpenRouter,
        Protocol::ChatCompletions,
        &sse(&[
            detail(json!({"type": "reasoning.text", "text": "We ", "index": 0, "format": null})),
            detail(
                json!({"type": "reasoning.text", "text": "think.", "index": 0, "signature": "sig"}),
            ),
            detail(json!({"type": "reasoning.encrypted", "data": "abc=", "index": 1})),
            json!({"choices": [{"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}]}),
        ]),
    );
    let body = sent_back(Provider::OpenRouter, Protocol::ChatCompletions, &events);
    let expected = json!([
        {"type": "reasoning.text", "text": "We think.", "index": 0, "format": null, "signature": "sig"},
        {"type": "reasoning.encrypted", "data": "abc=", "index": 1},
    ]);
    assert_eq!(
        (
            &body["messages"][0]["content"],
            &body["messages"][0]["reasoning_details"]
        ),
        (&json!("Yes."), &expected)
    );
}

#[test]
fn openrouter_details_in_one_piece_go_back_byte_for_byte() {
    let details = r#"{"type":"reasoning.text","text":"\u0041","signature":"s\/g","z":1.50},{"data":"b64=","type":"reasoning.encrypted"}"#;
    let body = format!(
        r#"{{"choices":[{{"message":{{"content":"Yes.","reasoning_details":[{details}]}},"finish_reason":"stop"}}]}}"#
    );
    let events = decode(
        Provider::OpenRouter,
        Protocol::ChatCompletions,
        body.as_bytes(),
    );
    let text = text_sent_back(Provider::OpenRouter, Protocol::ChatCompletions, &events);
    assert!(text.contains(details), "{text}");
}

#[test]
fn interactions_thoughts_go_back_before_the_words() {
    let thought =
        r#"{"type":"thought","signature":"c2ln\/+=","summary":[{"type":"text","text":"\u0048m"}]}"#;
    let body = format!(
        r#"{{"object":"interaction","status":"completed","steps":[{thought},{{"type":"model_output","content":[{{"type":"text","text":"Yes."}}]}}]}}"#
    );
    let events = decode(Provider::Google, Protocol::Interactions, body.as_bytes());
    let text = text_sent_back(Provider::Google, Protocol::Interactions, &events);
    assert!(text.contains(thought), "byte for byte: {text}");

    let summary = json!({"type": "text", "text": "Hm"});
    let events = decode(
        Provider::Google,
        Protocol::Interactions,
        &sse(&[
            json!({"event_type": "step.start", "index": 0, "step": {"type": "thought"}}),
            json!({"event_type": "step.delta", "index": 0, "delta": {"type": "thought_summary", "content": summary}}),
            json!({"event_type": "step.delta", "index": 0, "delta": {"type": "thought_signature", "signature": "c2ln+/="}}),
            json!({"event_type": "step.stop", "index": 0}),
            json!({"event_type": "step.delta", "index": 1, "delta": {"type": "text", "text": "Yes."}}),
            json!({"event_type": "interaction.completed", "interaction": {"status": "completed"}}),
        ]),
    );
    let body = sent_back(Provider::Google, Protocol::Interactions, &events);
    let expected = json!([
        {"type": "thought", "signature": "c2ln+/=", "summary": [summary]},
        {"type": "model_output", "content": [{"type": "text", "text": "Yes."}]},
        {"type": "user_input", "content": [{"type": "text", "text": "go on"}]},
    ]);
    assert_eq!(body["input"], expected);
}

#[test]
fn gemini_signatures_go_back() {
    let body = json!({"candidates": [{"content": {"parts": [{"text": "Hm", "thought": true}, {"text": "Yes.",
        "thoughtSignature": "c2ln"}]}, "finishReason": "STOP"}]}).to_string();
    let events = decode(Provider::Google, Protocol::GenerateContent, body.as_bytes());
    let body = sent_back(Provider::Google, Protocol::GenerateContent, &events);
    assert_eq!(
        body["contents"][0],
        json!({"role": "model", "parts": [{"text": "Yes."}, {"text": "", "thoughtSignature": "c2ln"}]})
    );
}

#[test]
fn state_of_one_protocol_is_not_sent_over_another() {
    let state = OpaqueState {
        protocol: Protocol::Messages,
        bytes: r#"{"type":"thinking"}"#.into(),
    };
    for (provider, protocol) in ALL
        .into_iter()
        .filter(|(_, protocol)| *protocol != Protocol::Messages)
    {
        let events = [
            ProviderEvent::Text("Yes.".to_owned()),
            ProviderEvent::Opaque(state.clone()),
        ];
        let body = sent_back(provider, protocol, &events).to_string();
        assert!(
            body.contains("Yes.") && !body.contains("thinking"),
            "{protocol:?}: {body}"
        );
    }
}
