//! Pictures, clips, Interactions and local lists beside recorded ones: no field that a provider
//! never sent, and none of the recorded fields a client needs left out.
//!
//! The recordings are not part of the project; without them these tests say so and pass.

use anyai_simulator::{Options, Provider, SIMULATED_KEY};
use serde_json::{Value, json};

use crate::media::{ClipWire, PictureWire, get, ordered, post, streamed};
use crate::shapes::{invented, recorded, recorded_events};
use crate::support::{Wire, simulator, start};

/// Fields the providers' documents have and no recording here has.
const DOCUMENTED: [&str; 5] = [
    ".usage.output_tokens_details",
    ".usage.output_tokens_by_modality",
    ".interaction.usage.output_tokens_by_modality",
    ".error",
    ".type",
];

fn assert_known(ours: &[Value], theirs: &[Value], what: &str) {
    let unknown: Vec<String> = invented(ours, theirs)
        .into_iter()
        .filter(|path| !DOCUMENTED.contains(&path.as_str()))
        .filter(|path| {
            !DOCUMENTED
                .iter()
                .any(|known| path.starts_with(&format!("{known}.")))
        })
        .collect();
    assert_eq!(unknown, Vec::<String>::new(), "{what}");
}

/// What of the recorded fields ours has not.
fn missing(ours: &Value, theirs: &[Value]) -> Vec<String> {
    invented(theirs, std::slice::from_ref(ours))
}

#[tokio::test]
async fn pictures_have_the_recorded_fields() {
    let Some(folder) = recorded() else { return };
    let simulator = simulator().await;
    for (wire, ids) in [
        (
            PictureWire::OpenAi,
            [
                "openai/image-json-gpt-image-1-mini",
                "openai/image-json-gpt-image-1-5",
            ]
            .as_slice(),
        ),
        (PictureWire::XAi, &["xai/image-json-grok-imagine-image"]),
    ] {
        let (path, mut body) = wire.order("a cat");
        if wire == PictureWire::XAi {
            body["response_format"] = json!("url");
        }
        let ours = ordered(&simulator, wire.provider(), path, &body).await;
        for id in ids {
            let theirs = recorded_events(&folder, id);
            assert_known(std::slice::from_ref(&ours), &theirs, id);
            assert_eq!(missing(&ours, &theirs), Vec::<String>::new(), "{id}");
        }
    }
    let (path, mut body) = PictureWire::OpenAi.order("a cat");
    (body["stream"], body["partial_images"]) = (json!(true), json!(2));
    let ours = streamed(&simulator, Provider::OpenAi, path, &body).await;
    let theirs = recorded_events(&folder, "openai/spec-image-stream-partials");
    assert_known(&ours, &theirs, "partial images");
}

#[tokio::test]
async fn refused_pictures_have_the_recorded_errors() {
    let Some(folder) = recorded() else { return };
    let simulator = simulator().await;
    for (body, id) in [
        (
            json!({"model": "gpt-image-1-mini", "prompt": "", "size": "1024x1024"}),
            "openai/error-json-gpt-image-1-mini-err-invalid-request-400-code-empty-string-invalid-request-error",
        ),
        (
            json!({"model": "dall-e-3", "prompt": "a plain red circle", "size": "1024x1024"}),
            "openai/error-json-dall-e-3-err-invalid-request-400-code-invalid-value-image-generation-user-error",
        ),
        (
            json!({"model": "gpt-image-2", "prompt": "x", "response_format": "url"}),
            "openai/vercel-gpt-image-response-format-error",
        ),
    ] {
        let response = post(&simulator, Provider::OpenAi, "/images/generations", &body).await;
        assert_eq!(response.status(), 400);
        let ours: Value = response.json().await.unwrap();
        assert_eq!(vec![ours], recorded_events(&folder, id), "{id}");
    }
}

#[tokio::test]
async fn jobs_have_the_recorded_fields_at_every_step() {
    let Some(folder) = recorded() else { return };
    let simulator = simulator().await;
    for (wire, sequence, polls) in [
        (
            ClipWire::XAi,
            "xai/video-grok-imagine",
            ["seq00.video_create", "seq01.video_poll", "seq27.video_poll"],
        ),
        (
            ClipWire::Veo,
            "google/video-veo-3-1-lite",
            ["seq00.video_create", "seq01.video_poll", "seq05.video_poll"],
        ),
    ] {
        let (path, body) = wire.order("waves [[job:polls=1]]");
        let created = ordered(&simulator, wire.provider(), path, &body).await;
        let path = match wire {
            ClipWire::XAi => format!("/videos/{}", created["request_id"].as_str().unwrap()),
            _ => format!("/{}", created["name"].as_str().unwrap()),
        };
        let (_, running) = wire.poll(&simulator, &path).await;
        let (_, done) = wire.poll(&simulator, &path).await;
        for (ours, step) in [created, running, done].iter().zip(polls) {
            let theirs = recorded_events(&folder, &format!("{sequence}.{step}"));
            assert_known(std::slice::from_ref(ours), &theirs, step);
            assert_eq!(
                missing(ours, &theirs),
                Vec::<String>::new(),
                "{sequence} {step}"
            );
        }
    }
}

#[tokio::test]
async fn unhappy_jobs_have_the_recorded_fields() {
    let Some(folder) = recorded() else { return };
    let simulator = simulator().await;
    for (wire, end, id) in [
        (ClipWire::XAi, "failed", "xai/spec-video-failed"),
        (ClipWire::XAi, "expired", "xai/spec-video-expired"),
        (ClipWire::XAi, "blocked", "xai/spec-video-moderated"),
        (ClipWire::Veo, "failed", "google/spec-veo-error"),
        (ClipWire::Veo, "blocked", "google/spec-veo-filtered"),
    ] {
        let path = wire
            .start(&simulator, &format!("waves [[job:end={end}]]"))
            .await;
        let (_, ours) = wire.end(&simulator, &path).await;
        let theirs = recorded_events(&folder, id);
        assert_known(std::slice::from_ref(&ours), &theirs, id);
        assert_eq!(missing(&ours, &theirs), Vec::<String>::new(), "{id}");
    }
}

#[tokio::test]
async fn interactions_have_the_recorded_fields_and_order() {
    let Some(folder) = recorded() else { return };
    let simulator = simulator().await;
    let mut body = json!({"model": "gemini-3.8-flash", "input": [{"type": "user_input",
        "content": [{"type": "text", "text": "[[say:40]] [[think:tokens=3]]"}]}],
        "generation_config": {"thinking_summaries": "auto"}});
    let mut theirs = recorded_events(
        &folder,
        "google/interactions-json-gemini-3-flash-preview-completed",
    );
    let whole = ordered(&simulator, Provider::Google, "/interactions", &body).await;
    theirs.push(json!({"steps": [{"summary": [{"type": "", "text": ""}]}]}));
    assert_known(std::slice::from_ref(&whole), &theirs, "whole");
    let raw = ".usage.raw_prompt_token".to_owned();
    assert_eq!(missing(&whole, &theirs), [raw], "told by one version only");
    body["stream"] = json!(true);
    let id = "google/interactions-stream-gemini-3-flash-preview-completed-think";
    let theirs = recorded_events(&folder, id);
    let ours = streamed(&simulator, Provider::Google, "/interactions?alt=sse", &body).await;
    assert_known(&ours, &theirs, id);
    let order = |events: &[Value]| {
        let mut order: Vec<String> = (events.iter())
            .map(|event| format!("{} {}", event["event_type"], event["delta"]["type"]))
            .collect();
        order.dedup();
        order
    };
    assert_eq!(order(&ours), order(&theirs));
    let path = ClipWire::Omni.start(&simulator, "waves").await;
    let (_, done) = ClipWire::Omni.end(&simulator, &path).await;
    let mut theirs = recorded_events(&folder, "google/spec-omni-video-done");
    theirs.push(whole);
    assert_known(std::slice::from_ref(&done), &theirs, "a clip");
}

#[tokio::test]
async fn ollamas_own_chat_has_the_recorded_fields() {
    let simulator = simulator().await;
    let url = format!("http://{}/ollama/api/chat", simulator.address());
    let body = json!({"model": "qwen3:8b", "think": true,
        "messages": [{"role": "user", "content": "[[say:a b]] [[think:tokens=2]]"}]});
    let lines = async |body: &Value| -> Vec<Value> {
        let response = crate::support::client()
            .post(&url)
            .json(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let ours = lines(&body).await;
    let said: String = ours
        .iter()
        .filter_map(|line| line["message"]["content"].as_str())
        .collect();
    assert_eq!(said, "a b");
    let last = ours.last().unwrap();
    assert_eq!(
        (&last["done"], &last["done_reason"]),
        (&json!(true), &json!("stop"))
    );
    assert_eq!(last["eval_count"], 4);
    let mut whole = body.clone();
    whole["stream"] = json!(false);
    let whole = lines(&whole).await;
    assert_eq!(
        (whole.len(), &whole[0]["message"]["content"]),
        (1, &json!("a b"))
    );
    if let Some(folder) = recorded() {
        let id = "ollama/chat-stream-qwen3-4b-stop-text-tool-tool";
        let bytes = std::fs::read_to_string(folder.join(format!("{id}.response.body"))).unwrap();
        let mut theirs: Vec<Value> = bytes
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        theirs.push(json!({"message": {"thinking": ""}}));
        assert_known(&ours, &theirs, id);
    }
}

#[tokio::test]
async fn local_servers_can_be_found_by_their_lists() {
    let simulator = start(Options::default()).await;
    let list = async |path: &str| -> Value {
        let url = format!("http://{}{path}", simulator.address());
        let response = crate::support::client().get(url).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    };
    assert_eq!(
        list("/ollama/api/tags").await["models"][1]["name"],
        "qwen3:8b"
    );
    assert!(list("/ollama/api/version").await["version"].is_string());
    assert_eq!(
        list("/lmstudio/v1/models").await["data"][0]["id"],
        "qwen3-8b"
    );
    let llama = list("/llamacpp/v1/models").await;
    assert_eq!(llama["data"][0]["meta"]["n_ctx_train"], 32_768);
    assert_eq!(llama["models"][0]["model"], llama["data"][0]["id"]);
}

#[tokio::test]
async fn answers_of_interactions_are_those_of_other_wires() {
    let simulator = simulator().await;
    let said = Wire::Gemini.ask(&simulator, "[[say:the same]]").await.text;
    let body = json!({"model": "gemini-3.8-flash", "input": "[[say:the same]]"});
    let whole = ordered(&simulator, Provider::Google, "/interactions", &body).await;
    let steps = whole["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["content"][0]["text"], json!(said));
    let usage = &whole["usage"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    let parts =
        count("total_input_tokens") + count("total_output_tokens") + count("total_thought_tokens");
    assert_eq!(count("total_tokens"), parts);
    let unknown = get(&simulator, Provider::Google, "/interactions/v1_unknown").await;
    assert_eq!(unknown.status(), 404);
    let url = format!("{}/interactions", simulator.base_url(Provider::Google));
    let keyless = crate::support::client()
        .post(url)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(keyless.status(), 403, "{SIMULATED_KEY} is missing");
}
