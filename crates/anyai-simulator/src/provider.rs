//! Whom the simulator can be, and where each is found below the listener's address.

use std::fmt;

/// A simulated provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provider {
    /// Anthropic: Messages.
    Anthropic,
    /// OpenAI: Responses and chat completions.
    OpenAi,
    /// Google Gemini: generateContent.
    Google,
    /// xAI: Responses and chat completions, with the billed cost in ticks.
    XAi,
    /// OpenRouter: chat completions, with the billed cost in dollars.
    OpenRouter,
    /// Ollama: chat completions, no key.
    Ollama,
    /// The llama.cpp server: chat completions, no key.
    LlamaCpp,
    /// LM Studio: chat completions, no key.
    LmStudio,
    /// Anything else that speaks chat completions.
    OpenAiCompatible,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 9] = [
        Self::Anthropic,
        Self::OpenAi,
        Self::Google,
        Self::XAi,
        Self::OpenRouter,
        Self::Ollama,
        Self::LlamaCpp,
        Self::LmStudio,
        Self::OpenAiCompatible,
    ];

    /// The word used in records, on the command line and as the first path segment.
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

    /// The provider of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == word)
    }

    /// The path of its base URL, as its clients write it after the host.
    #[must_use]
    pub const fn base_path(self) -> &'static str {
        match self {
            Self::Anthropic => "/anthropic",
            Self::OpenAi => "/openai/v1",
            Self::Google => "/google/v1beta",
            Self::XAi => "/xai/v1",
            Self::OpenRouter => "/openrouter/api/v1",
            Self::Ollama => "/ollama/v1",
            Self::LlamaCpp => "/llamacpp/v1",
            Self::LmStudio => "/lmstudio/v1",
            Self::OpenAiCompatible => "/openai-compatible/v1",
        }
    }

    /// Whether it runs on one's own machine: no key needed, any model name, nothing billed.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(
            self,
            Self::Ollama | Self::LlamaCpp | Self::LmStudio | Self::OpenAiCompatible
        )
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
