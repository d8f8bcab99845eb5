//! Faults of orders: pictures, and the start of clips; and those that every wire has.

use std::time::Duration;

use anyai_simulator::{FaultRates, Options, Outcome, Provider};
use futures_util::StreamExt;
use serde_json::Value;

use crate::media::{CLIP_WIRES, ClipWire, PICTURE_WIRES, PictureWire, get, post};
use crate::support::{WIRES, Wire, simulator, start};

/// What each named fault answers on OpenAI's, xAI's and OpenRouter's path and on Google's two.
const REFUSALS: [(&str, [u16; 5]); 6] = [
    ("overloaded", [503, 503, 503, 503, 503]),
    ("rate_limited retry_after=4", [429; 5]),
    ("quota", [429, 429, 402, 429, 429]),
    ("server", [500, 500, 502, 500, 500]),
    ("auth", [401, 400, 401, 400, 400]),
    ("forbidden", [403; 5]),
];

const STATUSES: [u16; 12] = [400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 529];

#[tokio::test]
async fn any_status_can_be_had_with_and_without_a_wait() {
    let simulator = simulator().await;
    for status in STATUSES {
        let prompt = format!("x [[fault:status code={status}]]");
        let waiting = format!("x [[fault:status code={status} retry_after=9]]");
        for wire in PICTURE_WIRES {
            let plain = wire.send(&simulator, &prompt).await;
            assert_eq!(plain.status().as_u16(), status, "{wire:?}");
            assert_eq!(plain.headers().get("retry-after"), None, "{wire:?}");
            let answer: Value = plain.json().await.expect("an error in JSON");
            assert!(answer.get("error").is_some(), "{wire:?}: {answer}");
            let told = wire.send(&simulator, &waiting).await;
            assert_eq!(told.status().as_u16(), status, "{wire:?}");
            let in_header = told.headers().get("retry-after").is_some();
            assert_eq!(in_header, wire.provider() != Provider::Google, "{wire:?}");
            let answer: Value = told.json().await.unwrap();
            let in_body = answer.pointer("/error/details/0/retryDelay").is_some();
            assert_eq!(in_body, wire.provider() == Provider::Google, "{wire:?}");
        }
        for wire in CLIP_WIRES {
            let refused = wire.send(&simulator, &prompt).await;
            assert_eq!(refused.status().as_u16(), status, "{wire:?}");
        }
        for wire in WIRES {
            let refused = wire.send(&simulator, &prompt, true).await;
            assert_eq!(refused.status().as_u16(), status, "{wire:?}");
        }
    }
    assert_eq!(simulator.jobs(), [], "what is refused starts no job");
}

#[tokio::test]
async fn named_refusals_have_the_providers_status_for_pictures_too() {
    let simulator = simulator().await;
    for (fault, statuses) in REFUSALS {
        for (wire, expected) in PICTURE_WIRES.into_iter().zip(statuses) {
            let refused = wire.send(&simulator, &format!("x [[fault:{fault}]]")).await;
            assert_eq!(refused.status().as_u16(), expected, "{wire:?} {fault}");
        }
    }
}

#[tokio::test]
async fn a_connection_can_break_before_the_head() {
    let simulator = simulator().await;
    for wire in WIRES {
        let prompt = &format!("{wire:?} [[fault:reset times=1]]");
        let body = wire.body(prompt, 100, true);
        let broken = wire.request(&simulator, &body, true).send().await;
        assert!(broken.is_err(), "{wire:?}");
        assert_eq!(simulator.requests().pop().unwrap().outcome, Outcome::Broken);
        assert_eq!(
            wire.send(&simulator, prompt, true).await.status(),
            200,
            "{wire:?}"
        );
    }
    for wire in PICTURE_WIRES {
        let (path, body) = wire.order("x [[fault:reset]]");
        let url = format!("{}{path}", simulator.base_url(wire.provider()));
        let request = crate::support::client().post(url).json(&body);
        let request = crate::support::with_key(wire.provider(), request, "sim-key");
        assert!(request.send().await.is_err(), "{wire:?}");
    }
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_runs_all_the_same() {
    let simulator = simulator().await;
    let (path, body) = ClipWire::XAi.order("x [[fault:reset]] [[job:polls=0]]");
    let url = format!("{}{path}", simulator.base_url(Provider::XAi));
    let request = crate::support::client()
        .post(url)
        .json(&body)
        .bearer_auth("sim-key");
    assert!(request.send().await.is_err());
    let jobs = simulator.jobs();
    assert_eq!(jobs.len(), 1);
    let path = format!("/videos/{}", jobs[0].id);
    assert_eq!(get(&simulator, Provider::XAi, &path).await.status(), 200);
}

#[tokio::test]
async fn silence_sends_no_head() {
    let simulator = simulator().await;
    let body = Wire::Messages.body("x [[fault:silence]]", 100, true);
    let chat = Wire::Messages.request(&simulator, &body, true).send();
    let (path, body) = PictureWire::OpenAi.order("x [[fault:silence]]");
    let picture = post(&simulator, Provider::OpenAi, path, &body);
    let waited = async {
        tokio::select! {
            _ = chat => "chat",
            _ = picture => "picture",
        }
    };
    let heard = tokio::time::timeout(Duration::from_millis(300), waited).await;
    assert!(heard.is_err(), "{heard:?} answered");
}

#[tokio::test]
async fn a_giant_line_comes_first_and_can_be_read_over() {
    let simulator = simulator().await;
    for wire in WIRES {
        let prompt = "[[say:a b]] [[fault:giant_line kib=256]]";
        let bytes = wire
            .send(&simulator, prompt, true)
            .await
            .bytes()
            .await
            .unwrap();
        let longest = bytes.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
        assert!(longest >= Some(256 * 1_024), "{wire:?}: {longest:?}");
        assert_eq!(wire.read(&bytes).text, "a b", "{wire:?}");
    }
    for wire in PICTURE_WIRES {
        let answer = wire
            .send(&simulator, "x [[fault:giant_line kib=256]]")
            .await;
        let bytes = answer.bytes().await.unwrap();
        assert!(
            bytes[..256 * 1_024].iter().all(|byte| *byte == b' '),
            "{wire:?}"
        );
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(wire.pictures(&answer).len(), 1, "{wire:?}");
    }
}

#[tokio::test]
async fn a_good_answer_can_call_itself_a_web_page_or_be_one() {
    let simulator = simulator().await;
    for wire in PICTURE_WIRES {
        let wrong = wire.send(&simulator, "x [[fault:wrong_type]]").await;
        assert_eq!(
            wrong.headers()["content-type"],
            "text/html; charset=utf-8",
            "{wire:?}"
        );
        let answer: Value = wrong.json().await.unwrap();
        assert_eq!(wire.pictures(&answer).len(), 1, "{wire:?}");
        let page = wire.send(&simulator, "x [[fault:garbage]]").await;
        assert!(
            page.text().await.unwrap().starts_with("<!doctype html>"),
            "{wire:?}"
        );
    }
    for wire in WIRES {
        let wrong = wire
            .send(&simulator, "[[say:a]] [[fault:wrong_type]]", true)
            .await;
        assert_eq!(
            wrong.headers()["content-type"],
            "text/html; charset=utf-8",
            "{wire:?}"
        );
    }
}

#[tokio::test]
async fn the_end_can_come_twice() {
    let simulator = simulator().await;
    for wire in WIRES {
        let ends = async |prompt: &str| {
            let bytes = wire
                .send(&simulator, prompt, true)
                .await
                .bytes()
                .await
                .unwrap();
            let lines = || bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let last = lines().rfind(|line| !line.is_empty()).unwrap();
            let again = lines().filter(|line| *line == last);
            (again.count(), wire.read(&bytes).text)
        };
        let (once, said) = ends("[[say:a b]]").await;
        let (twice, said_again) = ends("[[say:a b]] [[fault:double_end]]").await;
        // Numbered events are never the same line.
        let numbered = matches!(wire, Wire::Responses(_));
        assert!(numbered || twice > once, "{wire:?}: {once} then {twice}");
        assert_eq!(said, said_again, "{wire:?}");
    }
    let (path, mut body) = PictureWire::OpenAi.order("x [[fault:double_end]]");
    body["stream"] = Value::Bool(true);
    let events = crate::media::streamed(&simulator, Provider::OpenAi, path, &body).await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0], events[1]);
}

#[tokio::test]
async fn bodies_of_pictures_break_where_they_are_told_to() {
    let simulator = simulator().await;
    for wire in PICTURE_WIRES {
        let cut = wire.send(&simulator, "x [[fault:cut after=3]]").await;
        assert_eq!(cut.status(), 200, "{wire:?}");
        assert!(cut.bytes().await.is_err(), "{wire:?}");
        let last = simulator.requests().pop().unwrap();
        assert_eq!(
            (last.outcome, last.sent_tokens),
            (Outcome::Broken, 3),
            "{wire:?}"
        );
        let short = wire.send(&simulator, "x [[fault:eof after=4]]").await;
        let short = short.bytes().await.expect("a good end, too early");
        assert!(serde_json::from_slice::<Value>(&short).is_err(), "{wire:?}");
        let spoiled = wire
            .send(&simulator, "x [[fault:invalid_utf8 after=0]]")
            .await;
        let spoiled = spoiled.bytes().await.unwrap();
        assert!(std::str::from_utf8(&spoiled).is_err(), "{wire:?}");
        let broken = wire.send(&simulator, "x [[fault:midstream_error]]").await;
        assert!(
            broken.status().is_server_error(),
            "{wire:?}: a whole has no middle"
        );
    }
}

#[tokio::test]
async fn a_stream_of_pictures_can_fail_after_a_draft() {
    let simulator = simulator().await;
    let (path, mut body) = PictureWire::OpenAi.order("x [[fault:midstream_error after=1]]");
    (body["stream"], body["partial_images"]) = (Value::Bool(true), 2.into());
    let events = crate::media::streamed(&simulator, Provider::OpenAi, path, &body).await;
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    assert_eq!(kinds, ["image_generation.partial_image", "error"]);
}

#[tokio::test]
async fn a_hanging_picture_sends_its_start_and_then_nothing() {
    let simulator = simulator().await;
    let hanging = PictureWire::OpenAi
        .send(&simulator, "x [[fault:hang after=2]]")
        .await;
    let mut body = hanging.bytes_stream();
    let mut read = 0;
    while let Ok(Some(piece)) = tokio::time::timeout(Duration::from_millis(200), body.next()).await
    {
        read += piece.expect("no error").len();
    }
    assert!(read > 0);
    assert_eq!(simulator.requests()[0].outcome, Outcome::Running);
}

#[tokio::test]
async fn bills_can_be_missing_huge_negative_or_too_high() {
    let simulator = simulator().await;
    let total = |wire: PictureWire, usage: &Value| {
        let pointer = match wire {
            PictureWire::XAi => "/cost_in_usd_ticks",
            PictureWire::OpenRouter => "/cost",
            PictureWire::Gemini => "/candidatesTokenCount",
            PictureWire::OpenAi => "/output_tokens",
            PictureWire::Interactions => "/total_output_tokens",
        };
        usage
            .pointer(pointer)
            .and_then(Value::as_f64)
            .unwrap_or_else(|| panic!("{wire:?}: {usage}"))
    };
    for wire in PICTURE_WIRES {
        let bill = async |fault: &str| {
            let answer: Value = wire.send(&simulator, fault).await.json().await.unwrap();
            wire.usage(&answer).map(|usage| total(wire, usage))
        };
        let true_bill = bill("x").await.unwrap();
        assert_eq!(bill("x [[fault:no_usage]]").await, None, "{wire:?}");
        assert!(
            bill("x [[fault:huge_usage]]").await > Some(1e17),
            "{wire:?}"
        );
        assert!(
            bill("x [[fault:negative_usage]]").await < Some(0.0),
            "{wire:?}"
        );
        assert!(
            bill("x [[fault:overrun by=5]]").await > Some(true_bill),
            "{wire:?}"
        );
    }
    for (fault, expected) in [("no_usage", None), ("overrun by=2", Some(6 * 500_000_000))] {
        let path = ClipWire::XAi
            .start(&simulator, &format!("x [[fault:{fault}]]"))
            .await;
        let (_, done) = ClipWire::XAi.end(&simulator, &path).await;
        let ticks = done
            .pointer("/usage/cost_in_usd_ticks")
            .and_then(Value::as_u64);
        assert_eq!(ticks, expected, "{fault}");
    }
}

#[tokio::test]
async fn rates_strike_orders_polls_and_downloads_apart() {
    let simulator = start(Options {
        faults: FaultRates {
            poll_error_per_mille: 1_000,
            ..FaultRates::NONE
        },
        ..Options::default()
    })
    .await;
    let path = ClipWire::XAi.start(&simulator, "x [[job:polls=0]]").await;
    assert_eq!(ClipWire::XAi.poll(&simulator, &path).await.0, 500);
    simulator.set_fault_rates(FaultRates {
        download_cut_per_mille: 1_000,
        ..FaultRates::NONE
    });
    let (_, done) = ClipWire::XAi.poll(&simulator, &path).await;
    let address = ClipWire::XAi.address(&done).unwrap();
    assert!(ClipWire::XAi.fetch(&address).await.bytes().await.is_err());
    simulator.set_fault_rates(FaultRates {
        refused_per_mille: 1_000,
        ..FaultRates::NONE
    });
    assert_eq!(
        PictureWire::OpenAi.send(&simulator, "x").await.status(),
        400
    );
}
