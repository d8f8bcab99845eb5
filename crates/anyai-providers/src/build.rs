//! From a turn to an HTTP request, whichever protocol is spoken.

use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::ChatRequest;
use crate::{chat_completions, generate_content, interactions, messages, ollama_chat, responses};

/// The HTTP request that asks for this answer.
///
/// # Errors
/// When the base URL, the key, the model id or stored provider state cannot be sent.
pub fn build(request: &ChatRequest, endpoint: &Endpoint<'_>) -> Result<HttpRequest, BuildError> {
    if request.model.trim().is_empty() {
        return Err(BuildError::Model);
    }
    match endpoint.protocol {
        Protocol::Messages => messages::build(request, endpoint),
        Protocol::Responses => responses::build(request, endpoint),
        Protocol::ChatCompletions => chat_completions::build(request, endpoint),
        Protocol::GenerateContent => generate_content::build(request, endpoint),
        Protocol::Interactions => interactions::build(request, endpoint),
        Protocol::OllamaChat => ollama_chat::build(request, endpoint),
        Protocol::Images | Protocol::Videos | Protocol::PredictLongRunning => {
            Err(BuildError::Protocol(endpoint.protocol))
        }
    }
}
