//! What the tests of pictures and clips share: orders in every provider's words, and readers of
//! what came.

use anyai_simulator::{Provider, SIMULATED_KEY, Simulator};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{client, events, with_key};

/// The folder of the picture wires, and how each is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureWire {
    OpenAi,
    XAi,
    OpenRouter,
    Gemini,
    Interactions,
}

pub(crate) const PICTURE_WIRES: [PictureWire; 5] = [
    PictureWire::OpenAi,
    PictureWire::XAi,
    PictureWire::OpenRouter,
    PictureWire::Gemini,
    PictureWire::Interactions,
];

impl PictureWire {
    pub(crate) fn provider(self) -> Provider {
        match self {
            Self::OpenAi => Provider::OpenAi,
            Self::XAi => Provider::XAi,
            Self::OpenRouter => Provider::OpenRouter,
            Self::Gemini | Self::Interactions => Provider::Google,
        }
    }

    /// The path and body of an order of one small picture, answered in one piece.
    pub(crate) fn order(self, prompt: &str) -> (&'static str, Value) {
        match self {
            Self::OpenAi => (
                "/images/generations",
                json!({"model": "gpt-image-2", "prompt": prompt, "size": "512x256", "quality": "low"}),
            ),
            Self::XAi => (
                "/images/generations",
                json!({"model": "grok-imagine-image-2.0", "prompt": prompt, "quality": "low",
                    "response_format": "b64_json"}),
            ),
            Self::OpenRouter => (
                "/images",
                json!({"model": "google/gemini-3.1-flash-lite-image", "prompt": prompt,
                    "resolution": "512", "aspect_ratio": "2:1"}),
            ),
            Self::Gemini => (
                "/models/gemini-3.1-flash-lite-image:generateContent",
                json!({
                    "contents": [{"role": "user", "parts": [{"text": prompt}]}],
                    "generationConfig": {"responseModalities": ["TEXT", "IMAGE"],
                        "imageConfig": {"aspectRatio": "16:9", "imageSize": "512"}},
                }),
            ),
            Self::Interactions => (
                "/interactions",
                json!({"model": "gemini-3-pro-image", "input": prompt,
                    "response_format": [{"type": "image", "aspect_ratio": "16:9", "image_size": "512"}]}),
            ),
        }
    }

    pub(crate) async fn send(self, simulator: &Simulator, prompt: &str) -> Response {
        let (path, body) = self.order(prompt);
        post(simulator, self.provider(), path, &body).await
    }

    /// The bytes of the pictures in an answer.
    pub(crate) fn pictures(self, answer: &Value) -> Vec<Vec<u8>> {
        let (list, data) = match self {
            Self::OpenAi | Self::XAi | Self::OpenRouter => ("/data", "/b64_json"),
            Self::Gemini => ("/candidates/0/content/parts", "/inlineData/data"),
            Self::Interactions => ("/steps/0/content", "/data"),
        };
        let items = answer.pointer(list).and_then(Value::as_array);
        let data = (items.into_iter().flatten()).filter_map(|item| item.pointer(data)?.as_str());
        data.map(decoded).collect()
    }

    /// The usage record of an answer.
    pub(crate) fn usage(self, answer: &Value) -> Option<&Value> {
        answer.get(if self == Self::Gemini {
            "usageMetadata"
        } else {
            "usage"
        })
    }
}

/// The ways to order a clip of four seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClipWire {
    XAi,
    Veo,
    Omni,
    OpenRouter,
}

pub(crate) const CLIP_WIRES: [ClipWire; 4] = [
    ClipWire::XAi,
    ClipWire::Veo,
    ClipWire::Omni,
    ClipWire::OpenRouter,
];

impl ClipWire {
    pub(crate) fn provider(self) -> Provider {
        match self {
            Self::XAi => Provider::XAi,
            Self::Veo | Self::Omni => Provider::Google,
            Self::OpenRouter => Provider::OpenRouter,
        }
    }

    pub(crate) fn order(self, prompt: &str) -> (&'static str, Value) {
        match self {
            Self::XAi => (
                "/videos/generations",
                json!({"model": "grok-imagine-video", "prompt": prompt, "duration": 4,
                    "resolution": "480p", "aspect_ratio": "16:9"}),
            ),
            Self::Veo => (
                "/models/veo-3.1-fast-generate-001:predictLongRunning",
                json!({"instances": [{"prompt": prompt}],
                    "parameters": {"durationSeconds": 4, "aspectRatio": "16:9", "resolution": "720p"}}),
            ),
            Self::Omni => (
                "/interactions",
                json!({"model": "gemini-omni-1.1-flash", "input": prompt, "background": true,
                    "response_format": [{"type": "video", "resolution": "360p",
                        "aspect_ratio": "16:9", "duration": "4s", "delivery": "uri"}]}),
            ),
            Self::OpenRouter => (
                "/videos",
                json!({"model": "xai/grok-imagine-video", "prompt": prompt, "duration": 4,
                    "resolution": "480p", "aspect_ratio": "16:9"}),
            ),
        }
    }

    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Self::XAi | Self::OpenRouter => (854, 480),
            Self::Veo => (1_280, 720),
            Self::Omni => (640, 360),
        }
    }

    pub(crate) async fn send(self, simulator: &Simulator, prompt: &str) -> Response {
        let (path, body) = self.order(prompt);
        post(simulator, self.provider(), path, &body).await
    }

    /// Starts a job; the path to ask after it.
    pub(crate) async fn start(self, simulator: &Simulator, prompt: &str) -> String {
        let response = self.send(simulator, prompt).await;
        assert!(
            response.status().is_success(),
            "{self:?}: {}",
            response.status()
        );
        let answer: Value = response.json().await.unwrap();
        let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}"));
        match self {
            Self::XAi => format!("/videos/{}", text("request_id")),
            Self::Veo => format!("/{}", text("name")),
            Self::Omni => format!("/interactions/{}", text("id")),
            Self::OpenRouter => {
                let base = simulator.base_url(Provider::OpenRouter);
                let path = text("polling_url").strip_prefix(&base);
                path.expect("an address of the simulator").to_owned()
            }
        }
    }

    /// Asks after a job: the status, and the answer.
    pub(crate) async fn poll(self, simulator: &Simulator, path: &str) -> (u16, Value) {
        let response = get(simulator, self.provider(), path).await;
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Asks after a job until it is over.
    pub(crate) async fn end(self, simulator: &Simulator, path: &str) -> (u16, Value) {
        for _ in 0..20 {
            let (status, answer) = self.poll(simulator, path).await;
            if !self.is_running(status, &answer) {
                return (status, answer);
            }
        }
        panic!("{self:?}: the job does not end");
    }

    pub(crate) fn is_running(self, status: u16, answer: &Value) -> bool {
        match self {
            Self::XAi => status == 202,
            Self::Veo => status == 200 && answer.get("done").is_none(),
            Self::Omni => matches!(answer["status"].as_str(), Some("queued" | "in_progress")),
            Self::OpenRouter => {
                matches!(answer["status"].as_str(), Some("pending" | "in_progress"))
            }
        }
    }

    /// Where the clip of a job that is done can be fetched.
    pub(crate) fn address(self, answer: &Value) -> Option<String> {
        let pointer = match self {
            Self::XAi => "/video/url",
            Self::Veo => "/response/generateVideoResponse/generatedSamples/0/video/uri",
            Self::Omni => "/steps/0/content/0/uri",
            Self::OpenRouter => "/unsigned_urls/0",
        };
        let address = answer.pointer(pointer)?.as_str()?;
        (!address.is_empty()).then(|| address.to_owned())
    }

    /// Fetches from an address, with the key.
    pub(crate) async fn fetch(self, address: &str) -> Response {
        let request = with_key(self.provider(), client().get(address), SIMULATED_KEY);
        request.send().await.expect("the simulator answers")
    }
}

pub(crate) async fn post(
    simulator: &Simulator,
    provider: Provider,
    path: &str,
    body: &Value,
) -> Response {
    let url = format!("{}{path}", simulator.base_url(provider));
    let request = with_key(provider, client().post(url), SIMULATED_KEY);
    request
        .json(body)
        .send()
        .await
        .expect("the simulator answers")
}

pub(crate) async fn get(simulator: &Simulator, provider: Provider, path: &str) -> Response {
    let url = format!("{}{path}", simulator.base_url(provider));
    let request = with_key(provider, client().get(url), SIMULATED_KEY);
    request.send().await.expect("the simulator answers")
}

/// Orders and reads an answer in one piece.
pub(crate) async fn ordered(
    simulator: &Simulator,
    provider: Provider,
    path: &str,
    body: &Value,
) -> Value {
    let response = post(simulator, provider, path, body).await;
    assert_eq!(response.status(), 200, "{provider} {path}");
    response.json().await.unwrap()
}

/// Orders and reads the events of a stream.
pub(crate) async fn streamed(
    simulator: &Simulator,
    provider: Provider,
    path: &str,
    body: &Value,
) -> Vec<Value> {
    let response = post(simulator, provider, path, body).await;
    assert_eq!(response.status(), 200, "{provider} {path}");
    let events = events(&response.bytes().await.unwrap());
    events.into_iter().map(|(_, event)| event).collect()
}

pub(crate) fn decoded(data: &str) -> Vec<u8> {
    STANDARD.decode(data).expect("base64")
}

/// A picture's format and size, as an independent reader has them.
pub(crate) fn looked_at(bytes: &[u8]) -> (ImageFormat, (u32, u32)) {
    let picture = image::load_from_memory(bytes).expect("a picture");
    let size = (picture.width(), picture.height());
    (image::guess_format(bytes).unwrap(), size)
}

/// A picture of one colour, as PNG.
pub(crate) fn plain(colour: [u8; 3], alpha: Option<u8>) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(64, 64, image::Rgb(colour));
    let mut picture = image::DynamicImage::from(picture).into_rgba8();
    if let Some(alpha) = alpha {
        picture
            .pixels_mut()
            .filter(|point| point.0[0] > 0)
            .for_each(|point| point.0[3] = alpha);
    }
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(crate) fn data_url(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(bytes))
}
