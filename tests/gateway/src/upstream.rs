//! The dummy provider: it speaks OpenAI Responses and Chat Completions, answers at once, and every
//! word of its answers is the microsecond at which it was handed to the socket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

use crate::arguments::UpstreamArguments;
use crate::exchange::now_us;

/// How answers come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pace {
    pub(crate) pieces: u32,
    /// Milliseconds between pieces; with 0 the whole answer is one write.
    pub(crate) every_ms: u32,
}

/// What the provider was asked so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Served {
    pub(crate) calls: u64,
    /// The connections they came over.
    pub(crate) connections: u64,
}

#[derive(Debug, Default)]
struct Provider {
    pace: Mutex<Pace>,
    calls: AtomicU64,
    connections: AtomicU64,
}

/// Serves until the program is killed; its first line of output is its address.
pub(crate) async fn serve(arguments: &UpstreamArguments) -> Result<()> {
    let listener = TcpListener::bind(arguments.listen).await?;
    println!("http://{}", listener.local_addr()?);
    let provider = Arc::new(Provider::default());
    let router = Router::new()
        .route("/pace", post(set_pace))
        .route("/served", get(served))
        .route("/v1/models", get(models))
        .route("/v1/responses", post(responses))
        .route("/v1/chat/completions", post(chat_completions))
        .with_state(Arc::clone(&provider));
    let listener = Counting { listener, provider };
    Ok(axum::serve(listener, router).await?)
}

/// A listener that counts the connections it takes.
struct Counting {
    listener: TcpListener,
    provider: Arc<Provider>,
}

impl axum::serve::Listener for Counting {
    type Io = tokio::net::TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.listener).await;
        // Without it a piece may wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        self.provider.connections.fetch_add(1, Ordering::Relaxed);
        (stream, address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

async fn set_pace(State(provider): State<Arc<Provider>>, Json(pace): Json<Pace>) {
    *provider.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace;
}

async fn served(State(provider): State<Arc<Provider>>) -> Json<Served> {
    Json(Served {
        calls: provider.calls.load(Ordering::Relaxed),
        connections: provider.connections.load(Ordering::Relaxed),
    })
}

async fn models() -> Json<Value> {
    Json(json!({ "object": "list", "data": [{ "id": "bench", "object": "model" }] }))
}

async fn responses(State(provider): State<Arc<Provider>>, Json(asked): Json<Value>) -> Response {
    answer(&provider, &asked, Speech::Responses)
}

async fn chat_completions(
    State(provider): State<Arc<Provider>>,
    Json(asked): Json<Value>,
) -> Response {
    answer(&provider, &asked, Speech::ChatCompletions)
}

fn answer(provider: &Provider, asked: &Value, speech: Speech) -> Response {
    provider.calls.fetch_add(1, Ordering::Relaxed);
    let pace = *provider.pace.lock().unwrap_or_else(PoisonError::into_inner);
    let model = asked["model"].as_str().unwrap_or("bench").to_owned();
    let answer = Answer {
        speech,
        model,
        pace,
        number: 0,
        text: String::new(),
        begun: Instant::now(),
        ended: false,
    };
    if asked["stream"] != true {
        return whole(answer);
    }
    let body = stream::unfold(answer, |mut answer| async move {
        let bytes = answer.next().await?;
        Some((Ok::<_, Infallible>(bytes), answer))
    });
    let head = [(CONTENT_TYPE, "text/event-stream")];
    (head, Body::from_stream(body)).into_response()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    Responses,
    ChatCompletions,
}

/// An answer on its way.
struct Answer {
    speech: Speech,
    model: String,
    pace: Pace,
    number: u32,
    text: String,
    begun: Instant,
    ended: bool,
}

impl Answer {
    /// What goes to the socket next: a piece, or with no pause between pieces all that is left.
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let mut out = String::new();
        if self.number == 0 {
            out.push_str(&self.opening());
        }
        while self.number < self.pace.pieces {
            if self.pace.every_ms > 0 && self.number > 0 && out.is_empty() {
                let pause = Duration::from_millis(self.pace.every_ms.into());
                sleep_until(self.begun + pause * self.number).await;
            }
            self.number += 1;
            let word = format!("{} ", now_us());
            self.text.push_str(&word);
            out.push_str(&self.piece(&word));
            if self.pace.every_ms > 0 && self.number < self.pace.pieces {
                return Some(out.into());
            }
        }
        out.push_str(&self.ending());
        self.ended = true;
        Some(out.into())
    }

    fn opening(&self) -> String {
        match self.speech {
            Speech::Responses => {
                let response = json!({ "id": "resp_bench", "object": "response", "status": "in_progress", "model": self.model });
                event("response.created", json!({ "response": response }))
            }
            Speech::ChatCompletions => self.chunk(&json!({ "role": "assistant" }), None),
        }
    }

    fn piece(&self, word: &str) -> String {
        match self.speech {
            Speech::Responses => event(
                "response.output_text.delta",
                json!({ "item_id": "msg_bench", "output_index": 0, "content_index": 0, "delta": word }),
            ),
            Speech::ChatCompletions => self.chunk(&json!({ "content": word }), None),
        }
    }

    fn ending(&self) -> String {
        match self.speech {
            Speech::Responses => {
                event("response.completed", json!({ "response": self.response() }))
            }
            Speech::ChatCompletions => format!(
                "{}data: {}\n\ndata: [DONE]\n\n",
                self.chunk(&json!({}), Some("stop")),
                json!({ "id": "chat_bench", "object": "chat.completion.chunk", "model": self.model, "choices": [], "usage": self.chat_usage() })
            ),
        }
    }

    fn response(&self) -> Value {
        json!({
            "id": "resp_bench", "object": "response", "status": "completed", "model": self.model,
            "output": [{ "type": "message", "id": "msg_bench", "role": "assistant", "status": "completed",
                "content": [{ "type": "output_text", "text": self.text, "annotations": [] }] }],
            "usage": { "input_tokens": 20, "output_tokens": self.pace.pieces, "total_tokens": self.pace.pieces + 20,
                "input_tokens_details": { "cached_tokens": 0 }, "output_tokens_details": { "reasoning_tokens": 0 } },
        })
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> String {
        let chunk = json!({ "id": "chat_bench", "object": "chat.completion.chunk", "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
        format!("data: {chunk}\n\n")
    }

    fn chat_usage(&self) -> Value {
        json!({ "prompt_tokens": 20, "completion_tokens": self.pace.pieces, "total_tokens": self.pace.pieces + 20 })
    }
}

/// The answer of a call that wants no stream.
fn whole(mut answer: Answer) -> Response {
    for _ in 0..answer.pace.pieces {
        answer.text.push_str(&format!("{} ", now_us()));
    }
    Json(match answer.speech {
        Speech::Responses => answer.response(),
        Speech::ChatCompletions => json!({
            "id": "chat_bench", "object": "chat.completion", "model": answer.model, "usage": answer.chat_usage(),
            "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": answer.text } }],
        }),
    })
    .into_response()
}

fn event(kind: &str, mut data: Value) -> String {
    data["type"] = kind.into();
    format!("event: {kind}\ndata: {data}\n\n")
}

/// The dummy provider in a process of its own, from this tool's side.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) url: String,
    client: reqwest::Client,
    /// Killed with the handle.
    _process: crate::process::Process,
}

impl Upstream {
    pub(crate) fn start(listen: SocketAddr) -> Result<Self> {
        let own = std::env::current_exe()?;
        let mut command = std::process::Command::new(own);
        command.args(["upstream", "--listen", &listen.to_string()]);
        let mut process = crate::process::Process::start(&mut command)?;
        let url = process
            .first_line()
            .context("the dummy provider said nothing")?;
        Ok(Self {
            url,
            client: reqwest::Client::builder().no_proxy().build()?,
            _process: process,
        })
    }

    pub(crate) async fn set_pace(&self, pace: Pace) -> Result<()> {
        let request = self.client.post(format!("{}/pace", self.url)).json(&pace);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    pub(crate) async fn served(&self) -> Result<Served> {
        let request = self.client.get(format!("{}/served", self.url));
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
