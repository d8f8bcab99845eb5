//! What every decoder does alike: any cut, any damage, any line end, one end.

use anyai_providers::{Decoder, ErrorClass, Protocol, Provider, ProviderEvent, StopReason};
use anyai_units::Tokens;
use serde_json::json;

use crate::answer::{ALL, decode, failure, greeting, stop, text, usage};

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
    let error = json!({"error": {"message": "No.", "code": 429, "status": "RESOURCE_EXHAUSTED",
        "type": "rate_limit_error"}});
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
fn an_error_keeps_its_bill_and_an_empty_one_is_none() {
    let failed = json!({"error": {"message": "No.", "type": "server_error"}, "data": [],
        "usage": {"input_tokens": 3, "output_tokens": 5, "prompt_tokens": 3, "completion_tokens": 5,
            "total_input_tokens": 3, "total_output_tokens": 5},
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}});
    let pictures = [(Provider::OpenAi, Protocol::Images)];
    let all = ALL.into_iter().chain(pictures);
    for (provider, protocol) in all.filter(|(_, it)| *it != Protocol::OllamaChat) {
        let events = decode(provider, protocol, failed.to_string().as_bytes());
        assert_eq!(failure(&events).message, "No.", "{protocol:?}");
        let usage = usage(&events);
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Tokens::new(3), Tokens::new(5)),
            "{protocol:?}"
        );
    }
    for error in [json!({}), json!(""), json!(false), json!([])] {
        let made = json!({"error": error, "data": [{"b64_json": "iVBORwE="}]});
        let events = decode(
            Provider::OpenAi,
            Protocol::Images,
            made.to_string().as_bytes(),
        );
        assert_eq!(stop(&events).0, StopReason::EndTurn, "{error}");
        let said = json!({"error": error, "choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]});
        let events = decode(
            Provider::OpenRouter,
            Protocol::ChatCompletions,
            said.to_string().as_bytes(),
        );
        assert_eq!(stop(&events).0, StopReason::EndTurn, "{error}");
        let response = json!({"error": error, "status": "completed", "output": []});
        let events = decode(
            Provider::OpenAi,
            Protocol::Responses,
            response.to_string().as_bytes(),
        );
        assert_eq!(stop(&events).0, StopReason::EndTurn, "{error}");
    }
    let made = json!({"error": "partly", "data": [{"b64_json": "iVBORwE="}]});
    let events = decode(Provider::XAi, Protocol::Images, made.to_string().as_bytes());
    assert!(matches!(events[0], ProviderEvent::Image(_)), "{events:?}");
}

#[test]
fn an_event_a_line_and_a_body_above_the_limit_are_refused_before_they_are_kept() {
    for (provider, protocol) in ALL {
        let mebibytes = match protocol {
            Protocol::GenerateContent | Protocol::Interactions => 128,
            _ => 32,
        };
        for start in ["data: {\"x\":\"", "{\"x\":\""] {
            let mut decoder = Decoder::new(provider, protocol);
            let mut events = decoder.push(start.as_bytes());
            let chunk = vec![b'x'; 1 << 20];
            let mut pushed = 0;
            while !decoder.ended() && pushed < 200 {
                events.extend(decoder.push(&chunk));
                pushed += 1;
            }
            let found = (failure(&events).class, pushed);
            let expected = (ErrorClass::Malformed, mebibytes);
            assert_eq!(found, expected, "{protocol:?} {start}");
        }
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
fn a_whole_answer_without_a_reason_to_stop_is_complete() {
    for (provider, protocol, body) in [
        (
            Provider::Anthropic,
            Protocol::Messages,
            json!({"type": "message", "content": [{"type": "text",
            "text": "Yes."}]}),
        ),
        (
            Provider::LlamaCpp,
            Protocol::ChatCompletions,
            json!({"choices": [{"message": {"content": "Yes."}}]}),
        ),
        (
            Provider::Google,
            Protocol::GenerateContent,
            json!({"candidates": [{"content": {"parts": [{"text": "Yes."}]}}]}),
        ),
    ] {
        let events = decode(provider, protocol, body.to_string().as_bytes());
        assert_eq!(
            (text(&events).as_str(), stop(&events)),
            ("Yes.", (StopReason::Unknown, "")),
            "{protocol:?}"
        );
    }
}
