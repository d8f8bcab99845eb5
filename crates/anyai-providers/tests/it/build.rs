//! The requests: each protocol's shape, the limit that is always sent, and each dialect's knobs.

use anyai_providers::{
    BuildError, ChatRequest, Effort, Endpoint, Image, Message, OpaqueState, Part, Protocol,
    Provider, Role, Thinking,
};
use anyai_units::Tokens;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::sent::build;

const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 1, 2, 3];
const PNG_BASE64: &str = "iVBORwECAw==";

fn endpoint(provider: Provider, protocol: Protocol) -> Endpoint<'static> {
    Endpoint {
        provider,
        protocol,
        base_url: provider.default_base_url().unwrap_or("http://127.0.0.1/v1"),
        key: Some("sk-secret"),
    }
}

/// A system text, an earlier exchange with an empty answer, and a question about a picture.
fn conversation() -> ChatRequest {
    let image = Image::recognised(Bytes::from_static(PNG)).expect("a PNG");
    let mut request = ChatRequest::new("m-1", "earlier", Tokens::new(1_000));
    request.system = Some("Be brief.".to_owned());
    request.messages.push(Message {
        role: Role::Assistant,
        parts: vec![Part::Text("before".to_owned())],
    });
    request.messages.push(Message {
        role: Role::User,
        parts: vec![Part::Image(image), Part::Text("what is this?".to_owned())],
    });
    request
}

fn body(request: &ChatRequest, provider: Provider, protocol: Protocol) -> Value {
    let request = build(request, &endpoint(provider, protocol)).expect("a request");
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn a_limit_below_what_openai_takes_is_not_sent() {
    let limited = |provider, tokens| {
        let request = ChatRequest::new("m-1", "hi", Tokens::new(tokens));
        build(&request, &endpoint(provider, Protocol::Responses)).map(drop)
    };
    let refused = BuildError::OutputLimit {
        asked: 15,
        least: 16,
    };
    assert_eq!(limited(Provider::OpenAi, 15), Err(refused));
    assert_eq!(limited(Provider::OpenAi, 16), Ok(()));
    assert_eq!(limited(Provider::XAi, 15), Ok(()));
}

#[test]
fn anthropic_messages() {
    let request = build(
        &conversation(),
        &endpoint(Provider::Anthropic, Protocol::Messages),
    )
    .expect("a request");
    assert_eq!(
        request.url.as_str(),
        "https://api.anthropic.com/v1/messages"
    );
    assert_eq!(request.headers["x-api-key"], "sk-secret");
    assert_eq!(request.headers["anthropic-version"], "2023-06-01");
    assert!(request.headers.get("authorization").is_none());
    let expected = json!({
        "model": "m-1", "max_tokens": 1000, "stream": true,
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "earlier"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "before"}]},
            {"role": "user", "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}},
                {"type": "text", "text": "what is this?"},
            ]},
        ],
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        expected
    );
}

#[test]
fn openai_responses() {
    let request = build(
        &conversation(),
        &endpoint(Provider::OpenAi, Protocol::Responses),
    )
    .expect("a request");
    assert_eq!(request.url.as_str(), "https://api.openai.com/v1/responses");
    assert_eq!(request.headers["authorization"], "Bearer sk-secret");
    let expected = json!({
        "model": "m-1", "instructions": "Be brief.", "max_output_tokens": 1000, "store": false, "stream": true,
        "stream_options": {"include_obfuscation": false},
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "earlier"}]},
            {"role": "assistant", "content": "before"},
            {"role": "user", "content": [
                {"type": "input_image", "detail": "auto", "image_url": format!("data:image/png;base64,{PNG_BASE64}")},
                {"type": "input_text", "text": "what is this?"},
            ]},
        ],
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        expected
    );
}

#[test]
fn chat_completions() {
    let request = build(
        &conversation(),
        &endpoint(Provider::Ollama, Protocol::ChatCompletions),
    )
    .expect("a request");
    assert_eq!(
        request.url.as_str(),
        "http://127.0.0.1:11434/v1/chat/completions"
    );
    let expected = json!({
        "model": "m-1", "max_tokens": 1000, "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "earlier"},
            {"role": "assistant", "content": "before"},
            {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PNG_BASE64}")}},
                {"type": "text", "text": "what is this?"},
            ]},
        ],
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        expected
    );
}

#[test]
fn gemini_generate_content() {
    let request = build(
        &conversation(),
        &endpoint(Provider::Google, Protocol::GenerateContent),
    )
    .expect("a request");
    assert_eq!(
        request.url.as_str(),
        "https://generativelanguage.googleapis.com/v1beta/models/m-1:streamGenerateContent?alt=sse"
    );
    assert_eq!(request.headers["x-goog-api-key"], "sk-secret");
    let expected = json!({
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {"maxOutputTokens": 1000},
        "contents": [
            {"role": "user", "parts": [{"text": "earlier"}]},
            {"role": "model", "parts": [{"text": "before"}]},
            {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": PNG_BASE64}},
                {"text": "what is this?"}]},
        ],
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        expected
    );
}

#[test]
fn ollama_chat() {
    let request = build(
        &conversation(),
        &endpoint(Provider::Ollama, Protocol::OllamaChat),
    )
    .expect("a request");
    assert_eq!(request.url.as_str(), "http://127.0.0.1:11434/api/chat");
    let expected = json!({
        "model": "m-1", "stream": true, "options": {"num_predict": 1000},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "earlier"},
            {"role": "assistant", "content": "before"},
            {"role": "user", "content": "what is this?", "images": [PNG_BASE64]},
        ],
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        expected
    );
}

#[test]
fn the_output_limit_is_always_sent() {
    let request = ChatRequest::new("m", "hi", Tokens::new(77));
    for (provider, protocol, pointer) in [
        (Provider::Anthropic, Protocol::Messages, "/max_tokens"),
        (Provider::OpenAi, Protocol::Responses, "/max_output_tokens"),
        (Provider::XAi, Protocol::Responses, "/max_output_tokens"),
        (
            Provider::OpenAi,
            Protocol::ChatCompletions,
            "/max_completion_tokens",
        ),
        (
            Provider::XAi,
            Protocol::ChatCompletions,
            "/max_completion_tokens",
        ),
        (
            Provider::OpenRouter,
            Protocol::ChatCompletions,
            "/max_tokens",
        ),
        (Provider::LlamaCpp, Protocol::ChatCompletions, "/max_tokens"),
        (Provider::LmStudio, Protocol::ChatCompletions, "/max_tokens"),
        (
            Provider::OpenAiCompatible,
            Protocol::ChatCompletions,
            "/max_tokens",
        ),
        (
            Provider::Google,
            Protocol::GenerateContent,
            "/generationConfig/maxOutputTokens",
        ),
        (
            Provider::Google,
            Protocol::Interactions,
            "/generation_config/max_output_tokens",
        ),
        (
            Provider::Ollama,
            Protocol::OllamaChat,
            "/options/num_predict",
        ),
    ] {
        assert_eq!(
            body(&request, provider, protocol).pointer(pointer),
            Some(&json!(77)),
            "{provider:?} {protocol:?}"
        );
    }
}

#[test]
fn thinking_is_asked_for_in_each_dialect() {
    let asked = |thinking, provider, protocol| {
        let mut request = ChatRequest::new("m", "hi", Tokens::new(4_000));
        request.thinking = thinking;
        body(&request, provider, protocol)
    };
    let high = Thinking::Effort(Effort::High);
    let budget = Thinking::Budget(Tokens::new(2_000));

    let anthropic = |thinking| asked(thinking, Provider::Anthropic, Protocol::Messages);
    assert_eq!(
        anthropic(high)["thinking"],
        json!({"type": "adaptive", "display": "summarized"})
    );
    assert_eq!(anthropic(high)["output_config"], json!({"effort": "high"}));
    assert_eq!(
        anthropic(budget)["thinking"],
        json!({"type": "enabled", "budget_tokens": 2000})
    );
    assert_eq!(
        anthropic(Thinking::Off)["thinking"],
        json!({"type": "disabled"})
    );

    let openai = asked(high, Provider::OpenAi, Protocol::Responses);
    assert_eq!(
        (&openai["reasoning"], &openai["include"]),
        (
            &json!({"effort": "high", "summary": "auto"}),
            &json!(["reasoning.encrypted_content"])
        )
    );
    let mut silent = ChatRequest::new("m", "hi", Tokens::new(90));
    for (may_think, include) in [
        (false, Value::Null),
        (true, json!(["reasoning.encrypted_content"])),
    ] {
        silent.may_think = may_think;
        let said = body(&silent, Provider::OpenAi, Protocol::Responses);
        assert_eq!(
            (&said["reasoning"], &said["include"]),
            (&Value::Null, &include)
        );
    }
    silent.thinking = Thinking::Off;
    let off = body(&silent, Provider::OpenAi, Protocol::Responses);
    assert_eq!(off["include"], Value::Null);
    assert_eq!(
        asked(high, Provider::XAi, Protocol::Responses)["reasoning"],
        json!({"effort": "high"})
    );
    assert_eq!(
        asked(Thinking::Off, Provider::OpenAi, Protocol::Responses)["reasoning"],
        json!({"effort": "none"})
    );

    assert_eq!(
        asked(high, Provider::OpenRouter, Protocol::ChatCompletions)["reasoning"],
        json!({"effort": "high"})
    );
    assert_eq!(
        asked(budget, Provider::OpenRouter, Protocol::ChatCompletions)["reasoning"],
        json!({"max_tokens": 2000})
    );
    assert_eq!(
        asked(Thinking::Off, Provider::Ollama, Protocol::ChatCompletions)["reasoning_effort"],
        json!("none")
    );

    let gemini = |thinking| {
        asked(thinking, Provider::Google, Protocol::GenerateContent)["generationConfig"]["thinkingConfig"].clone()
    };
    assert_eq!(
        gemini(high),
        json!({"includeThoughts": true, "thinkingLevel": "HIGH"})
    );
    assert_eq!(
        gemini(budget),
        json!({"includeThoughts": true, "thinkingBudget": 2000})
    );
    assert_eq!(gemini(Thinking::ProviderDefault), Value::Null);
}

#[test]
fn google_interactions() {
    let request = build(
        &conversation(),
        &endpoint(Provider::Google, Protocol::Interactions),
    )
    .expect("a request");
    assert_eq!(
        request.url.as_str(),
        "https://generativelanguage.googleapis.com/v1beta/interactions?alt=sse"
    );
    assert_eq!(request.headers["x-goog-api-key"], "sk-secret");
    let expected = json!({
        "model": "m-1", "stream": true, "store": false, "system_instruction": "Be brief.",
        "generation_config": {"max_output_tokens": 1000},
        "input": [
            {"type": "user_input", "content": [{"type": "text", "text": "earlier"}]},
            {"type": "model_output", "content": [{"type": "text", "text": "before"}]},
            {"type": "user_input", "content": [{"type": "image", "mime_type": "image/png", "data": PNG_BASE64},
                {"type": "text", "text": "what is this?"}]},
        ],
    });
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        expected
    );
}

#[test]
fn the_person_is_named_where_the_provider_asks() {
    let mut request = conversation();
    request.end_user = Some("hash".to_owned());
    let openai = body(&request, Provider::OpenAi, Protocol::Responses);
    assert_eq!(openai["safety_identifier"], "hash");
    let anthropic = body(&request, Provider::Anthropic, Protocol::Messages);
    assert_eq!(anthropic["metadata"], json!({"user_id": "hash"}));
}

#[test]
fn an_empty_answer_in_the_history_is_left_out() {
    let mut request = conversation();
    request.messages[1].parts = vec![Part::Text(String::new())];
    for (provider, protocol, key, left) in [
        (Provider::Anthropic, Protocol::Messages, "messages", 2),
        (Provider::OpenAi, Protocol::Responses, "input", 2),
        (Provider::OpenAi, Protocol::ChatCompletions, "messages", 3),
        (Provider::Google, Protocol::GenerateContent, "contents", 2),
    ] {
        let body = body(&request, provider, protocol);
        assert_eq!(
            body[key].as_array().map(Vec::len),
            Some(left),
            "{protocol:?}"
        );
    }
}

#[test]
fn addresses_are_taken_as_people_write_them() {
    use Protocol::{ChatCompletions, GenerateContent, Messages, OllamaChat, Responses};
    use Provider::{Anthropic, Google, Ollama, OpenAi, OpenAiCompatible, OpenRouter};
    let gemini = "http://h/v1beta/models/m:streamGenerateContent?alt=sse";
    let url = |provider, protocol, base_url| {
        let endpoint = Endpoint {
            base_url,
            ..endpoint(provider, protocol)
        };
        let request = ChatRequest::new("m", "hi", Tokens::new(16));
        build(&request, &endpoint)
            .expect("a request")
            .url
            .to_string()
    };
    let check = |provider, protocol, base_url, expected: &str| {
        assert_eq!(url(provider, protocol, base_url), expected, "{base_url}");
    };
    check(Anthropic, Messages, "http://h", "http://h/v1/messages");
    check(Anthropic, Messages, "http://h/v1/", "http://h/v1/messages");
    check(Anthropic, Messages, "http://h/a", "http://h/a/v1/messages");
    check(OpenAi, Responses, "http://h/v1", "http://h/v1/responses");
    check(OpenAi, Responses, " http://h ", "http://h/v1/responses");
    check(
        OpenRouter,
        ChatCompletions,
        "http://h",
        "http://h/api/v1/chat/completions",
    );
    check(
        OpenAiCompatible,
        ChatCompletions,
        "http://h/x//",
        "http://h/x/chat/completions",
    );
    check(Google, GenerateContent, "http://h/", gemini);
    check(Ollama, OllamaChat, "http://h/v1", "http://h/api/chat");
    check(Ollama, OllamaChat, "http://h", "http://h/api/chat");
}

#[test]
fn what_cannot_be_sent_is_named() {
    let refused = |request: &ChatRequest, provider, protocol| {
        build(request, &endpoint(provider, protocol)).map(|request| request.url.to_string())
    };
    for model in ["", "  "] {
        let request = ChatRequest::new(model, "hi", Tokens::new(16));
        assert_eq!(
            refused(&request, Provider::OpenAi, Protocol::Responses),
            Err(BuildError::Model)
        );
    }
    for model in ["../../upload", "m?alt=json&key=x", "a/b", "m#"] {
        let request = ChatRequest::new(model, "hi", Tokens::new(16));
        assert_eq!(
            refused(&request, Provider::Google, Protocol::GenerateContent),
            Err(BuildError::Model),
            "{model} must not change the address"
        );
    }
    let mut damaged = conversation();
    let state = OpaqueState {
        protocol: Protocol::Messages,
        bytes: Bytes::from_static(b"{\"type\":"),
    };
    damaged.messages[1].parts.push(Part::Opaque(state));
    assert_eq!(
        refused(&damaged, Provider::Anthropic, Protocol::Messages),
        Err(BuildError::OpaqueState)
    );
}
