//! `anyai probe --kind image` and `--kind video` against a loopback server: recorded answers and
//! jobs, refusals, and what is sent.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::probe::{KEY, head, json_of, probe, read_request, recordings};

/// A server that answers one request after the other from `script`, whatever is asked, and hands
/// back what it was asked.
fn serve(script: Vec<(String, Vec<u8>)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let answer = |(head, body): (String, Vec<u8>)| {
            let (mut connection, _) = listener.accept().expect("a connection");
            let request = read_request(&mut connection);
            connection.write_all(head.as_bytes()).expect("written");
            connection.write_all(&body).expect("written");
            request
        };
        script.into_iter().map(answer).collect()
    });
    (base_url, server)
}

fn exchange(folder: &Path, case: &Value) -> (String, Vec<u8>) {
    let read = |key: &str| std::fs::read(folder.join(case[key].as_str().expect("a name")));
    let headers = read("response_headers").expect("headers");
    let headers: Value = serde_json::from_slice(&headers).expect("headers");
    let location = headers["headers"]["location"].as_str();
    let location = location.map(|location| format!("location: {location}\r\n"));
    let status = case["status"]
        .as_u64()
        .and_then(|it| u16::try_from(it).ok());
    let head = head(status.expect("a status"), &location.unwrap_or_default());
    (head, read("response_body").expect("a body"))
}

fn cases(folder: &Path, prefix: &str) -> Vec<Value> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).expect("an index");
    let mut cases: Vec<Value> = index
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line"))
        .filter(|case| case["id"].as_str().is_some_and(|id| id.starts_with(prefix)))
        .collect();
    cases.sort_by_key(|case| case["id"].as_str().map(str::to_owned));
    cases
}

fn arguments<'a>(
    kind: &'a str,
    provider: &'a str,
    api: &'a str,
    base_url: &'a str,
) -> Vec<&'a str> {
    vec![
        "--kind",
        kind,
        "--provider",
        provider,
        "--api",
        api,
        "--base-url",
        base_url,
        "--model",
        "m",
        "--prompt",
        "a wave",
        "--json",
        "--poll-ms",
        "0",
    ]
}

#[test]
fn recorded_pictures_come_out_with_their_size_and_their_cost() {
    let Some(folder) = recordings() else { return };
    for (id, provider, expected) in [
        (
            "openai/image-json-gpt-image-1-5-3",
            "openai",
            json!({"assets": [{"kind": "image", "mime": "image/png", "bytes": 1_015_812, "width": 1024, "height": 1024,
                "sha256": "c70c09d1f1baf140026f7f74ef6ffdf869770e4867c1b147b3d81f152074cd69", "url": null}],
                "provider_cost_nano_usd": null, "previews": 0}),
        ),
        (
            "openai/image-json-dall-e-2",
            "openai",
            json!({"assets": [{"kind": "image", "mime": null, "bytes": null, "sha256": null,
                "url": "https://example.com/image.png"}],
                "revised_prompt": "A beautiful sunset over mountains", "usage": null}),
        ),
        (
            "openai/spec-image-stream-partials",
            "openai",
            json!({"previews": 2, "stop_kind": "end_turn", "error": null}),
        ),
        (
            "xai/image-json-grok-imagine-image-quality",
            "xai",
            json!({"provider_cost_nano_usd": 70_000_000, "error": null}),
        ),
    ] {
        let case = &cases(&folder, id)[0];
        let (base_url, server) = serve(vec![exchange(&folder, case)]);
        let output = probe(&arguments("image", provider, "images", &base_url));
        server.join().expect("the server is well");
        assert_eq!(output.status.code(), Some(0), "{id}");
        let found = json_of(&output);
        for (field, value) in expected.as_object().expect("fields") {
            assert_eq!(&found[field], value, "{id} {field}");
        }
    }
}

#[test]
fn recorded_jobs_are_played_to_the_end() {
    let Some(folder) = recordings() else { return };
    for (job, provider, api, sha256, polls) in [
        (
            "xai/video-grok-imagine.seq",
            "xai",
            "videos",
            "c0a90bd17846ee888c6c63fff1c9cb653adcdc69b743f045a0e793ad043184aa",
            27,
        ),
        (
            "google/video-veo-3-1-lite.seq",
            "google",
            "predict-long-running",
            "ffd232f01b668faa61e444208589cbbceb13cb38d9207180fb21388a02ef1b25",
            5,
        ),
    ] {
        let script = cases(&folder, job);
        let script = script.iter().map(|case| exchange(&folder, case)).collect();
        let (base_url, server) = serve(script);
        let output = probe(&arguments("video", provider, api, &base_url));
        let found = json_of(&output);
        assert_eq!(output.status.code(), Some(0), "{job}: {found}");
        assert_eq!(found["assets"][0]["sha256"], json!(sha256), "{job}");
        assert_eq!(found["assets"][0]["mime"], json!("video/mp4"), "{job}");
        assert_eq!(
            (&found["status"], &found["polls"]),
            (&json!("done"), &json!(polls)),
            "{job}"
        );
        let seen = server.join().expect("the server is well");
        let without_key = seen.iter().filter(|request| !request.contains(KEY)).count();
        // xAI's clips are at another server; Google's redirect stays at Google.
        assert_eq!(without_key, usize::from(provider == "xai"), "{job}");
    }
}

#[test]
fn a_job_that_makes_nothing_says_why() {
    let create = |body: Value| (head(200, ""), body.to_string().into_bytes());
    for (poll, status, class) in [
        (
            json!({"status": "failed", "error": {"code": "x", "message": "no capacity"}}),
            "failed",
            "server",
        ),
        (
            json!({"status": "done", "video": {"url": "", "respect_moderation": false},
                "usage": {"cost_in_usd_ticks": 500_000_000}}),
            "blocked",
            "content_refused",
        ),
        (json!({"status": "expired"}), "expired", "not_found"),
    ] {
        let script = vec![create(json!({"request_id": "j-1"})), create(poll)];
        let (base_url, server) = serve(script);
        let output = probe(&arguments("video", "xai", "videos", &base_url));
        server.join().expect("the server is well");
        let found = json_of(&output);
        assert_eq!(output.status.code(), Some(3), "{status}");
        assert_eq!(
            (&found["status"], &found["error"]["class"], &found["job_id"]),
            (&json!(status), &json!(class), &json!("j-1"))
        );
        let cost = found["provider_cost_nano_usd"].as_i64();
        assert_eq!(cost, (status == "blocked").then_some(50_000_000));
    }
}

#[test]
fn a_job_that_was_submitted_before_is_only_asked_after() {
    let done = json!({"status": "done", "video": {"url": "data:video/mp4;base64,AAAAIGZ0eXBpc29t", "duration": 2}});
    let (base_url, server) = serve(vec![(head(200, ""), done.to_string().into_bytes())]);
    let mut asked = arguments("video", "xai", "videos", &base_url);
    asked.extend(["--job", "j-1"]);
    let output = probe(&asked);
    let seen = server.join().expect("the server is well");
    assert!(seen[0].starts_with("GET /v1/videos/j-1 "), "{}", seen[0]);
    let found = json_of(&output);
    let asset = &found["assets"][0];
    assert_eq!(
        (&asset["mime"], &asset["bytes"], &asset["milliseconds"]),
        (&json!("video/mp4"), &json!(12), &json!(2_000))
    );
}

#[test]
fn knobs_are_sent_and_what_cannot_be_said_is_asked_wrongly() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("a.png");
    std::fs::write(&picture, [0x89, b'P', b'N', b'G', 1, 2, 3]).expect("written");
    let picture = picture.to_str().expect("a path");
    let refused = r#"{"error":{"code":"moderation_blocked","message":"declined"}}"#;
    let (base_url, server) = serve(vec![(head(400, ""), refused.as_bytes().to_vec())]);
    let mut asked = arguments("image", "openai", "images", &base_url);
    asked.extend([
        "--size",
        "1024x1024",
        "--quality",
        "high",
        "--image",
        picture,
        "--mask",
        picture,
    ]);
    let output = probe(&asked);
    let seen = server.join().expect("the server is well");
    assert!(seen[0].starts_with("POST /v1/images/edits "), "{}", seen[0]);
    assert!(seen[0].contains(r#""quality":"high""#) && seen[0].contains(r#""mask""#));
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(json_of(&output)["error"]["class"], json!("content_refused"));

    for wrong in [
        vec!["--mask", picture],
        vec!["--background", "transparent"],
        vec!["--image", "/nowhere.png"],
    ] {
        let mut asked = arguments("image", "xai", "images", "http://127.0.0.1:9");
        asked.extend(wrong);
        assert_eq!(probe(&asked).status.code(), Some(2), "{asked:?}");
    }
    let edit = [
        &arguments("video", "xai", "videos", "http://127.0.0.1:9")[..],
        &["--task", "edit"],
    ];
    assert_eq!(
        probe(&edit.concat()).status.code(),
        Some(2),
        "an edit of nothing"
    );
}
