//! A picture and clips from aimock, through the gateway's jobs, into the store.

use anyai_simulator::{Options, Provider, SIMULATED_KEY, Simulator};
use anyai_testsupport::{failed, settled, until};
use anyai_units::Credits;
use anyai_wire::{Code, ImageKnobs, Media, VideoKnobs, VideoTask};
use serde_json::{Value, json};

use crate::peer::Peer;

const PICTURE: &str = "gpt-image-2.5-flare";
const GROK: &str = "grok-imagine-video-1.5-lite";
const VEO: &str = "veo-3.1-lite-generate-001";

/// One grey pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn picture() -> Media {
    Media::Image(ImageKnobs {
        count: 1,
        size: Some("1024x1024".to_owned()),
        aspect: None,
        quality: Some("low".to_owned()),
        background: None,
        format: None,
        mask: None,
    })
}

fn clip(seconds: u32, resolution: &str) -> Media {
    Media::Video(VideoKnobs {
        task: VideoTask::Text,
        seconds,
        resolution: Some(resolution.to_owned()),
        aspect: None,
        sound: None,
        seed: None,
        first_frame: None,
        last_frame: None,
        draft_of: None,
    })
}

/// The link to a real clip: the simulator makes one, and aimock's fixtures point there.
async fn clip_link(simulator: &Simulator) -> String {
    let base = simulator.base_url(Provider::XAi);
    let client = reqwest::Client::new();
    let order = client.post(format!("{base}/videos/generations"));
    let order = order.bearer_auth(SIMULATED_KEY).json(&json!({
        "model": GROK, "prompt": "A beam turns", "duration": 1,
    }));
    let job: Value = answer(order).await;
    let id = job["request_id"].as_str().unwrap().to_owned();
    until("the clip is made", async || {
        let poll = client.get(format!("{base}/videos/{id}"));
        let status = answer(poll.bearer_auth(SIMULATED_KEY)).await;
        status["video"]["url"].as_str().map(str::to_owned)
    })
    .await
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let text = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
}

#[tokio::test]
async fn a_picture_is_made_kept_and_charged_as_estimated() {
    let fixtures = json!([{
        "match": {"endpoint": "image"},
        "response": {"image": {"b64Json": PNG}},
    }]);
    let aimock = Peer::aimock(fixtures).await;
    let house = aimock.house().await;
    let turn = house.made(PICTURE, "A grey pixel", picture()).await;
    let charged = settled(&turn);
    assert!(charged > Credits::ZERO);
    let [kept] = &turn.outputs[..] else {
        panic!("{turn:?}")
    };
    assert_eq!(
        (kept.mime.as_str(), kept.width, kept.height),
        ("image/png", 1, 1)
    );
    let receipt = house.receipt(&turn).await;
    assert!(
        receipt.counted_here,
        "aimock reports no usage of pictures: {receipt:?}"
    );
    house.finish(&[turn]).await;
}

#[tokio::test]
async fn clips_of_grok_and_veo_are_made_kept_and_charged() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let link = clip_link(&simulator).await;
    let video = |model: &str, more: Value| {
        let mut video = json!({"id": "clip", "status": "completed", "url": link, "duration": 1});
        let more = more.as_object().unwrap().clone();
        video.as_object_mut().unwrap().extend(more);
        json!({"match": {"endpoint": "video", "model": model}, "response": {"video": video}})
    };
    let fixtures = json!([video(GROK, json!({"cost": 0.02})), video(VEO, json!({}))]);
    let aimock = Peer::aimock(fixtures).await;
    let house = aimock.house_with(&[VEO]).await;

    let grok = house.made(GROK, "A beam turns", clip(1, "480p")).await;
    assert_eq!(
        settled(&grok),
        Credits::from_whole(2).unwrap(),
        "by xAI's own word"
    );
    let veo = house.made(VEO, "A beam turns", clip(4, "720p")).await;
    assert_eq!(
        settled(&veo),
        Credits::from_whole(20).unwrap(),
        "4 s at US$0.05"
    );
    for turn in [&grok, &veo] {
        let [kept] = &turn.outputs[..] else {
            panic!("{turn:?}")
        };
        assert_eq!(kept.mime, "video/webm");
        assert!(kept.duration_ms.unwrap() > 0, "{kept:?}");
    }
    house.finish(&[grok, veo]).await;
    simulator.shutdown().await;
}

#[tokio::test]
async fn clips_that_fail_are_said_and_cost_nothing() {
    let fixtures = json!([{
        "match": {"endpoint": "video"},
        "response": {"video": {"id": "clip", "status": "failed", "error": "no beam today"}},
    }]);
    let aimock = Peer::aimock(fixtures).await;
    let house = aimock.house_with(&[VEO]).await;
    let mut turns = Vec::new();
    for (model, media) in [(GROK, clip(1, "480p")), (VEO, clip(4, "720p"))] {
        let turn = house.made(model, "A beam turns", media).await;
        let (charged, error) = failed(&turn);
        assert_eq!(charged, Credits::ZERO, "{model}");
        assert!(
            error.message.contains("no beam today"),
            "{model}: {error:?}"
        );
        assert_ne!(error.code, Code::Internal, "{model}");
        turns.push(turn);
    }
    house.finish(&turns).await;
}
