//! `anyai probe`: one call to a provider, outside the ledger, shown as one JSON object or as text.

mod arguments;
mod report;

use std::path::PathBuf;

use anyai_providers::{
    BuildError, ChatRequest, Client, Endpoint, Image, Limits, Part, RetryPolicy,
};
use anyai_secrets::Secret;
use anyai_units::Tokens;
use bytes::Bytes;
use futures_util::StreamExt as _;

pub(crate) use arguments::ProbeArguments;

use crate::commands::CommandError;
use crate::commands::probe::report::Report;
use crate::exit::Exit;
use crate::output;

/// Where the key comes from: the environment, so that it is in no shell history.
const KEY_VARIABLE: &str = "ANYAI_PROBE_KEY";
/// The largest picture sent.
const IMAGE_BYTES_MAX: u64 = 30 * 1024 * 1024;

/// Why a probe cannot be made as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProbeError {
    /// The request cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No address is known.
    #[error("the provider openai-compatible has no usual address; give one with --base-url")]
    NoBaseUrl,
    /// A picture cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    ImageFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not a picture.
    #[error("{} is not a PNG, JPEG, GIF or WebP picture of at most 30 MiB", .0.display())]
    NotAnImage(PathBuf),
}

pub(crate) async fn run(arguments: ProbeArguments) -> Result<Exit, CommandError> {
    let request = request(&arguments)?;
    let key = std::env::var(KEY_VARIABLE).ok().map(Secret::from_pasted);
    let provider = arguments.provider.into();
    let base_url = arguments
        .base_url
        .as_deref()
        .or(anyai_providers::Provider::default_base_url(provider))
        .ok_or(ProbeError::NoBaseUrl)?;
    let endpoint = Endpoint {
        provider,
        protocol: arguments
            .api
            .map_or_else(|| provider.default_protocol(), Into::into),
        base_url,
        key: key.as_ref().map(|key| key.expose().as_str()),
    };
    // Once means once: the failure is what the probe is for.
    let limits = Limits {
        retry: RetryPolicy::NEVER,
        ..Limits::default()
    };
    let client = Client::with_limits(limits).map_err(CommandError::Client)?;
    let mut events = client
        .stream(endpoint, &request)
        .map_err(ProbeError::from)?;
    let mut report = Report::default();
    while let Some(event) = events.next().await {
        report.take(event);
    }
    if arguments.json {
        output::result(&report.json().to_string())?;
    } else {
        output::result(&report.text)?;
        output::remark(&report.summary())?;
    }
    Ok(if report.error.is_some() {
        Exit::Provider
    } else {
        Exit::Success
    })
}

fn request(arguments: &ProbeArguments) -> Result<ChatRequest, ProbeError> {
    let limit = Tokens::new(arguments.max_output_tokens);
    let mut request = ChatRequest::new(&arguments.model, &arguments.prompt, limit);
    request.system.clone_from(&arguments.system);
    request.thinking = arguments.thinking();
    for path in &arguments.images {
        let image = image(path)?;
        if let Some(message) = request.messages.first_mut() {
            message.parts.insert(0, Part::Image(image));
        }
    }
    Ok(request)
}

fn image(path: &PathBuf) -> Result<Image, ProbeError> {
    let unreadable = |source| ProbeError::ImageFile {
        path: path.clone(),
        source,
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > IMAGE_BYTES_MAX {
        return Err(ProbeError::NotAnImage(path.clone()));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Image::recognised(Bytes::from(bytes)).ok_or_else(|| ProbeError::NotAnImage(path.clone()))
}
