//! The exact requests for pictures and clips, provider by provider and knob by knob.

use anyai_providers::{
    BuildError, Endpoint, Image, ImageRequest, Protocol, Provider, VideoRequest, VideoSource,
    VideoTask, build_video,
};
use anyai_units::Tokens;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::sent::build_images;

const PNG: &str = "data:image/png;base64,iVBORwE=";

fn picture() -> Image {
    Image::recognised(Bytes::from_static(b"\x89PNG\x01")).expect("a picture")
}

fn endpoint(provider: Provider, protocol: Protocol) -> Endpoint<'static> {
    Endpoint {
        provider,
        protocol,
        base_url: provider.default_base_url().expect("an address"),
        key: Some("sk-secret-0123456789"),
    }
}

fn every_image_knob() -> ImageRequest {
    ImageRequest {
        count: 1,
        size: Some("1536x1024".to_owned()),
        quality: Some("high".to_owned()),
        background: Some("transparent".to_owned()),
        format: Some("webp".to_owned()),
        references: vec![picture(), picture()],
        mask: Some(picture()),
        previews: 2,
        end_user: Some("hash".to_owned()),
        ..ImageRequest::new("m", "a fox")
    }
}

fn images(provider: Provider, protocol: Protocol, request: &ImageRequest) -> (String, Value) {
    let built = build_images(request, &endpoint(provider, protocol)).expect("a request");
    let body = serde_json::from_slice(&built.body).expect("JSON");
    (built.url.to_string(), body)
}

fn video(provider: Provider, protocol: Protocol, request: &VideoRequest) -> (String, Value) {
    let built = build_video(request, &endpoint(provider, protocol)).expect("a request");
    let body = serde_json::from_slice(&built.body).expect("JSON");
    (built.url.to_string(), body)
}

fn refused_knob(request: &ImageRequest, provider: Provider, protocol: Protocol) -> &'static str {
    match build_images(request, &endpoint(provider, protocol)) {
        Err(BuildError::Knob(knob)) => knob,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn open_ai_makes_and_edits_pictures_at_two_addresses() {
    let plain = ImageRequest {
        count: 3,
        previews: 2,
        ..ImageRequest::new("gpt-image-2", "a fox")
    };
    assert_eq!(
        images(Provider::OpenAi, Protocol::Images, &plain),
        (
            "https://api.openai.com/v1/images/generations".to_owned(),
            json!({"model": "gpt-image-2", "prompt": "a fox", "n": 3}),
        ),
        "previews are of one picture"
    );
    assert_eq!(
        images(Provider::OpenAi, Protocol::Images, &every_image_knob()),
        (
            "https://api.openai.com/v1/images/edits".to_owned(),
            json!({"model": "m", "prompt": "a fox", "n": 1, "size": "1536x1024", "quality": "high",
                "background": "transparent", "output_format": "webp", "stream": true, "partial_images": 2,
                "safety_identifier": "hash", "images": [{"image_url": PNG}, {"image_url": PNG}],
                "mask": {"image_url": PNG}}),
        )
    );
    let masked = ImageRequest {
        references: Vec::new(),
        ..every_image_knob()
    };
    assert_eq!(
        refused_knob(&masked, Provider::OpenAi, Protocol::Images),
        "mask without a picture to edit"
    );
}

#[test]
fn x_ai_never_gets_a_picture_where_it_would_ignore_it() {
    let mut request = ImageRequest {
        count: 2,
        size: Some("2k".to_owned()),
        aspect: Some("16:9".to_owned()),
        quality: Some("medium".to_owned()),
        end_user: Some("hash".to_owned()),
        ..ImageRequest::new("grok-imagine-image-2.0", "a fox")
    };
    let mut expected = json!({"model": "grok-imagine-image-2.0", "prompt": "a fox", "n": 2, "resolution": "2k",
        "aspect_ratio": "16:9", "quality": "medium", "response_format": "b64_json", "user": "hash"});
    let made = images(Provider::XAi, Protocol::Images, &request);
    assert_eq!(
        made,
        (
            "https://api.x.ai/v1/images/generations".to_owned(),
            expected.clone()
        )
    );
    let one = json!({"type": "image_url", "url": PNG});
    request.references = vec![picture()];
    expected["image"] = one.clone();
    let edited = images(Provider::XAi, Protocol::Images, &request);
    assert_eq!(
        edited,
        (
            "https://api.x.ai/v1/images/edits".to_owned(),
            expected.clone()
        )
    );
    request.references.push(picture());
    expected["images"] = json!([one, one]);
    expected.as_object_mut().expect("fields").remove("image");
    let edited = images(Provider::XAi, Protocol::Images, &request);
    assert_eq!(edited.1, expected);
    request.mask = Some(picture());
    assert_eq!(
        refused_knob(&request, Provider::XAi, Protocol::Images),
        "mask"
    );
}

#[test]
fn open_router_names_sizes_in_two_ways() {
    let mut request = ImageRequest {
        size: Some("1024x1024".to_owned()),
        references: vec![picture()],
        ..ImageRequest::new("google/gemini-3.1-flash-image", "a fox")
    };
    let (url, body) = images(Provider::OpenRouter, Protocol::Images, &request);
    assert_eq!(url, "https://openrouter.ai/api/v1/images");
    assert_eq!(
        body,
        json!({"model": "google/gemini-3.1-flash-image", "prompt": "a fox", "n": 1, "size": "1024x1024",
            "input_references": [{"type": "image_url", "image_url": {"url": PNG}}]})
    );
    request.size = Some("2K".to_owned());
    let (_, body) = images(Provider::OpenRouter, Protocol::Images, &request);
    assert_eq!(
        (&body["resolution"], &body["size"]),
        (&json!("2K"), &Value::Null)
    );
}

#[test]
fn google_makes_pictures_over_two_protocols() {
    let mut request = ImageRequest {
        size: Some("2K".to_owned()),
        aspect: Some("16:9".to_owned()),
        references: vec![picture()],
        ..ImageRequest::new("gemini-3.1-flash-image", "a fox")
    };
    assert_eq!(
        images(Provider::Google, Protocol::GenerateContent, &request),
        (
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.1-flash-image:streamGenerateContent?alt=sse"
                .to_owned(),
            json!({"contents": [{"role": "user", "parts": [
                    {"inlineData": {"mimeType": "image/png", "data": "iVBORwE="}}, {"text": "a fox"}]}],
                "generationConfig": {"responseModalities": ["TEXT", "IMAGE"],
                    "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}}),
        )
    );
    assert_eq!(
        images(Provider::Google, Protocol::Interactions, &request),
        (
            "https://generativelanguage.googleapis.com/v1beta/interactions?alt=sse".to_owned(),
            json!({"model": "gemini-3.1-flash-image", "input": [{"type": "user_input", "content": [
                    {"type": "image", "mime_type": "image/png", "data": "iVBORwE="},
                    {"type": "text", "text": "a fox"}]}],
                "response_format": [{"type": "image", "aspect_ratio": "16:9", "image_size": "2K"}],
                "store": false, "stream": true}),
        )
    );
    request.max_output_tokens = Some(Tokens::new(1_700));
    let (_, body) = images(Provider::Google, Protocol::GenerateContent, &request);
    assert_eq!(body["generationConfig"]["maxOutputTokens"], json!(1_700));
    let (_, body) = images(Provider::Google, Protocol::Interactions, &request);
    assert_eq!(
        body["generation_config"],
        json!({"max_output_tokens": 1_700})
    );
    request.count = 2;
    for protocol in [Protocol::GenerateContent, Protocol::Interactions] {
        let knob = refused_knob(&request, Provider::Google, protocol);
        assert_eq!(knob, "more than one picture at a time");
    }
    let plain = ImageRequest::new("gemini-3.1-flash-image", "a fox");
    let (_, body) = images(Provider::Google, Protocol::GenerateContent, &plain);
    assert_eq!(
        body["generationConfig"],
        json!({"responseModalities": ["TEXT", "IMAGE"]})
    );
}

fn clip(task: VideoTask) -> VideoRequest {
    VideoRequest {
        task,
        resolution: Some("720p".to_owned()),
        aspect: Some("16:9".to_owned()),
        ..VideoRequest::new("m", "a wave", 6)
    }
}

#[test]
fn x_ai_has_an_address_for_each_thing_done_to_a_clip() {
    let of = |request: &VideoRequest| video(Provider::XAi, Protocol::Videos, request);
    let shape = json!({"model": "m", "prompt": "a wave", "duration": 6, "resolution": "720p", "aspect_ratio": "16:9"});
    let (url, body) = of(&clip(VideoTask::Text));
    assert_eq!(
        (url.as_str(), &body),
        ("https://api.x.ai/v1/videos/generations", &shape)
    );

    let mut framed = clip(VideoTask::Image);
    (framed.first_frame, framed.last_frame) = (Some(picture()), Some(picture()));
    (framed.sound, framed.end_user) = (Some(false), Some("hash".to_owned()));
    let mut expected = shape.clone();
    (expected["image"], expected["last_frame"]) = (json!({"url": PNG}), json!({"url": PNG}));
    (expected["generate_audio"], expected["user"]) = (json!(false), json!("hash"));
    assert_eq!(of(&framed).1, expected);

    let mut referring = clip(VideoTask::Reference);
    referring.references = vec![picture(), picture()];
    let mut expected = shape;
    expected["reference_images"] = json!([{"url": PNG}, {"url": PNG}]);
    assert_eq!(of(&referring).1, expected);

    let source = VideoSource::Url("https://vidgen.x.ai/a.mp4".to_owned());
    let mut edit = clip(VideoTask::Edit);
    edit.source = Some(source.clone());
    let from = json!({"url": "https://vidgen.x.ai/a.mp4"});
    let (url, body) = of(&edit);
    assert_eq!(url, "https://api.x.ai/v1/videos/edits");
    assert_eq!(
        body,
        json!({"model": "m", "prompt": "a wave", "video": from})
    );

    let mut extension = clip(VideoTask::Extend);
    extension.source = Some(source);
    let (url, body) = of(&extension);
    assert_eq!(url, "https://api.x.ai/v1/videos/extensions");
    assert_eq!(
        body,
        json!({"model": "m", "prompt": "a wave", "duration": 6, "video": from})
    );
}

#[test]
fn open_router_frames_and_references_are_apart() {
    let mut request = clip(VideoTask::Image);
    (request.first_frame, request.last_frame) = (Some(picture()), Some(picture()));
    (request.references, request.seed, request.sound) = (vec![picture()], Some(7), Some(true));
    let (url, body) = video(Provider::OpenRouter, Protocol::Videos, &request);
    assert_eq!(url, "https://openrouter.ai/api/v1/videos");
    let image = json!({"url": PNG});
    assert_eq!(
        body,
        json!({"model": "m", "prompt": "a wave", "duration": 6, "resolution": "720p", "aspect_ratio": "16:9",
            "generate_audio": true, "seed": 7,
            "frame_images": [{"type": "image_url", "image_url": image, "frame_type": "first_frame"},
                {"type": "image_url", "image_url": image, "frame_type": "last_frame"}],
            "input_references": [{"type": "image_url", "image_url": image}]})
    );
}

#[test]
fn omni_is_a_background_interaction() {
    let mut request = clip(VideoTask::Extend);
    request.seed = Some(7);
    request.source = Some(VideoSource::Bytes {
        mime: "video/mp4".to_owned(),
        bytes: Bytes::from_static(b"clip"),
    });
    let (url, body) = video(Provider::Google, Protocol::Interactions, &request);
    assert_eq!(
        url,
        "https://generativelanguage.googleapis.com/v1beta/interactions"
    );
    assert_eq!(
        body,
        json!({"model": "m", "background": true, "store": true,
            "input": [{"type": "user_input", "content": [
                {"type": "video", "mime_type": "video/mp4", "data": "Y2xpcA=="}, {"type": "text", "text": "a wave"}]}],
            "response_format": [{"type": "video", "delivery": "uri", "resolution": "720p", "aspect_ratio": "16:9",
                "duration": "6s"}],
            "generation_config": {"video_config": {"task": "extend"}, "seed": 7}})
    );
    let mut edit = request;
    edit.task = VideoTask::Edit;
    edit.max_output_tokens = Some(Tokens::new(60_000));
    let (_, body) = video(Provider::Google, Protocol::Interactions, &edit);
    assert!(body["response_format"][0].get("duration").is_none());
    assert_eq!(body["generation_config"]["max_output_tokens"], 60_000);
}

#[test]
fn veo_is_a_prediction() {
    let mut request = clip(VideoTask::Image);
    (request.first_frame, request.last_frame) = (Some(picture()), Some(picture()));
    (request.references, request.seed) = (vec![picture()], Some(7));
    let (url, body) = video(Provider::Google, Protocol::PredictLongRunning, &request);
    assert_eq!(
        url,
        "https://generativelanguage.googleapis.com/v1beta/models/m:predictLongRunning"
    );
    let image = json!({"bytesBase64Encoded": "iVBORwE=", "mimeType": "image/png"});
    assert_eq!(
        body,
        json!({"instances": [{"prompt": "a wave", "image": image, "lastFrame": image,
                "referenceImages": [{"image": image, "referenceType": "asset"}]}],
            "parameters": {"sampleCount": 1, "durationSeconds": 6, "resolution": "720p", "aspectRatio": "16:9",
                "seed": 7}})
    );
}

#[test]
fn what_cannot_be_said_is_refused_before_anything_is_sent() {
    let of = |request: &VideoRequest, provider, protocol| {
        build_video(request, &endpoint(provider, protocol)).expect_err("refused")
    };
    let mut request = clip(VideoTask::Text);
    request.seed = Some(7);
    let error = of(&request, Provider::XAi, Protocol::Videos);
    assert_eq!(error, BuildError::Knob("seed"));
    for (task, missing) in [
        (VideoTask::Image, "a first frame"),
        (VideoTask::Reference, "a reference picture"),
        (VideoTask::Edit, "a clip to work from"),
        (VideoTask::Extend, "a clip to work from"),
    ] {
        let error = of(&clip(task), Provider::XAi, Protocol::Videos);
        assert_eq!(error, BuildError::Missing(missing));
    }
    let error = of(&clip(VideoTask::Text), Provider::OpenAi, Protocol::Images);
    assert_eq!(error, BuildError::Protocol(Protocol::Images));
    let mut elsewhere = clip(VideoTask::Text);
    elsewhere.model = "../../files".to_owned();
    let error = of(&elsewhere, Provider::Google, Protocol::PredictLongRunning);
    assert_eq!(error, BuildError::Model);
    let request = ImageRequest::new("m", "a fox");
    let wrong = build_images(&request, &endpoint(Provider::OpenAi, Protocol::Responses));
    assert_eq!(
        wrong.expect_err("refused"),
        BuildError::Protocol(Protocol::Responses)
    );
}
