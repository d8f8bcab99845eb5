//! Clips and the jobs that make them, on every wire.

use std::time::Duration;

use anyai_simulator::{
    Fault, Fingerprint, JobEnd, JobPace, JobPlan, JobState, Options, Provider, Purpose, Stage,
};
use serde_json::{Value, json};

use crate::media::{CLIP_WIRES, ClipWire, decoded, get, ordered, post, streamed};
use crate::support::{client, simulator, start};

/// Width and height as the first VP8 key frame has them, wherever it is.
fn frame_size(file: &[u8]) -> (u32, u32) {
    let start = file
        .windows(3)
        .position(|bytes| bytes == [0x9D, 0x01, 0x2A]);
    let at = start.expect("a VP8 key frame") + 3;
    let side = |at: usize| u32::from(u16::from_le_bytes([file[at], file[at + 1]]) & 0x3FFF);
    (side(at), side(at + 2))
}

/// Milliseconds as the container has them.
fn duration_ms(file: &[u8]) -> f64 {
    let id = [0x44, 0x89];
    let at = file
        .windows(2)
        .position(|bytes| bytes == id)
        .expect("a duration")
        + 10;
    f64::from_be_bytes(file[at..at + 8].try_into().unwrap())
}

/// How often an element's id occurs.
fn count(file: &[u8], id: &[u8]) -> usize {
    file.windows(id.len()).filter(|bytes| *bytes == id).count()
}

#[tokio::test]
async fn a_job_runs_to_a_clip_that_says_which_prompt_it_was_made_for() {
    let simulator = simulator().await;
    for wire in CLIP_WIRES {
        let path = wire.start(&simulator, "a calm sea").await;
        for _ in 0..2 {
            let (status, answer) = wire.poll(&simulator, &path).await;
            assert!(wire.is_running(status, &answer), "{wire:?}: {answer}");
        }
        let (status, done) = wire.poll(&simulator, &path).await;
        assert_eq!(status, 200, "{wire:?}");
        let address = wire
            .address(&done)
            .unwrap_or_else(|| panic!("{wire:?}: {done}"));
        let fetched = wire.fetch(&address).await;
        assert_eq!(fetched.headers()["content-type"], "video/webm", "{wire:?}");
        let length = fetched.content_length();
        let file = fetched.bytes().await.unwrap();
        assert_eq!(length, Some(file.len() as u64), "{wire:?}");
        assert_eq!(&file[..4], [0x1A, 0x45, 0xDF, 0xA3], "{wire:?}");
        assert_eq!(
            (frame_size(&file), duration_ms(&file)),
            (wire.size(), 4_000.0),
            "{wire:?}"
        );
        // A cue for each second, so that a player can seek.
        assert_eq!(count(&file, &[0xBB, 0x01, 0, 0, 0]), 4, "{wire:?}");
        assert_eq!(
            Fingerprint::read(&file),
            Some(Fingerprint::of("a calm sea", 0)),
            "{wire:?}"
        );
        assert!(file.len() < 600_000, "{wire:?}: {} bytes", file.len());
    }
}

#[tokio::test]
async fn a_poll_tells_how_far_the_job_is_and_what_it_cost() {
    let simulator = simulator().await;
    let path = ClipWire::XAi
        .start(&simulator, "waves [[job:polls=3]]")
        .await;
    let mut progress = Vec::new();
    for _ in 0..3 {
        let (status, answer) = ClipWire::XAi.poll(&simulator, &path).await;
        assert_eq!((status, &answer["status"]), (202, &json!("pending")));
        progress.push(answer["progress"].as_u64().unwrap());
    }
    assert_eq!(progress, [25, 50, 75]);
    let (_, done) = ClipWire::XAi.poll(&simulator, &path).await;
    assert_eq!(done["usage"]["cost_in_usd_ticks"], 4 * 500_000_000_u64);
    assert_eq!(
        (&done["progress"], &done["video"]["duration"]),
        (&json!(100), &json!(4))
    );
    let path = ClipWire::Omni.start(&simulator, "waves").await;
    let (_, done) = ClipWire::Omni.end(&simulator, &path).await;
    let tokens = json!([{"modality": "video", "tokens": 4 * 5_714}]);
    assert_eq!(done["usage"]["output_tokens_by_modality"], tokens);
    let path = ClipWire::OpenRouter.start(&simulator, "waves").await;
    let (_, done) = ClipWire::OpenRouter.end(&simulator, &path).await;
    assert_eq!(done["usage"]["cost"].as_f64(), Some(0.2));
}

#[tokio::test]
async fn a_job_ends_as_its_prompt_says() {
    let simulator = simulator().await;
    let status = |answer: &Value| answer["status"].as_str().unwrap_or("none").to_owned();
    for (end, xai, omni, router) in [
        ("failed", "failed", "failed", "failed"),
        ("expired", "expired", "failed", "expired"),
        ("blocked", "done", "failed", "failed"),
        ("empty", "done", "completed", "completed"),
    ] {
        let prompt = format!("waves [[job:end={end}]]");
        for (wire, expected) in [
            (ClipWire::XAi, xai),
            (ClipWire::Omni, omni),
            (ClipWire::OpenRouter, router),
        ] {
            let path = wire.start(&simulator, &prompt).await;
            let (_, answer) = wire.end(&simulator, &path).await;
            assert_eq!(status(&answer), expected, "{wire:?} {end}: {answer}");
            assert_eq!(wire.address(&answer), None, "{wire:?} {end}: {answer}");
        }
        let path = ClipWire::Veo.start(&simulator, &prompt).await;
        let (_, answer) = ClipWire::Veo.end(&simulator, &path).await;
        assert_eq!(answer["done"], true);
        let filtered = "/response/generateVideoResponse/raiMediaFilteredReasons";
        assert_eq!(
            answer.pointer(filtered).is_some(),
            end == "blocked",
            "{end}"
        );
        let failed = matches!(end, "failed" | "expired");
        assert_eq!(answer.get("error").is_some(), failed, "{end}");
    }
    let path = ClipWire::XAi
        .start(&simulator, "waves [[fault:refuse]]")
        .await;
    let (_, answer) = ClipWire::XAi.end(&simulator, &path).await;
    assert_eq!(answer["video"]["respect_moderation"], false);
}

#[tokio::test]
async fn a_job_can_vanish_hang_or_be_held() {
    let simulator = simulator().await;
    for wire in CLIP_WIRES {
        let path = wire
            .start(&simulator, "waves [[job:polls=1 end=missing]]")
            .await;
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(wire.poll(&simulator, &path).await.0);
        }
        assert_eq!(statuses[1..], [404, 404], "{wire:?}");
    }
    let stuck = ClipWire::XAi
        .start(&simulator, "waves [[job:end=stuck]]")
        .await;
    let held = ClipWire::XAi
        .start(&simulator, "waves [[job:hold=40]]")
        .await;
    for _ in 0..9 {
        ClipWire::XAi.poll(&simulator, &stuck).await;
        ClipWire::XAi.poll(&simulator, &held).await;
    }
    let (_, answer) = ClipWire::XAi.poll(&simulator, &stuck).await;
    assert_eq!(answer, json!({"status": "pending", "progress": 99}));
    let (_, answer) = ClipWire::XAi.poll(&simulator, &held).await;
    assert_eq!(answer, json!({"status": "pending", "progress": 40}));
    simulator.release_jobs();
    assert_eq!(ClipWire::XAi.poll(&simulator, &held).await.0, 200);
    assert_eq!(ClipWire::XAi.poll(&simulator, &stuck).await.0, 202);
}

#[tokio::test]
async fn a_plan_from_outside_is_for_one_job() {
    let simulator = start(Options {
        jobs: JobPace::Polls(0),
        ..Options::default()
    })
    .await;
    simulator.next_job(JobPlan {
        pace: Some(JobPace::Time(Duration::from_secs(86_400))),
        ..JobPlan::default()
    });
    let long = ClipWire::XAi.start(&simulator, "waves").await;
    let short = ClipWire::XAi.start(&simulator, "waves").await;
    for _ in 0..3 {
        let (_, answer) = ClipWire::XAi.poll(&simulator, &long).await;
        assert_eq!(
            answer,
            json!({"status": "pending", "progress": 0}),
            "polls are not its clock"
        );
    }
    assert_eq!(ClipWire::XAi.poll(&simulator, &short).await.0, 200);
}

#[tokio::test]
async fn jobs_are_kept_with_their_bodies_and_counts() {
    let simulator = simulator().await;
    let path = ClipWire::XAi
        .start(&simulator, "waves [[job:polls=0]]")
        .await;
    let (_, done) = ClipWire::XAi.end(&simulator, &path).await;
    let address = ClipWire::XAi.address(&done).unwrap();
    ClipWire::XAi.fetch(&address).await.bytes().await.unwrap();
    let jobs = simulator.jobs();
    assert_eq!(jobs.len(), 1);
    let job = &jobs[0];
    assert_eq!((job.polls, job.downloads), (1, 1));
    assert_eq!(job.state, JobState::Ended(JobEnd::Done));
    assert_eq!(job.body, ClipWire::XAi.order("waves [[job:polls=0]]").1);
    assert!(path.ends_with(&job.id));
    let paid = simulator.paid_requests();
    assert_eq!(paid.len(), 1);
    assert_eq!(
        (paid[0].number, paid[0].purpose),
        (job.request, Purpose::Job)
    );
}

#[tokio::test]
async fn google_hands_files_out_behind_a_redirect_that_needs_the_key() {
    let simulator = simulator().await;
    let path = ClipWire::Veo
        .start(&simulator, "waves [[job:polls=0]]")
        .await;
    let (_, done) = ClipWire::Veo.end(&simulator, &path).await;
    let address = ClipWire::Veo.address(&done).unwrap();
    let plain = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let first = plain
        .get(&address)
        .header("x-goog-api-key", "sim-key")
        .send()
        .await
        .unwrap();
    assert_eq!(first.status(), 302);
    let location = first.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(&format!("http://{}/google/download/", simulator.address())));
    for address in [&address, &location] {
        assert_eq!(
            plain.get(address).send().await.unwrap().status(),
            403,
            "without the key"
        );
    }
    let file = plain
        .get(&location)
        .header("x-goog-api-key", "sim-key")
        .send()
        .await
        .unwrap();
    assert_eq!(file.status(), 200);
}

#[tokio::test]
async fn each_sample_of_an_order_is_a_clip_of_its_own() {
    let simulator = simulator().await;
    let (path, mut body) = ClipWire::Veo.order("waves [[job:polls=0]]");
    body["parameters"]["sampleCount"] = json!(2);
    let operation = ordered(&simulator, Provider::Google, path, &body).await;
    let name = format!("/{}", operation["name"].as_str().unwrap());
    let (_, done) = ClipWire::Veo.poll(&simulator, &name).await;
    let samples = &done["response"]["generateVideoResponse"]["generatedSamples"];
    for (index, sample) in (0..).zip(samples.as_array().unwrap()) {
        let file = ClipWire::Veo
            .fetch(sample["video"]["uri"].as_str().unwrap())
            .await;
        let file = file.bytes().await.unwrap();
        assert_eq!(
            Fingerprint::read(&file),
            Some(Fingerprint::of("waves", index))
        );
    }
    assert_eq!(samples.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_clip_can_be_extended_and_edited() {
    let simulator = start(Options {
        jobs: JobPace::Polls(0),
        ..Options::default()
    })
    .await;
    let first = ClipWire::XAi.start(&simulator, "waves").await;
    let (_, done) = ClipWire::XAi.poll(&simulator, &first).await;
    let video = json!({"url": done["video"]["url"]});
    let body =
        json!({"model": "grok-imagine-video", "prompt": "on", "video": video, "duration": 2});
    let answer = ordered(&simulator, Provider::XAi, "/videos/extensions", &body).await;
    let path = format!("/videos/{}", answer["request_id"].as_str().unwrap());
    let (_, longer) = ClipWire::XAi.poll(&simulator, &path).await;
    assert_eq!(longer["video"]["duration"], 6);
    assert_eq!(longer["usage"]["cost_in_usd_ticks"], 2 * 500_000_000_u64);
    let body = json!({"model": "grok-imagine-video", "prompt": "blue", "video": video});
    let answer = ordered(&simulator, Provider::XAi, "/videos/edits", &body).await;
    let path = format!("/videos/{}", answer["request_id"].as_str().unwrap());
    let (_, edited) = ClipWire::XAi.poll(&simulator, &path).await;
    assert_eq!(edited["video"]["duration"], 4);
    let mut longer = body.clone();
    longer["duration"] = json!(3);
    let refused = post(&simulator, Provider::XAi, "/videos/edits", &longer).await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn an_interaction_can_be_waited_for_streamed_cancelled_and_deleted() {
    let simulator = start(Options {
        jobs: JobPace::Polls(0),
        ..Options::default()
    })
    .await;
    let (_, mut body) = ClipWire::Omni.order("waves");
    body["background"] = json!(false);
    body["response_format"][0]["delivery"] = json!("inline");
    let whole = ordered(&simulator, Provider::Google, "/interactions", &body).await;
    let content = &whole["steps"][0]["content"][0];
    let file = decoded(content["data"].as_str().unwrap());
    assert_eq!(Fingerprint::read(&file), Some(Fingerprint::of("waves", 0)));
    let steps = streamed(&simulator, Provider::Google, "/interactions?alt=sse", &body).await;
    let delta = steps
        .iter()
        .find(|event| event["event_type"] == "step.delta")
        .unwrap();
    assert_eq!(delta["delta"]["type"], "video");
    let path = ClipWire::Omni
        .start(&simulator, "waves [[job:hold=10]]")
        .await;
    let cancelled = ordered(
        &simulator,
        Provider::Google,
        &format!("{path}/cancel"),
        &json!({}),
    )
    .await;
    assert_eq!(cancelled["status"], "cancelled");
    simulator.release_jobs();
    assert_eq!(
        ClipWire::Omni.poll(&simulator, &path).await.1["status"],
        "cancelled"
    );
    let url = format!("{}{path}", simulator.base_url(Provider::Google));
    let deleted = client()
        .delete(url)
        .header("x-goog-api-key", "sim-key")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 200);
    assert_eq!(get(&simulator, Provider::Google, &path).await.status(), 404);
}

#[tokio::test]
async fn words_and_pictures_can_wait_in_the_background_too() {
    let simulator = simulator().await;
    for (model, kind) in [
        ("gemini-3.8-flash", "text"),
        ("gemini-3-pro-image", "image"),
    ] {
        let body = json!({"model": model, "input": "a lake [[say:a lake]]", "background": true});
        let begun = ordered(&simulator, Provider::Google, "/interactions", &body).await;
        assert_eq!(begun["status"], "in_progress", "{model}");
        let path = format!("/interactions/{}", begun["id"].as_str().unwrap());
        let (_, done) = ClipWire::Omni.end(&simulator, &path).await;
        assert_eq!(done["status"], "completed", "{model}: {done}");
        assert_eq!(done["id"], begun["id"]);
        let steps = done["steps"].as_array().unwrap();
        assert_eq!(steps.last().unwrap()["content"][0]["type"], kind, "{model}");
    }
}

#[tokio::test]
async fn a_part_of_a_file_can_be_fetched() {
    let simulator = simulator().await;
    let path = ClipWire::OpenRouter
        .start(&simulator, "waves [[job:polls=0]]")
        .await;
    let (_, done) = ClipWire::OpenRouter.end(&simulator, &path).await;
    let address = ClipWire::OpenRouter.address(&done).unwrap();
    let whole = ClipWire::OpenRouter
        .fetch(&address)
        .await
        .bytes()
        .await
        .unwrap();
    let request = client()
        .get(&address)
        .bearer_auth("sim-key")
        .header("range", "bytes=1000-");
    let part = request.send().await.unwrap();
    assert_eq!(part.status(), 206);
    let range = format!("bytes 1000-{}/{}", whole.len() - 1, whole.len());
    assert_eq!(part.headers()["content-range"].to_str().unwrap(), range);
    assert_eq!(part.bytes().await.unwrap(), whole[1_000..]);
}

#[tokio::test]
async fn polls_and_downloads_have_faults_of_their_own() {
    let simulator = simulator().await;
    let prompt = "waves [[job:polls=0]] [[poll:rate_limited retry_after=3 times=1]] \
                  [[download:cut after=3 times=1]]";
    let path = ClipWire::XAi.start(&simulator, prompt).await;
    let refused = get(&simulator, Provider::XAi, &path).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (429, &"3".parse().unwrap())
    );
    let (status, done) = ClipWire::XAi.poll(&simulator, &path).await;
    assert_eq!(status, 200);
    let address = ClipWire::XAi.address(&done).unwrap();
    assert!(
        client()
            .get(&address)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .is_err(),
        "cut midway"
    );
    simulator.next_fault_at(
        Stage::Download,
        Fault::Status {
            code: 410,
            retry_after_s: 0,
        },
    );
    assert_eq!(client().get(&address).send().await.unwrap().status(), 410);
    assert!(
        client()
            .get(&address)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .is_ok()
    );
    simulator.next_fault_at(Stage::Poll, Fault::ServerError);
    assert_eq!(ClipWire::XAi.poll(&simulator, &path).await.0, 500);
    assert_eq!(simulator.paid_requests().len(), 1);
}
