//! How long the answer will be: medians and spreads by class of model, from a data file that
//! `examples/derive_quantiles.rs` writes.

use anyai_catalog::{Effort, Model, Provider, Thinking};
use anyai_units::Interval;
use serde::Deserialize;

/// The embedded forecast cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForecastError {
    /// The data file does not parse.
    #[error("the answer length forecast cannot be read: {reason}")]
    Malformed {
        /// What the parser says.
        reason: String,
    },
    /// The curve is empty or its lengths do not rise.
    #[error("the answer length curve is not a curve")]
    NotACurve,
    /// A class is missing or out of order.
    #[error("the answer length forecast does not have the class {class} in its place")]
    MissingClass {
        /// The class.
        class: &'static str,
    },
}

/// Models that answer at similar length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    OpenAiPlain,
    AnthropicPlain,
    GooglePlain,
    XaiPlain,
    OpenAiThinking,
    AnthropicThinking,
    GoogleThinking,
    XaiThinking,
}

const CLASSES: [(Class, &str); 8] = [
    (Class::OpenAiPlain, "openai-plain"),
    (Class::AnthropicPlain, "anthropic-plain"),
    (Class::GooglePlain, "google-plain"),
    (Class::XaiPlain, "xai-plain"),
    (Class::OpenAiThinking, "openai-thinking"),
    (Class::AnthropicThinking, "anthropic-thinking"),
    (Class::GoogleThinking, "google-thinking"),
    (Class::XaiThinking, "xai-thinking"),
];

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forecast {
    prompt_tokens: Vec<u64>,
    median_tokens: Vec<u64>,
    class: Vec<ClassText>,
    continuing: SpreadText,
    effort_permille: EffortText,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassText {
    name: String,
    offset_permille: u64,
    low_permille: u64,
    high_permille: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpreadText {
    offset_permille: u64,
    low_permille: u64,
    high_permille: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EffortText {
    minimal: u64,
    low: u64,
    medium: u64,
    high: u64,
    xhigh: u64,
    max: u64,
}

impl Forecast {
    pub(crate) fn embedded() -> Result<Self, ForecastError> {
        let forecast: Self =
            toml::from_str(include_str!("../data/forecast.toml")).map_err(|error| {
                ForecastError::Malformed {
                    reason: error.to_string(),
                }
            })?;
        let lengths = &forecast.prompt_tokens;
        let is_curve = lengths.len() == forecast.median_tokens.len()
            && lengths.len() >= 2
            && lengths.is_sorted_by(|a, b| a < b);
        if !is_curve {
            return Err(ForecastError::NotACurve);
        }
        for (at, (_, name)) in CLASSES.into_iter().enumerate() {
            if forecast
                .class
                .get(at)
                .is_none_or(|class| class.name != name)
            {
                return Err(ForecastError::MissingClass { class: name });
            }
        }
        Ok(forecast)
    }

    /// The length of the answer in o200k tokens, thinking included, to a draft of that many after
    /// replies of that mean length.
    pub(crate) fn answer(
        &self,
        model: &Model,
        effort: Option<Effort>,
        draft_tokens: u64,
        recent_reply_mean: Option<u64>,
    ) -> Interval<u64> {
        let class = &self.class[class_of(model, effort) as usize];
        let effort = self.effort_permille(model, effort);
        let fresh = scaled(
            scaled(self.median_at(draft_tokens), class.offset_permille),
            effort,
        );
        let fresh_spread = SpreadText {
            offset_permille: class.offset_permille,
            low_permille: class.low_permille,
            high_permille: class.high_permille,
        };
        let (median, spread) = match recent_reply_mean {
            None => (fresh, fresh_spread),
            Some(mean) => {
                let like_before = scaled(mean, self.continuing.offset_permille);
                (
                    blend(fresh, like_before),
                    self.continuing_spread(&fresh_spread),
                )
            }
        };
        Interval {
            low: scaled(median, spread.low_permille).max(1),
            likely: median.max(1),
            high: scaled(median, spread.high_permille).max(1),
        }
    }

    /// The continuing spread comes from one source, so part of the fresh one is kept.
    fn continuing_spread(&self, fresh: &SpreadText) -> SpreadText {
        let continuing = &self.continuing;
        SpreadText {
            offset_permille: 1_000,
            low_permille: blend(fresh.low_permille, continuing.low_permille),
            high_permille: blend(fresh.high_permille, continuing.high_permille),
        }
    }

    /// The curve at a prompt length, linear between its points and flat beyond them.
    fn median_at(&self, tokens: u64) -> u64 {
        let (lengths, medians) = (&self.prompt_tokens, &self.median_tokens);
        let after = lengths.partition_point(|length| *length <= tokens);
        if after == 0 {
            return medians[0];
        }
        if after == lengths.len() {
            return medians[after - 1];
        }
        let (start, end) = (lengths[after - 1], lengths[after]);
        let (from, to) = (medians[after - 1], medians[after]);
        (from * (end - tokens) + to * (tokens - start)) / (end - start)
    }

    fn effort_permille(&self, model: &Model, effort: Option<Effort>) -> u64 {
        if !thinks(model, effort) {
            return 1_000;
        }
        match effort {
            None | Some(Effort::None | Effort::Medium) => self.effort_permille.medium,
            Some(Effort::Minimal) => self.effort_permille.minimal,
            Some(Effort::Low) => self.effort_permille.low,
            Some(Effort::High) => self.effort_permille.high,
            Some(Effort::Xhigh) => self.effort_permille.xhigh,
            Some(Effort::Max) => self.effort_permille.max,
        }
    }
}

/// Whether the model thinks on this turn.
pub(crate) fn thinks(model: &Model, effort: Option<Effort>) -> bool {
    match (model.thinking, effort) {
        (Thinking::Never, _) | (_, Some(Effort::None)) => false,
        (Thinking::Always | Thinking::OnByDefault, _) => true,
        (Thinking::OffByDefault, effort) => effort.is_some(),
    }
}

fn class_of(model: &Model, effort: Option<Effort>) -> Class {
    match (model.provider, thinks(model, effort)) {
        (Provider::OpenAi | Provider::OpenRouter | Provider::Local, false) => Class::OpenAiPlain,
        (Provider::Anthropic, false) => Class::AnthropicPlain,
        (Provider::Google, false) => Class::GooglePlain,
        (Provider::Xai, false) => Class::XaiPlain,
        (Provider::OpenAi | Provider::OpenRouter | Provider::Local, true) => Class::OpenAiThinking,
        (Provider::Anthropic, true) => Class::AnthropicThinking,
        (Provider::Google, true) => Class::GoogleThinking,
        (Provider::Xai, true) => Class::XaiThinking,
    }
}

/// A share in permille, to the nearest.
fn scaled(tokens: u64, permille: u64) -> u64 {
    tokens.saturating_mul(permille).saturating_add(500) / 1_000
}

/// One part of what a fresh prompt says, three of what this conversation says.
fn blend(fresh: u64, continuing: u64) -> u64 {
    fresh.saturating_add(continuing.saturating_mul(3)) / 4
}
