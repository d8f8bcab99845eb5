//! Where a conversation asks for its provider's prompt cache.

use anyai_providers::{
    ChatRequest, Document, Endpoint, HttpRequest, Message, OpaqueState, Part, Protocol, Provider,
    Role,
};
use anyai_units::Tokens;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::sent::build;

/// Three questions; the second answer ends with a thought.
fn conversation(write_cache: bool) -> ChatRequest {
    let message = |role, parts| Message { role, parts };
    let words = |text: &str| Part::Text(text.to_owned());
    let thought = Part::Opaque(OpaqueState {
        protocol: Protocol::Messages,
        bytes: r#"{"type":"thinking","thinking":"hm","signature":"c2ln"}"#.into(),
    });
    let pdf = Document::recognised("a.pdf", Bytes::from_static(b"%PDF-1.7 x")).expect("a PDF");
    let mut request = ChatRequest::new("m", "one", Tokens::new(100));
    request.system = Some("Be brief.".to_owned());
    request.cache_key = Some("conv".to_owned());
    request.write_cache = write_cache;
    request.messages.extend([
        message(Role::Assistant, vec![words("1")]),
        message(Role::User, vec![words("read"), Part::Document(pdf)]),
        message(Role::Assistant, vec![words("2"), words("2b"), thought]),
        message(Role::User, vec![words("three"), words("and four")]),
    ]);
    request
}

fn built(request: &ChatRequest, provider: Provider, protocol: Protocol) -> (HttpRequest, Value) {
    let endpoint = Endpoint {
        provider,
        protocol,
        base_url: "http://127.0.0.1/v1",
        key: None,
    };
    let http = build(request, &endpoint).expect("a request");
    let body = serde_json::from_slice(&http.body).expect("JSON");
    (http, body)
}

#[test]
fn anthropic_is_told_where_the_cache_is_read_and_written() {
    let (_, body) = built(&conversation(true), Provider::Anthropic, Protocol::Messages);
    let cached = json!({"type": "ephemeral"});
    let text = |text: &str| json!({"type": "text", "text": text});
    let last = |text: &str| json!({"type": "text", "text": text, "cache_control": cached});
    let pdf =
        json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjcgeA=="});
    assert_eq!(body["system"], json!([last("Be brief.")]));
    let expected = json!([
        {"role": "user", "content": [text("one")]},
        {"role": "assistant", "content": [text("1")]},
        {"role": "user", "content": [text("read"), {"type": "document", "title": "a.pdf",
            "source": pdf, "cache_control": cached}]},
        {"role": "assistant", "content": [text("2"), last("2b"),
            {"type": "thinking", "thinking": "hm", "signature": "c2ln"}]},
        {"role": "user", "content": [text("three"), last("and four")]},
    ]);
    assert_eq!(body["messages"], expected);
}

#[test]
fn the_next_turn_reads_where_this_one_wrote() {
    let before = conversation(true);
    let mut after = before.clone();
    after.messages.extend([
        Message {
            role: Role::Assistant,
            parts: vec![Part::Text("4".to_owned())],
        },
        Message {
            role: Role::User,
            parts: vec![Part::Text("five".to_owned())],
        },
    ]);
    let (_, before) = built(&before, Provider::Anthropic, Protocol::Messages);
    let (_, after) = built(&after, Provider::Anthropic, Protocol::Messages);
    assert_eq!(
        after["messages"][4], before["messages"][4],
        "the newest message of one turn ends a prefix of the next"
    );
    assert_eq!(after.to_string().matches("cache_control").count(), 4);
}

#[test]
fn nothing_is_written_to_a_cache_unasked() {
    for (provider, protocol) in [
        (Provider::Anthropic, Protocol::Messages),
        (Provider::OpenRouter, Protocol::ChatCompletions),
    ] {
        let (_, body) = built(&conversation(false), provider, protocol);
        assert!(!body.to_string().contains("cache_control"), "{protocol:?}");
    }
}

#[test]
fn a_conversation_is_named_to_providers_that_route_by_it() {
    let request = conversation(true);
    for (provider, protocol) in [
        (Provider::OpenAi, Protocol::Responses),
        (Provider::OpenAi, Protocol::ChatCompletions),
        (Provider::XAi, Protocol::Responses),
    ] {
        let (_, body) = built(&request, provider, protocol);
        assert_eq!(
            body["prompt_cache_key"], "conv",
            "{provider:?} {protocol:?}"
        );
        assert!(!body.to_string().contains("cache_control"), "{provider:?}");
    }
    let (http, body) = built(&request, Provider::XAi, Protocol::ChatCompletions);
    assert_eq!(http.headers["x-grok-conv-id"], "conv");
    assert_eq!(body["prompt_cache_key"], Value::Null);
    let (_, body) = built(&request, Provider::OpenRouter, Protocol::ChatCompletions);
    assert_eq!(body["cache_control"], json!({"type": "ephemeral"}));
}
