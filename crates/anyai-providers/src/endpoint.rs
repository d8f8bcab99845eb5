//! Where a request goes: a provider, the protocol it speaks, its base URL and the key.

use std::fmt;

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Anthropic Messages.
    Messages,
    /// OpenAI Responses; xAI and OpenRouter speak it too.
    Responses,
    /// OpenAI-compatible chat completions.
    ChatCompletions,
    /// Google Gemini `streamGenerateContent`.
    GenerateContent,
    /// Google's Interactions API.
    Interactions,
    /// Ollama's own `/api/chat`.
    OllamaChat,
    /// OpenAI's images; xAI and OpenRouter have their own of the same shape.
    Images,
    /// xAI's and OpenRouter's video jobs.
    Videos,
    /// Google's long-running predictions, which make videos.
    PredictLongRunning,
}

impl Protocol {
    /// The word used in records and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Responses => "responses",
            Self::ChatCompletions => "chat-completions",
            Self::GenerateContent => "generate-content",
            Self::Interactions => "interactions",
            Self::OllamaChat => "ollama-chat",
            Self::Images => "images",
            Self::Videos => "videos",
            Self::PredictLongRunning => "predict-long-running",
        }
    }
}

/// Who answers; it decides the dialect within a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// Anthropic.
    Anthropic,
    /// OpenAI.
    OpenAi,
    /// Google Gemini.
    Google,
    /// xAI.
    XAi,
    /// OpenRouter.
    OpenRouter,
    /// Ollama, on one's own machine.
    Ollama,
    /// The llama.cpp server, on one's own machine.
    LlamaCpp,
    /// LM Studio, on one's own machine.
    LmStudio,
    /// Anything else that speaks chat completions.
    OpenAiCompatible,
}

impl Provider {
    /// The word used in records and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Google => "google",
            Self::XAi => "xai",
            Self::OpenRouter => "openrouter",
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llamacpp",
            Self::LmStudio => "lmstudio",
            Self::OpenAiCompatible => "openai-compatible",
        }
    }

    /// Whether it is a server on one's own machine.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Ollama | Self::LlamaCpp | Self::LmStudio)
    }

    /// Where the provider is found unless told otherwise.
    #[must_use]
    pub const fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Google => Some("https://generativelanguage.googleapis.com/v1beta"),
            Self::XAi => Some("https://api.x.ai/v1"),
            Self::OpenRouter => Some("https://openrouter.ai/api/v1"),
            Self::Ollama => Some("http://127.0.0.1:11434/v1"),
            Self::LlamaCpp => Some("http://127.0.0.1:8080/v1"),
            Self::LmStudio => Some("http://127.0.0.1:1234/v1"),
            Self::OpenAiCompatible => None,
        }
    }

    /// The protocol to prefer with this provider.
    #[must_use]
    pub const fn default_protocol(self) -> Protocol {
        match self {
            Self::Anthropic => Protocol::Messages,
            Self::OpenAi | Self::XAi => Protocol::Responses,
            Self::Google => Protocol::GenerateContent,
            Self::OpenRouter
            | Self::Ollama
            | Self::LlamaCpp
            | Self::LmStudio
            | Self::OpenAiCompatible => Protocol::ChatCompletions,
        }
    }
}

/// Where one request goes. The key is borrowed and never printed.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    /// Who answers.
    pub provider: Provider,
    /// The protocol to speak.
    pub protocol: Protocol,
    /// Like `https://api.openai.com/v1`. An address without any path gets the provider's usual one.
    pub base_url: &'a str,
    /// The secret; local servers need none.
    pub key: Option<&'a str>,
}

impl fmt::Debug for Endpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("provider", &self.provider)
            .field("protocol", &self.protocol)
            .field("base_url", &self.base_url)
            .field("key", &self.key.map(|_| "<redacted>"))
            .finish()
    }
}
