//! One row of figures per turn and model: what the trees of the forecast look at.

use serde::{Deserialize, Serialize};

use crate::features::{TEXT_FEATURES, ln1p};
use crate::kinds::KINDS_MAX;

/// How many of the last replies tell how long the next one will be.
const RECENT_REPLIES: usize = 3;
/// Replies that tell as much of the next one as the model's manner does.
const REPLIES_SHRINK: f32 = 2.0;

/// Figures of a row that come from the prompt: those of its text, what it weighs by itself, and how far it is
/// like each kind.
pub const PROMPT_FEATURES: usize = TEXT_FEATURES + 1 + KINDS_MAX;
/// Figures of a row that come from the conversation and the model.
pub const CIRCUMSTANCES: usize = 14;
/// Figures in a row: the prompt's, then the others.
pub const FEATURES: usize = PROMPT_FEATURES + CIRCUMSTANCES;

/// The conversation before the draft, as lengths in o200k tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Replies {
    recent: [u64; RECENT_REPLIES],
    sum: u64,
    count: u32,
}

impl Replies {
    /// Adds a reply, thinking included.
    pub fn push(&mut self, tokens: u64) {
        self.recent[self.count as usize % RECENT_REPLIES] = tokens;
        self.sum = self.sum.saturating_add(tokens);
        self.count = self.count.saturating_add(1);
    }

    /// Whether there is none yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The mean length of the last replies; `None` before the first.
    fn recent_mean(&self) -> Option<u64> {
        let recent = &self.recent[..RECENT_REPLIES.min(self.count as usize)];
        recent.iter().sum::<u64>().checked_div(recent.len() as u64)
    }

    fn figures(&self) -> [f32; 5] {
        let recent = &self.recent[..RECENT_REPLIES.min(self.count as usize)];
        let Some(last) = self.count.checked_sub(1) else {
            return [0.0; 5];
        };
        let last = self.recent[last as usize % RECENT_REPLIES];
        let mean = |sum: u64, count: u64| ln1p(sum / count.max(1));
        let most = recent.iter().copied().max().unwrap_or(0);
        let least = recent.iter().copied().min().unwrap_or(0);
        [
            self.count as f32,
            ln1p(last),
            mean(recent.iter().sum(), recent.len() as u64),
            mean(self.sum, self.count.into()),
            ln1p(most) - ln1p(least),
        ]
    }
}

/// What is known of a model's manner, on the scale of natural logarithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRow {
    /// How much longer it answers than others.
    pub effect: f32,
    /// The same over prompts that others answer shortly.
    pub effect_short: f32,
    /// The same over prompts that others answer at length.
    pub effect_long: f32,
    /// How far its answers lie from that.
    pub spread: f32,
    /// The share of its output that is thinking.
    pub thinking_share: f32,
    /// Whether these are its own figures; its family's otherwise.
    pub is_known: bool,
}

/// What is forecast before the first tree: the model's manner, drawn to the replies so far.
#[must_use]
pub fn start_of(mean: f32, model: &ModelRow, leaning: f32, replies: &Replies) -> f32 {
    let manner = mean + model.effect + leaning;
    let Some(recent) = replies.recent_mean() else {
        return manner;
    };
    let count = replies.count as f32;
    manner + (ln1p(recent) - manner) * count / (count + REPLIES_SHRINK)
}

/// Everything in a row that does not come from the text of the prompt.
#[must_use]
pub fn circumstances(
    draft_tokens: u64,
    history_tokens: u64,
    replies: &Replies,
    model: &ModelRow,
    leaning: f32,
) -> [f32; CIRCUMSTANCES] {
    let [count, last, recent, mean, range] = replies.figures();
    // Instructions without a reply are in no recorded turn.
    let history_tokens = if replies.count == 0 {
        0
    } else {
        history_tokens
    };
    [
        ln1p(draft_tokens),
        ln1p(history_tokens),
        count,
        last,
        recent,
        mean,
        range,
        model.effect,
        model.effect_short,
        model.effect_long,
        model.spread,
        model.thinking_share,
        f32::from(u8::from(model.is_known)),
        leaning,
    ]
}
