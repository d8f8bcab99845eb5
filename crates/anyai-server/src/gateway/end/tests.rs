//! Each end and what is charged for it, and reports that are none.

use anyai_catalog::Catalogue;
use anyai_units::UtcMillis;

use super::*;

/// 2026-11-22T12:00:00Z.
pub(in crate::gateway) const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

pub(in crate::gateway) fn usage(input: u64, output: u64) -> Usage {
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

/// What was heard, from nothing to all of it.
struct Answers {
    silent: Heard,
    began: Heard,
    heard: Heard,
    input_only: Heard,
    reported: Heard,
}

impl Answers {
    fn new() -> Self {
        let began = Heard {
            began: true,
            ..Heard::default()
        };
        let heard = Heard {
            has_output: true,
            counted_output: Tokens::new(101),
            ..began.clone()
        };
        let with = |usage| Heard {
            usage: Some(usage),
            ..heard.clone()
        };
        Self {
            silent: Heard::default(),
            began,
            input_only: with(usage(900, 0)),
            reported: with(usage(900, 100)),
            heard,
        }
    }

    /// Each of them under one end, in the order of the fields.
    fn under(&self, end: &End) -> [Charged; 5] {
        let all = [
            &self.silent,
            &self.began,
            &self.heard,
            &self.input_only,
            &self.reported,
        ];
        all.map(|heard| charged(end, heard))
    }
}

#[test]
fn each_end_is_charged_as_the_table_says() {
    let answers = Answers::new();
    let exact = Some((price_of(900, 100), false));
    let counted = |input, output| Some((price_of(input, output), true));
    let (whole, with_tenth) = (counted(1_000, 101), counted(1_000, 101 + 11));
    let done = End::Finished(StopReason::EndTurn);
    let found = answers.under(&done);
    assert_eq!(
        found,
        [None, None, whole, counted(900, 101), exact],
        "whole"
    );

    for class in [ErrorClass::Network, ErrorClass::Timeout] {
        let found = answers.under(&failed(class));
        let expected = [None, None, whole, counted(900, 101), exact];
        assert_eq!(found, expected, "cut midway: {class:?}");
    }
    for class in [
        ErrorClass::Overloaded,
        ErrorClass::Server,
        ErrorClass::Malformed,
    ] {
        let found = answers.under(&failed(class));
        let expected = [None, None, None, None, exact];
        assert_eq!(found, expected, "owned up: {class:?}");
    }

    for end in [End::Stopped, End::CeilingReached, End::TookTooLong] {
        let begun = counted(1_000, 0);
        let [silent, began, heard, input_only, _] = answers.under(&end);
        let found = [silent, began, heard, input_only];
        let expected = [None, begun, with_tenth, counted(900, 112)];
        assert_eq!(found, expected, "{end:?}");
    }
    let found = answers.under(&End::Interrupted);
    assert_eq!(found[..3], [None, None, whole], "interrupted");
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
