//! Counts an answer as it arrives: what it costs so far, and whether it outgrew what was asked for.

use anyai_catalog::{Model, Price, Usage};
use anyai_estimate::family_of;
use anyai_tokens::{Counter, Families, TextCount};
use anyai_units::{Credits, Tokens};

use crate::history::Terms;

/// How much longer than its limit an answer may look by our count before it is cut off: counts of
/// another's tokens are off by up to a fifth.
const CUT_OFF_PERMILLE: u64 = 1_250;

/// Counts tokens of any model.
#[derive(Debug)]
pub(crate) struct TokenCounter {
    counter: &'static Counter,
    families: Families,
}

impl TokenCounter {
    pub(crate) fn new(counter: &'static Counter, families: Families) -> Self {
        Self { counter, families }
    }

    /// What counts.
    pub(crate) const fn counter(&self) -> &'static Counter {
        self.counter
    }

    /// A text's make-up, from which every model's count follows.
    pub(crate) fn count(&self, text: &str) -> TextCount {
        self.counter.count(text)
    }

    /// The likely tokens of a text in a model's own counting.
    pub(crate) fn tokens(&self, model: &Model, text: &TextCount) -> Tokens {
        let counted = self.families.text(family_of(model.tokenizer), text);
        counted.expected.likely
    }
}

/// The meter of one answer, its words and the thinking that is shown. Parts are counted as they
/// come; their sum is a little above the count of the whole, which is counted once at the end.
#[derive(Debug, Default)]
pub(super) struct Meter {
    text: Words,
    thinking: Words,
}

/// Words as they come.
#[derive(Debug, Default)]
struct Words {
    parts: TextCount,
    uncounted: String,
    whole: String,
}

impl Meter {
    pub(super) fn text(&mut self, more: &str) {
        self.text.push(more);
    }

    pub(super) fn thinking(&mut self, more: &str) {
        self.thinking.push(more);
    }

    /// Bytes of the answer so far.
    pub(super) fn bytes(&self) -> u64 {
        self.text.whole.len() as u64
    }

    /// Bytes of the answer and of the thinking that is shown.
    pub(super) fn whole_bytes(&self) -> usize {
        self.text.whole.len() + self.thinking.whole.len()
    }

    /// The answer and the thinking so far, a little too long.
    pub(super) fn output_so_far(&mut self, counter: &TokenCounter, model: &Model) -> Tokens {
        self.text.so_far(counter, model) + self.thinking.so_far(counter, model)
    }

    /// The answer, counted as a whole.
    pub(super) fn output(&self, counter: &TokenCounter, model: &Model) -> Tokens {
        self.text.counted(counter, model)
    }

    /// The thinking that was shown, counted as a whole.
    pub(super) fn shown_thinking(&self, counter: &TokenCounter, model: &Model) -> Tokens {
        self.thinking.counted(counter, model)
    }
}

impl Words {
    fn push(&mut self, more: &str) {
        self.uncounted.push_str(more);
        self.whole.push_str(more);
    }

    fn so_far(&mut self, counter: &TokenCounter, model: &Model) -> Tokens {
        if !self.uncounted.is_empty() {
            self.parts += counter.count(&self.uncounted);
            self.uncounted.clear();
        }
        counter.tokens(model, &self.parts)
    }

    fn counted(&self, counter: &TokenCounter, model: &Model) -> Tokens {
        counter.tokens(model, &counter.count(&self.whole))
    }
}

/// Whether an answer outgrew the limit that was sent, beyond any error of our count.
pub(super) fn is_over(output: Tokens, terms: &Terms) -> bool {
    let limit = terms.max_output_tokens.count();
    // Rounded up: the margin is in the provider's favour.
    output.count() > limit.saturating_mul(CUT_OFF_PERMILLE).div_ceil(1_000)
}

/// What input and output cost so far, at most what is held.
pub(super) fn spent_so_far(terms: &Terms, input: &Usage, output: Tokens, price: &Price) -> Credits {
    let usage = Usage { output, ..*input };
    let charge = price.charge(&usage);
    charge.map_or(terms.ceiling, |charge| charge.total.min(terms.ceiling))
}
