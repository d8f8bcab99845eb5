//! Keys, lists, records, pauses, paces and limits.

use std::time::{Duration, Instant};

use anyai_simulator::{
    Options, Outcome, Pace, Provider, RateLimit, Simulator, media_models, models,
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{WIRES, Wire, client, simulator, start, with_key};

async fn list(simulator: &Simulator, provider: Provider, key: Option<&str>) -> (u16, Value) {
    let path = match provider {
        Provider::Anthropic => "/v1/models",
        Provider::OpenRouter => "/key",
        _ => "/models",
    };
    let mut request = client().get(format!("{}{path}", simulator.base_url(provider)));
    if let Some(key) = key {
        request = with_key(provider, request, key);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn keys_are_verified_by_prefix_or_by_list() {
    let simulator = start(Options {
        keys: vec!["sk-mine".to_owned()],
        ..Options::default()
    })
    .await;
    for provider in Provider::ALL {
        for (key, accepted) in [
            ("sim-anything", true),
            ("sk-mine", true),
            ("sk-wrong", false),
        ] {
            let (status, body) = list(&simulator, provider, Some(key)).await;
            assert_eq!(status == 200, accepted, "{provider} {key}: {body}");
        }
        let (status, _) = list(&simulator, provider, None).await;
        assert_eq!(
            status == 200,
            provider.is_local(),
            "{provider} without a key"
        );
    }
    let (_, google) = list(&simulator, Provider::Google, Some("nonsense")).await;
    assert_eq!(google["error"]["details"][0]["reason"], "API_KEY_INVALID");
    let (status, xai) = list(&simulator, Provider::XAi, Some("nonsense")).await;
    assert_eq!((status, &xai["code"]), (400, &json!("invalid-argument")));
}

#[tokio::test]
async fn a_list_names_the_providers_models_and_each_can_be_asked() {
    let simulator = simulator().await;
    let (_, body) = list(&simulator, Provider::Google, Some("sim-key")).await;
    let listed = body["models"].as_array().unwrap().len();
    let media = media_models(Provider::Google).count();
    assert_eq!(listed, models(Provider::Google).count() + media);
    let (_, body) = list(&simulator, Provider::Anthropic, Some("sim-key")).await;
    for entry in body["data"].as_array().unwrap() {
        let mut request = Wire::Messages.body("[[say:x]]", 100, true);
        request["model"] = entry["id"].clone();
        let response = Wire::Messages
            .request(&simulator, &request, true)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{entry}");
    }
}

#[tokio::test]
async fn requests_that_no_provider_takes_are_refused() {
    let simulator = simulator().await;
    let wire = Wire::Messages;
    let good = wire.body("Hi", 4_000, true);
    type Spoil = fn(&mut Value);
    let spoils: [(&str, Spoil); 8] = [
        ("no limit", |body| {
            body.as_object_mut().unwrap().remove("max_tokens");
        }),
        ("limit 0", |body| body["max_tokens"] = json!(0)),
        ("limit beyond the model", |body| {
            body["max_tokens"] = json!(9_000_000)
        }),
        ("no messages", |body| body["messages"] = json!([])),
        ("unknown role", |body| {
            body["messages"][0]["role"] = json!("robot")
        }),
        ("small budget", |body| {
            body["thinking"] = json!({"type": "enabled", "budget_tokens": 5})
        }),
        ("budget over limit", |body| {
            body["thinking"] = json!({"type": "enabled", "budget_tokens": 4_000})
        }),
        ("broken image", |body| {
            body["messages"][0]["content"] = json!([{"type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "###"}}]);
        }),
    ];
    for (name, spoil) in spoils {
        let mut body = good.clone();
        spoil(&mut body);
        let response = wire.request(&simulator, &body, true).send().await.unwrap();
        assert_eq!(response.status(), 400, "{name}");
    }
    let mut unknown = good.clone();
    unknown["model"] = json!("claude-nonexistent");
    assert_eq!(
        wire.request(&simulator, &unknown, true)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    let url = format!("{}/v1/messages", simulator.base_url(Provider::Anthropic));
    let torn = with_key(Provider::Anthropic, client().post(&url), "sim-key").body("{\"model\"");
    assert_eq!(torn.send().await.unwrap().status(), 400);
    let unversioned = client()
        .post(&url)
        .header("x-api-key", "sim-key")
        .json(&good);
    assert_eq!(unversioned.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn requests_are_recorded_with_what_they_allowed() {
    let simulator = start(Options {
        keep_bodies: true,
        ..Options::default()
    })
    .await;
    for wire in WIRES {
        simulator.clear_requests();
        let body = wire.body("Count me", 123, true);
        wire.request(&simulator, &body, true)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        let received = simulator.requests();
        assert_eq!(received.len(), 1);
        let one = &received[0];
        assert_eq!(one.provider, wire.provider());
        assert_eq!(one.model.as_deref(), Some(wire.model()));
        assert_eq!(one.output_tokens_max, Some(123), "{wire:?}");
        assert!(
            one.streaming && one.input_tokens > 0 && one.sent_tokens > 0,
            "{wire:?}"
        );
        assert_eq!(one.outcome, Outcome::Finished, "{wire:?}");
        assert_eq!(one.body.as_ref(), Some(&body));
    }
}

#[tokio::test]
async fn a_pause_holds_the_answer_until_the_resume() {
    let simulator = simulator().await;
    let prompt = "[[say:a b c d e]] [[think:tokens=2]] [[pause:after=4]]";
    let mut body = Wire::Messages
        .send(&simulator, prompt, true)
        .await
        .bytes_stream();
    simulator.until_paused(1).await;
    let mut read = Vec::new();
    while let Ok(Some(piece)) = tokio::time::timeout(Duration::from_millis(100), body.next()).await
    {
        read.extend(piece.unwrap());
    }
    assert_eq!(Wire::Messages.read(&read).text, "a b");
    simulator.resume();
    while let Some(piece) = body.next().await {
        read.extend(piece.unwrap());
    }
    assert_eq!(Wire::Messages.read(&read).text, "a b c d e");
}

#[tokio::test]
async fn a_client_that_leaves_is_recorded_with_the_token_it_left_at() {
    let simulator = simulator().await;
    let prompt = "[[say:a b c d e]] [[think:tokens=2]] [[pause:after=4]]";
    let body = Wire::Messages
        .send(&simulator, prompt, true)
        .await
        .bytes_stream();
    simulator.until_paused(1).await;
    drop(body);
    let left = wait_for(|| {
        simulator
            .requests()
            .pop()
            .filter(|one| one.outcome != Outcome::Running)
    })
    .await;
    assert_eq!(left.outcome, Outcome::Disconnected { after_tokens: 4 });
}

async fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..500 {
        if let Some(seen) = look() {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited five seconds in vain");
}

#[tokio::test]
async fn the_pace_is_kept() {
    let pace = Pace::Fixed {
        first_token: Duration::from_millis(150),
        tokens_per_second: 100,
    };
    let simulator = start(Options {
        pace,
        ..Options::default()
    })
    .await;
    let started = Instant::now();
    let mut body = Wire::Messages
        .send(&simulator, "[[say:a b c d e f g h i j k]]", true)
        .await
        .bytes_stream();
    let mut read = Vec::new();
    let mut first_text = None;
    while let Some(piece) = body.next().await {
        read.extend(piece.unwrap());
        if first_text.is_none() && String::from_utf8_lossy(&read).contains("delta\":") {
            first_text = Some(started.elapsed());
        }
    }
    assert!(first_text.unwrap() >= Duration::from_millis(150));
    assert!(started.elapsed() >= Duration::from_millis(150 + 10 * 10));
}

#[tokio::test]
async fn slow_overrides_the_pace() {
    let simulator = simulator().await;
    let started = Instant::now();
    let prompt = "[[say:a b c d]] [[think:tokens=1]] [[fault:slow tps=20]]";
    Wire::Messages.ask(&simulator, prompt).await;
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_rate_limit_refuses_what_is_beyond_it_for_each_provider() {
    let limit = RateLimit {
        requests_per_minute: 2,
    };
    let simulator = start(Options {
        rate_limit: Some(limit),
        ..Options::default()
    })
    .await;
    let mut statuses = Vec::new();
    for wire in [Wire::Messages, Wire::Messages, Wire::Messages, Wire::Gemini] {
        statuses.push(
            wire.send(&simulator, "[[say:x]]", true)
                .await
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [200, 200, 429, 200]);
    let refused = Wire::Messages.send(&simulator, "[[say:x]]", true).await;
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    simulator.set_rate_limit(None);
    assert_eq!(
        Wire::Messages
            .send(&simulator, "[[say:x]]", true)
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_stop_breaks_hanging_answers_and_frees_the_port() {
    let simulator = simulator().await;
    let address = simulator.address();
    let hanging = Wire::Messages
        .send(&simulator, "[[fault:hang]]", true)
        .await;
    let started = Instant::now();
    simulator.shutdown().await;
    assert!(
        hanging.bytes().await.is_err(),
        "a broken connection, not a good end"
    );
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_drop_stops_it_too() {
    let simulator = simulator().await;
    let address = simulator.address();
    let hanging = Wire::Messages
        .send(&simulator, "[[fault:hang]]", true)
        .await;
    drop(simulator);
    assert!(hanging.bytes().await.is_err());
    wait_for(|| std::net::TcpStream::connect(address).err()).await;
}
