//! The probe's arguments.

use std::path::PathBuf;

use anyai_providers::{Effort, Protocol, Provider, Thinking};
use clap::{Args, ValueEnum};

pub(crate) use crate::commands::probe::media_arguments::{Kind, MediaArguments};

/// The key is read from the environment variable `ANYAI_PROBE_KEY`.
#[derive(Args, Debug)]
#[command(
    after_help = "The key is read from ANYAI_PROBE_KEY. Exit codes: 0 an answer, 2 the request cannot be made, 3 the provider failed."
)]
pub(crate) struct ProbeArguments {
    /// What is asked for.
    #[arg(long, value_enum, default_value_t = Kind::Chat)]
    pub(crate) kind: Kind,
    /// Who answers.
    #[arg(long, value_enum)]
    pub(crate) provider: ProviderName,
    /// The protocol to speak; by default the provider's main one.
    #[arg(long, value_enum)]
    pub(crate) api: Option<Api>,
    /// The provider's address, like https://api.openai.com/v1; by default its public one.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The provider's model id.
    #[arg(long)]
    pub(crate) model: String,
    /// What to say, or what is to be seen.
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: String,
    /// Standing instructions.
    #[arg(long)]
    pub(crate) system: Option<String>,
    /// A picture to send along or to work from; may be given several times.
    #[arg(long = "image", value_name = "FILE")]
    pub(crate) images: Vec<PathBuf>,
    /// A PDF or a text file to send along; may be given several times.
    #[arg(long = "document", value_name = "FILE")]
    pub(crate) documents: Vec<PathBuf>,
    /// The most tokens the answer may have, thinking included.
    #[arg(long, value_name = "N", default_value_t = 4_096, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_output_tokens: u64,
    /// How much to think; by default whatever the provider does.
    #[arg(long, value_enum)]
    pub(crate) effort: Option<EffortName>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// The knobs of pictures and clips.
    #[command(flatten)]
    pub(crate) media: MediaArguments,
}

impl ProbeArguments {
    pub(crate) fn thinking(&self) -> Thinking {
        match self.effort {
            None => Thinking::ProviderDefault,
            Some(EffortName::None) => Thinking::Off,
            Some(EffortName::Minimal) => Thinking::Effort(Effort::Minimal),
            Some(EffortName::Low) => Thinking::Effort(Effort::Low),
            Some(EffortName::Medium) => Thinking::Effort(Effort::Medium),
            Some(EffortName::High) => Thinking::Effort(Effort::High),
            Some(EffortName::Xhigh) => Thinking::Effort(Effort::XHigh),
            Some(EffortName::Max) => Thinking::Effort(Effort::Max),
        }
    }
}

/// The providers by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProviderName {
    /// Anthropic.
    Anthropic,
    /// OpenAI.
    Openai,
    /// Google Gemini.
    Google,
    /// xAI.
    Xai,
    /// OpenRouter.
    Openrouter,
    /// Ollama.
    Ollama,
    /// The llama.cpp server.
    Llamacpp,
    /// LM Studio.
    Lmstudio,
    /// Any other server that speaks chat completions.
    OpenaiCompatible,
}

impl From<ProviderName> for Provider {
    fn from(name: ProviderName) -> Self {
        match name {
            ProviderName::Anthropic => Self::Anthropic,
            ProviderName::Openai => Self::OpenAi,
            ProviderName::Google => Self::Google,
            ProviderName::Xai => Self::XAi,
            ProviderName::Openrouter => Self::OpenRouter,
            ProviderName::Ollama => Self::Ollama,
            ProviderName::Llamacpp => Self::LlamaCpp,
            ProviderName::Lmstudio => Self::LmStudio,
            ProviderName::OpenaiCompatible => Self::OpenAiCompatible,
        }
    }
}

/// The protocols by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Api {
    /// Anthropic Messages.
    Messages,
    /// OpenAI Responses.
    Responses,
    /// OpenAI-compatible chat completions.
    ChatCompletions,
    /// Google Gemini.
    GenerateContent,
    /// Google's Interactions API.
    Interactions,
    /// OpenAI images, and what xAI and OpenRouter have of the same shape.
    Images,
    /// Video jobs of xAI and OpenRouter.
    Videos,
    /// Google's long-running predictions (Veo).
    PredictLongRunning,
    /// Ollama's own.
    #[value(alias = "ollama")]
    OllamaChat,
}

impl From<Api> for Protocol {
    fn from(api: Api) -> Self {
        match api {
            Api::Messages => Self::Messages,
            Api::Responses => Self::Responses,
            Api::ChatCompletions => Self::ChatCompletions,
            Api::GenerateContent => Self::GenerateContent,
            Api::Interactions => Self::Interactions,
            Api::Images => Self::Images,
            Api::Videos => Self::Videos,
            Api::PredictLongRunning => Self::PredictLongRunning,
            Api::OllamaChat => Self::OllamaChat,
        }
    }
}

/// Levels of thinking by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EffortName {
    /// No thinking.
    None,
    /// The least.
    Minimal,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Above high.
    Xhigh,
    /// All there is.
    Max,
}
