//! Each fault, on each wire.

use anyai_simulator::{Fault, FaultRates, Options, Outcome, Provider, Simulator};
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;

use crate::support::{WIRES, Wire, simulator, start};

async fn refused(simulator: &Simulator, wire: Wire, prompt: &str) -> (u16, Value, Option<String>) {
    let response = wire.send(simulator, prompt, true).await;
    let status = response.status().as_u16();
    let retry = response
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap().to_owned());
    (
        status,
        response.json().await.expect("an error in JSON"),
        retry,
    )
}

#[tokio::test]
async fn refusals_have_each_providers_status_and_shape() {
    use Provider::{Anthropic, Google, LlamaCpp, OpenAi, OpenRouter, XAi};
    let simulator = simulator().await;
    let cases = [
        ("overloaded", [529, 503, 503, 503, 503, 503]),
        ("rate_limited", [429, 429, 429, 429, 429, 429]),
        ("quota", [402, 429, 429, 429, 402, 429]),
        ("server", [500, 500, 500, 500, 502, 500]),
        ("auth", [401, 401, 400, 400, 401, 401]),
        ("not_found", [404, 404, 404, 400, 400, 404]),
        ("context", [400, 400, 400, 400, 400, 400]),
    ];
    let wires = [
        (Anthropic, Wire::Messages, "/error/message"),
        (OpenAi, Wire::Responses(OpenAi), "/error/code"),
        (Google, Wire::Gemini, "/error/status"),
        (XAi, Wire::Responses(XAi), "/code"),
        (OpenRouter, Wire::Chat(OpenRouter), "/error/code"),
        (LlamaCpp, Wire::Chat(LlamaCpp), "/error/type"),
    ];
    for (fault, statuses) in cases {
        for ((provider, wire, has), expected) in wires.iter().zip(statuses) {
            let (status, body, _) = refused(&simulator, *wire, &format!("[[fault:{fault}]]")).await;
            assert_eq!(status, expected, "{provider} {fault}: {body}");
            assert!(
                body.pointer(has).is_some_and(|value| !value.is_null()),
                "{provider} {fault}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn the_wait_stands_where_the_provider_puts_it() {
    let simulator = simulator().await;
    for wire in WIRES {
        let (_, body, retry) =
            refused(&simulator, wire, "[[fault:rate_limited retry_after=7]]").await;
        if wire == Wire::Gemini {
            assert_eq!(body["error"]["details"][1]["retryDelay"], "7s");
            assert_eq!(retry, None);
        } else {
            assert_eq!(retry.as_deref(), Some("7"), "{wire:?}");
        }
    }
}

#[tokio::test]
async fn a_fault_can_be_for_the_first_tries_only() {
    let simulator = simulator().await;
    let prompt = "Hello [[fault:overloaded times=2]]";
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(
            Wire::Messages
                .send(&simulator, prompt, true)
                .await
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [529, 529, 200, 200]);
}

#[tokio::test]
async fn an_error_can_come_inside_a_good_stream() {
    let simulator = simulator().await;
    for wire in WIRES {
        let prompt = "[[say:a b c d e f g h]] [[think:tokens=2]] [[fault:midstream_error after=6]]";
        let answer = wire.ask(&simulator, prompt).await;
        assert!(answer.error.is_some(), "{wire:?}: {answer:?}");
        assert_eq!(answer.text, "a b c d", "{wire:?}");
        let last = simulator.requests().pop().unwrap();
        assert_eq!(
            (last.outcome, last.sent_tokens),
            (Outcome::Broken, 6),
            "{wire:?}"
        );
    }
}

#[tokio::test]
async fn a_cut_breaks_the_connection_and_an_early_end_does_not() {
    let simulator = simulator().await;
    for wire in WIRES {
        let cut = wire
            .send(
                &simulator,
                "[[say:a b c d]] [[think:tokens=1]] [[fault:cut after=3]]",
                true,
            )
            .await;
        assert_eq!(cut.status(), 200);
        assert!(
            cut.bytes().await.is_err(),
            "{wire:?}: the body must not end in good order"
        );
        let early = wire
            .ask(
                &simulator,
                "[[say:a b c d]] [[think:tokens=1]] [[fault:eof after=3]]",
            )
            .await;
        assert_eq!(early.text, "a b", "{wire:?}");
        // Gemini counts as it goes; nobody else has a usage record without the end.
        assert_eq!(early.stop, None, "{wire:?}");
        assert!(early.usage.is_none() || wire == Wire::Gemini, "{wire:?}");
    }
}

#[tokio::test]
async fn a_fault_set_beyond_the_end_still_strikes() {
    let simulator = simulator().await;
    let response = Wire::Messages
        .send(
            &simulator,
            "[[say:a b]] [[think:tokens=1]] [[fault:cut after=999]]",
            true,
        )
        .await;
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn usage_can_be_missing_huge_negative_or_over_the_limit() {
    let simulator = simulator().await;
    for wire in WIRES {
        assert_eq!(
            wire.ask(&simulator, "Hi [[fault:no_usage]]").await.usage,
            None,
            "{wire:?}"
        );
        let huge = wire
            .ask(&simulator, "Hi [[fault:huge_usage]]")
            .await
            .usage
            .unwrap();
        assert!(wire.counts(&huge).0 > i128::from(i64::MAX), "{wire:?}");
        let negative = wire
            .ask(&simulator, "Hi [[fault:negative_usage]]")
            .await
            .usage
            .unwrap();
        assert!(wire.counts(&negative).1 < 0, "{wire:?}");
        let body = wire.body("Hi [[fault:overrun by=7]]", 500, true);
        let response = wire.request(&simulator, &body, true).send().await.unwrap();
        let over = wire.read(&response.bytes().await.unwrap()).usage.unwrap();
        assert_eq!(wire.counts(&over).1, 507, "{wire:?}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_come_in_the_answer() {
    let simulator = simulator().await;
    for wire in WIRES {
        for streaming in [true, false] {
            let prompt = "[[say:a b c]] [[think:tokens=1]] [[fault:invalid_utf8 after=2]]";
            let bytes = wire
                .send(&simulator, prompt, streaming)
                .await
                .bytes()
                .await
                .unwrap();
            assert!(
                std::str::from_utf8(&bytes).is_err(),
                "{wire:?} streaming {streaming}"
            );
            if streaming {
                let answer = wire.read(&bytes);
                assert!(
                    answer.stop.is_some(),
                    "{wire:?}: the stream goes on to its end"
                );
                assert!(
                    answer.text.starts_with('a') && answer.text.ends_with(" c"),
                    "{wire:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_has_the_providers_form() {
    let simulator = simulator().await;
    for wire in WIRES {
        let answer = wire.ask(&simulator, "Hi [[fault:refuse]]").await;
        assert_eq!(answer.text, "", "{wire:?}");
        let expected = match wire {
            Wire::Messages => Some("refusal"),
            Wire::Responses(_) => Some("completed"),
            Wire::Chat(Provider::OpenAi) => Some("stop"),
            Wire::Chat(_) => Some("content_filter"),
            Wire::Gemini => None,
        };
        assert_eq!(answer.stop.as_deref(), expected, "{wire:?}");
        let says_why = !matches!(wire, Wire::Chat(provider) if provider != Provider::OpenAi);
        assert_eq!(!answer.refusal.is_empty(), says_why, "{wire:?}");
    }
}

#[tokio::test]
async fn garbage_is_a_web_page_at_first_and_noise_later() {
    let simulator = simulator().await;
    for wire in WIRES {
        let page = wire.send(&simulator, "[[fault:garbage]]", true).await;
        assert_eq!(page.status(), 200);
        assert!(
            page.text().await.unwrap().starts_with("<!doctype html>"),
            "{wire:?}"
        );
        let noise = wire
            .ask(
                &simulator,
                "[[say:a b c]] [[think:tokens=1]] [[fault:garbage after=2]]",
            )
            .await;
        assert_eq!((noise.text.as_str(), noise.stop), ("a", None), "{wire:?}");
    }
}

#[tokio::test]
async fn an_empty_answer_spends_the_limit_on_thinking() {
    let simulator = simulator().await;
    for wire in WIRES {
        let body = wire.body("Hi [[fault:empty]]", 64, true);
        let response = wire.request(&simulator, &body, true).send().await.unwrap();
        let answer = wire.read(&response.bytes().await.unwrap());
        assert_eq!(answer.text, "", "{wire:?}");
        assert_eq!(wire.counts(&answer.usage.unwrap()).1, 64, "{wire:?}");
    }
}

#[tokio::test]
async fn a_hanging_answer_sends_its_start_and_then_nothing() {
    let simulator = simulator().await;
    let prompt = "[[say:a b c]] [[think:tokens=1]] [[fault:hang after=2]]";
    let mut body = Wire::Messages
        .send(&simulator, prompt, true)
        .await
        .bytes_stream();
    let mut read = Vec::new();
    while let Ok(Some(piece)) = tokio::time::timeout(Duration::from_millis(200), body.next()).await
    {
        read.extend(piece.expect("no error"));
    }
    assert_eq!(Wire::Messages.read(&read).text, "a");
    assert_eq!(simulator.requests()[0].outcome, Outcome::Running);
}

#[tokio::test]
async fn a_split_body_says_the_same() {
    let simulator = simulator().await;
    let plain = Wire::Gemini
        .ask(&simulator, "[[say:naïve 日本語 🙂]]")
        .await;
    let split = Wire::Gemini
        .ask(
            &simulator,
            "[[say:naïve 日本語 🙂]] [[fault:split bytes=1]]",
        )
        .await;
    assert_eq!(plain.text, split.text);
}

#[tokio::test]
async fn queued_faults_are_for_one_request_each() {
    let simulator = simulator().await;
    simulator.next_fault(Fault::Overloaded);
    simulator.next_fault(Fault::RateLimited { retry_after_s: 1 });
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            Wire::Messages
                .send(&simulator, "Hi", true)
                .await
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [529, 429, 200]);
}

#[tokio::test]
async fn fault_rates_strike_the_same_requests_for_the_same_seed() {
    let options = || Options {
        seed: 11,
        faults: FaultRates {
            overloaded_per_mille: 300,
            ..FaultRates::NONE
        },
        ..Options::default()
    };
    let mut runs = Vec::new();
    for _ in 0..2 {
        let simulator = start(options()).await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(
                Wire::Messages
                    .send(&simulator, "[[say:x]]", true)
                    .await
                    .status()
                    .as_u16(),
            );
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let struck = runs[0].iter().filter(|status| **status == 529).count();
    assert!(
        (4..=24).contains(&struck),
        "{struck} of 40 at a rate of 300 in 1,000"
    );
}

#[tokio::test]
async fn a_fault_for_the_first_try_is_so_for_each_provider() {
    let simulator = simulator().await;
    for wire in [Wire::Messages, Wire::Gemini] {
        let statuses = [
            wire.send(&simulator, "Hi [[fault:server times=1]]", true)
                .await
                .status()
                .as_u16(),
            wire.send(&simulator, "Hi [[fault:server times=1]]", true)
                .await
                .status()
                .as_u16(),
        ];
        assert_eq!(statuses, [500, 200], "{wire:?}");
    }
}

#[tokio::test]
async fn a_prompt_google_blocks_has_no_output() {
    let simulator = simulator().await;
    let usage = Wire::Gemini
        .ask(&simulator, "Hi [[fault:refuse]]")
        .await
        .usage
        .unwrap();
    assert_eq!(Wire::Gemini.counts(&usage).1, 0);
}

#[tokio::test]
async fn a_broken_stream_has_told_nothing_of_its_thinking() {
    let simulator = simulator().await;
    let response = Wire::Messages
        .send(&simulator, "Hi [[fault:eof after=1]]", true)
        .await;
    let start = &crate::support::events(&response.bytes().await.unwrap())[0].1;
    assert_eq!(start["message"]["usage"].get("output_tokens_details"), None);
    assert_eq!(start["message"]["usage"]["output_tokens"], 1);
}
