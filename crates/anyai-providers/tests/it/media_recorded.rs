//! Replays recorded pictures and clips: every answer in every cut, and whole jobs through the client
//! against a server that plays them back.

use std::path::Path;

use anyai_providers::{
    Client, ClipAt, Decoder, Endpoint, Protocol, Provider, ProviderEvent, Usage, VideoJobId,
    VideoRequest, VideoStatus, media_type_of,
};
use anyai_units::{NanoUsd, Tokens};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::loopback::{Loopback, Step, reply_bytes};
use crate::recordings::{Case, cases, cuts, folder, provider};

const KEY: &str = "sk-secret-0123456789";

/// What a client makes of an answer that should hold pictures.
#[derive(Debug, Default, PartialEq)]
struct Pictures {
    images: Vec<(String, usize)>,
    links: Vec<(String, Option<String>)>,
    previews: u64,
    revised_prompts: Vec<String>,
    usage: Option<Usage>,
    ended_well: bool,
}

impl Pictures {
    fn read(provider: Provider, chunks: &[&[u8]]) -> Self {
        let mut decoder = Decoder::new(provider, Protocol::Images);
        let mut events: Vec<ProviderEvent> = Vec::new();
        for chunk in chunks {
            events.extend(decoder.push(chunk));
        }
        events.extend(decoder.finish());
        let mut found = Self::default();
        for event in events {
            match event {
                ProviderEvent::Image(image) => found.images.push((image.mime, image.bytes.len())),
                ProviderEvent::ImageLink { url, mime } => found.links.push((url, mime)),
                ProviderEvent::Preview { place: 0, .. } => found.previews += 1,
                ProviderEvent::RevisedPrompt(prompt) => found.revised_prompts.push(prompt),
                ProviderEvent::Usage(usage) => found.usage = Some(usage),
                ProviderEvent::Finished { .. } => found.ended_well = true,
                other => panic!("{other:?}"),
            }
        }
        found
    }
}

fn expected_pictures(expect: &Value) -> Pictures {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = expect["images"].as_array().cloned().unwrap_or_default();
    let (links, images): (Vec<Value>, Vec<Value>) =
        items.into_iter().partition(|item| item["url"].is_string());
    let count = |path: &str| {
        let count = expect["usage"].pointer(path).and_then(Value::as_u64);
        Tokens::new(count.unwrap_or_default())
    };
    let made = links.len() + images.len();
    let output_is_split = expect["usage"].pointer("/output_tokens_details").is_some();
    let usage = Usage {
        input_tokens: count("/input_tokens"),
        image_input_tokens: count("/input_tokens_details/image_tokens"),
        output_tokens: count("/output_tokens"),
        image_output_tokens: if output_is_split {
            count("/output_tokens_details/image_tokens")
        } else {
            count("/output_tokens")
        },
        pictures: u32::try_from(made).expect("a few"),
        // Ten ticks to a nano-dollar.
        provider_cost: expect["usage"]["cost_in_usd_ticks"]
            .as_i64()
            .map(|ticks| NanoUsd::from_nano(ticks / 10)),
        ..Usage::default()
    };
    Pictures {
        images: images
            .iter()
            .map(|image| {
                let bytes = image["bytes"].as_u64().expect("a length");
                let mime = text(&image["mime"]).expect("a media type");
                (mime, usize::try_from(bytes).expect("a length"))
            })
            .collect(),
        links: links
            .iter()
            .map(|link| (text(&link["url"]).expect("a url"), text(&link["mime"])))
            .collect(),
        previews: 0,
        revised_prompts: text(&expect["revised_prompt"]).into_iter().collect(),
        usage: (expect["usage"] != json!({})).then_some(usage),
        ended_well: true,
    }
}

fn body(folder: &Path, case: &Case) -> Vec<u8> {
    std::fs::read(folder.join(case.text("response_body"))).expect("a recorded body")
}

#[test]
fn every_recorded_picture_is_read_however_it_is_cut() {
    let Some(folder) = folder() else { return };
    let mut replayed = 0;
    for case in cases(&folder) {
        if case.text("kind") != "image" {
            continue;
        }
        replayed += 1;
        let provider = provider(&case).expect("a provider");
        let body = body(&folder, &case);
        let whole = Pictures::read(provider, &[&body]);
        let expect = &case.0["expect"];
        if let Some(previews) = expect["partials"].as_u64() {
            assert_eq!(whole.previews, previews, "{}", case.text("id"));
            let made = u64::try_from(whole.images.len()).expect("a few");
            assert_eq!(Some(made), expect["images"].as_u64());
            let usage = whole.usage.expect("usage");
            let output = expect["usage"]["output_tokens"].as_u64();
            assert_eq!(Some(usage.output_tokens.count()), output);
        } else {
            assert_eq!(whole, expected_pictures(expect), "{}", case.text("id"));
        }
        for chunks in cuts(&body) {
            let cut = Pictures::read(provider, &chunks);
            assert_eq!(cut, whole, "{} cut", case.text("id"));
        }
    }
    assert!(replayed >= 10, "{replayed} recorded pictures");
}

#[test]
fn every_recorded_word_about_a_job_is_understood() {
    let Some(folder) = folder() else { return };
    let mut replayed = 0;
    for case in cases(&folder) {
        let expect = &case.0["expect"];
        let provider = provider(&case).expect("a provider");
        let body = body(&folder, &case);
        let id = case.text("id");
        match case.text("kind") {
            "video_create" => {
                let job = VideoJobId::read(provider, &body).expect("a job");
                let expected = expect["request_id"]
                    .as_str()
                    .or(expect["operation"].as_str());
                assert_eq!(Some(job.0.as_str()), expected, "{id}");
            }
            "video_poll" | "interactions" if is_about_a_clip(&case) => {
                let protocol = match (provider, case.text("kind")) {
                    (Provider::XAi, _) => Protocol::Videos,
                    (_, "video_poll") => Protocol::PredictLongRunning,
                    _ => Protocol::Interactions,
                };
                let http_status = case.0["status"]
                    .as_u64()
                    .and_then(|it| u16::try_from(it).ok());
                let http_status = http_status.expect("a status");
                let status = VideoStatus::read(provider, protocol, http_status, &body);
                compare_status(id, expect, &status.expect("a status"));
            }
            _ => continue,
        }
        replayed += 1;
    }
    assert!(replayed >= 40, "{replayed} recorded words about jobs");
}

fn is_about_a_clip(case: &Case) -> bool {
    case.text("kind") == "video_poll" || case.text("id").contains("omni")
}

fn compare_status(id: &str, expect: &Value, status: &VideoStatus) {
    let link = expect["video_url"]
        .as_str()
        .or(expect["video_uris"][0].as_str())
        .or(expect["media"][0]["uri"].as_str())
        .filter(|url| !url.is_empty());
    let word = match expect["status"].as_str() {
        Some("pending" | "in_progress") => "running",
        Some("done" | "completed") if link.is_none() => "blocked",
        Some("completed") => "done",
        Some(word) => word,
        None if expect["error"].is_object() => "failed",
        None if expect["done"] == json!(false) => "running",
        None if link.is_none() => "blocked",
        None => "done",
    };
    assert_eq!(status.as_str(), word, "{id}");
    let ticks = expect["cost_in_usd_ticks"].as_i64();
    match status {
        VideoStatus::Running { permille } => {
            // A percentage.
            let progress = expect["progress"].as_u64().map(|percent| percent * 10);
            assert_eq!(permille.map(u64::from), progress, "{id}");
        }
        VideoStatus::Done { clips, usage } => {
            let [clip] = &clips[..] else {
                panic!("{id}: {clips:?}")
            };
            let ClipAt::Link(url) = &clip.at else {
                panic!("{id}: {clip:?}")
            };
            assert_eq!(Some(url.as_str()), link, "{id}");
            let seconds = expect["duration"].as_u64();
            assert_eq!(clip.milliseconds, seconds.map(|it| it * 1_000), "{id}");
            let cost = usage.and_then(|usage| usage.provider_cost);
            assert_eq!(cost.map(|cost| cost.nano() * 10), ticks, "{id}");
            let video = expect["usage"]["output_tokens_by_modality"][0]["tokens"].as_u64();
            let billed = usage.map(|usage| usage.video_output_tokens.count());
            assert_eq!(billed.filter(|tokens| *tokens > 0), video, "{id}");
        }
        VideoStatus::Blocked { usage, .. } => {
            let cost = usage.and_then(|usage| usage.provider_cost);
            assert_eq!(cost.map(|cost| cost.nano() * 10), ticks, "{id}");
        }
        VideoStatus::Failed { error, .. } => {
            assert_eq!(
                Some(error.message.as_str()),
                expect["error"]["message"].as_str()
            );
        }
        VideoStatus::Queued | VideoStatus::Expired => {}
    }
}

/// The recorded exchanges of one job, in their order, as a server plays them back.
fn script(folder: &Path, job: &str) -> Vec<Vec<Step>> {
    let mut exchanges: Vec<Case> = cases(folder)
        .into_iter()
        .filter(|case| case.text("id").starts_with(job))
        .collect();
    exchanges.sort_by(|a, b| a.text("id").cmp(b.text("id")));
    let play = |case: &Case| {
        let headers = std::fs::read(folder.join(case.text("response_headers"))).expect("headers");
        let headers: Value = serde_json::from_slice(&headers).expect("headers");
        let kept = ["content-type", "location", "retry-after"];
        let kept = kept.iter().filter_map(|name| {
            let value = headers["headers"][name].as_str()?;
            Some(format!("{name}: {value}\r\n"))
        });
        let headers: String = kept.collect();
        let status = case.0["status"]
            .as_u64()
            .and_then(|it| u16::try_from(it).ok());
        reply_bytes(status.expect("a status"), &headers, &body(folder, case))
    };
    exchanges.iter().map(play).collect()
}

struct Played {
    polls: usize,
    bytes: Vec<u8>,
    usage: Option<Usage>,
    requests: Vec<String>,
}

/// Plays a job from its submission to the last byte of its clip.
async fn play(provider: Provider, protocol: Protocol, script: Vec<Vec<Step>>) -> Played {
    let server = Loopback::start(script).await;
    let endpoint = Endpoint {
        provider,
        protocol,
        base_url: server.base_url.trim_end_matches("/v1"),
        key: Some(KEY),
    };
    let client = Client::new().expect("a client").replaying();
    let request = VideoRequest::new("veo-or-grok", "a calm ocean wave at sunset", 4);
    let submitted = client.submit_video(endpoint, &request).await;
    let job = submitted.expect("a job");
    let mut polls = 0;
    let (clips, usage) = loop {
        polls += 1;
        let status = client.poll_video(endpoint, &job).await;
        match status.expect("a status") {
            VideoStatus::Queued | VideoStatus::Running { .. } => {}
            VideoStatus::Done { clips, usage } => break (clips, usage),
            other => panic!("{other:?}"),
        }
    };
    let ClipAt::Link(url) = &clips[0].at else {
        panic!("{clips:?}")
    };
    let download = client.download(endpoint, url, 10_000_000).await;
    let mut download = download.expect("a file");
    let mut bytes = Vec::new();
    while let Some(chunk) = download.next().await {
        bytes.extend_from_slice(&chunk.expect("more of it"));
    }
    Played {
        polls,
        bytes,
        usage,
        requests: server.seen(),
    }
}

#[tokio::test]
async fn a_recorded_grok_job_is_played_to_its_last_byte() {
    let Some(folder) = folder() else { return };
    let script = script(&folder, "xai/video-grok-imagine.seq");
    let length = script.len();
    let played = play(Provider::XAi, Protocol::Videos, script).await;
    assert_eq!((played.polls, played.requests.len()), (27, length));
    assert_eq!(media_type_of(&played.bytes), Some("video/mp4"));
    assert_eq!(played.bytes.len(), 553_804);
    let cost = played.usage.and_then(|usage| usage.provider_cost);
    assert_eq!(cost, Some(NanoUsd::from_nano(50_000_000)));
    let (last, before) = played.requests.split_last().expect("requests");
    assert!(before.iter().all(|request| request.contains(KEY)));
    assert!(!last.contains(KEY), "the clip is at another server: {last}");
}

#[tokio::test]
async fn a_recorded_veo_job_is_played_to_its_last_byte() {
    let Some(folder) = folder() else { return };
    let script = script(&folder, "google/video-veo-3-1-lite.seq");
    let length = script.len();
    let played = play(Provider::Google, Protocol::PredictLongRunning, script).await;
    assert_eq!((played.polls, played.requests.len()), (5, length));
    assert_eq!(media_type_of(&played.bytes), Some("video/mp4"));
    assert_eq!(played.bytes.len(), 2_376_176);
    assert_eq!(played.usage, None, "Veo says nothing of what it costs");
    for request in &played.requests {
        assert!(
            request.contains(KEY),
            "the redirect stays at Google: {request}"
        );
    }
}
