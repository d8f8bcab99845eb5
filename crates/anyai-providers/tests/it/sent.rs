//! Requests as these tests build them. Those for OpenAI are kept where `ANYAI_BODIES` says, for the
//! lint by OpenAI's own schema: `cargo xtask test --peers`.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::path::PathBuf;

use anyai_providers::{
    BuildError, ChatRequest, Endpoint, HttpRequest, ImageRequest, Protocol, Provider,
};
use serde_json::{Value, json};

/// [`anyai_providers::build`].
pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let built = anyai_providers::build(request, endpoint)?;
    keep(&built, endpoint);
    Ok(built)
}

/// [`anyai_providers::build_images`].
pub(crate) fn build_images(
    request: &ImageRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let built = anyai_providers::build_images(request, endpoint)?;
    keep(&built, endpoint);
    Ok(built)
}

fn keep(request: &HttpRequest, endpoint: &Endpoint<'_>) {
    let Some(folder) = std::env::var_os("ANYAI_BODIES").map(PathBuf::from) else {
        return;
    };
    let is_openais = matches!(
        endpoint.protocol,
        Protocol::Responses | Protocol::ChatCompletions | Protocol::Images
    );
    if endpoint.provider != Provider::OpenAi || !is_openais {
        return;
    }
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    let kept = json!({"path": request.url.path(), "body": body}).to_string();
    let name = BuildHasherDefault::<DefaultHasher>::default().hash_one(&kept);
    std::fs::write(folder.join(format!("{name:016x}.json")), kept).expect("a body is kept");
}
