//! What each protocol and dialect says in its own way, where no recording holds it.

use anyai_providers::{
    ErrorClass, Protocol, Provider, ProviderEvent, StopReason, ToolCall, Usage, error_from_response,
};
use anyai_units::{NanoUsd, Tokens};
use serde_json::{Value, json};

use crate::answer::{decode, failure, greeting, sse, stop, text, usage};

#[test]
fn anthropic_counts_caches_into_the_input_and_overrides_field_by_field() {
    let events = decode(
        Provider::Anthropic,
        Protocol::Messages,
        &sse(&[
            json!({"type": "message_start", "message": {"id": "m", "model": "m", "usage": {"input_tokens": 10,
                "cache_read_input_tokens": 100, "cache_creation_input_tokens": 30,
                "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}, "output_tokens": 1}}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"},
                "usage": {"input_tokens": null, "output_tokens": 9,
                "output_tokens_details": {"thinking_tokens": 4}}}),
            json!({"type": "message_stop"}),
        ]),
    );
    let expected = Usage {
        input_tokens: Tokens::new(140),
        cached_input_tokens: Tokens::new(100),
        cache_write_5m_tokens: Tokens::new(10),
        cache_write_1h_tokens: Tokens::new(20),
        output_tokens: Tokens::new(9),
        reasoning_tokens: Tokens::new(4),
        ..Usage::default()
    };
    assert_eq!(
        (usage(&events), stop(&events)),
        (expected, (StopReason::MaxOutputTokens, "max_tokens"))
    );
}

#[test]
fn an_overloaded_anthropic_stream_keeps_its_text_and_its_bill() {
    let events = decode(
        Provider::Anthropic,
        Protocol::Messages,
        &sse(&[
            json!({"type": "message_start", "message": {"id": "m", "model": "m", "usage": {"input_tokens": 25,
                "output_tokens": 1}}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}}),
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        ]),
    );
    assert_eq!(
        (text(&events).as_str(), usage(&events).input_tokens),
        ("Hel", Tokens::new(25))
    );
    assert_eq!(failure(&events).class, ErrorClass::Overloaded);
}

#[test]
fn openai_errors_come_flat_or_nested_and_the_bill_comes_after() {
    for error in [
        json!({"type": "error", "code": "insufficient_quota", "message": "Empty."}),
        json!({"type": "error", "error": {"type": "insufficient_quota", "code": "insufficient_quota",
            "message": "Empty."}}),
    ] {
        let billed = json!({"type": "response.failed", "response": {"id": "r", "status": "failed",
            "error": {"code": "server_error", "message": "Later."}, "usage": {"input_tokens": 7,
            "output_tokens": 0}}});
        let events = decode(
            Provider::OpenAi,
            Protocol::Responses,
            &sse(&[error.clone(), billed]),
        );
        assert_eq!(
            (failure(&events).class, failure(&events).message.as_str()),
            (ErrorClass::QuotaExhausted, "Empty.")
        );
        assert_eq!(usage(&events).input_tokens, Tokens::new(7));
        let alone = decode(Provider::OpenAi, Protocol::Responses, &sse(&[error]));
        assert_eq!(
            failure(&alone).class,
            ErrorClass::QuotaExhausted,
            "also when nothing follows"
        );
    }
}

#[test]
fn text_missing_from_the_deltas_is_taken_from_the_whole() {
    let part =
        |text: &str| json!({"type": "message", "content": [{"type": "output_text", "text": text}]});
    let events = decode(
        Provider::OpenAi,
        Protocol::Responses,
        &sse(&[
            json!({"type": "response.output_text.delta", "delta": "One"}),
            json!({"type": "response.output_text.done", "text": "One, two."}),
            json!({"type": "response.output_text.delta", "delta": " Three"}),
            json!({"type": "response.completed", "response": {"status": "completed",
                "output": [part("One, two."), part(" Three, four.")]}}),
        ]),
    );
    assert_eq!(text(&events), "One, two. Three, four.");
}

#[test]
fn sections_of_thinking_are_marked_but_not_glued() {
    let delta =
        |text: &str| json!({"type": "response.reasoning_summary_text.delta", "delta": text});
    let section = || json!({"type": "response.reasoning_summary_part.added"});
    let events = decode(
        Provider::OpenAi,
        Protocol::Responses,
        &sse(&[
            section(),
            delta("a"),
            delta("b"),
            section(),
            delta("c"),
            json!({"type": "response.completed", "response": {"status": "completed"}}),
        ]),
    );
    let thought: Vec<&ProviderEvent> = events
        .iter()
        .filter(|event| !matches!(event, ProviderEvent::Finished { .. }))
        .collect();
    let thinking = |text: &str| ProviderEvent::Thinking(text.to_owned());
    assert_eq!(
        thought,
        [
            &thinking("a"),
            &thinking("b"),
            &ProviderEvent::ThinkingBreak,
            &thinking("c")
        ]
    );
}

#[test]
fn usage_in_every_chunk_is_taken_once_and_last() {
    let chunk = |completion: u64| {
        json!({"choices": [{"index": 0, "delta": {"content": "x"},
        "finish_reason": if completion == 3 { json!("length") } else { json!(null) }}],
        "usage": {"prompt_tokens": 1, "completion_tokens": completion}})
    };
    let events = decode(
        Provider::OpenAiCompatible,
        Protocol::ChatCompletions,
        &sse(&[chunk(1), chunk(2), chunk(3)]),
    );
    assert_eq!(
        (usage(&events).output_tokens, stop(&events).0),
        (Tokens::new(3), StopReason::MaxOutputTokens)
    );
}

#[test]
fn reasoning_beside_the_completion_is_billed_as_output() {
    let body = |total: Value| {
        json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 1, "total_tokens": total,
            "completion_tokens_details": {"reasoning_tokens": 290}, "cost_in_usd_ticks": 1_176_500}}).to_string()
    };
    let output = |provider, total| {
        let events = decode(provider, Protocol::ChatCompletions, body(total).as_bytes());
        (
            usage(&events).output_tokens.count(),
            usage(&events).provider_cost,
        )
    };
    assert_eq!(
        output(Provider::XAi, json!(303)),
        (291, Some(NanoUsd::from_nano(117_650)))
    );
    assert_eq!(
        output(Provider::XAi, json!(null)),
        (291, Some(NanoUsd::from_nano(117_650)))
    );
    assert_eq!(
        output(Provider::OpenRouter, json!(13)),
        (1, None),
        "inside, says the total"
    );
    assert_eq!(output(Provider::OpenAi, json!(null)), (1, None));
}

#[test]
fn openrouter_names_its_price_to_the_nano_dollar() {
    for (cost, nano) in [
        ("0.00148925", 1_489_250),
        ("3.36e-05", 33_600),
        ("0", 0),
        ("0.0004970133333333333", 497_013),
    ] {
        let usage_text = format!(r#"{{"prompt_tokens":1,"completion_tokens":1,"cost":{cost}}}"#);
        let choice = r#"{"message":{"content":"x"},"finish_reason":"stop"}"#;
        let body = format!(r#"{{"choices":[{choice}],"usage":{usage_text}}}"#);
        let cost = |provider| {
            usage(&decode(
                provider,
                Protocol::ChatCompletions,
                body.as_bytes(),
            ))
            .provider_cost
        };
        assert_eq!(cost(Provider::OpenRouter), Some(NanoUsd::from_nano(nano)));
        assert_eq!(
            cost(Provider::OpenAiCompatible),
            None,
            "another server's cost may be in anything"
        );
    }
}

#[test]
fn openrouter_fails_after_the_first_word_and_says_why_it_stopped() {
    let events = decode(
        Provider::OpenRouter,
        Protocol::ChatCompletions,
        &sse(&[
            json!({"id": "g", "choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": "length"}]}),
            json!({"id": "g", "error": {"code": 502, "message": "Upstream broke"}, "choices": [{"index": 0,
                "delta": {"content": ""}, "finish_reason": "error"}], "usage": {"prompt_tokens": 4,
                "completion_tokens": 1}}),
        ]),
    );
    assert_eq!(
        (
            text(&events).as_str(),
            usage(&events).input_tokens,
            failure(&events).class
        ),
        ("Hel", Tokens::new(4), ErrorClass::Server)
    );
}

#[test]
fn tool_calls_are_put_together_and_kept_when_cut_off() {
    let piece = |index: u64, id: Value, name: Value, arguments: &str| {
        json!({"choices": [{"index": 0,
        "delta": {"tool_calls": [{"index": index, "id": id, "function": {"name": name,
        "arguments": arguments}}]}}]})
    };
    let events = decode(
        Provider::OpenAi,
        Protocol::ChatCompletions,
        &sse(&[
            piece(0, json!("a"), json!("add"), ""),
            piece(0, json!(null), json!(null), "{\"x\""),
            piece(1, json!("b"), json!("note"), "{\"y"),
            piece(0, json!(""), json!(""), ":1}"),
            json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}),
        ]),
    );
    let call = |id: &str, name: &str, arguments: &str| {
        ProviderEvent::ToolCall(ToolCall {
            id: Some(id.to_owned()),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            provider_side: false,
        })
    };
    assert_eq!(
        events[..2],
        [call("a", "add", "{\"x\":1}"), call("b", "note", "{\"y")]
    );
}

#[test]
fn llama_cpp_timings_stand_in_for_missing_usage() {
    let body = json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}],
        "timings": {"cache_n": 6, "prompt_n": 12, "predicted_n": 3}})
    .to_string();
    let usage = usage(&decode(
        Provider::LlamaCpp,
        Protocol::ChatCompletions,
        body.as_bytes(),
    ));
    assert_eq!(
        (
            usage.input_tokens.count(),
            usage.cached_input_tokens.count(),
            usage.output_tokens.count()
        ),
        (18, 6, 3)
    );
}

#[test]
fn a_blocked_gemini_prompt_is_a_refusal() {
    let body = json!({"promptFeedback": {"blockReason": "SAFETY"},
        "usageMetadata": {"promptTokenCount": 9}})
    .to_string();
    let events = decode(Provider::Google, Protocol::GenerateContent, body.as_bytes());
    assert_eq!(
        (failure(&events).class, usage(&events).input_tokens),
        (ErrorClass::ContentRefused, Tokens::new(9))
    );
}

#[test]
fn ollamas_own_stream_is_read_behind_the_compatible_address_too() {
    let events = decode(
        Provider::Ollama,
        Protocol::ChatCompletions,
        &greeting(Protocol::OllamaChat),
    );
    assert_eq!(
        (text(&events).as_str(), stop(&events).0),
        ("Grüße, 🦀!", StopReason::EndTurn)
    );
}

#[test]
fn ollama_fails_midway_in_a_line() {
    let body = "{\"model\":\"m\",\"message\":{\"content\":\"Hel\"},\"done\":false}\n{\"error\":\"out of memory\"}\n";
    let events = decode(Provider::Ollama, Protocol::OllamaChat, body.as_bytes());
    assert_eq!(
        (text(&events).as_str(), failure(&events).message.as_str()),
        ("Hel", "out of memory")
    );
}

#[test]
fn a_daily_quota_is_no_rate_limit() {
    let limited = |quota: &str| {
        json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Later.", "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.4s"}]}})
    };
    for (quota, class) in [
        (
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            ErrorClass::RateLimited,
        ),
        (
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
            ErrorClass::QuotaExhausted,
        ),
    ] {
        // The stream's address wraps its complaint in an array.
        for body in [limited(quota).to_string(), format!("[{}]", limited(quota))] {
            let error = error_from_response(Provider::Google, 429, body.as_bytes());
            assert_eq!(
                (error.class, error.retry_after_ms),
                (class, Some(34_400)),
                "{body}"
            );
        }
    }
}

#[test]
fn statuses_speak_where_no_word_does() {
    for (status, class) in [
        (402, ErrorClass::QuotaExhausted),
        (408, ErrorClass::Timeout),
        (413, ErrorClass::InvalidRequest),
        (429, ErrorClass::RateLimited),
        (500, ErrorClass::Server),
        (503, ErrorClass::Overloaded),
        (504, ErrorClass::Timeout),
        (529, ErrorClass::Overloaded),
    ] {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"error": {"message": "No."}}"#,
            r#"{"error": "No."}"#,
        ] {
            let error = error_from_response(Provider::OpenAi, status, body.as_bytes());
            assert_eq!(
                (error.class, error.http_status),
                (class, Some(status)),
                "{status} {body}"
            );
        }
    }
}

#[test]
fn xais_flat_errors_are_read() {
    for (body, class) in [
        (
            r#"{"code":"invalid-argument","error":"Incorrect API key provided."}"#,
            ErrorClass::Auth,
        ),
        (
            r#"{"code":"not-found","error":"The model grok-9 does not exist."}"#,
            ErrorClass::NotFound,
        ),
        (
            r#"{"code":"resource-exhausted","error":"Too fast."}"#,
            ErrorClass::RateLimited,
        ),
        (
            r#"{"code":"invalid-argument","error":"Bad."}"#,
            ErrorClass::InvalidRequest,
        ),
    ] {
        let error = error_from_response(Provider::XAi, 400, body.as_bytes());
        assert_eq!(error.class, class, "{body}");
    }
}

#[test]
fn an_error_may_begin_with_a_mark_or_be_framed_like_an_answer() {
    let plain = r#"{"error":{"code":"invalid_api_key","message":"Wrong key."}}"#;
    let framed = format!(": hello\r\nevent: error\r\ndata: {plain}\r\n\r\ndata: [DONE]\r\n\r\n");
    let marked = format!("\u{feff}\n{plain}");
    for body in [plain, &framed, &marked] {
        let error = error_from_response(Provider::OpenAi, 400, body.as_bytes());
        let found = (error.class, error.message.as_str());
        assert_eq!(found, (ErrorClass::Auth, "Wrong key."), "{body}");
    }
}
