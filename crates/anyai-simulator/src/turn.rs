//! One answer, complete before its first byte is sent: what is thought, said and billed.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::cache::InputSplit;
use crate::composer::{self, Composed};
use crate::fault::Fault;
use crate::model::Price;
use crate::provider::Provider;
use crate::script::Script;
use crate::tokens::pieces;

/// xAI's unit of cost: 10^10 ticks a dollar, so 10 a nano-dollar.
const TICKS_PER_NANO_USD: u64 = 10;
const NANO_PER_USD: u64 = 1_000_000_000;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) ask: Ask,
    /// Number for ids: the same answer to the same request has another one each time.
    pub(crate) number: u64,
    pub(crate) created_s: u64,
    pub(crate) thinking: Vec<String>,
    pub(crate) text: Vec<String>,
    pub(crate) stop: Stop,
    pub(crate) usage: Usage,
}

/// Why an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    End,
    OutputLimit,
    Sequence(String),
    /// The model declines; the text says so.
    Refusal,
}

/// What is billed: output includes thinking, input includes what was cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: InputSplit,
    pub(crate) output: u64,
    pub(crate) thinking: u64,
    pub(crate) reported: Reported,
}

/// What becomes of the usage record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reported {
    #[default]
    Truly,
    Never,
    Huge,
    Negative,
}

/// What a turn is made of besides the request.
pub(crate) struct Making<'a> {
    pub(crate) seed: u64,
    pub(crate) number: u64,
    pub(crate) created_s: u64,
    pub(crate) script: &'a Script,
    pub(crate) faults: &'a [Fault],
    pub(crate) input: InputSplit,
}

impl Turn {
    /// Composes the answer to a request.
    pub(crate) fn compose(ask: Ask, making: &Making<'_>) -> Self {
        let limit = ask.output_tokens_max.unwrap_or(ask.known.output_tokens_max);
        let composed = composer::compose(&ask, making.script, making.seed);
        let (thinking, text, stop) = if making.faults.contains(&Fault::Refuse) {
            // Google refuses the prompt itself: nothing is written.
            let refusal = if ask.provider == Provider::Google {
                ""
            } else {
                composer::REFUSAL
            };
            (Vec::new(), owned_pieces(refusal), Stop::Refusal)
        } else if making.faults.contains(&Fault::EmptyAnswer) {
            (
                endless(&composed.thinking, limit),
                Vec::new(),
                Stop::OutputLimit,
            )
        } else {
            fit(&ask, making.script, composed, limit)
        };
        let spent = (thinking.len() + text.len()) as u64;
        let usage = Usage {
            input: making.input,
            output: spent + overrun(making.faults, limit, spent),
            thinking: thinking.len() as u64,
            reported: Reported::by(making.faults),
        };
        let (number, created_s) = (making.number, making.created_s);
        Self {
            ask,
            number,
            created_s,
            thinking,
            text,
            stop,
            usage,
        }
    }

    /// An id as this provider writes them.
    pub(crate) fn id(&self, prefix: &str) -> String {
        format!("{prefix}sim{:010x}{:06}", self.created_s, self.number)
    }

    pub(crate) fn thinking_text(&self) -> String {
        self.thinking.concat()
    }

    pub(crate) fn text(&self) -> String {
        self.text.concat()
    }

    /// What the makers of the model charge for it, in nano-dollars.
    pub(crate) fn cost_nano_usd(&self) -> u64 {
        let Usage { input, output, .. } = self.usage;
        let Price {
            input_nano_usd,
            output_nano_usd,
            cache_read_nano_usd,
            cache_write_nano_usd,
        } = self.ask.known.price_at(input.total);
        let plain = input.total - input.read - input.write;
        plain * input_nano_usd
            + input.read * cache_read_nano_usd
            + input.write * cache_write_nano_usd
            + output * output_nano_usd
    }

    /// The same in dollars, as OpenRouter writes it: the one place a fraction is on the wire.
    pub(crate) fn cost_usd(&self) -> Value {
        usd_of_nano(self.cost_nano_usd())
    }

    pub(crate) fn cost_ticks(&self) -> u64 {
        self.cost_nano_usd() * TICKS_PER_NANO_USD
    }
}

/// Nano-dollars in dollars, digit by digit.
pub(crate) fn usd_of_nano(nano_usd: u64) -> Value {
    let written = format!("{}.{:09}", nano_usd / NANO_PER_USD, nano_usd % NANO_PER_USD);
    serde_json::from_str(&written).unwrap_or(Value::Null)
}

impl Reported {
    /// What the faults of a request make of its usage record.
    pub(crate) fn by(faults: &[Fault]) -> Self {
        let report = faults.iter().find_map(|fault| match fault {
            Fault::NoUsage => Some(Self::Never),
            Fault::HugeUsage => Some(Self::Huge),
            Fault::NegativeUsage => Some(Self::Negative),
            _ => None,
        });
        report.unwrap_or_default()
    }

    /// A count as the record shows it; the faults spoil it here.
    pub(crate) fn count(self, tokens: u64) -> Value {
        match self {
            Self::Truly | Self::Never => json!(tokens),
            Self::Huge => json!(u64::MAX - tokens),
            Self::Negative => json!(-1 - i64::try_from(tokens).unwrap_or(i64::MAX - 1)),
        }
    }
}

impl Usage {
    pub(crate) fn count(&self, tokens: u64) -> Value {
        self.reported.count(tokens)
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.reported != Reported::Never
    }
}

type Fitted = (Vec<String>, Vec<String>, Stop);

/// Fits thinking and text into the limit; the text has the larger share when both want more.
fn fit(ask: &Ask, script: &Script, composed: Composed, limit: u64) -> Fitted {
    let allowed = ask.thinking.tokens_max().unwrap_or(u64::MAX);
    let thinking_max = match script.thinking_tokens {
        Some(tokens) if allowed > 0 => tokens.min(limit),
        // Rounded down: three fifths of the limit at most.
        _ => allowed.min(limit / 5 * 3),
    };
    let mut thinking = owned_pieces(&composed.thinking);
    if script.thinking_tokens.is_some() {
        thinking = endless(&composed.thinking, thinking_max);
    }
    thinking.truncate(usize::try_from(thinking_max).unwrap_or(usize::MAX));
    let mut stop = Stop::End;
    let mut said = composed.text;
    let first_stop = ask
        .stop_sequences
        .iter()
        .filter(|sequence| !sequence.is_empty());
    if let Some((at, sequence)) = first_stop
        .filter_map(|sequence| Some((said.find(sequence.as_str())?, sequence)))
        .min()
    {
        stop = Stop::Sequence(sequence.clone());
        said.truncate(at);
    }
    let mut text = owned_pieces(&said);
    let left = usize::try_from(limit - thinking.len() as u64).unwrap_or(usize::MAX);
    if text.len() > left {
        text.truncate(left);
        stop = Stop::OutputLimit;
    }
    (thinking, text, stop)
}

fn owned_pieces(text: &str) -> Vec<String> {
    pieces(text).map(str::to_owned).collect()
}

/// The text over and over, for exactly so many tokens.
fn endless(text: &str, tokens: u64) -> Vec<String> {
    let text = if text.is_empty() {
        " Still thinking."
    } else {
        text
    };
    let tokens = usize::try_from(tokens).unwrap_or(usize::MAX);
    pieces(text)
        .cycle()
        .take(tokens)
        .map(str::to_owned)
        .collect()
}

fn overrun(faults: &[Fault], limit: u64, spent: u64) -> u64 {
    let by = faults.iter().find_map(|fault| match fault {
        Fault::Overrun { by_tokens } => Some(*by_tokens),
        _ => None,
    });
    by.map_or(0, |by| (limit - spent).saturating_add(by))
}
