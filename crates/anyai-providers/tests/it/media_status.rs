//! What providers say of pictures and jobs that no recording holds: other words, hostile ones, none.

use anyai_providers::{
    Clip, ClipAt, Decoder, ErrorClass, Protocol, Provider, ProviderEvent, StopReason, Usage,
    VideoJobId, VideoStatus,
};
use anyai_units::{NanoUsd, Tokens};
use serde_json::{Value, json};

fn status(provider: Provider, protocol: Protocol, body: &Value) -> VideoStatus {
    let body = body.to_string();
    VideoStatus::read(provider, protocol, 200, body.as_bytes()).expect("a status")
}

fn x_ai(body: &Value) -> VideoStatus {
    status(Provider::XAi, Protocol::Videos, body)
}

fn veo(body: &Value) -> VideoStatus {
    status(Provider::Google, Protocol::PredictLongRunning, body)
}

fn omni(body: &Value) -> VideoStatus {
    status(Provider::Google, Protocol::Interactions, body)
}

fn events(provider: Provider, protocol: Protocol, body: &str) -> Vec<ProviderEvent> {
    let mut decoder = Decoder::new(provider, protocol);
    let mut events = decoder.push(body.as_bytes());
    events.extend(decoder.finish());
    events
}

fn link(url: &str) -> Clip {
    Clip {
        at: ClipAt::Link(url.to_owned()),
        mime: None,
        milliseconds: None,
    }
}

#[test]
fn an_empty_answer_means_not_yet() {
    for status in [202, 204] {
        let read = VideoStatus::read(Provider::XAi, Protocol::Videos, status, b" \n");
        assert_eq!(read, Ok(VideoStatus::Queued));
    }
    let read = VideoStatus::read(Provider::XAi, Protocol::Videos, 200, b"");
    assert_eq!(read.expect_err("nothing said").class, ErrorClass::Malformed);
}

#[test]
fn progress_may_be_a_fraction_or_absurd() {
    for (progress, permille) in [
        (json!(0), None),
        (json!(18), Some(180)),
        (json!(56.25), Some(563)),
        (json!(4_000), Some(1_000)),
        (json!(-3), None),
        (json!("soon"), None),
    ] {
        let read = x_ai(&json!({"status": "pending", "progress": progress}));
        let expected = match permille {
            Some(_) => VideoStatus::Running { permille },
            None => VideoStatus::Queued,
        };
        assert_eq!(read, expected, "{progress}");
    }
    let read = x_ai(&json!({"status": "warming up the camera"}));
    assert_eq!(read, VideoStatus::Running { permille: None });
}

#[test]
fn open_router_tells_its_links_and_its_cost() {
    let body = r#"{"id":"abc123","status":"completed",
        "unsigned_urls":["https://openrouter.ai/api/v1/videos/abc123/content?index=0"],
        "usage":{"cost":0.25,"is_byok":false}}"#;
    let read = VideoStatus::read(Provider::OpenRouter, Protocol::Videos, 200, body.as_bytes());
    let cost = Usage {
        provider_cost: Some(NanoUsd::from_nano(250_000_000)),
        ..Usage::default()
    };
    assert_eq!(
        read,
        Ok(VideoStatus::Done {
            clips: vec![link(
                "https://openrouter.ai/api/v1/videos/abc123/content?index=0"
            )],
            usage: Some(cost),
        })
    );
    let read = |body: Value| status(Provider::OpenRouter, Protocol::Videos, &body);
    let running = read(json!({"id": "a", "status": "in_progress"}));
    assert_eq!(running, VideoStatus::Running { permille: None });
    let VideoStatus::Failed { error, .. } =
        read(json!({"status": "failed", "error": "no capacity"}))
    else {
        panic!("not failed")
    };
    assert_eq!(error.message, "no capacity");
    let cancelled = read(json!({"status": "cancelled"}));
    assert_eq!(cancelled.as_str(), "failed");
}

#[test]
fn a_failure_for_the_content_is_a_refusal() {
    for body in [
        json!({"status": "failed", "error": {"code": "moderation_blocked", "message": "no"}}),
        json!({"status": "failed", "error": {"code": "x", "message": "Generated video rejected by content moderation."}}),
        json!({"status": "done", "video": {"url": "https://x/a.mp4", "respect_moderation": false}}),
        json!({"status": "done", "video": {"url": ""}}),
    ] {
        assert_eq!(x_ai(&body).as_str(), "blocked", "{body}");
    }
    let rai = json!({"done": true, "error": {"code": 3, "message": "violates our Responsible AI practices"}});
    assert_eq!(veo(&rai).as_str(), "blocked");
}

#[test]
fn an_operations_error_is_classed_by_its_number() {
    for (code, class) in [
        (3, ErrorClass::InvalidRequest),
        (4, ErrorClass::Timeout),
        (7, ErrorClass::Permission),
        (8, ErrorClass::RateLimited),
        (13, ErrorClass::Server),
        (14, ErrorClass::Overloaded),
        (16, ErrorClass::Auth),
    ] {
        let read = veo(&json!({"done": true, "error": {"code": code, "message": "m"}}));
        let VideoStatus::Failed { error, .. } = read else {
            panic!("{code}: {read:?}")
        };
        assert_eq!(error.class, class, "{code}");
    }
}

#[test]
fn clips_may_stand_in_the_answer() {
    let inline = |mime: Option<&str>, milliseconds| Clip {
        at: ClipAt::Bytes(bytes::Bytes::from_static(b"clip")),
        mime: mime.map(str::to_owned),
        milliseconds,
    };
    let done = |clip| VideoStatus::Done {
        clips: vec![clip],
        usage: None,
    };
    let predicted = json!({"done": true, "response": {"videos": [{"bytesBase64Encoded": "Y2xpcA==", "mimeType": "video/mp4"}]}});
    assert_eq!(veo(&predicted), done(inline(Some("video/mp4"), None)));
    let interaction = json!({"status": "completed", "steps": [{"type": "model_output", "content": [
        {"type": "text", "text": "Here:"}, {"type": "video", "mime_type": "video/mp4", "data": "Y2xpcA=="}]}]});
    assert_eq!(omni(&interaction), done(inline(Some("video/mp4"), None)));
    let grok = json!({"status": "done", "video": {"url": "data:video/mp4;base64,Y2xpcA==", "duration": 1.5}});
    assert_eq!(x_ai(&grok), done(inline(None, Some(1_500))));
}

#[test]
fn an_interaction_ends_in_many_ways() {
    let words = json!({"status": "completed", "steps": [{"type": "model_output", "content": [
        {"type": "text", "text": "I cannot show that."}]}], "usage": {"total_input_tokens": 9, "total_tokens": 9}});
    let usage = Usage {
        input_tokens: Tokens::new(9),
        ..Usage::default()
    };
    assert_eq!(
        omni(&words),
        VideoStatus::Blocked {
            reason: "I cannot show that.".to_owned(),
            usage: Some(usage)
        }
    );
    let clip = json!({"type": "video", "uri": "https://g/files/f"});
    let given =
        json!({"status": "completed", "steps": [{"type": "user_input", "content": [clip]}]});
    assert_eq!(omni(&given).as_str(), "blocked", "it was given, not made");
    let early =
        json!({"status": "in_progress", "steps": [{"type": "model_output", "content": [clip]}]});
    assert_eq!(omni(&early).as_str(), "running");
    for (status, word) in [
        ("queued", "queued"),
        ("in_progress", "running"),
        ("failed", "failed"),
        ("cancelled", "failed"),
        ("incomplete", "failed"),
        ("budget_exceeded", "failed"),
    ] {
        assert_eq!(omni(&json!({"status": status})).as_str(), word, "{status}");
    }
}

#[test]
fn an_id_that_would_leave_its_address_is_none() {
    let read = |body: Value| VideoJobId::read(Provider::XAi, body.to_string().as_bytes());
    assert_eq!(read(json!({"id": "a-1"})), Ok(VideoJobId("a-1".to_owned())));
    let polled = json!({"polling_url": "https://openrouter.ai/api/v1/videos/abc"});
    assert_eq!(read(polled), Ok(VideoJobId("abc".to_owned())));
    for id in ["", "../../keys", "a/../../b", "a?b", "a#b", "a%2fb", "a b"] {
        let error = read(json!({"id": id})).expect_err(id);
        assert_eq!(error.class, ErrorClass::Malformed, "{id}");
    }
    let refused = read(json!({"code": "invalid-argument", "error": "Incorrect API key provided"}));
    assert_eq!(refused.expect_err("refused").class, ErrorClass::Auth);
}

fn ending(events: &[ProviderEvent]) -> (StopReason, &str) {
    match events.last() {
        Some(ProviderEvent::Finished { stop_reason, raw }) => (*stop_reason, raw),
        other => panic!("ended with {other:?}"),
    }
}

#[test]
fn a_withheld_picture_is_a_refusal_and_its_cost_is_kept() {
    let withheld = r#"{"data":[{"url":"","respect_moderation":false}],"usage":{"cost_in_usd_ticks":200000000}}"#;
    let found = events(Provider::XAi, Protocol::Images, withheld);
    let billed = Usage {
        provider_cost: Some(NanoUsd::from_nano(20_000_000)),
        ..Usage::default()
    };
    assert!(found.contains(&ProviderEvent::Usage(billed)), "{found:?}");
    assert_eq!(ending(&found).0, StopReason::Refused);
    for word in ["IMAGE_SAFETY", "NO_IMAGE", "IMAGE_PROHIBITED_CONTENT"] {
        let chunk = json!({"candidates": [{"finishReason": word}], "usageMetadata": {"promptTokenCount": 7}});
        let body = format!("data: {chunk}\r\n\r\n");
        let found = events(Provider::Google, Protocol::GenerateContent, &body);
        assert_eq!(ending(&found), (StopReason::Refused, word));
        let billed = Usage {
            input_tokens: Tokens::new(7),
            ..Usage::default()
        };
        assert!(found.contains(&ProviderEvent::Usage(billed)), "{word}");
    }
}

#[test]
fn a_gemini_picture_is_told_apart_in_the_usage() {
    let body = json!({"candidates": [{"content": {"parts": [{"text": "A fox."},
            {"inlineData": {"mimeType": "image/jpeg", "data": "iVBORwE="}}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 300, "candidatesTokenCount": 1518, "totalTokenCount": 1818,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 42}, {"modality": "IMAGE", "tokenCount": 258}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}]}});
    for body in [
        body.to_string(),
        format!("data: {body}\r\n\r\n"),
        format!("[{body}]"),
    ] {
        let found = events(Provider::Google, Protocol::GenerateContent, &body);
        let usage = found.iter().find_map(|event| match event {
            ProviderEvent::Usage(usage) => Some(*usage),
            _ => None,
        });
        let usage = usage.expect("usage");
        assert_eq!(usage.image_input_tokens, Tokens::new(258));
        assert_eq!(usage.image_output_tokens, Tokens::new(1_120));
        assert_eq!(usage.output_tokens, Tokens::new(1_518));
        assert_eq!(usage.pictures, 1);
        let image = found.iter().find_map(|event| match event {
            ProviderEvent::Image(image) => Some(image.mime.as_str()),
            _ => None,
        });
        assert_eq!(image, Some("image/png"), "its own bytes count");
    }
}

#[test]
fn words_after_a_gemini_picture_leave_its_tokens_apart() {
    let picture = json!({"candidates": [{"content": {"parts": [
            {"inlineData": {"mimeType": "image/png", "data": "iVBORwE="}}]}}],
        "usageMetadata": {"promptTokenCount": 300, "candidatesTokenCount": 1120,
            "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}]}});
    let words = |details: Value| {
        let mut usage = json!({"promptTokenCount": 300, "candidatesTokenCount": 1130});
        if details.is_array() {
            usage["candidatesTokensDetails"] = details;
        }
        json!({"candidates": [{"content": {"parts": [{"text": "A fox."}]}}], "usageMetadata": usage})
    };
    let details = json!([{"modality": "IMAGE", "tokenCount": 1_124}]);
    for (details, image_output) in [(Value::Null, 1_120), (details, 1_124)] {
        let body = format!("data: {picture}\r\n\r\ndata: {}\r\n\r\n", words(details));
        let found = events(Provider::Google, Protocol::GenerateContent, &body);
        let usages = found.iter().filter_map(|event| match event {
            ProviderEvent::Usage(usage) => Some(*usage),
            _ => None,
        });
        let usage = usages.last().expect("usage");
        assert_eq!(usage.image_input_tokens, Tokens::new(258));
        assert_eq!(usage.image_output_tokens, Tokens::new(image_output));
        assert_eq!(usage.output_tokens, Tokens::new(1_130));
    }
}

#[test]
fn an_interactions_picture_may_be_inline_or_linked() {
    let body = json!({"id": "i", "status": "completed", "object": "interaction", "steps": [{"type": "model_output",
        "content": [{"type": "image", "mime_type": "image/png", "data": "iVBORwE="},
            {"type": "image", "mime_type": "image/png", "uri": "https://g/files/f"}]}],
        "usage": {"total_input_tokens": 5, "total_output_tokens": 1120, "total_tokens": 1125,
            "output_tokens_by_modality": [{"modality": "image", "tokens": 1120}]}});
    let found = events(Provider::Google, Protocol::Interactions, &body.to_string());
    let link = ProviderEvent::ImageLink {
        url: "https://g/files/f".to_owned(),
        mime: Some("image/png".to_owned()),
    };
    assert!(found.contains(&link), "{found:?}");
    let billed = Usage {
        input_tokens: Tokens::new(5),
        output_tokens: Tokens::new(1_120),
        image_output_tokens: Tokens::new(1_120),
        pictures: 2,
        ..Usage::default()
    };
    assert!(found.contains(&ProviderEvent::Usage(billed)), "{found:?}");
}

#[test]
fn damaged_and_empty_pictures_are_none() {
    let body = r#"{"data":[{"b64_json":"A"},{"b64_json":""},{}],"usage":{"input_tokens":-1,"output_tokens":"many"}}"#;
    let found = events(Provider::OpenAi, Protocol::Images, body);
    assert!(
        !found.iter().any(|event| matches!(
            event,
            ProviderEvent::Image(_) | ProviderEvent::ImageLink { .. } | ProviderEvent::Usage(_)
        )),
        "an unreadable usage is none: {found:?}"
    );
    assert_eq!(ending(&found), (StopReason::Unknown, ""));
}

#[test]
fn an_empty_picture_beside_a_link_is_the_link() {
    let body = r#"{"data":[{"b64_json":"","url":"https://x/a.png"}]}"#;
    let found = events(Provider::XAi, Protocol::Images, body);
    let link = ProviderEvent::ImageLink {
        url: "https://x/a.png".to_owned(),
        mime: None,
    };
    assert!(found.contains(&link), "{found:?}");
}

#[test]
fn open_routers_stream_ends_with_an_error_or_a_picture() {
    let partial = r#"data: {"type":"image_generation.partial_image","partial_image_index":0,"b64_json":"iVBORwE="}"#;
    let failed =
        r#"data: {"type":"error","error":{"code":"moderation_blocked","message":"declined"}}"#;
    let body = format!(": OPENROUTER PROCESSING\n\n{partial}\n\n{failed}\n\ndata: [DONE]\n\n");
    let found = events(Provider::OpenRouter, Protocol::Images, &body);
    let [
        ProviderEvent::Preview { place: 0, .. },
        ProviderEvent::Failed(error),
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(error.class, ErrorClass::ContentRefused);
    let made = r#"data: {"type":"image_generation.completed","b64_json":"iVBORwE=","media_type":"image/png",
data: "usage":{"prompt_tokens":9,"completion_tokens":4175,"total_tokens":4184,"cost":0.04}}"#;
    let found = events(
        Provider::OpenRouter,
        Protocol::Images,
        &format!("{made}\n\ndata: [DONE]\n\n"),
    );
    let billed = Usage {
        input_tokens: Tokens::new(9),
        output_tokens: Tokens::new(4_175),
        image_output_tokens: Tokens::new(4_175),
        pictures: 1,
        provider_cost: Some(NanoUsd::from_nano(40_000_000)),
        ..Usage::default()
    };
    assert!(found.contains(&ProviderEvent::Usage(billed)), "{found:?}");
    assert_eq!(ending(&found).0, StopReason::EndTurn);
}

/// A picture of a stream with what it alone was billed.
fn completed(base64: &str, output: u64) -> String {
    let event = json!({"type": "image_generation.completed", "b64_json": base64,
        "output_format": "png", "usage": {"input_tokens": 9, "output_tokens": output}});
    format!("data: {event}\n\n")
}

#[test]
fn pictures_that_come_one_by_one_are_billed_together_and_each_once() {
    let (first, second) = (completed("iVBORwE=", 272), completed("iVBORwI=", 280));
    let body = [&first, &second, &second].map(String::as_str).concat();
    let found = events(Provider::OpenAi, Protocol::Images, &body);
    let is_picture = |event: &&ProviderEvent| matches!(event, ProviderEvent::Image(_));
    assert_eq!(found.iter().filter(is_picture).count(), 2, "{found:?}");
    let billed = Usage {
        input_tokens: Tokens::new(18),
        output_tokens: Tokens::new(552),
        image_output_tokens: Tokens::new(552),
        pictures: 2,
        ..Usage::default()
    };
    let last = found.iter().rev().find_map(|event| match event {
        ProviderEvent::Usage(usage) => Some(*usage),
        _ => None,
    });
    assert_eq!(last, Some(billed));
}

#[test]
fn what_is_said_twice_in_a_row_is_said_once() {
    let body = json!({"data": [{"b64_json": "iVBORwE="}], "usage": {"cost_in_usd_ticks": 7}});
    let once = events(Provider::XAi, Protocol::Images, &body.to_string());
    let twice = events(Provider::XAi, Protocol::Images, &format!("{body}{body}"));
    assert_eq!(once, twice);
    assert_eq!(ending(&twice).0, StopReason::EndTurn);
    let id = r#"{"request_id":"abc"}"#;
    let read = |body: &str| VideoJobId::read(Provider::XAi, body.as_bytes());
    assert_eq!(read(&id.repeat(2)), read(id));
    assert!(
        read(&format!(r#"{id}{{"request_id":"abd"}}"#)).is_err(),
        "which?"
    );
    let status = json!({"status": "pending", "progress": 18}).to_string();
    let poll =
        |body: &str| VideoStatus::read(Provider::XAi, Protocol::Videos, 202, body.as_bytes());
    assert_eq!(poll(&status.repeat(2)), poll(&status));
}

#[test]
fn a_status_that_says_it_plainly_is_believed_over_a_general_word() {
    for (status, body, class) in [
        (
            402,
            r#"{"code":"resource-exhausted","error":"pay"}"#,
            ErrorClass::QuotaExhausted,
        ),
        (
            429,
            r#"{"code":"resource-exhausted","error":"wait"}"#,
            ErrorClass::RateLimited,
        ),
        (
            503,
            r#"{"error":{"type":"server_error"}}"#,
            ErrorClass::Overloaded,
        ),
        (
            529,
            r#"{"error":{"type":"server_error"}}"#,
            ErrorClass::Overloaded,
        ),
        (
            500,
            r#"{"error":{"type":"server_error"}}"#,
            ErrorClass::Server,
        ),
    ] {
        let error = anyai_providers::error_from_response(Provider::XAi, status, body.as_bytes());
        assert_eq!(error.class, class, "{status} {body}");
    }
}
