//! How an answer ended, and what is charged for it: a table of rules, without I/O.
//!
//! | end | charged |
//! |---|---|
//! | complete, with usage | what the provider reports |
//! | complete, no usage (or impossible usage) | input and output as counted here; nothing when nothing came |
//! | failed before any output | nothing |
//! | failed midway, with usage | what the provider reports |
//! | failed midway, no usage, the connection broke | the reported or counted input, and the output as counted here: it was billed |
//! | failed midway, no usage, the provider says so | nothing |
//! | stopped, or cut at the ceiling | the reported or counted input, and the output received, counted, plus a tenth; the thinking shown |
//! | stopped before the provider began | nothing |
//! | interrupted by us (stopping, a full disk) | like stopped, without the tenth; nothing when nothing came |
//!
//! Usage is one that was said after the last words: some providers open an answer with its input and
//! a token or two of output, and of such usage only the input counts.
//!
//! A cost counted here never exceeds the hold. A reported one may: the ledger charges the hold and
//! books the rest to the house. Thinking is counted only where somebody cut an answer off, and only
//! as far as it was shown: a summary is at most what was billed.

use anyai_catalog::{self as catalog, LineKind, Model, Price};
use anyai_providers::{ErrorClass, ProviderError, StopReason, Usage};
use anyai_units::{Credits, NanoUsd, Tokens};
use anyai_wire::{self as wire, Code, ReceiptLine, ReceiptLineKind, ReceiptUnit, WireError};

use super::route::provider_failure;
use crate::history::{Closing, Outcome, Terms};

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The provider finished it.
    Finished(StopReason),
    /// The provider failed, or the way to it.
    Failed(ProviderError),
    /// The person stopped it.
    Stopped,
    /// More came than was asked for; it was cut off.
    CeilingReached,
    /// It took longer than a turn may.
    TookTooLong,
    /// The studio stopped.
    Interrupted,
    /// What came could not be stored.
    NotStored(WireError),
}

/// What was heard of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The provider began to answer.
    pub(crate) began: bool,
    /// Words came, of the answer or of thinking.
    pub(crate) has_output: bool,
    /// The answer as counted here, without thinking.
    pub(crate) counted_output: Tokens,
    /// The thinking that was shown, as counted here.
    pub(crate) shown_thinking: Tokens,
    /// The provider's last word on usage.
    pub(crate) usage: Option<Usage>,
    /// Words came after that: it was said before the answer was whole.
    pub(crate) words_since_usage: bool,
}

/// What a turn is to be charged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bill {
    /// `None` gives the hold back whole.
    pub(crate) cost: Option<Credits>,
    /// Why nothing is charged, where nothing is.
    pub(crate) void_reason: Option<String>,
    /// Usage was counted here.
    pub(crate) counted_here: bool,
    /// The receipt's lines.
    pub(crate) lines: Vec<ReceiptLine>,
    /// What the provider itself says it cost.
    pub(crate) provider_cost: Option<NanoUsd>,
}

/// What an answer costs. The rules are this module's table.
pub(crate) fn bill(end: &End, heard: &Heard, terms: &Terms, model: &Model, price: &Price) -> Bill {
    let reported = heard.usage.filter(|usage| is_possible(usage, model));
    let counter = Counting {
        heard,
        reported,
        terms,
        price,
    };
    match end {
        End::Finished(_) => match whole_report(heard, model) {
            Some(usage) => counter.as_reported(&usage),
            None if heard.has_output => counter.as_counted(Cut::BySomeoneElse),
            None => Bill::nothing("the provider gave no answer and reported no usage"),
        },
        End::Failed(_) if !heard.has_output => Bill::nothing("it failed before any output"),
        End::Failed(error) => match (whole_report(heard, model), error.class) {
            (Some(usage), _) => counter.as_reported(&usage),
            (None, ErrorClass::Network | ErrorClass::Timeout) => {
                counter.as_counted(Cut::BySomeoneElse)
            }
            (None, _) => Bill::nothing("the provider failed midway and reported no usage"),
        },
        End::Stopped | End::CeilingReached | End::TookTooLong => {
            if heard.began || heard.has_output {
                counter.as_counted(Cut::Here)
            } else {
                Bill::nothing("it was stopped before the provider began")
            }
        }
        End::Interrupted | End::NotStored(_) if heard.has_output => {
            counter.as_counted(Cut::BySomeoneElse)
        }
        End::Interrupted | End::NotStored(_) => {
            Bill::nothing("the studio broke off before any output")
        }
    }
}

/// What a report alone costs.
pub(crate) fn reported_cost(usage: &Usage, price: &Price) -> Option<Credits> {
    price.charge(&split(usage)).ok().map(|charge| charge.total)
}

/// What a person is told of an end.
pub(crate) fn outcome(end: &End, provider: catalog::Provider) -> Outcome {
    let failed = |code, message: &str| Outcome::Failed {
        error: WireError::new(code, message),
    };
    let ended = |stop_reason| Outcome::Ended { stop_reason };
    match end {
        End::Finished(reason) => ended(match reason {
            StopReason::MaxOutputTokens | StopReason::ContextWindow => wire::StopReason::Length,
            StopReason::Refused => wire::StopReason::Declined,
            StopReason::ToolUse => wire::StopReason::Tool,
            StopReason::EndTurn
            | StopReason::StopSequence
            | StopReason::Paused
            | StopReason::Unknown => wire::StopReason::Complete,
        }),
        End::Stopped => ended(wire::StopReason::Stopped),
        End::CeilingReached => ended(wire::StopReason::Length),
        End::Failed(error) => Outcome::Failed {
            error: provider_failure(provider, error),
        },
        End::NotStored(error) => Outcome::Failed {
            error: error.clone(),
        },
        End::TookTooLong => failed(
            Code::ProviderTimeout,
            "the answer took longer than a turn may",
        ),
        End::Interrupted => failed(
            Code::Interrupted,
            "the studio stopped while the turn was under way; what came was kept",
        ),
    }
}

/// No answer has more tokens than this many context windows; such a report is a fault.
const POSSIBLE_WINDOWS_MAX: u64 = 4;

fn is_possible(usage: &Usage, model: &Model) -> bool {
    let most = model
        .context_window
        .count()
        .saturating_mul(POSSIBLE_WINDOWS_MAX);
    let parts = [
        usage.cached_input_tokens,
        usage.cache_write_5m_tokens,
        usage.cache_write_1h_tokens,
    ];
    let parts = parts
        .iter()
        .fold(0_u64, |sum, part| sum.saturating_add(part.count()));
    usage.input_tokens.count() <= most
        && usage.output_tokens.count() <= most
        && parts <= usage.input_tokens.count()
}

/// The provider's report of the whole answer, where there is one to go by.
pub(crate) fn whole_report(heard: &Heard, model: &Model) -> Option<Usage> {
    let usage = heard.usage.filter(|usage| is_possible(usage, model));
    usage.filter(|usage| accounts_for(usage, heard))
}

/// A report without output tokens beside an answer, or from before its last words, is no report.
fn accounts_for(usage: &Usage, heard: &Heard) -> bool {
    !heard.has_output || (usage.output_tokens > Tokens::ZERO && !heard.words_since_usage)
}

impl Heard {
    /// Takes more words, of the answer or of thinking.
    pub(crate) fn take_words(&mut self, more: &str) {
        if !more.is_empty() {
            self.has_output = true;
            self.words_since_usage = true;
        }
    }

    /// Takes what the provider says is billed so far.
    pub(crate) fn take_usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
        self.words_since_usage = false;
    }

    /// The input to price: the provider's own report where there is one, else as counted here.
    pub(crate) fn input(&self, terms: &Terms) -> catalog::Usage {
        let reported = self.usage.filter(|usage| usage.input_tokens > Tokens::ZERO);
        let counted = catalog::Usage {
            uncached_input: terms.input_tokens,
            ..catalog::Usage::default()
        };
        let input = reported.map_or(counted, |usage| split(&usage));
        catalog::Usage {
            output: Tokens::ZERO,
            reasoning: Tokens::ZERO,
            ..input
        }
    }
}

impl Bill {
    /// How a turn with this bill is to end.
    pub(crate) fn closing(self, outcome: Outcome) -> Closing {
        Closing {
            outcome,
            cost: self.cost,
            void_reason: self.void_reason,
            counted_here: self.counted_here,
            lines: self.lines,
            provider_cost: self.provider_cost,
            provider_request_id: None,
            job: None,
        }
    }

    fn nothing(reason: &str) -> Self {
        Self {
            void_reason: Some(reason.to_owned()),
            ..Self::default()
        }
    }
}

/// Who cut an answer off, of which the provider's own count is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The person, or the studio on finding it too long.
    Here,
    /// Anything else.
    BySomeoneElse,
}

struct Counting<'a> {
    heard: &'a Heard,
    reported: Option<Usage>,
    terms: &'a Terms,
    price: &'a Price,
}

impl Counting<'_> {
    fn as_reported(&self, usage: &Usage) -> Bill {
        match self.price.charge(&split(usage)) {
            Ok(charge) => Bill {
                cost: Some(charge.total),
                lines: lines(&charge, usage.reasoning_tokens),
                provider_cost: usage.provider_cost,
                ..Bill::default()
            },
            Err(_) => self.as_counted(Cut::BySomeoneElse),
        }
    }

    /// The reported input where there is one, and the output received.
    fn as_counted(&self, cut: Cut) -> Bill {
        let words = self.heard.counted_output;
        let (counted_output, thinking) = match cut {
            Cut::Here => {
                // A tenth more, rounded up: our count of another's tokens is not exact.
                let tenth = Tokens::new(words.count().div_ceil(10));
                let thinking = self.heard.shown_thinking;
                (words + tenth + thinking, thinking)
            }
            Cut::BySomeoneElse => (words, Tokens::ZERO),
        };
        let reported_output = self
            .reported
            .map_or(Tokens::ZERO, |usage| usage.output_tokens);
        let heard = Heard {
            usage: self.reported,
            ..self.heard.clone()
        };
        let usage = catalog::Usage {
            output: counted_output.max(reported_output),
            ..heard.input(self.terms)
        };
        let (cost, lines) = match self.price.charge(&usage) {
            Ok(charge) => (charge.total, lines(&charge, thinking)),
            Err(_) => (self.terms.ceiling, Vec::new()),
        };
        Bill {
            cost: Some(cost.min(self.terms.ceiling)),
            counted_here: true,
            lines,
            ..Bill::default()
        }
    }
}

/// Providers report all input and its parts; the catalogue prices the parts.
fn split(usage: &Usage) -> catalog::Usage {
    let cached = usage.cached_input_tokens;
    let (write_5m, write_1h) = (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens);
    catalog::Usage {
        uncached_input: usage
            .input_tokens
            .saturating_sub(cached + write_5m + write_1h),
        cached_input: cached,
        cache_write_5m: write_5m,
        cache_write_1h: write_1h,
        output: usage.output_tokens,
        reasoning: usage.reasoning_tokens,
        tool_calls: usage.provider_tool_calls,
    }
}

const PICOCREDITS_PER_MICROCREDIT: u128 = 1_000_000;
const PICOCREDITS_PER_MILLICREDIT: u64 = 1_000_000_000;

fn lines(charge: &catalog::Charge, reasoning: Tokens) -> Vec<ReceiptLine> {
    let mut lines = Vec::new();
    for line in &charge.lines {
        let mut push = |kind, quantity| {
            if quantity > 0 {
                let unit = match kind {
                    ReceiptLineKind::ProviderTools => ReceiptUnit::Calls,
                    _ => ReceiptUnit::Tokens,
                };
                lines.push(receipt_line(kind, unit, quantity, line.picocredits_each));
            }
        };
        match line.kind {
            LineKind::UncachedInput => push(ReceiptLineKind::Reading, line.quantity),
            LineKind::CachedInput => push(ReceiptLineKind::RememberedReading, line.quantity),
            LineKind::CacheWrite5m | LineKind::CacheWrite1h => {
                push(ReceiptLineKind::Remembering, line.quantity);
            }
            LineKind::Output => {
                let thinking = reasoning.count().min(line.quantity);
                push(ReceiptLineKind::Thinking, thinking);
                push(ReceiptLineKind::Answer, line.quantity - thinking);
            }
            LineKind::ToolCalls => push(ReceiptLineKind::ProviderTools, line.quantity),
        }
    }
    lines
}

/// A line of a receipt: so much of something, each at a price.
pub(crate) fn receipt_line(
    kind: ReceiptLineKind,
    unit: ReceiptUnit,
    quantity: u64,
    picocredits_each: u64,
) -> ReceiptLine {
    let exact = u128::from(quantity) * u128::from(picocredits_each);
    // Both rounded up: a line never shows less than it costs.
    let microcredits = exact.div_ceil(PICOCREDITS_PER_MICROCREDIT);
    let price = match unit {
        ReceiptUnit::Tokens => picocredits_each.div_ceil(1_000),
        ReceiptUnit::Pictures | ReceiptUnit::Seconds | ReceiptUnit::Calls => {
            picocredits_each.div_ceil(PICOCREDITS_PER_MILLICREDIT)
        }
    };
    ReceiptLine {
        kind,
        unit,
        quantity,
        price: Credits::from_millicredits(i64::try_from(price).unwrap_or(i64::MAX)),
        microcredits: i64::try_from(microcredits).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use anyai_catalog::Catalogue;
    use anyai_units::UtcMillis;

    use super::*;

    /// 2026-11-22T12:00:00Z.
    const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

    fn usage(input: u64, output: u64) -> Usage {
        Usage {
            input_tokens: Tokens::new(input),
            output_tokens: Tokens::new(output),
            ..Usage::default()
        }
    }

    /// The cost of a case, and whether it was counted here; `None` when nothing is charged.
    type Charged = Option<(Credits, bool)>;

    fn charged(end: &End, heard: &Heard) -> Charged {
        let catalogue = Catalogue::embedded().unwrap();
        let (model, price) = catalogue.offer("claude-haiku-4-5", NOW).unwrap();
        let bill = bill(end, heard, &terms(), model, price);
        assert_eq!(bill.cost.is_none(), bill.void_reason.is_some());
        bill.cost.map(|cost| (cost, bill.counted_here))
    }

    fn terms() -> Terms {
        Terms {
            rate_card_version: 1,
            priced_at: NOW,
            input_tokens: Tokens::new(1_000),
            max_output_tokens: Tokens::new(4_096),
            ceiling: Credits::from_millicredits(5_000),
        }
    }

    fn price_of(input: u64, output: u64) -> Credits {
        let catalogue = Catalogue::embedded().unwrap();
        let price = catalogue.price("claude-haiku-4-5", NOW).unwrap();
        price.charge(&split(&usage(input, output))).unwrap().total
    }

    fn failed(class: ErrorClass) -> End {
        End::Failed(ProviderError::new(class, "no"))
    }

    #[test]
    fn each_end_is_charged_as_the_table_says() {
        let done = End::Finished(StopReason::EndTurn);
        let silent = Heard::default();
        let began = Heard {
            began: true,
            ..Heard::default()
        };
        let heard = Heard {
            began: true,
            has_output: true,
            counted_output: Tokens::new(101),
            ..Heard::default()
        };
        let reported = Heard {
            usage: Some(usage(900, 100)),
            ..heard.clone()
        };
        let input_only = Heard {
            usage: Some(usage(900, 0)),
            ..heard.clone()
        };
        let exact = Some((price_of(900, 100), false));
        let counted = Some((price_of(1_000, 101), true));
        let with_tenth = Some((price_of(1_000, 101 + 11), true));
        let cases: [(&str, &End, &Heard, Charged); 17] = [
            ("whole, reported", &done, &reported, exact),
            ("whole, not reported", &done, &heard, counted),
            (
                "whole, a report without output",
                &done,
                &input_only,
                Some((price_of(900, 101), true)),
            ),
            ("whole, nothing at all", &done, &silent, None),
            (
                "failed at once",
                &failed(ErrorClass::Overloaded),
                &silent,
                None,
            ),
            (
                "failed after it began",
                &failed(ErrorClass::Network),
                &began,
                None,
            ),
            (
                "failed midway, reported",
                &failed(ErrorClass::Server),
                &reported,
                exact,
            ),
            (
                "failed midway, owned up",
                &failed(ErrorClass::Server),
                &heard,
                None,
            ),
            (
                "failed midway, nonsense",
                &failed(ErrorClass::Malformed),
                &heard,
                None,
            ),
            ("cut midway", &failed(ErrorClass::Network), &heard, counted),
            (
                "silent midway",
                &failed(ErrorClass::Timeout),
                &heard,
                counted,
            ),
            ("stopped", &End::Stopped, &heard, with_tenth),
            (
                "stopped, input reported",
                &End::Stopped,
                &input_only,
                Some((price_of(900, 112), true)),
            ),
            (
                "stopped before any word",
                &End::Stopped,
                &began,
                Some((price_of(1_000, 0), true)),
            ),
            ("stopped before it began", &End::Stopped, &silent, None),
            ("interrupted", &End::Interrupted, &heard, counted),
            (
                "interrupted before any word",
                &End::Interrupted,
                &began,
                None,
            ),
        ];
        for (name, end, heard, expected) in cases {
            assert_eq!(charged(end, heard), expected, "{name}");
        }
    }

    #[test]
    fn what_is_counted_here_never_passes_the_hold_and_what_is_reported_may() {
        let endless = Heard {
            began: true,
            has_output: true,
            counted_output: Tokens::new(10_000_000),
            ..Heard::default()
        };
        let ceiling = terms().ceiling;
        for end in [End::Stopped, End::CeilingReached, End::Interrupted] {
            assert_eq!(charged(&end, &endless), Some((ceiling, true)));
        }
        let above = Heard {
            usage: Some(usage(900, 700_000)),
            ..endless
        };
        let done = End::Finished(StopReason::EndTurn);
        let (cost, counted_here) = charged(&done, &above).unwrap();
        assert!(
            cost > ceiling && !counted_here,
            "the ledger books the rest to the house"
        );
    }

    #[test]
    fn an_impossible_report_is_no_report() {
        let heard = |input, output| Heard {
            began: true,
            has_output: true,
            counted_output: Tokens::new(7),
            usage: Some(usage(input, output)),
            ..Heard::default()
        };
        let done = End::Finished(StopReason::EndTurn);
        for (input, output) in [(u64::MAX, 5), (5, u64::MAX), (u64::MAX, u64::MAX)] {
            let counted = Some((price_of(1_000, 7), true));
            assert_eq!(charged(&done, &heard(input, output)), counted);
        }
        let counted = Some((price_of(1_000, 7), true));
        let parts = |cached, write_5m, write_1h| Heard {
            usage: Some(Usage {
                cached_input_tokens: Tokens::new(cached),
                cache_write_5m_tokens: Tokens::new(write_5m),
                cache_write_1h_tokens: Tokens::new(write_1h),
                ..usage(100, 5)
            }),
            ..heard(0, 0)
        };
        for (cached, write_5m, write_1h) in [
            (101, 0, 0),
            (0, 101, 0),
            (0, 0, 101),
            (50, 30, 21),
            (u64::MAX, u64::MAX, u64::MAX),
        ] {
            let more_than_the_whole = parts(cached, write_5m, write_1h);
            assert_eq!(charged(&done, &more_than_the_whole), counted);
        }
        let (_, counted_here) = charged(&done, &parts(50, 30, 20)).unwrap();
        assert!(!counted_here, "parts that make up the whole are possible");
    }

    #[test]
    fn usage_from_before_the_last_words_is_good_for_its_input_only() {
        let mut heard = Heard {
            began: true,
            counted_output: Tokens::new(101),
            ..Heard::default()
        };
        heard.take_usage(usage(900, 1));
        heard.take_words("and many words more");
        let counted = Some((price_of(900, 101), true));
        let done = End::Finished(StopReason::EndTurn);
        for end in [
            done.clone(),
            failed(ErrorClass::Network),
            failed(ErrorClass::Timeout),
        ] {
            assert_eq!(charged(&end, &heard), counted, "{end:?}");
        }
        let owned_up = failed(ErrorClass::Overloaded);
        assert_eq!(charged(&owned_up, &heard), None);
        heard.take_usage(usage(900, 100));
        let reported = Some((price_of(900, 100), false));
        for end in [done, failed(ErrorClass::Network), owned_up] {
            assert_eq!(charged(&end, &heard), reported, "{end:?}");
        }
    }

    #[test]
    fn thinking_that_was_shown_is_paid_where_an_answer_was_cut_off_and_nowhere_else() {
        let heard = Heard {
            began: true,
            has_output: true,
            counted_output: Tokens::new(101),
            shown_thinking: Tokens::new(700),
            ..Heard::default()
        };
        for end in [End::Stopped, End::CeilingReached, End::TookTooLong] {
            let with_thinking = Some((price_of(1_000, 101 + 11 + 700), true));
            assert_eq!(charged(&end, &heard), with_thinking, "{end:?}");
        }
        for end in [End::Interrupted, failed(ErrorClass::Network)] {
            let without = Some((price_of(1_000, 101), true));
            assert_eq!(charged(&end, &heard), without, "{end:?}");
        }
        let reported_more = Heard {
            usage: Some(usage(1_000, 2_000)),
            ..heard.clone()
        };
        let reported = Some((price_of(1_000, 2_000), true));
        assert_eq!(charged(&End::Stopped, &reported_more), reported);
        let endless = Heard {
            shown_thinking: Tokens::new(10_000_000),
            ..heard
        };
        let hold = Some((terms().ceiling, true));
        assert_eq!(charged(&End::Stopped, &endless), hold);
    }

    #[test]
    fn lines_add_up_and_thinking_is_part_of_the_output() {
        let catalogue = Catalogue::embedded().unwrap();
        let price = catalogue.price("claude-haiku-4-5", NOW).unwrap();
        let usage = Usage {
            cached_input_tokens: Tokens::new(300),
            cache_write_5m_tokens: Tokens::new(200),
            reasoning_tokens: Tokens::new(60),
            ..usage(1_000, 100)
        };
        let charge = price.charge(&split(&usage)).unwrap();
        let lines = lines(&charge, usage.reasoning_tokens);
        let tokens: Vec<(ReceiptLineKind, u64)> = lines
            .iter()
            .map(|line| (line.kind, line.quantity))
            .collect();
        assert_eq!(
            tokens,
            [
                (ReceiptLineKind::Reading, 500),
                (ReceiptLineKind::RememberedReading, 300),
                (ReceiptLineKind::Remembering, 200),
                (ReceiptLineKind::Thinking, 60),
                (ReceiptLineKind::Answer, 40),
            ]
        );
        let microcredits: i64 = lines.iter().map(|line| line.microcredits).sum();
        let total = charge.total.millicredits() * 1_000;
        assert!(microcredits <= total && total < microcredits + 1_000);
    }
}
