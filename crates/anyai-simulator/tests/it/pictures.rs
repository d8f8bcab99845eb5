//! Pictures, on every wire that makes them.

use anyai_simulator::{Fingerprint, Options, Provider, Purpose};
use image::ImageFormat;
use serde_json::{Value, json};

use crate::media::{
    PICTURE_WIRES, PictureWire, data_url, decoded, looked_at, ordered, plain, post, streamed,
};
use crate::support::{client, simulator, start};

const IMAGES: &str = "/images/generations";

#[tokio::test]
async fn a_picture_says_which_prompt_it_was_made_for() {
    let simulator = simulator().await;
    for wire in PICTURE_WIRES {
        for prompt in ["a red fox in the snow", "a red fox in the rain"] {
            let answer: Value = wire.send(&simulator, prompt).await.json().await.unwrap();
            let pictures = wire.pictures(&answer);
            assert_eq!(pictures.len(), 1, "{wire:?}");
            let read = Fingerprint::read(&pictures[0]);
            assert_eq!(read, Some(Fingerprint::of(prompt, 0)), "{wire:?} {prompt}");
        }
    }
    let spaced = Fingerprint::of(" a  red fox\nin the rain [[fault:cut]]", 0);
    assert_eq!(spaced, Fingerprint::of("a red fox in the rain", 0));
    assert_eq!(Fingerprint::read(&plain([90, 90, 90], None)), None);
}

#[tokio::test]
async fn pictures_have_the_size_and_the_format_asked_for() {
    let simulator = simulator().await;
    let cases = [
        ("png", ImageFormat::Png, "512x256", (512, 256)),
        ("jpeg", ImageFormat::Jpeg, "256x512", (256, 512)),
        ("webp", ImageFormat::WebP, "400x400", (400, 400)),
    ];
    for (format, expected, size, (width, height)) in cases {
        let body = json!({"model": "gpt-image-2", "prompt": "dunes", "n": 2, "size": size,
            "output_format": format, "quality": "low"});
        let answer = ordered(&simulator, Provider::OpenAi, IMAGES, &body).await;
        assert_eq!(
            (&answer["size"], &answer["output_format"]),
            (&json!(size), &json!(format))
        );
        let pictures = PictureWire::OpenAi.pictures(&answer);
        for (index, picture) in (0..).zip(&pictures) {
            assert_eq!(looked_at(picture), (expected, (width, height)));
            assert_eq!(
                Fingerprint::read(picture),
                Some(Fingerprint::of("dunes", index))
            );
        }
        assert_ne!(pictures[0], pictures[1]);
    }
    let (_, body) = PictureWire::XAi.order("dunes");
    let answer = ordered(&simulator, Provider::XAi, IMAGES, &body).await;
    assert_eq!(
        looked_at(&PictureWire::XAi.pictures(&answer)[0]).1,
        (1_024, 1_024)
    );
    let (path, body) = PictureWire::Gemini.order("dunes");
    let answer = ordered(&simulator, Provider::Google, path, &body).await;
    assert_eq!(
        looked_at(&PictureWire::Gemini.pictures(&answer)[0]).1,
        (512, 288)
    );
}

#[tokio::test]
async fn a_transparent_background_leaves_the_sky_out() {
    let simulator = simulator().await;
    let mut body = json!({"model": "gpt-image-2", "prompt": "hills", "size": "256x256",
        "background": "transparent", "quality": "low"});
    let answer = ordered(&simulator, Provider::OpenAi, IMAGES, &body).await;
    let picture = image::load_from_memory(&PictureWire::OpenAi.pictures(&answer)[0]).unwrap();
    let clear = picture
        .to_rgba8()
        .pixels()
        .filter(|point| point.0[3] == 0)
        .count();
    assert!((1_000..60_000).contains(&clear), "{clear}");
    body["output_format"] = json!("jpeg");
    let refused = post(&simulator, Provider::OpenAi, IMAGES, &body).await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn an_edit_shows_what_it_was_made_from() {
    let simulator = simulator().await;
    let mut means = Vec::new();
    for colour in [[230, 20, 20], [20, 20, 230]] {
        let body = json!({"model": "gpt-image-2", "prompt": "the same", "size": "256x256",
            "images": [{"image_url": data_url(&plain(colour, None))}], "quality": "low"});
        let answer = ordered(&simulator, Provider::OpenAi, "/images/edits", &body).await;
        assert!(answer["usage"]["input_tokens_details"]["image_tokens"].as_u64() > Some(0));
        let picture = image::load_from_memory(&PictureWire::OpenAi.pictures(&answer)[0]).unwrap();
        let red: u64 = picture
            .to_rgb8()
            .pixels()
            .map(|point| u64::from(point.0[0]))
            .sum();
        means.push(red / (256 * 256));
    }
    assert!(means[0] > means[1] + 80, "{means:?}");
}

#[tokio::test]
async fn a_mask_keeps_the_rest_of_the_picture() {
    let simulator = simulator().await;
    let body = |alpha| {
        json!({"model": "gpt-image-2", "prompt": "the same", "size": "256x256", "quality": "low",
            "images": [{"image_url": data_url(&plain([230, 20, 20], None))}],
            "mask": {"image_url": data_url(&plain([9, 9, 9], Some(alpha)))}})
    };
    let mut at_top = Vec::new();
    for alpha in [255, 0] {
        let answer = ordered(&simulator, Provider::OpenAi, "/images/edits", &body(alpha)).await;
        let picture = image::load_from_memory(&PictureWire::OpenAi.pictures(&answer)[0]).unwrap();
        at_top.push(picture.to_rgb8().get_pixel(128, 8).0);
    }
    assert_eq!(at_top[0], [230, 20, 20], "under a closed mask it stays");
    assert_ne!(
        at_top[1],
        [230, 20, 20],
        "under an open mask it is drawn anew"
    );
}

#[tokio::test]
async fn a_form_orders_the_same_as_json() {
    let simulator = start(Options {
        keep_bodies: true,
        ..Options::default()
    })
    .await;
    let reference = plain([20, 200, 20], None);
    let json = json!({"model": "gpt-image-2", "prompt": "the same", "size": "256x256", "n": 2,
        "images": [{"image_url": data_url(&reference)}], "quality": "low"});
    let by_json = ordered(&simulator, Provider::OpenAi, "/images/edits", &json).await;
    let mut form = Vec::new();
    for (name, value) in [
        ("model", "gpt-image-2"),
        ("prompt", "the same"),
        ("size", "256x256"),
        ("n", "2"),
        ("quality", "low"),
    ] {
        form.extend(
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    form.extend(b"--cut\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n");
    form.extend(&reference);
    form.extend(b"\r\n--cut--\r\n");
    let by_form = client()
        .post(format!(
            "{}/images/edits",
            simulator.base_url(Provider::OpenAi)
        ))
        .bearer_auth("sim-key")
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(by_form.status(), 200);
    let by_form: Value = by_form.json().await.unwrap();
    assert_eq!(by_form["data"], by_json["data"]);
    assert_eq!(by_form["usage"], by_json["usage"]);
    let requests = simulator.paid_requests();
    assert_eq!(
        requests[1].body.as_ref().unwrap()["image[]"]["bytes"],
        reference.len()
    );
}

#[tokio::test]
async fn drafts_come_before_the_picture_and_are_billed() {
    let simulator = simulator().await;
    let mut body = json!({"model": "gpt-image-2.5-flare", "prompt": "a lake", "size": "1024x1024",
        "quality": "low", "stream": true, "partial_images": 2});
    let events = streamed(&simulator, Provider::OpenAi, IMAGES, &body).await;
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let draft = "image_generation.partial_image";
    assert_eq!(kinds, [draft, draft, "image_generation.completed"]);
    for event in &events {
        let picture = decoded(event["b64_json"].as_str().unwrap());
        assert_eq!(looked_at(&picture).1, (1_024, 1_024));
    }
    assert_eq!(events[2]["usage"]["output_tokens"], 196 + 2 * 100);
    body["stream"] = json!(false);
    let whole = ordered(&simulator, Provider::OpenAi, IMAGES, &body).await;
    assert_eq!(whole["usage"]["output_tokens"], 196);
    assert_eq!(whole["data"][0]["b64_json"], events[2]["b64_json"]);
}

#[tokio::test]
async fn other_streams_of_pictures_end_as_their_providers_end_them() {
    let simulator = simulator().await;
    let (_, mut body) = PictureWire::OpenRouter.order("a lake");
    body["stream"] = json!(true);
    let events = streamed(&simulator, Provider::OpenRouter, "/images", &body).await;
    assert_eq!(events.last().unwrap()["type"], "image_generation.completed");
    assert!(events.last().unwrap()["usage"]["cost"].as_f64() > Some(0.0));
    let (_, body) = PictureWire::Gemini.order("a lake");
    let path = "/models/gemini-3.1-flash-lite-image:streamGenerateContent?alt=sse";
    let chunks = streamed(&simulator, Provider::Google, path, &body).await;
    let last = chunks.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(
        last["usageMetadata"]["candidatesTokensDetails"][0]["tokenCount"],
        1_120
    );
    let picture = chunks[1]
        .pointer("/candidates/0/content/parts/0/inlineData/data")
        .unwrap();
    let picture = decoded(picture.as_str().unwrap());
    assert_eq!(
        Fingerprint::read(&picture),
        Some(Fingerprint::of("a lake", 0))
    );
    let (_, body) = PictureWire::Interactions.order("a lake");
    let path = "/interactions?alt=sse";
    let steps = streamed(&simulator, Provider::Google, path, &body).await;
    let kinds: Vec<&str> = steps
        .iter()
        .filter_map(|event| event["event_type"].as_str())
        .collect();
    let expected = [
        "interaction.created",
        "interaction.status_update",
        "step.start",
        "step.delta",
        "step.stop",
        "interaction.completed",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn xai_hands_out_addresses_that_need_no_key() {
    let simulator = simulator().await;
    let body = json!({"model": "grok-imagine-image", "prompt": "a cat [[download:server times=1]]", "n": 2});
    let answer = ordered(&simulator, Provider::XAi, IMAGES, &body).await;
    assert_eq!(answer["usage"]["cost_in_usd_ticks"], 2 * 200_000_000_u64);
    for (index, entry) in (0..).zip(answer["data"].as_array().unwrap()) {
        let url = entry["url"].as_str().unwrap();
        assert_eq!(
            client().get(url).send().await.unwrap().status(),
            500,
            "as scripted"
        );
        let fetched = client().get(url).send().await.unwrap();
        assert_eq!(fetched.headers()["content-type"], "image/jpeg");
        let bytes = fetched.bytes().await.unwrap();
        assert_eq!(
            Fingerprint::read(&bytes),
            Some(Fingerprint::of("a cat", index))
        );
    }
    let purposes: Vec<Purpose> = simulator.requests().iter().map(|one| one.purpose).collect();
    assert_eq!(purposes[..2], [Purpose::Pictures, Purpose::Download]);
    assert_eq!(simulator.paid_requests().len(), 1);
}

#[tokio::test]
async fn costs_follow_the_listed_prices() {
    let simulator = simulator().await;
    let reference = json!({"type": "image_url", "url": data_url(&plain([9, 99, 9], None))});
    for (path, body, ticks) in [
        (
            IMAGES,
            json!({"model": "grok-imagine-image-2.0", "quality": "medium", "resolution": "2k"}),
            800_000_000_u64,
        ),
        (
            IMAGES,
            json!({"model": "grok-imagine-image-2.0", "quality": "low", "n": 3}),
            1_200_000_000,
        ),
        (
            "/images/edits",
            json!({"model": "grok-imagine-image", "image": reference}),
            220_000_000,
        ),
        // Pictures sent to the wrong path are ignored, and nothing says so.
        (
            IMAGES,
            json!({"model": "grok-imagine-image", "image": reference}),
            200_000_000,
        ),
    ] {
        let mut body = body;
        body["prompt"] = json!("a cat");
        let answer = ordered(&simulator, Provider::XAi, path, &body).await;
        assert_eq!(answer["usage"]["cost_in_usd_ticks"], ticks, "{path}");
    }
    let body = json!({"model": "google/gemini-3.1-flash-lite-image", "prompt": "a cat"});
    let answer = ordered(&simulator, Provider::OpenRouter, "/images", &body).await;
    let usage = &answer["usage"];
    // 2 tokens of the prompt at 250 nano-dollars, 1120 of the picture at 30,000.
    assert_eq!(
        usage["cost"].to_string().parse::<f64>().unwrap(),
        0.033_600_5 + 0.0
    );
    assert_eq!(usage["completion_tokens"], 1_120);
}

#[tokio::test]
async fn a_declined_picture_has_the_providers_form() {
    let simulator = simulator().await;
    let mut seen = Vec::new();
    for wire in PICTURE_WIRES {
        let response = wire.send(&simulator, "no [[fault:refuse]]").await;
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        assert!(wire.pictures(&answer).iter().all(Vec::is_empty), "{wire:?}");
        seen.push((status, answer));
    }
    let [open_ai, xai, open_router, gemini, interactions] = seen.try_into().unwrap();
    assert_eq!(
        (open_ai.0, &open_ai.1["error"]["code"]),
        (400, &json!("moderation_blocked"))
    );
    assert_eq!(
        (xai.0, &xai.1["data"][0]["respect_moderation"]),
        (200, &json!(false))
    );
    assert_eq!(
        (
            open_router.0,
            open_router.1["error"]["metadata"].is_object()
        ),
        (403, true)
    );
    assert_eq!(gemini.1["candidates"][0]["finishReason"], "IMAGE_SAFETY");
    assert!(
        gemini.1["usageMetadata"]["promptTokenCount"].as_u64() > Some(0),
        "input is billed"
    );
    assert_eq!(gemini.1["usageMetadata"]["candidatesTokenCount"], 0);
    assert_eq!(interactions.1["status"], "failed");
    let empty = PictureWire::Gemini
        .send(&simulator, "no [[fault:empty]]")
        .await;
    let empty: Value = empty.json().await.unwrap();
    assert_eq!(empty["candidates"][0]["finishReason"], "NO_IMAGE");
}

#[tokio::test]
async fn orders_that_no_provider_takes_are_refused() {
    let simulator = simulator().await;
    use Provider::{Google, OpenAi, OpenRouter, XAi};
    let picture = "/models/gemini-3.1-flash-lite-image:generateContent";
    let contents = json!([{"parts": [{"text": "a"}]}]);
    for (provider, path, body, code) in [
        (
            OpenAi,
            IMAGES,
            json!({"model": "dall-e-3", "prompt": "a"}),
            "invalid_value",
        ),
        (
            OpenAi,
            IMAGES,
            json!({"model": "gpt-image-2", "prompt": ""}),
            "empty_string",
        ),
        (
            OpenAi,
            IMAGES,
            json!({"model": "gpt-image-2", "prompt": "a", "n": 11}),
            "invalid_value",
        ),
        (
            OpenAi,
            IMAGES,
            json!({"model": "gpt-image-2", "prompt": "a", "size": "1000x1000"}),
            "invalid_value",
        ),
        (
            OpenAi,
            IMAGES,
            json!({"model": "gpt-image-1.5", "prompt": "a", "size": "512x512"}),
            "invalid_value",
        ),
        (
            OpenAi,
            IMAGES,
            json!({"model": "gpt-image-2", "prompt": "a", "quality": "max"}),
            "invalid_value",
        ),
        (
            OpenAi,
            IMAGES,
            json!({"model": "gpt-image-2", "prompt": "a", "response_format": "url"}),
            "unknown_parameter",
        ),
        (
            OpenAi,
            "/images/edits",
            json!({"model": "gpt-image-2", "prompt": "a"}),
            "invalid_value",
        ),
        (
            OpenAi,
            "/images/edits",
            json!({"model": "gpt-image-2", "prompt": "a",
            "images": [{"image_url": "data:image/png;base64,AAAA"}]}),
            "invalid_image_file",
        ),
        (
            XAi,
            IMAGES,
            json!({"model": "grok-imagine-image", "prompt": "a", "size": "1024x1024"}),
            "",
        ),
        (
            XAi,
            IMAGES,
            json!({"model": "grok-imagine-video", "prompt": "a"}),
            "",
        ),
        (
            OpenRouter,
            "/images",
            json!({"model": "openai/gpt-6-sol", "prompt": "a"}),
            "",
        ),
        (
            Google,
            picture,
            json!({"contents": contents, "generationConfig": {"responseModalities": ["TEXT"]}}),
            "",
        ),
        (
            Google,
            picture,
            json!({"contents": contents, "generationConfig": {"imageConfig": {"imageSize": "8K"}}}),
            "",
        ),
    ] {
        let response = post(&simulator, provider, path, &body).await;
        assert_eq!(response.status(), 400, "{provider} {body}");
        let answer: Value = response.json().await.unwrap();
        if provider == OpenAi {
            assert_eq!(answer["error"]["code"], code, "{body}");
        }
    }
}
