//! What a request asks for, freed from its wire format.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::image::Seen;
use crate::model::Model;
use crate::provider::Provider;
use crate::tokens::count_tokens;

/// Tokens a message costs besides its text.
const MESSAGE_TOKENS: u64 = 3;

/// One request for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) provider: Provider,
    /// The model as the request named it.
    pub(crate) model: String,
    pub(crate) known: &'static Model,
    pub(crate) system: String,
    pub(crate) said: Vec<Said>,
    pub(crate) output_tokens_max: Option<u64>,
    pub(crate) effort: Effort,
    pub(crate) thinking: Thinking,
    pub(crate) streaming: bool,
    /// Chat completions only: whether the stream ends with its usage.
    pub(crate) include_usage: bool,
    pub(crate) stop_sequences: Vec<String>,
    /// Responses only: whether the thinking is to come along, unreadable, to be sent back.
    pub(crate) wants_reasoning: bool,
    /// Anthropic only: whether the request marks a prefix for the cache.
    pub(crate) marks_cache: bool,
}

/// One message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) by: Speaker,
    pub(crate) text: String,
    pub(crate) images: Vec<Seen>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Speaker {
    #[default]
    User,
    Model,
}

/// How hard the model is asked to think.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Effort {
    Minimal,
    Low,
    #[default]
    Medium,
    High,
    Max,
}

/// Whether the model thinks, and whether one sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Thinking {
    #[default]
    Off,
    /// It thinks, is billed for it, and shows nothing.
    Hidden { tokens_max: Option<u64> },
    /// It thinks and shows it.
    Shown { tokens_max: Option<u64> },
}

impl Effort {
    pub(crate) fn from_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "none" | "minimal" => Self::Minimal,
            "low" => Self::Low,
            "high" => Self::High,
            "xhigh" | "max" => Self::Max,
            _ => Self::Medium,
        }
    }
}

impl Thinking {
    pub(crate) const fn is_shown(self) -> bool {
        matches!(self, Self::Shown { .. })
    }

    pub(crate) const fn tokens_max(self) -> Option<u64> {
        match self {
            Self::Off => Some(0),
            Self::Hidden { tokens_max } | Self::Shown { tokens_max } => tokens_max,
        }
    }
}

impl Ask {
    /// The last thing the person said.
    pub(crate) fn prompt(&self) -> &str {
        self.said
            .iter()
            .rev()
            .find(|said| said.by == Speaker::User)
            .map_or("", |said| &said.text)
    }

    /// The images of the last message.
    pub(crate) fn images(&self) -> &[Seen] {
        self.said
            .iter()
            .rev()
            .find(|said| said.by == Speaker::User)
            .map_or(&[], |said| &said.images)
    }

    /// What the person said before the prompt, latest first.
    pub(crate) fn earlier_prompts(&self) -> impl Iterator<Item = &str> {
        let prompts = self
            .said
            .iter()
            .rev()
            .filter(|said| said.by == Speaker::User);
        prompts.skip(1).map(|said| said.text.as_str())
    }

    /// The input tokens up to the end of each message; the last is the whole input.
    pub(crate) fn input_tokens_by_prefix(&self) -> Vec<u64> {
        let mut total = MESSAGE_TOKENS;
        if !self.system.is_empty() {
            total += count_tokens(&self.system) + MESSAGE_TOKENS;
        }
        let mut prefixes = Vec::with_capacity(self.said.len());
        for said in &self.said {
            let images: u64 = said.images.iter().map(Seen::tokens).sum();
            total += count_tokens(&said.text) + images + MESSAGE_TOKENS;
            prefixes.push(total);
        }
        prefixes
    }

    /// A mark of the conversation up to the end of each message.
    pub(crate) fn marks_by_prefix(&self) -> Vec<u64> {
        let mut hasher = DefaultHasher::new();
        (self.provider, &self.model, &self.system).hash(&mut hasher);
        let mut marks = Vec::with_capacity(self.said.len());
        for said in &self.said {
            (said.by, &said.text).hash(&mut hasher);
            for image in &said.images {
                image.hash(&mut hasher);
            }
            marks.push(hasher.finish());
        }
        marks
    }
}
