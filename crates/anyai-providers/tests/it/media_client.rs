//! Orders for pictures and clips: sent once, whatever goes wrong, and what is said when it does.

use std::time::Duration;

use anyai_providers::{
    Endpoint, ErrorClass, ImageRequest, Protocol, Provider, ProviderEvent, SubmitError, VideoJobId,
    VideoRequest, VideoStatus,
};
use futures_util::StreamExt as _;

use crate::loopback::{Loopback, Step, impatient, reply, stream_head, write};

const KEY: &str = "sk-secret-0123456789";

fn endpoint(protocol: Protocol, base_url: &str) -> Endpoint<'_> {
    Endpoint {
        provider: Provider::XAi,
        protocol,
        base_url,
        key: Some(KEY),
    }
}

async fn submit(server: &Loopback) -> Result<VideoJobId, SubmitError> {
    let request = VideoRequest::new("grok-imagine-video", "a wave", 4);
    let endpoint = endpoint(Protocol::Videos, &server.base_url);
    impatient(2).submit_video(endpoint, &request).await
}

async fn poll(server: &Loopback) -> Result<VideoStatus, ErrorClass> {
    let endpoint = endpoint(Protocol::Videos, &server.base_url);
    let job = VideoJobId("j-1".to_owned());
    let polled = impatient(2).poll_video(endpoint, &job).await;
    polled.map_err(|error| error.class)
}

async fn ask_for_a_picture(server: &Loopback) -> Vec<ProviderEvent> {
    let request = ImageRequest::new("grok-imagine-image", "a fox");
    let endpoint = endpoint(Protocol::Images, &server.base_url);
    let events = impatient(2).images(endpoint, &request).expect("a request");
    events.collect().await
}

/// Accidents after the request has left: the connection closes, breaks off or stays silent, the
/// provider breaks or says something unreadable.
fn accidents() -> Vec<(&'static str, Vec<Step>, ErrorClass)> {
    let cut = vec![write("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"req")];
    vec![
        ("closed", Vec::new(), ErrorClass::Network),
        ("cut", cut, ErrorClass::Network),
        ("silent", vec![Step::Hang], ErrorClass::Timeout),
        ("500", reply(500, "", "broken"), ErrorClass::Server),
        (
            "503",
            reply(503, "retry-after: 0\r\n", ""),
            ErrorClass::Overloaded,
        ),
        (
            "529",
            reply(529, "x-should-retry: true\r\n", ""),
            ErrorClass::Overloaded,
        ),
        ("408", reply(408, "", ""), ErrorClass::Timeout),
        ("web page", reply(200, "", "<html>"), ErrorClass::Malformed),
        ("no id", reply(200, "", "{}"), ErrorClass::Malformed),
    ]
}

#[tokio::test]
async fn a_job_is_submitted_once_whatever_happens() {
    for (name, steps, class) in accidents() {
        let server = Loopback::start(vec![steps.clone(), steps.clone(), steps]).await;
        let failed = submit(&server).await.expect_err(name);
        assert_eq!(failed.error.class, class, "{name}: {failed:?}");
        assert!(failed.may_have_been_sent, "{name}");
        assert_eq!(server.seen().len(), 1, "{name}: sent once");
    }
}

#[tokio::test]
async fn a_refused_job_does_not_exist() {
    let moderated = r#"{"error":{"code":"moderation_blocked","message":"declined"}}"#;
    for (name, steps, class) in [
        (
            "400",
            reply(400, "", r#"{"error":"bad"}"#),
            ErrorClass::InvalidRequest,
        ),
        ("401", reply(401, "", ""), ErrorClass::Auth),
        ("402", reply(402, "", ""), ErrorClass::QuotaExhausted),
        ("403", reply(403, "", ""), ErrorClass::Permission),
        ("404", reply(404, "", ""), ErrorClass::NotFound),
        ("413", reply(413, "", ""), ErrorClass::InvalidRequest),
        (
            "429",
            reply(429, "retry-after: 0\r\n", ""),
            ErrorClass::RateLimited,
        ),
        (
            "moderated",
            reply(400, "", moderated),
            ErrorClass::ContentRefused,
        ),
        (
            "moderated at 200",
            reply(200, "", moderated),
            ErrorClass::ContentRefused,
        ),
        (
            "redirected",
            reply(302, "location: https://x.invalid/\r\n", ""),
            ErrorClass::NotFound,
        ),
    ] {
        let server = Loopback::start(vec![steps.clone(), steps]).await;
        let failed = submit(&server).await.expect_err(name);
        assert_eq!(failed.error.class, class, "{name}");
        assert!(!failed.may_have_been_sent, "{name}");
        assert_eq!(server.seen().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn what_never_left_was_not_sent() {
    let request = VideoRequest::new("m", "a wave", 4);
    let gone = Loopback::start(Vec::new()).await.base_url;
    for base_url in [gone.as_str(), "https://nowhere.invalid/v1"] {
        let endpoint = endpoint(Protocol::Videos, base_url);
        let failed = impatient(0).submit_video(endpoint, &request).await;
        let failed = failed.expect_err("nobody there");
        assert_eq!(failed.error.class, ErrorClass::Network, "{failed:?}");
        assert!(!failed.may_have_been_sent);
    }
    let unspeakable = endpoint(Protocol::Images, &gone);
    let failed = impatient(2).submit_video(unspeakable, &request).await;
    assert!(!failed.expect_err("no clips there").may_have_been_sent);
}

#[tokio::test]
async fn a_poll_is_repeated_until_it_is_answered() {
    let busy = |status, headers| reply(status, headers, "");
    let script = vec![
        busy(429, "retry-after: 0\r\n"),
        busy(503, "retry-after-ms: 1\r\n"),
        reply(202, "", ""),
        busy(408, "retry-after: 0\r\n"),
        reply(200, "", r#"{"status":"expired"}"#),
        reply(410, "", ""),
        reply(404, "", r#"{"error":"no such job"}"#),
        reply(
            400,
            "",
            r#"{"code":"x","error":"rejected by content moderation"}"#,
        ),
    ];
    let length = script.len();
    let server = Loopback::start(script).await;
    assert_eq!(poll(&server).await, Ok(VideoStatus::Queued));
    assert_eq!(poll(&server).await, Ok(VideoStatus::Expired));
    assert_eq!(poll(&server).await, Ok(VideoStatus::Expired));
    assert_eq!(poll(&server).await, Err(ErrorClass::NotFound));
    let blocked = poll(&server).await.expect("an outcome");
    assert_eq!(blocked.as_str(), "blocked");
    assert_eq!(server.seen().len(), length);
    assert!(server.seen()[0].starts_with("GET /v1/videos/j-1 "));
}

#[tokio::test]
async fn a_status_that_repeats_the_key_is_told_without_it() {
    let failed = format!(r#"{{"status":"failed","error":"broke on {KEY}"}}"#);
    let blocked = format!(r#"{{"status":"blocked","error":"declined for {KEY}"}}"#);
    let refused = format!(r#"{{"error":"rejected by content moderation of {KEY}"}}"#);
    let server = Loopback::start(vec![
        reply(200, "", &failed),
        reply(200, "", &blocked),
        reply(400, "", &refused),
    ])
    .await;
    for word in [
        "broke on [key]",
        "declined for [key]",
        "moderation of [key]",
    ] {
        let said = format!("{:?}", poll(&server).await.expect("a status"));
        assert!(said.contains(word) && !said.contains(KEY), "{said}");
    }
}

#[tokio::test]
async fn only_interactions_are_called_off() {
    let server = Loopback::start(vec![reply(200, "", "{}")]).await;
    let job = VideoJobId("v1_x".to_owned());
    let client = impatient(2);
    let kept = client.cancel_video(endpoint(Protocol::Videos, &server.base_url), &job);
    assert_eq!(kept.await, Ok(false));
    let called = client.cancel_video(endpoint(Protocol::Interactions, &server.base_url), &job);
    assert_eq!(called.await, Ok(true));
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0].starts_with("POST /v1/interactions/v1_x/cancel "),
        "{}",
        seen[0]
    );
}

fn failure(name: &str, events: &[ProviderEvent]) -> ErrorClass {
    match events.last() {
        Some(ProviderEvent::Failed(error)) => {
            assert!(!error.message.contains(KEY), "{name}: {error}");
            error.class
        }
        other => panic!("{name}: ended with {other:?}"),
    }
}

#[tokio::test]
async fn pictures_are_ordered_once_whatever_happens() {
    let told = format!(r#"{{"error":{{"message":"bad key {KEY}","code":"invalid_api_key"}}}}"#);
    let mut faults = accidents();
    faults.extend([
        ("401", reply(401, "", &told), ErrorClass::Auth),
        ("402", reply(402, "", ""), ErrorClass::QuotaExhausted),
        ("403", reply(403, "", ""), ErrorClass::Permission),
        ("404", reply(404, "", ""), ErrorClass::NotFound),
        (
            "429",
            reply(429, "retry-after: 0\r\n", ""),
            ErrorClass::RateLimited,
        ),
    ]);
    for (name, steps, class) in faults {
        let server = Loopback::start(vec![steps.clone(), steps.clone(), steps]).await;
        let events = ask_for_a_picture(&server).await;
        // An object without pictures is an answer that is not over.
        let class = if name == "no id" {
            ErrorClass::Network
        } else {
            class
        };
        assert_eq!(failure(name, &events), class, "{name}");
        assert_eq!(server.seen().len(), 1, "{name}: sent once");
    }
}

#[tokio::test]
async fn a_preview_survives_the_break_that_follows() {
    let preview = r#"data: {"type":"image_generation.partial_image","b64_json":"iVBORwE="}"#;
    let server = Loopback::start(vec![vec![stream_head(), write(&format!("{preview}\n\n"))]]).await;
    let events = ask_for_a_picture(&server).await;
    assert!(
        matches!(
            events[..],
            [ProviderEvent::Preview { .. }, ProviderEvent::Failed(_)]
        ),
        "{events:?}"
    );
}

#[test]
fn polls_are_spaced_by_the_providers_manners() {
    for protocol in [
        Protocol::Videos,
        Protocol::Interactions,
        Protocol::PredictLongRunning,
    ] {
        let waits: Vec<Duration> = [0, 29, 30, 1_000, u32::MAX]
            .into_iter()
            .map(|polls| protocol.poll_wait(polls))
            .collect();
        assert!(waits.is_sorted(), "{protocol:?}: {waits:?}");
        assert!(waits[0] >= Duration::from_secs(1) && waits[4] <= Duration::from_secs(10));
    }
    let second = Duration::from_secs(1);
    assert_eq!(Protocol::Videos.poll_wait(29), second, "as xAI's client");
    assert!(Protocol::Videos.poll_wait(30) > second);
}
