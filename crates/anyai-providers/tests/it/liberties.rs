//! Liberties that servers take with their protocols, and that change nothing.

use anyai_providers::{
    ErrorClass, Protocol, Provider, ProviderEvent, StopReason, ToolCall, VideoJobId,
    error_from_response,
};
use anyai_units::{NanoUsd, Tokens};
use serde_json::{Value, json};

use crate::answer::{ALL, decode, failure, greeting, sse, stop, text, usage};

const CHAT: (Provider, Protocol) = (Provider::OpenRouter, Protocol::ChatCompletions);
const GEMINI: (Provider, Protocol) = (Provider::Google, Protocol::GenerateContent);

fn chat(events: &[Value]) -> Vec<ProviderEvent> {
    decode(CHAT.0, CHAT.1, &sse(events))
}

fn gemini(body: &[u8]) -> Vec<ProviderEvent> {
    decode(GEMINI.0, GEMINI.1, body)
}

fn piece(delta: &Value) -> Value {
    json!({"id": "c1", "choices": [{"index": 0, "delta": delta}]})
}

fn end(usage: &Value) -> Value {
    json!({"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage})
}

/// The same events with every number of a usage written as text.
fn counts_as_text(body: &[u8]) -> Vec<u8> {
    let mut body = String::from_utf8(body.to_vec()).expect("a greeting is text");
    for name in ["tokens", "TokenCount", "eval_count"] {
        for number in ["1", "3", "4", "5", "8"] {
            let said = format!("{name}\":{number}");
            body = body.replace(&said, &format!("{name}\":\"{number}\""));
        }
    }
    body.into_bytes()
}

#[test]
fn counts_may_be_written_as_text() {
    for (provider, protocol) in ALL {
        let body = greeting(protocol);
        let changed = counts_as_text(&body);
        assert_ne!(changed, body, "{protocol:?}");
        let usage = usage(&decode(provider, protocol, &changed));
        let found = (usage.input_tokens.count(), usage.output_tokens.count());
        assert_eq!(found, (3, 5), "{protocol:?}");
    }
}

#[test]
fn a_price_may_be_written_as_text() {
    for cost in [json!(0.00123), json!("0.00123")] {
        let counted = json!({"prompt_tokens": 3, "completion_tokens": 5, "cost": cost});
        let found = usage(&chat(&[end(&counted)])).provider_cost;
        assert_eq!(found, Some(NanoUsd::from_nano(1_230_000)), "{cost}");
    }
    for ticks in [json!(200_000_000), json!("200000000")] {
        let body =
            json!({"data": [{"b64_json": "aGVsbG8="}], "usage": {"cost_in_usd_ticks": ticks}});
        let body = body.to_string();
        let events = decode(Provider::XAi, Protocol::Images, body.as_bytes());
        let found = usage(&events).provider_cost;
        assert_eq!(found, Some(NanoUsd::from_nano(20_000_000)), "{ticks}");
    }
}

#[test]
fn an_empty_usage_takes_nothing_back() {
    let counted = json!({"prompt_tokens": 3, "completion_tokens": 5});
    let empty = json!({"id": "c1", "choices": [], "usage": {}});
    let events = chat(&[piece(&json!({"content": "Hi"})), end(&counted), empty]);
    assert_eq!(usage(&events).input_tokens, Tokens::new(3));

    let counted =
        json!({"promptTokenCount": 3, "candidatesTokenCount": 5, "thoughtsTokenCount": 2});
    let parts = json!({"parts": [{"text": "Hi"}]});
    let events = gemini(&sse(&[
        json!({"candidates": [{"content": parts}], "usageMetadata": counted}),
        json!({"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"trafficType": "ON_DEMAND"}}),
    ]));
    let last = usage(&events);
    let found = (last.input_tokens.count(), last.output_tokens.count());
    assert_eq!(found, (3, 7));

    // The last word counts, also where it names fewer parts.
    let events = gemini(&sse(&[
        json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}}], "usageMetadata": counted}),
        json!({"candidates": [{"finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 6}}),
    ]));
    assert_eq!(usage(&events).output_tokens, Tokens::new(6));
}

#[test]
fn tool_calls_without_a_number_are_told_apart() {
    let call = |id: &str, name: &str| {
        let function = json!({"name": name, "arguments": "{\"a\":"});
        piece(&json!({"tool_calls": [{"id": id, "function": function}]}))
    };
    let more = piece(&json!({"tool_calls": [{"function": {"arguments": "1}"}}]}));
    let events = chat(&[
        call("t", "f"),
        more.clone(),
        call("u", "g"),
        more,
        end(&json!(null)),
    ]);
    let calls: Vec<&ToolCall> = events
        .iter()
        .filter_map(|event| match event {
            ProviderEvent::ToolCall(call) => Some(call),
            _ => None,
        })
        .collect();
    let named: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(named, ["f", "g"]);
    assert!(
        calls.iter().all(|call| call.arguments == "{\"a\":1}"),
        "{calls:?}"
    );
}

#[test]
fn an_error_is_read_whichever_field_it_stands_in() {
    let complaint = r#"{"message":"Out of memory.","type":"server_error"}"#;
    for framed in [
        format!("event: error\ndata: {complaint}\n\n"),
        format!("error: {{\"error\":{complaint}}}\n\n"),
    ] {
        let mut body = sse(&[piece(&json!({"content": "Hel"}))]);
        body.extend_from_slice(framed.as_bytes());
        let events = decode(Provider::LlamaCpp, Protocol::ChatCompletions, &body);
        let error = failure(&events);
        let found = (text(&events), error.class, error.message.as_str());
        let expected = ("Hel".to_owned(), ErrorClass::Server, "Out of memory.");
        assert_eq!(found, expected, "{framed}");
    }
}

#[test]
fn a_whole_answer_may_come_after_comments() {
    let body = json!({"id": "c1", "model": "m", "choices": [{"index": 0, "finish_reason": "stop",
        "message": {"content": "Hi"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 5}});
    let body = format!(": PROCESSING\n\n: PROCESSING\n\n{body}");
    let events = decode(CHAT.0, CHAT.1, body.as_bytes());
    assert_eq!(
        (text(&events).as_str(), stop(&events).0),
        ("Hi", StopReason::EndTurn)
    );
}

#[test]
fn a_list_may_be_framed_as_an_event() {
    let body = greeting(Protocol::GenerateContent);
    let body = String::from_utf8(body).expect("a greeting is text");
    let values: Vec<&str> = body
        .split("\n\n")
        .filter_map(|it| it.strip_prefix("data: "))
        .collect();
    let events = gemini(format!("data: [{}]\n\n", values.join(",")).as_bytes());
    assert_eq!(
        (text(&events).as_str(), stop(&events).0),
        ("Grüße, 🦀!", StopReason::EndTurn)
    );
}

#[test]
fn an_end_that_is_said_again_says_nothing_again() {
    let chunk = |words: &str| json!({"candidates": [{"content": {"parts": [{"text": words}]}, "finishReason": "STOP"}]});
    let events = gemini(&sse(&[chunk("Hi"), chunk("Hi"), chunk("Hi")]));
    assert_eq!(text(&events), "Hi");
    // Older models name a reason to stop with every chunk.
    let events = gemini(&sse(&[chunk("Hi"), chunk(" there")]));
    assert_eq!(text(&events), "Hi there");
}

#[test]
fn lines_may_end_in_a_lone_carriage_return() {
    let body = greeting(Protocol::OllamaChat);
    let body: Vec<u8> = body
        .iter()
        .map(|byte| if *byte == b'\n' { b'\r' } else { *byte })
        .collect();
    let events = decode(Provider::Ollama, Protocol::OllamaChat, &body);
    assert_eq!(
        (text(&events).as_str(), stop(&events).0),
        ("Grüße, 🦀!", StopReason::EndTurn)
    );
}

#[test]
fn an_answer_without_a_candidate_is_empty_and_billed() {
    let counted =
        json!({"promptTokenCount": 3, "candidatesTokenCount": 0, "thoughtsTokenCount": 5});
    for body in [
        json!({"usageMetadata": counted}),
        json!({"candidates": [], "usageMetadata": counted}),
    ] {
        let events = gemini(body.to_string().as_bytes());
        assert_eq!(stop(&events).0, StopReason::Unknown, "{body}");
        assert_eq!(usage(&events).output_tokens, Tokens::new(5));
    }
}

#[test]
fn a_reason_may_be_a_number() {
    let ended = |number: u64| {
        let said = json!({"content": {"parts": [{"text": "hi"}]}, "finishReason": number});
        gemini(json!([{"candidates": [said]}]).to_string().as_bytes())
    };
    assert_eq!(stop(&ended(1)), (StopReason::EndTurn, "STOP"));
    assert_eq!(stop(&ended(2)), (StopReason::MaxOutputTokens, "MAX_TOKENS"));
    assert_eq!(stop(&ended(3)), (StopReason::Refused, "SAFETY"));
    assert_eq!(stop(&ended(99)), (StopReason::Unknown, "OTHER"));
    let declined = json!({"promptFeedback": {"blockReason": 1}}).to_string();
    let declined = gemini(declined.as_bytes());
    assert_eq!(failure(&declined).class, ErrorClass::ContentRefused);
}

#[test]
fn a_shield_before_the_model_declines() {
    let events = gemini(&sse(&[
        json!({"candidates": [{"finishReason": "MODEL_ARMOR"}]}),
    ]));
    assert_eq!(stop(&events).0, StopReason::Refused);
}

#[test]
fn an_error_may_be_said_twice() {
    let once = r#"{"error":{"code":"invalid_api_key","message":"Wrong key."}}"#;
    let error = error_from_response(Provider::OpenAi, 400, format!("{once}\n{once}").as_bytes());
    assert_eq!(
        (error.class, error.message.as_str()),
        (ErrorClass::Auth, "Wrong key.")
    );
}

#[test]
fn an_account_without_credits_is_not_asked_again() {
    let body =
        r#"{"code":"permission-denied-ish","error":"Your team doesn't have any credits yet."}"#;
    let error = error_from_response(Provider::XAi, 403, body.as_bytes());
    assert_eq!(error.class, ErrorClass::QuotaExhausted);
}

#[test]
fn a_wait_may_stand_in_the_sentence() {
    for (message, wait_ms) in [
        (
            "Rate limit reached. Please try again in 1.5s. Visit us.",
            Some(1_500),
        ),
        ("Please try again in 120ms.", Some(120)),
        ("Please try again in 6m0s.", Some(360_000)),
        (
            "Quota exceeded.\nPlease retry in 48.939935699s.",
            Some(48_940),
        ),
        (
            "Requests have exceeded the limit. Please retry after 26 seconds.",
            Some(26_000),
        ),
        ("Try again in 1 minute.", Some(60_000)),
        ("Try again in a few minutes.", None),
        ("Try again later.", None),
        ("Retry after", None),
    ] {
        let body = json!({"error": {"message": message}}).to_string();
        let limited = error_from_response(Provider::OpenAi, 429, body.as_bytes());
        assert_eq!(limited.retry_after_ms, wait_ms, "{message}");
        let refused = error_from_response(Provider::OpenAi, 400, body.as_bytes());
        assert_eq!(
            refused.retry_after_ms, None,
            "a refusal does not pass: {message}"
        );
    }
}

#[test]
fn a_wait_may_stand_beside_the_error() {
    for (seconds, wait_ms) in [
        (json!(30), Some(30_000)),
        (json!(1.5), Some(1_500)),
        (json!("x"), None),
    ] {
        let metadata = json!({"retry_after_seconds": seconds, "provider_name": "X"});
        let body = json!({"error": {"code": 429, "message": "Slow.", "metadata": metadata}});
        let limited = error_from_response(Provider::OpenRouter, 429, body.to_string().as_bytes());
        assert_eq!(limited.retry_after_ms, wait_ms, "{seconds}");
    }
}

#[test]
fn an_answer_by_a_key_of_the_houses_own_costs_what_the_provider_behind_takes_too() {
    for (is_own, expected) in [
        (json!(true), 5_030_000),
        (json!(false), 30_000),
        (json!(null), 30_000),
    ] {
        let counted = json!({"prompt_tokens": 3, "completion_tokens": 5, "cost": 0.00003, "is_byok": is_own,
            "cost_details": {"upstream_inference_cost": 0.005}});
        let found = usage(&chat(&[end(&counted)]));
        assert_eq!(found.provider_cost, Some(NanoUsd::from_nano(30_000)));
        assert_eq!(
            found.whole_cost(),
            Some(NanoUsd::from_nano(expected)),
            "{is_own}"
        );
    }
}

#[test]
fn a_call_may_be_told_piece_by_piece() {
    let part =
        |call: &Value| json!({"candidates": [{"content": {"parts": [{"functionCall": call}]}}]});
    let words = |at: &str, words: &str| json!({"partialArgs": [{"jsonPath": at, "stringValue": words}], "willContinue": true});
    let count = json!({"partialArgs": [{"jsonPath": "$.stops[1].days", "numberValue": 3}], "willContinue": true});
    let pieces = [
        part(&json!({"name": "plan", "id": "c1", "willContinue": true})),
        part(&words("$.city", "New ")),
        part(&words("$.city", "Delhi")),
        part(&count),
        part(&json!({})),
        part(&json!({"name": "now", "args": {"zone": "UTC"}})),
        json!({"candidates": [{"finishReason": "STOP"}]}),
    ];
    let events = gemini(&sse(&pieces));
    let calls: Vec<(&str, Value)> = events
        .iter()
        .filter_map(|event| match event {
            ProviderEvent::ToolCall(call) => {
                let arguments = serde_json::from_str(&call.arguments).expect("arguments are JSON");
                Some((call.name.as_str(), arguments))
            }
            _ => None,
        })
        .collect();
    let planned = json!({"city": "New Delhi", "stops": [null, {"days": 3}]});
    assert_eq!(calls, [("plan", planned), ("now", json!({"zone": "UTC"}))]);
    assert_eq!(stop(&events).0, StopReason::ToolUse);
}

#[test]
fn a_call_that_went_wrong_ends_as_a_call() {
    for word in [
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
    ] {
        let events = gemini(&sse(&[json!({"candidates": [{"finishReason": word}]})]));
        assert_eq!(stop(&events), (StopReason::ToolUse, word));
    }
}

#[test]
fn a_job_that_is_paid_for_is_not_lost_by_a_mark() {
    for body in [
        "{\"request_id\":\"j1\"}",
        "\u{feff}{\"request_id\":\"j1\"}\n",
        " \n\u{feff}\n{\"request_id\":\"j1\"}",
    ] {
        let job = VideoJobId::read(Provider::XAi, body.as_bytes());
        assert_eq!(job, Ok(VideoJobId("j1".to_owned())), "{body:?}");
    }
}
