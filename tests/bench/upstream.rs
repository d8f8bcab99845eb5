//! A provider of the bench's own: it speaks OpenAI Responses, and every word of its answers is the moment
//! at which it was handed to the socket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Words in an answer.
pub(crate) const WORDS: usize = 400;

/// Words in a paragraph, so that most of a long answer is closed blocks, as in prose.
const PARAGRAPH: usize = 40;

/// Ends with the handle.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    _serving: JoinSet<()>,
}

impl Upstream {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/responses", post(answer));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // It is aborted with the handle; a fault shows as missing words.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            _serving: serving,
        })
    }

    /// The base URL, as a provider's is written.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

async fn models() -> Json<Value> {
    Json(json!({ "object": "list", "data": [{ "id": "bench", "object": "model" }] }))
}

async fn answer(Json(request): Json<Value>) -> Response {
    let model = request["model"].as_str().unwrap_or("bench").to_owned();
    let body = stream::unfold(Step::Open, move |step| {
        let model = model.clone();
        async move {
            let (bytes, next) = step.take(&model).await?;
            Some((Ok::<_, Infallible>(bytes), next))
        }
    });
    (
        [(CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(body),
    )
        .into_response()
}

/// Where an answer stands.
enum Step {
    Open,
    Word { number: usize, text: String },
    Done,
}

impl Step {
    async fn take(self, model: &str) -> Option<(Bytes, Self)> {
        match self {
            Self::Open => {
                let response = json!({ "id": "resp_bench", "object": "response", "status": "in_progress", "model": model });
                let bytes = event("response.created", json!({ "response": response }));
                Some((
                    bytes,
                    Self::Word {
                        number: 0,
                        text: String::new(),
                    },
                ))
            }
            Self::Word { number, text } if number == WORDS => {
                Some((completed(model, &text), Self::Done))
            }
            Self::Word { number, mut text } => {
                sleep(pause(number)).await;
                let end = if (number + 1).is_multiple_of(PARAGRAPH) {
                    "\n\n"
                } else {
                    " "
                };
                let word = format!("{}{end}", now_us().ok()?);
                text.push_str(&word);
                let delta = json!({ "item_id": "msg_bench", "output_index": 0, "content_index": 0, "delta": word });
                Some((
                    event("response.output_text.delta", delta),
                    Self::Word {
                        number: number + 1,
                        text,
                    },
                ))
            }
            Self::Done => None,
        }
    }
}

/// 5 to 44 ms, in an order with no rhythm: words must not fall into step with frames or writes.
fn pause(number: usize) -> Duration {
    Duration::from_millis(5 + u64::try_from(number * 17 % 40).unwrap_or_default())
}

fn completed(model: &str, text: &str) -> Bytes {
    let response = json!({
        "id": "resp_bench", "object": "response", "status": "completed", "model": model,
        "output": [{ "type": "message", "id": "msg_bench", "role": "assistant", "status": "completed",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }] }],
        "usage": { "input_tokens": 20, "output_tokens": WORDS, "total_tokens": WORDS + 20,
            "input_tokens_details": { "cached_tokens": 0 }, "output_tokens_details": { "reasoning_tokens": 0 } },
    });
    event("response.completed", json!({ "response": response }))
}

fn event(kind: &str, mut data: Value) -> Bytes {
    data["type"] = kind.into();
    Bytes::from(format!("event: {kind}\ndata: {data}\n\n"))
}

/// Microseconds since 1970, by the clock every process of this machine reads.
pub(crate) fn now_us() -> Result<u64> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock is before 1970")?;
    Ok(u64::try_from(since.as_micros())?)
}
