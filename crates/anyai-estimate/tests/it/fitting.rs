//! An answer is held shorter so that the turn fits what is left, down to a floor.

use anyai_estimate::DraftTurn;
use anyai_units::{Credits, Tokens};
use proptest::prelude::*;

use crate::{ESTIMATOR, NOW, conversation, draft, estimate};

const QUESTION: &str = "Write the history of the lighthouse.";

#[test]
fn enough_changes_nothing() {
    let estimate = estimate("claude-opus-5-5", &draft(QUESTION));
    assert_eq!(estimate.fit_to(estimate.ceiling).as_ref(), Ok(&estimate));
}

#[test]
fn a_millicredit_less_limits_the_answer_a_little() {
    let estimate = estimate("claude-opus-5-5", &draft(QUESTION));
    let less = estimate
        .ceiling
        .checked_sub(Credits::from_millicredits(1))
        .unwrap();
    let fitted = estimate.fit_to(less).unwrap();
    assert!(fitted.is_limited());
    let unused = less.checked_sub(fitted.ceiling).unwrap();
    assert!(unused.millicredits() <= 1, "a token of its output costs 2");
    assert!(estimate.max_output.count() - fitted.max_output.count() <= 1);
    assert!(fitted.credits.high <= fitted.ceiling && fitted.output.high <= fitted.max_output);
}

#[test]
fn the_largest_limit_that_fits_is_found() {
    let estimate = estimate("gpt-6-sol", &draft(QUESTION));
    let available = Credits::from_millicredits(2_500);
    let fitted = estimate.fit_to(available).unwrap();
    let longer = DraftTurn {
        max_output: Some(Tokens::new(fitted.max_output.count() + 1)),
        ..draft(QUESTION)
    };
    assert!(fitted.ceiling <= available);
    assert!(
        crate::estimate("gpt-6-sol", &longer).ceiling > available,
        "one token more does not fit"
    );
    let same = DraftTurn {
        max_output: Some(fitted.max_output),
        ..draft(QUESTION)
    };
    assert_eq!(
        crate::estimate("gpt-6-sol", &same).ceiling,
        fitted.ceiling,
        "the server agrees"
    );
}

#[test]
fn below_the_floor_it_is_refused_with_both_numbers() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(100, 60);
    let estimate = estimate("claude-opus-5-5", &turn);
    let refused = estimate.fit_to(Credits::from_millicredits(10)).unwrap_err();
    assert_eq!(refused.available, Credits::from_millicredits(10));
    let fitted = estimate.fit_to(refused.needed).unwrap();
    assert_eq!(
        fitted.max_output,
        Tokens::new(1_024),
        "what is needed buys the shortest answer"
    );
    let short = refused
        .needed
        .checked_sub(Credits::from_millicredits(1))
        .unwrap();
    assert!(estimate.fit_to(short).is_err());
}

#[test]
fn the_limit_is_told_in_words() {
    let turn = |tokens| DraftTurn {
        max_output: Some(Tokens::new(tokens)),
        ..draft(QUESTION)
    };
    assert_eq!(
        estimate("gpt-6-sol", &turn(1_330)).max_output_words(),
        1_000
    );
    assert_eq!(estimate("gpt-6-sol", &turn(333)).max_output_words(), 250);
    let claude = estimate("claude-opus-5-5", &turn(1_330)).max_output_words();
    assert_eq!(claude, 620, "Claude's tokens are shorter");
}

#[test]
fn what_is_free_fits_nothing_at_all() {
    assert!(
        estimate("llama3:8b", &draft(QUESTION))
            .fit_to(Credits::ZERO)
            .is_ok()
    );
}

#[test]
fn ordinary_questions_fit_the_free_plan_in_full() {
    let free = ESTIMATOR
        .catalogue()
        .plan("free")
        .unwrap()
        .monthly_allowance;
    let turn = draft(QUESTION);
    for estimate in ESTIMATOR.estimate_all(&turn, NOW) {
        let list_output = estimate.price().list_output.nano();
        // All but the few models of US$30 and more a million tokens of output; their answers are
        // limited on the smallest plan, and it is said.
        assert!(
            estimate.ceiling <= free || list_output >= 30_000,
            "{}: {}",
            estimate.model,
            estimate.ceiling
        );
    }
}

proptest! {
    #[test]
    fn whatever_fits_really_fits(which in any::<prop::sample::Index>(), available in 0i64..100_000) {
        let estimates = ESTIMATOR.estimate_all(&draft(QUESTION), NOW);
        let estimate = &estimates[which.index(estimates.len())];
        let available = Credits::from_millicredits(available);
        match estimate.fit_to(available) {
            Ok(fitted) => {
                prop_assert!(fitted.ceiling <= available);
                prop_assert!(fitted.max_output <= estimate.max_output);
                prop_assert!(fitted.max_output >= Tokens::new(256));
            }
            Err(refused) => prop_assert!(refused.needed > available),
        }
    }
}
