//! A way to the simulator on which answers are cut after so many events, or quarters of a body.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The words of a prompt after which the number of pieces stands that get through.
pub(super) const WORDS: &str = "Cut after ";

/// A body that is no stream has so many pieces: fewer than failures after which a provider is left
/// alone.
const PIECES: usize = 4;

/// The most that is read of a request.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

pub(super) struct Scissors {
    address: String,
    blades: Blades,
    /// Serves until it is dropped.
    _serving: JoinSet<()>,
}

#[derive(Clone, Default)]
struct Blades {
    client: reqwest::Client,
    /// Where the simulator is.
    origin: Arc<Mutex<String>>,
    /// How many pieces the last answer of each provider had.
    pieces: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Scissors {
    pub(super) async fn start() -> Self {
        let blades = Blades::default();
        let router = Router::new().fallback(forward).with_state(blades.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            blades,
            _serving: serving,
        }
    }

    /// The way to an address of the simulator.
    pub(super) fn way(&self, url: &str) -> String {
        let (origin, path) = url.split_at(url["http://".len()..].find('/').unwrap() + 7);
        origin.clone_into(&mut lock(&self.blades.origin));
        format!("http://{}{path}", self.address)
    }

    /// How many pieces the last answer of a provider had.
    pub(super) fn pieces(&self, provider: &str) -> usize {
        lock(&self.blades.pieces)[provider]
    }
}

async fn forward(State(blades): State<Blades>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, REQUEST_BYTES_MAX).await.unwrap();
    let limit = limit(&body);
    let url = format!("{}{}", *lock(&blades.origin), parts.uri);
    let mut headers = parts.headers;
    headers.remove("host");
    let sent = blades.client.request(parts.method, url).headers(headers);
    let answer = sent.body(body).send().await.unwrap();
    let status = answer.status();
    let kind = answer.headers().get("content-type").cloned();
    let is_stream = (kind.as_ref()).is_some_and(|kind| kind.as_bytes().ends_with(b"event-stream"));
    let body = answer.bytes().await.unwrap();
    let body = match limit {
        None => Body::from(body),
        Some(limit) => {
            let pieces = if is_stream {
                events(&body)
            } else {
                quarters(&body)
            };
            let provider = parts.uri.path().split('/').nth(1).unwrap_or_default();
            lock(&blades.pieces).insert(provider.to_owned(), pieces.len());
            cut(pieces, limit)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .extend(kind.map(|kind| (axum::http::header::CONTENT_TYPE, kind)));
    response
}

/// The number of pieces that a request's prompt lets through.
fn limit(request: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(request);
    let (_, rest) = text.rsplit_once(WORDS)?;
    rest.split(|letter: char| !letter.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn events(body: &[u8]) -> Vec<Bytes> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let end = if text.contains("\r\n\r\n") {
        "\r\n\r\n"
    } else {
        "\n\n"
    };
    let events = text
        .split_inclusive(end)
        .filter(|event| !event.trim().is_empty());
    events
        .map(|event| Bytes::copy_from_slice(event.as_bytes()))
        .collect()
}

fn quarters(body: &Bytes) -> Vec<Bytes> {
    // Rounded up: the last piece may be shorter.
    let size = body.len().div_ceil(PIECES).max(1);
    body.chunks(size).map(Bytes::copy_from_slice).collect()
}

/// The first pieces; then the connection breaks, unless that was all.
fn cut(pieces: Vec<Bytes>, limit: usize) -> Body {
    let is_whole = limit >= pieces.len();
    let kept = stream::iter(pieces.into_iter().take(limit).map(Ok));
    let broken = stream::once(async {
        // What was sent so far leaves first.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    match is_whole {
        true => Body::from_stream(kept),
        false => Body::from_stream(kept.chain(broken)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
