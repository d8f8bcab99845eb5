//! `anyai probe`: one call to a provider, outside the ledger, shown as one JSON object or as text.

mod arguments;
mod asset;
mod clips;
mod files;
mod media_arguments;
mod pictures;
mod report;

use std::path::PathBuf;

use anyai_providers::{
    BuildError, ChatRequest, Client, Endpoint, EventStream, Limits, Part, Provider, RetryPolicy,
};
use anyai_secrets::Secret;
use anyai_units::Tokens;
use futures_util::StreamExt as _;

pub(crate) use arguments::ProbeArguments;

use crate::commands::CommandError;
use crate::commands::probe::arguments::Kind;
use crate::commands::probe::report::Report;
use crate::exit::Exit;
use crate::output;

/// Where the key comes from: the environment, so that it is in no shell history.
const KEY_VARIABLE: &str = "ANYAI_PROBE_KEY";

/// Why a probe cannot be made as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProbeError {
    /// The request cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No address is known.
    #[error("the provider openai-compatible has no usual address; give one with --base-url")]
    NoBaseUrl,
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not a picture.
    #[error("{} is not a PNG, JPEG, GIF or WebP picture of at most 30 MiB", .0.display())]
    NotAnImage(PathBuf),
    /// A file is neither a PDF nor text.
    #[error("{} is not a PDF or a text file of at most 30 MiB", .0.display())]
    NotADocument(PathBuf),
    /// A file is not a clip.
    #[error("{} is not an MP4, MOV or WebM clip of at most 100 MiB", .0.display())]
    NotAClip(PathBuf),
}

pub(crate) async fn run(arguments: ProbeArguments) -> Result<Exit, CommandError> {
    let key = std::env::var(KEY_VARIABLE).ok().map(Secret::from_pasted);
    let provider: Provider = arguments.provider.into();
    let base_url = arguments
        .base_url
        .as_deref()
        .or(provider.default_base_url())
        .ok_or(ProbeError::NoBaseUrl)?;
    let protocol = arguments.api.map(Into::into);
    let endpoint = Endpoint {
        provider,
        protocol: protocol.unwrap_or_else(|| arguments.kind.default_protocol(provider)),
        base_url,
        key: key.as_ref().map(|key| key.expose().as_str()),
    };
    match arguments.kind {
        Kind::Chat => chat(&arguments, endpoint).await,
        Kind::Image => pictures::run(&arguments, endpoint).await,
        Kind::Video => clips::run(&arguments, endpoint).await,
    }
}

/// A client that asks once: the failure is what the probe is for.
fn client_that_asks_once() -> Result<Client, CommandError> {
    let limits = Limits {
        retry: RetryPolicy::NEVER,
        ..Limits::default()
    };
    Client::with_limits(limits).map_err(CommandError::Client)
}

async fn chat(arguments: &ProbeArguments, endpoint: Endpoint<'_>) -> Result<Exit, CommandError> {
    let request = request(arguments)?;
    let client = client_that_asks_once()?;
    let events = client
        .stream(endpoint, &request)
        .map_err(ProbeError::from)?;
    let report = heard(events).await;
    if arguments.json {
        output::result(&report.json().to_string())?;
    } else {
        output::result(&report.text)?;
        output::remark(&report.summary())?;
    }
    Ok(report.exit())
}

async fn heard(mut events: EventStream) -> Report {
    let mut report = Report::default();
    while let Some(event) = events.next().await {
        report.take(event);
    }
    report
}

fn request(arguments: &ProbeArguments) -> Result<ChatRequest, ProbeError> {
    let limit = Tokens::new(arguments.max_output_tokens);
    let mut request = ChatRequest::new(&arguments.model, &arguments.prompt, limit);
    request.system.clone_from(&arguments.system);
    request.thinking = arguments.thinking();
    let images = files::images(&arguments.images)?;
    let documents = files::documents(&arguments.documents)?;
    if let Some(message) = request.messages.first_mut() {
        let files = images.into_iter().map(Part::Image);
        let files = files.chain(documents.into_iter().map(Part::Document));
        message.parts.splice(0..0, files);
    }
    Ok(request)
}
