//! `anyai health`: how a studio server is.

use anyai_app::{RemoteTransport, Transport as _};
use anyai_secrets::Secret;
use anyai_units::UtcMillis;
use anyai_wire::health::{BreakerState, Health, ProviderHealth, StoreHealth, SwitchedOff};
use anyai_wire::{Code, WireError};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{Method, Request};

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output::{self, instant};
use crate::studio::token;

/// The most an answer may have.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What may be typed after `anyai health`.
#[derive(clap::Args, Debug)]
pub(crate) struct HealthArguments {
    /// The studio server; an owner's access token is read from ANYAI_TOKEN
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4280")]
    server: String,
    /// Offer a model again that was switched off because it cost the house too much
    #[arg(long, value_name = "MODEL")]
    switch_on: Option<String>,
    /// Print one JSON object, as the server answers it
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: HealthArguments) -> Result<Exit, CommandError> {
    if let Some(model) = &arguments.switch_on {
        let path = format!("/v1/models/{model}/switch-on");
        ask(&arguments.server, Method::POST, &path).await?;
    }
    let answer = ask(&arguments.server, Method::GET, "/v1/health").await?;
    let health = serde_json::from_slice(&answer);
    let health: Health = health.map_err(|error| unreachable(&arguments.server, &error))?;
    if arguments.json {
        output::json(&health)?;
    } else {
        output::result(&as_text(&health))?;
    }
    let works = health.ledger.is_writable && health.history.is_writable;
    Ok(match works {
        true => Exit::Success,
        false => Exit::Failure,
    })
}

fn unreachable(server: &str, error: &dyn std::fmt::Display) -> WireError {
    let message = format!("{server} does not answer: {error}");
    WireError::new(Code::ServerUnreachable, message)
}

async fn ask(server: &str, method: Method, path: &str) -> Result<Vec<u8>, CommandError> {
    let unreachable = |error: &dyn std::fmt::Display| unreachable(server, error);
    let token = Secret::from(token()?.as_str());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", token.expose()))
        .body(Bytes::new())
        .map_err(|error| CommandError::Typed(error.to_string()))?;
    let sent = RemoteTransport::new(server)?.send(request).await;
    let response = sent.map_err(|error| unreachable(&error))?;
    let is_done = response.status().is_success();
    let mut pieces = response.into_body();
    let mut body = Vec::new();
    while let Some(piece) = pieces.next().await {
        body.extend_from_slice(&piece.map_err(|error| unreachable(&error))?);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(unreachable(&"it says too much").into());
        }
    }
    if is_done {
        return Ok(body);
    }
    let refused = serde_json::from_slice::<WireError>(&body);
    Err(refused.unwrap_or_else(|error| unreachable(&error)).into())
}

fn as_text(health: &Health) -> String {
    let mut lines = vec![format!(
        "version {}, at {}",
        health.version,
        instant(health.at)
    )];
    lines.push(store("ledger", &health.ledger));
    lines.extend(health.ledger_dated_ahead.map(|dated| {
        format!(
            "ledger: its last entry is dated {}: the clock is wrong, or was; until then no month begins by \
             itself (an owner can grant its credits: anyai admin adjust)",
            instant(dated)
        )
    }));
    lines.push(store("history", &health.history));
    lines.push(match health.disk_free_bytes {
        // Rounds down: there is at least so much.
        Some(bytes) => format!("disk: {} MiB free", bytes / (1024 * 1024)),
        None => "disk: how much is free is not known".to_owned(),
    });
    lines.extend(health.providers.iter().map(provider));
    lines.extend(health.switched_off.iter().map(switched_off));
    lines.join("\n")
}

fn switched_off(off: &SwitchedOff) -> String {
    format!(
        "{}: switched off until {}; the house paid {} credits beyond ceilings in a day, of {} at most",
        off.model_id,
        instant(off.until),
        off.overrun,
        off.day_max
    )
}

fn store(name: &str, health: &StoreHealth) -> String {
    match (health.is_writable, health.code) {
        (true, _) => format!("{name}: writable"),
        (false, Some(code)) => format!("{name}: not writable ({code:?})"),
        (false, None) => format!("{name}: not writable"),
    }
}

fn provider(health: &ProviderHealth) -> String {
    let breaker = match (health.breaker, health.tried_again_at) {
        (BreakerState::Closed, _) => "called".to_owned(),
        (BreakerState::Open, Some(at)) => format!("not called until {}", instant(at)),
        (BreakerState::Open, None) => "not called".to_owned(),
        (BreakerState::HalfOpen, _) => "being tried again".to_owned(),
    };
    let when = |at: Option<UtcMillis>| at.map_or_else(|| "never".to_owned(), instant);
    let failure = health.last_failure.as_ref().map_or_else(
        || "never".to_owned(),
        |failure| format!("{} ({})", instant(failure.at), failure.class),
    );
    format!(
        "{}: {breaker}; {} of {} calls under way, {} waiting; last answer {}, last failure {failure}",
        health.provider,
        health.calls_under_way,
        health.calls_max,
        health.waiting,
        when(health.last_success),
    )
}
