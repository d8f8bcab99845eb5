//! What decoders make of answers no recording holds: odd shapes, damage, and words to send back.

use anyai_providers::{
    ChatRequest, Decoder, Endpoint, ErrorClass, Message, OpaqueState, Part, Protocol, Provider,
    ProviderError, ProviderEvent, Role, StopReason, ToolCall, Usage, build,
};
use anyai_units::{NanoUsd, Tokens};
use serde_json::{Value, json};

const ALL: [(Provider, Protocol); 8] = [
    (Provider::Anthropic, Protocol::Messages),
    (Provider::OpenAi, Protocol::Responses),
    (Provider::XAi, Protocol::Responses),
    (Provider::OpenAi, Protocol::ChatCompletions),
    (Provider::OpenRouter, Protocol::ChatCompletions),
    (Provider::LlamaCpp, Protocol::ChatCompletions),
    (Provider::Google, Protocol::GenerateContent),
    (Provider::Ollama, Protocol::OllamaChat),
];

fn decode(provider: Provider, protocol: Protocol, body: &[u8]) -> Vec<ProviderEvent> {
    let mut decoder = Decoder::new(provider, protocol);
    let mut events = decoder.push(body);
    events.extend(decoder.finish());
    assert_eq!(ends(&events), 1, "one end in {events:?}");
    assert!(
        decoder.push(b"data: {}\n\n").is_empty() && decoder.finish().is_empty(),
        "nothing follows the end"
    );
    events
}

fn ends(events: &[ProviderEvent]) -> usize {
    events
        .iter()
        .filter(|event| {
            matches!(
                event,
                ProviderEvent::Finished { .. } | ProviderEvent::Failed(_)
            )
        })
        .count()
}

fn sse(events: &[Value]) -> Vec<u8> {
    events
        .iter()
        .flat_map(|event| format!("data: {event}\n\n").into_bytes())
        .collect()
}

fn text(events: &[ProviderEvent]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        ProviderEvent::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn usage(events: &[ProviderEvent]) -> Usage {
    let usages = events.iter().filter_map(|event| match event {
        ProviderEvent::Usage(usage) => Some(*usage),
        _ => None,
    });
    usages.last().expect("usage")
}

fn failure(events: &[ProviderEvent]) -> &ProviderError {
    match events.last() {
        Some(ProviderEvent::Failed(error)) => error,
        other => panic!("ended with {other:?}"),
    }
}

fn stop(events: &[ProviderEvent]) -> (StopReason, &str) {
    match events.last() {
        Some(ProviderEvent::Finished { stop_reason, raw }) => (*stop_reason, raw),
        other => panic!("ended with {other:?}"),
    }
}

fn opaque(events: &[ProviderEvent]) -> Vec<&OpaqueState> {
    let states = events.iter().filter_map(|event| match event {
        ProviderEvent::Opaque(state) => Some(state),
        _ => None,
    });
    states.collect()
}

/// A short answer, "Grüße, 🦀!", in each protocol.
fn greeting(protocol: Protocol) -> Vec<u8> {
    match protocol {
        Protocol::Messages => sse(&[
            json!({"type": "message_start", "message": {"id": "m1", "model": "m", "usage": {"input_tokens": 3, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "ping"}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Grüße, "}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "🦀!"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}),
            json!({"type": "message_stop"}),
        ]),
        Protocol::Responses => sse(&[
            json!({"type": "response.created", "response": {"id": "r1", "model": "m", "usage": null}}),
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "Grüße, "}),
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "🦀!"}),
            json!({"type": "response.output_text.done", "output_index": 0, "text": "Grüße, 🦀!"}),
            json!({"type": "response.completed", "response": {"id": "r1", "model": "m", "status": "completed", "error": null,
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "Grüße, 🦀!"}]}],
                "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}}}),
        ]),
        Protocol::ChatCompletions => [
            sse(&[
                json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Grüße, "}}], "usage": null}),
                json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"content": "🦀!"}, "finish_reason": null}]}),
                json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
                json!({"id": "c1", "model": "m", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}}),
            ]),
            b"data: [DONE]\n\n".to_vec(),
        ]
        .concat(),
        Protocol::GenerateContent => sse(&[
            json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "Grüße, "}]}}], "modelVersion": "m", "responseId": "g1", "usageMetadata": {"promptTokenCount": 3}}),
            json!({"candidates": [{"content": {"parts": [{"text": "🦀!"}]}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}}),
        ]),
        Protocol::OllamaChat => [
            json!({"model": "m", "message": {"role": "assistant", "content": "Grüße, "}, "done": false}),
            json!({"model": "m", "message": {"role": "assistant", "content": "🦀!"}, "done": false}),
            json!({"model": "m", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 5}),
        ]
        .iter()
        .flat_map(|line| format!("{line}\n").into_bytes())
        .collect(),
    }
}

#[test]
fn every_protocol_says_the_same_of_the_same_answer() {
    for (provider, protocol) in ALL {
        let events = decode(provider, protocol, &greeting(protocol));
        assert_eq!(text(&events), "Grüße, 🦀!", "{protocol:?}");
        assert_eq!(stop(&events).0, StopReason::EndTurn, "{protocol:?}");
        let usage = usage(&events);
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Tokens::new(3), Tokens::new(5)),
            "{protocol:?}"
        );
        assert!(
            matches!(&events[0], ProviderEvent::Started { model: Some(model), .. } if model == "m"),
            "{protocol:?}"
        );
    }
}

#[test]
fn an_answer_cut_off_anywhere_keeps_what_came_and_ends_once() {
    for (provider, protocol) in ALL {
        let body = greeting(protocol);
        for length in 0..body.len() {
            let events = decode(provider, protocol, &body[..length]);
            assert!(
                "Grüße, 🦀!".starts_with(&text(&events)),
                "{protocol:?} cut at {length}: {events:?}"
            );
            if let Some(ProviderEvent::Failed(error)) = events.last() {
                assert!(
                    matches!(error.class, ErrorClass::Network | ErrorClass::Malformed),
                    "{protocol:?} cut at {length}: {error:?}"
                );
            }
        }
    }
}

#[test]
fn damage_anywhere_never_panics_and_ends_once() {
    let mut state = 0x2026_1122_u64;
    for (provider, protocol) in ALL {
        let body = greeting(protocol);
        for _ in 0..3_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let mut damaged = body.clone();
            let at = usize::try_from(state >> 8).expect("64 bits") % damaged.len();
            damaged[at] = u8::try_from(state & 0xff).expect("a byte");
            decode(provider, protocol, &damaged);
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_cost_their_character_and_nothing_else() {
    for (provider, protocol) in ALL {
        let body = greeting(protocol);
        let at = body
            .windows(2)
            .position(|pair| pair == "ü".as_bytes())
            .expect("an ü");
        let mut damaged = body;
        damaged[at] = 0xff;
        let events = decode(provider, protocol, &damaged);
        assert_eq!(text(&events), "Gr\u{fffd}\u{fffd}ße, 🦀!", "{protocol:?}");
        assert_eq!(
            (stop(&events).0, usage(&events).output_tokens),
            (StopReason::EndTurn, Tokens::new(5)),
            "{protocol:?}"
        );
    }
}

#[test]
fn line_ends_comments_and_missing_blank_lines_do_not_matter() {
    for (provider, protocol) in ALL
        .into_iter()
        .filter(|(_, protocol)| *protocol != Protocol::OllamaChat)
    {
        let body = String::from_utf8(greeting(protocol)).expect("text");
        for variant in [
            body.replace('\n', "\r\n"),
            body.replace('\n', "\r"),
            body.replace("data: ", ": comment\n\nid: 7\nretry: 1\ndata:"),
            body.replace("\n\n", "\n"),
            format!("\u{feff}\n\n{body}"),
            body.trim_end().to_owned(),
        ] {
            let events = decode(provider, protocol, variant.as_bytes());
            assert_eq!(text(&events), "Grüße, 🦀!", "{protocol:?} as {variant:?}");
            assert_eq!(stop(&events).0, StopReason::EndTurn, "{protocol:?}");
        }
    }
}

#[test]
fn an_error_is_classed_in_a_body_an_array_and_a_stream() {
    let error = json!({"error": {"message": "No.", "code": 429, "status": "RESOURCE_EXHAUSTED", "type": "rate_limit_error"}});
    for (provider, protocol) in ALL {
        let bodies = [
            error.to_string(),
            format!("[{error}]"),
            format!("event: error\ndata: {error}\n\n"),
        ];
        for body in bodies.iter().take(if protocol == Protocol::OllamaChat {
            1
        } else {
            3
        }) {
            let events = decode(provider, protocol, body.as_bytes());
            assert_eq!(
                (failure(&events).class, failure(&events).message.as_str()),
                (ErrorClass::RateLimited, "No."),
                "{protocol:?} {body}"
            );
        }
    }
}

#[test]
fn an_event_above_the_limit_is_refused_before_it_is_kept() {
    for (provider, protocol) in ALL {
        let mut decoder = Decoder::new(provider, protocol);
        let start: &[u8] = if protocol == Protocol::OllamaChat {
            b"{\"x\":\""
        } else {
            b"data: {\"x\":\""
        };
        let mut events = decoder.push(start);
        let chunk = vec![b'x'; 1 << 20];
        let mut pushed = 0;
        while !decoder.ended() && pushed < 64 {
            events.extend(decoder.push(&chunk));
            pushed += 1;
        }
        assert_eq!(
            (failure(&events).class, pushed),
            (ErrorClass::Malformed, 32),
            "{protocol:?}"
        );
    }
}

#[test]
fn deep_nesting_is_malformed_not_a_crash() {
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    for (provider, protocol) in ALL {
        assert_eq!(
            failure(&decode(provider, protocol, deep.as_bytes())).class,
            ErrorClass::Malformed
        );
    }
}

#[test]
fn anthropic_counts_caches_into_the_input_and_overrides_field_by_field() {
    let events = decode(
        Provider::Anthropic,
        Protocol::Messages,
        &sse(&[
            json!({"type": "message_start", "message": {"id": "m", "model": "m", "usage": {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 30,
                "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}, "output_tokens": 1}}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"input_tokens": null, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}}),
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
            json!({"type": "message_start", "message": {"id": "m", "model": "m", "usage": {"input_tokens": 25, "output_tokens": 1}}}),
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
        json!({"type": "error", "error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "Empty."}}),
    ] {
        let billed = json!({"type": "response.failed", "response": {"id": "r", "status": "failed", "error": {"code": "server_error", "message": "Later."}, "usage": {"input_tokens": 7, "output_tokens": 0}}});
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
            json!({"type": "response.completed", "response": {"status": "completed", "output": [part("One, two."), part(" Three, four.")]}}),
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
    let chunk = |completion: u64| json!({"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": if completion == 3 { json!("length") } else { json!(null) }}], "usage": {"prompt_tokens": 1, "completion_tokens": completion}});
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
        json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 12, "completion_tokens": 1, "total_tokens": total, "completion_tokens_details": {"reasoning_tokens": 290}, "cost_in_usd_ticks": 1_176_500}}).to_string()
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
        let body = format!(
            r#"{{"choices":[{{"message":{{"content":"x"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":1,"completion_tokens":1,"cost":{cost}}}}}"#
        );
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
            json!({"id": "g", "error": {"code": 502, "message": "Upstream broke"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}], "usage": {"prompt_tokens": 4, "completion_tokens": 1}}),
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
    let piece = |index: u64, id: Value, name: Value, arguments: &str| json!({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]}}]});
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
    let body = json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "timings": {"cache_n": 6, "prompt_n": 12, "predicted_n": 3}}).to_string();
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
    let body = json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}}).to_string();
    let events = decode(Provider::Google, Protocol::GenerateContent, body.as_bytes());
    assert_eq!(
        (failure(&events).class, usage(&events).input_tokens),
        (ErrorClass::ContentRefused, Tokens::new(9))
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

/// Sends `events` back as the assistant's turn and returns the request's body.
fn sent_back(provider: Provider, protocol: Protocol, events: &[ProviderEvent]) -> Value {
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
    serde_json::from_slice(&build(&request, &endpoint).expect("a request").body).expect("JSON")
}

#[test]
fn anthropic_thinking_goes_back_signed_and_in_place() {
    let redacted = json!({"type": "redacted_thinking", "data": "Zm9v/+=="});
    let events = decode(
        Provider::Anthropic,
        Protocol::Messages,
        &sse(&[
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm <ü>"}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "Eu/+"}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "Y2=="}}),
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
    let expected = json!([{"type": "thinking", "thinking": "Hm <ü>", "signature": "Eu/+Y2=="}, redacted, {"type": "text", "text": "Yes."}]);
    assert_eq!(body["messages"][0]["content"], expected);
}

#[test]
fn openai_reasoning_goes_back_byte_for_byte_before_the_words() {
    let item = r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA\u00fc","zeta":1.50,"alpha":null}"#;
    let body = format!(
        "data: {{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{item}}}\n\ndata: {{\"type\":\"response.output_text.delta\",\"delta\":\"Yes.\"}}\n\ndata: {{\"type\":\"response.completed\",\"response\":{{\"status\":\"completed\",\"output\":[{item},{{\"type\":\"message\",\"content\":[{{\"type\":\"output_text\",\"text\":\"Yes.\"}}]}}]}}}}\n\n"
    );
    let events = decode(Provider::OpenAi, Protocol::Responses, body.as_bytes());
    assert_eq!(
        opaque(&events)
            .iter()
            .map(|state| &state.bytes[..])
            .collect::<Vec<_>>(),
        [item.as_bytes()],
        "kept once and exactly"
    );
    let body = sent_back(Provider::OpenAi, Protocol::Responses, &events);
    assert_eq!(body["input"][0]["encrypted_content"], "gAAAü");
    assert_eq!(
        body["input"][1],
        json!({"role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]})
    );
}

#[test]
fn openrouter_reasoning_details_go_back_joined() {
    let detail = |detail: Value| json!({"choices": [{"index": 0, "delta": {"reasoning": "x", "reasoning_details": [detail]}}]});
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
fn gemini_signatures_go_back() {
    let body = json!({"candidates": [{"content": {"parts": [{"text": "Hm", "thought": true}, {"text": "Yes.", "thoughtSignature": "c2ln"}]}, "finishReason": "STOP"}]}).to_string();
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
