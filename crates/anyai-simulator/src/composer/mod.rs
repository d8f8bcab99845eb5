//! Writes the answers: a small composer of our own, a function of seed, conversation and model.

mod draws;

pub(crate) use draws::{Draws, mark};

use crate::ask::Ask;
use crate::script::Script;

/// What a declining model says.
pub(crate) const REFUSAL: &str = "I can't help with that request.";

/// An answer's words, before any limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Composed {
    pub(crate) thinking: String,
    pub(crate) text: String,
}

pub(crate) fn compose(ask: &Ask, script: &Script, seed: u64) -> Composed {
    let _ = seed;
    let text = script
        .say
        .clone()
        .unwrap_or_else(|| format!("You said: {}", ask.prompt()));
    Composed {
        thinking: "Let me think about this.".to_owned(),
        text,
    }
}
