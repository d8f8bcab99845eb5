//! What an answer says and what it is said to have used.

use anyai_simulator::{Options, Provider, SIMULATED_KEY, count_tokens};
use serde_json::{Value, json};

use crate::support::{WIRES, Wire, client, simulator, start, with_key};

const PROMPT: &str = "Explain how tides work to a curious child";

#[tokio::test]
async fn every_wire_answers_with_text_thinking_stop_and_exact_usage() {
    let simulator = simulator().await;
    for wire in WIRES {
        let answer = wire.ask(&simulator, PROMPT).await;
        assert!(count_tokens(&answer.text) > 30, "{wire:?}: {}", answer.text);
        let shows_thinking = wire != Wire::Chat(Provider::OpenAi);
        assert_eq!(!answer.thinking.is_empty(), shows_thinking, "{wire:?}");
        let stop = answer.stop.as_deref().expect("a reason to stop");
        assert!(
            ["end_turn", "completed", "stop", "STOP"].contains(&stop),
            "{wire:?}: {stop}"
        );

        let usage = answer.usage.expect("usage");
        let (input, output, thinking) = wire.counts(&usage);
        assert!(input > 5, "{wire:?}: {input}");
        let text = i128::from(count_tokens(&answer.text));
        if wire.provider().is_local() {
            assert_eq!(
                output,
                text + i128::from(count_tokens(&answer.thinking)),
                "{wire:?}"
            );
        } else {
            assert_eq!(output, text + thinking, "{wire:?}");
            if shows_thinking {
                assert_eq!(
                    thinking,
                    i128::from(count_tokens(&answer.thinking)),
                    "{wire:?}"
                );
            }
        }
        assert_total(wire, &usage, input + output);
    }
}

fn assert_total(wire: Wire, usage: &Value, total: i128) {
    let field = match wire {
        Wire::Messages => return,
        Wire::Gemini => "totalTokenCount",
        Wire::Responses(_) | Wire::Chat(_) => "total_tokens",
    };
    assert_eq!(
        usage[field].as_i64().map(i128::from),
        Some(total),
        "{wire:?}"
    );
}

#[tokio::test]
async fn the_whole_answer_says_and_bills_what_the_stream_does() {
    let simulator = simulator().await;
    for wire in WIRES {
        let streamed = wire.ask(&simulator, PROMPT).await;
        let whole: Value = wire
            .send(&simulator, PROMPT, false)
            .await
            .json()
            .await
            .expect("JSON");
        let (text, usage) = match wire {
            Wire::Messages => (
                whole["content"].as_array().unwrap().last().unwrap()["text"].clone(),
                "usage",
            ),
            Wire::Responses(_) => (
                whole["output"].as_array().unwrap().last().unwrap()["content"][0]["text"].clone(),
                "usage",
            ),
            Wire::Chat(_) => (whole["choices"][0]["message"]["content"].clone(), "usage"),
            Wire::Gemini => {
                let parts = whole["candidates"][0]["content"]["parts"]
                    .as_array()
                    .unwrap();
                (parts.last().unwrap()["text"].clone(), "usageMetadata")
            }
        };
        assert_eq!(text, json!(streamed.text), "{wire:?}");
        assert_eq!(Some(&whole[usage]), streamed.usage.as_ref(), "{wire:?}");
    }
}

#[tokio::test]
async fn an_answer_is_decided_by_seed_prompt_and_model() {
    let one = simulator().await;
    let same = simulator().await;
    let other = start(Options {
        seed: 2,
        ..Options::default()
    })
    .await;
    for wire in WIRES {
        let first = wire.ask(&one, PROMPT).await;
        assert_eq!(first, wire.ask(&one, PROMPT).await, "{wire:?}: again");
        assert_eq!(
            first,
            wire.ask(&same, PROMPT).await,
            "{wire:?}: another run"
        );
        assert_ne!(
            first.text,
            wire.ask(&other, PROMPT).await.text,
            "{wire:?}: another seed"
        );
        let asked_otherwise = wire.ask(&one, "Explain how volcanoes work").await;
        assert_ne!(first.text, asked_otherwise.text, "{wire:?}: another prompt");
    }
    let mut body = Wire::Messages.body(PROMPT, 4_000, true);
    let sonnet = Wire::Messages.ask(&one, PROMPT).await;
    body["model"] = json!("claude-haiku-4-5");
    let response = Wire::Messages
        .request(&one, &body, true)
        .send()
        .await
        .unwrap();
    let haiku = Wire::Messages.read(&response.bytes().await.unwrap());
    assert_ne!(sonnet.text, haiku.text, "another model");
}

#[tokio::test]
async fn the_limit_on_output_is_kept_to_the_token_and_named_as_the_reason() {
    let simulator = simulator().await;
    for wire in WIRES {
        for limit in [16, 40, 77] {
            let body = wire.body("Tell me a long story about the sea", limit, true);
            let response = wire.request(&simulator, &body, true).send().await.unwrap();
            let answer = wire.read(&response.bytes().await.unwrap());
            let (_, output, _) = wire.counts(&answer.usage.clone().expect("usage"));
            assert_eq!(output, i128::from(limit), "{wire:?}");
            let stop = answer.stop.as_deref().unwrap();
            assert!(
                ["max_tokens", "incomplete", "length", "MAX_TOKENS"].contains(&stop),
                "{wire:?}: {stop}"
            );
            assert!(
                !answer.text.is_empty(),
                "{wire:?}: thinking leaves room for text"
            );
        }
    }
}

#[tokio::test]
async fn thinking_is_shown_only_to_who_asks_and_billed_in_any_case() {
    let simulator = simulator().await;
    let mut body = Wire::Messages.body(PROMPT, 4_000, true);
    body["thinking"] = json!({"type": "adaptive", "display": "omitted"});
    let response = Wire::Messages
        .request(&simulator, &body, true)
        .send()
        .await
        .unwrap();
    let hidden = Wire::Messages.read(&response.bytes().await.unwrap());
    assert_eq!(hidden.thinking, "");
    assert!(Wire::Messages.counts(&hidden.usage.unwrap()).2 > 10);

    body["thinking"] = json!({"type": "disabled"});
    let response = Wire::Messages
        .request(&simulator, &body, true)
        .send()
        .await
        .unwrap();
    let off = Wire::Messages.read(&response.bytes().await.unwrap());
    assert_eq!(Wire::Messages.counts(&off.usage.unwrap()).2, 0);
}

#[tokio::test]
async fn a_thinking_block_must_come_back_as_it_was_signed() {
    let simulator = simulator().await;
    let whole: Value = Wire::Messages
        .send(&simulator, PROMPT, false)
        .await
        .json()
        .await
        .unwrap();
    let mut body = Wire::Messages.body("And the moon?", 4_000, true);
    let said = json!([
        {"role": "user", "content": PROMPT},
        {"role": "assistant", "content": whole["content"]},
        {"role": "user", "content": "And the moon?"},
    ]);
    body["messages"] = said;
    assert_eq!(
        Wire::Messages
            .request(&simulator, &body, true)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    body["messages"][1]["content"][0]["thinking"] = json!("something else");
    assert_eq!(
        Wire::Messages
            .request(&simulator, &body, true)
            .send()
            .await
            .unwrap()
            .status(),
        400
    );
}

#[tokio::test]
async fn an_image_is_acknowledged_with_its_size_and_counted() {
    // The first bytes of a 1280 by 720 PNG; nothing after them is read.
    let png = "iVBORw0KGgoAAAANSUhEUgAABQAAAALQCAIAAAA=";
    let url = format!("data:image/png;base64,{png}");
    let simulator = simulator().await;
    for wire in WIRES {
        let mut body = wire.body("What is this?", 4_000, true);
        let plain = wire.request(&simulator, &body, true).send().await.unwrap();
        let plain = wire.read(&plain.bytes().await.unwrap());
        match wire {
            Wire::Messages => {
                body["messages"][0]["content"] = json!([
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}},
                    {"type": "text", "text": "What is this?"},
                ]);
            }
            Wire::Responses(_) => {
                body["input"][0]["content"] = json!([
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "detail": "auto", "image_url": url},
                ]);
            }
            Wire::Chat(_) => {
                body["messages"][0]["content"] = json!([
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": url}},
                ]);
            }
            Wire::Gemini => {
                body["contents"][0]["parts"] = json!([
                    {"text": "What is this?"},
                    {"inlineData": {"mimeType": "image/png", "data": png}},
                ]);
            }
        }
        let response = wire.request(&simulator, &body, true).send().await.unwrap();
        let answer = wire.read(&response.bytes().await.unwrap());
        assert!(
            answer.text.contains("1280 × 720"),
            "{wire:?}: {}",
            answer.text
        );
        let input = |answer: &crate::support::Answer| wire.counts(answer.usage.as_ref().unwrap()).0;
        // 1280 * 720 / 2400, as documented.
        assert_eq!(input(&answer) - input(&plain), 384, "{wire:?}");
    }
}

#[tokio::test]
async fn a_repeated_prefix_is_billed_as_cached() {
    let simulator = simulator().await;
    let long = "A paragraph about the harbour at dawn. ".repeat(300);
    let wire = Wire::Responses(Provider::OpenAi);
    let mut body = wire.body(&long, 4_000, true);
    let ask = async |body: &Value| {
        let response = wire.request(&simulator, body, true).send().await.unwrap();
        wire.read(&response.bytes().await.unwrap())
            .usage
            .expect("usage")
    };
    let first = ask(&body).await;
    assert_eq!(first["input_tokens_details"]["cached_tokens"], 0);
    assert!(first["input_tokens_details"]["cache_write_tokens"].as_u64() > Some(1_024));
    body["input"].as_array_mut().unwrap().extend([
        json!({"role": "assistant", "content": "Yes."}),
        json!({"role": "user", "content": "Go on"}),
    ]);
    let second = ask(&body).await;
    let cached = second["input_tokens_details"]["cached_tokens"]
        .as_u64()
        .unwrap();
    assert!(cached >= 1_024 && cached < second["input_tokens"].as_u64().unwrap());
    assert_eq!(cached % 128, 0);
}

#[tokio::test]
async fn xai_and_open_router_report_what_the_list_price_makes() {
    let simulator = simulator().await;
    let wire = Wire::Responses(Provider::XAi);
    let usage = wire.ask(&simulator, PROMPT).await.usage.unwrap();
    let (input, output, _) = wire.counts(&usage);
    // grok-4.3: 1,250 and 2,500 nano-dollars a token; ten ticks each.
    let ticks = (input * 1_250 + output * 2_500) * 10;
    assert_eq!(
        usage["cost_in_usd_ticks"].as_i64().map(i128::from),
        Some(ticks)
    );

    let wire = Wire::Chat(Provider::OpenRouter);
    let usage = wire.ask(&simulator, PROMPT).await.usage.unwrap();
    let (input, output, _) = wire.counts(&usage);
    let nano_usd = input * 2_000 + output * 10_000;
    let written = (usage["cost"].as_f64().unwrap() * 1e9).round();
    assert_eq!(written, nano_usd as f64);
}

#[tokio::test]
async fn directives_set_the_words_and_the_length() {
    let simulator = simulator().await;
    for wire in WIRES {
        let said = wire
            .ask(&simulator, "[[say:exactly *this*, no more]]")
            .await;
        assert_eq!(said.text, "exactly *this*, no more", "{wire:?}");
        let long = wire
            .ask(
                &simulator,
                "Hello [[length:tokens=900]] [[think:tokens=33]]",
            )
            .await;
        assert_eq!(count_tokens(&long.text), 900, "{wire:?}");
        if wire != Wire::Chat(Provider::OpenAi) {
            assert_eq!(count_tokens(&long.thinking), 33, "{wire:?}");
        }
    }
}

#[tokio::test]
async fn a_stop_sequence_ends_the_text_before_itself() {
    let simulator = simulator().await;
    let mut body = Wire::Messages.body("[[say:one two three four]]", 4_000, true);
    body["stop_sequences"] = json!(["four", " three"]);
    let response = Wire::Messages
        .request(&simulator, &body, true)
        .send()
        .await
        .unwrap();
    let answer = Wire::Messages.read(&response.bytes().await.unwrap());
    assert_eq!(
        (answer.text.as_str(), answer.stop.as_deref()),
        ("one two", Some("stop_sequence"))
    );
}

#[tokio::test]
async fn reasoning_to_send_back_comes_only_when_it_is_asked_for() {
    let simulator = simulator().await;
    let wire = Wire::Responses(Provider::OpenAi);
    let mut body = wire.body(PROMPT, 4_000, false);
    for (included, comes) in [(true, true), (false, false)] {
        if !included {
            body.as_object_mut().unwrap().remove("include");
        }
        let response = wire.request(&simulator, &body, false).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["output"][0]["type"], "reasoning");
        assert_eq!(
            answer["output"][0].get("encrypted_content").is_some(),
            comes
        );
    }
}

#[tokio::test]
async fn openrouter_keeps_a_record_of_what_an_answer_cost() {
    let simulator = start(Options {
        keep_answers: true,
        ..Options::default()
    })
    .await;
    let wire = Wire::Chat(Provider::OpenRouter);
    let sent = wire.send(&simulator, PROMPT, false).await;
    let answer: Value = sent.json().await.expect("an answer");
    let id = answer["id"].as_str().expect("an id");
    let url = format!(
        "{}/generation?id={id}",
        simulator.base_url(Provider::OpenRouter)
    );
    let asked = with_key(Provider::OpenRouter, client().get(url), SIMULATED_KEY);
    let record: Value = asked
        .send()
        .await
        .expect("a record")
        .json()
        .await
        .expect("JSON");
    let (record, usage) = (&record["data"], &answer["usage"]);
    assert_eq!(record["total_cost"], usage["cost"]);
    assert_eq!(record["native_tokens_prompt"], usage["prompt_tokens"]);
    assert_eq!(
        record["native_tokens_completion"],
        usage["completion_tokens"]
    );
    assert_eq!(
        record["finish_reason"],
        answer["choices"][0]["finish_reason"]
    );
}
