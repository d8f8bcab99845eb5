//! How turns end when they do not end well: what was written stays, and the charge is what is right.

use anyai_simulator::Outcome;
use anyai_testsupport::{TestStudio, until};
use anyai_units::Credits;
use anyai_wire::{Code, StopReason, TurnPhase, TurnView};

use crate::{MODEL, OTHER_MODEL, kinds, sum};

#[tokio::test]
async fn stop_keeps_the_text_and_what_it_cost() {
    let mut studio = TestStudio::own_keys("pro").await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=400]] Tell me a long story";
    let sent = studio.send(MODEL, prompt).await.unwrap();
    studio.simulator().until_paused(1).await;
    let shown = studio.until_text(&sent, 20).await;
    let TurnPhase::Running { held, .. } = shown.phase else {
        panic!("{:?}", shown.phase);
    };
    assert_eq!(
        studio.balance().await.pending,
        held,
        "the ring shows what is held"
    );

    studio.stop(&sent).await;
    let turn = studio.ended(&sent).await;
    let TurnPhase::Settled {
        charged,
        stop_reason,
    } = turn.phase
    else {
        panic!("{:?}", turn.phase);
    };
    assert_eq!(stop_reason, StopReason::Stopped);
    assert!(
        turn.text.starts_with(&shown.text),
        "every word that was shown is kept"
    );
    assert!(
        Credits::ZERO < charged && charged < held,
        "{charged} of {held}"
    );
    let receipt = studio.receipt(&turn).await;
    assert!(receipt.counted_here, "the provider's bill never came");
    assert_eq!(kinds(&receipt), ["hold", "settle", "release"]);
    let hung_up = until("the provider is hung up on", async || {
        let requests = studio.simulator().requests();
        let outcome = requests.last()?.outcome;
        (outcome != Outcome::Running).then_some(outcome)
    });
    assert!(matches!(hung_up.await, Outcome::Disconnected { .. }));

    studio.restart().await;
    studio.until_online().await;
    assert_eq!(studio.turn_now(&turn).await.unwrap(), turn);
    studio.finish().await;
}

/// Sends every prompt at once and waits for all ends.
async fn all_of(studio: &TestStudio, model: &str, faults: &[&str], more: &str) -> Vec<TurnView> {
    let mut sent = Vec::new();
    for fault in faults {
        let prompt = format!("[[fault:{fault}]]{more} Hello");
        sent.push(studio.send(model, &prompt).await.unwrap());
    }
    let mut ended = Vec::new();
    for turn in &sent {
        ended.push(studio.ended(turn).await);
    }
    ended
}

#[tokio::test]
async fn every_failure_before_the_first_word_costs_nothing_and_says_why() {
    let studio = TestStudio::own_keys("pro").await;
    let before = studio.balance().await;
    let expected = [
        ("auth", Code::ProviderKeyRejected),
        ("forbidden", Code::ProviderPermission),
        ("not_found", Code::ProviderNotFound),
        ("bad_request", Code::ProviderInvalidRequest),
        ("context", Code::ContextTooLong),
        ("rate_limited retry_after=0", Code::ProviderRateLimited),
        ("quota", Code::ProviderQuotaExhausted),
        ("overloaded", Code::ProviderOverloaded),
        ("server", Code::ProviderFailed),
        ("timeout", Code::ProviderTimeout),
        ("cut after=0", Code::ProviderUnreachable),
        ("garbage after=0", Code::ProviderMalformed),
    ];
    let faults: Vec<&str> = expected.iter().map(|(fault, _)| *fault).collect();
    for model in [MODEL, OTHER_MODEL] {
        let turns = all_of(&studio, model, &faults, "").await;
        for (turn, (fault, code)) in turns.iter().zip(expected) {
            let TurnPhase::Failed { charged, error } = &turn.phase else {
                panic!("{model} {fault}: {:?}", turn.phase);
            };
            assert_eq!(error.code, code, "{model} {fault}: {error:?}");
            assert!(!error.message.is_empty(), "the turn says why");
            assert_eq!(*charged, Credits::ZERO, "{model} {fault}");
            assert_eq!(
                kinds(&studio.receipt(turn).await),
                ["hold", "void"],
                "{model} {fault}"
            );
        }
    }
    let after = studio.quiet_balance().await;
    assert_eq!(after.available, before.available, "everything went back");
    studio.finish().await;
}

#[tokio::test]
async fn a_failure_midway_keeps_the_words_and_charges_what_is_right() {
    let studio = TestStudio::own_keys("pro").await;
    let mut charges = Vec::new();
    for model in [MODEL, OTHER_MODEL, "gemini-3.8-flash", "grok-4.3"] {
        let faults = [
            "midstream_error after=20",
            "cut after=20",
            "eof after=20",
            "garbage after=20",
        ];
        for (turn, fault) in all_of(&studio, model, &faults, "[[length:tokens=90]]")
            .await
            .iter()
            .zip(faults)
        {
            assert!(!turn.text.is_empty(), "{model} {fault}: the words are kept");
            let receipt = studio.receipt(turn).await;
            let (TurnPhase::Failed { charged, .. } | TurnPhase::Settled { charged, .. }) =
                turn.phase
            else {
                panic!("{model} {fault}: {:?}", turn.phase);
            };
            assert_eq!(receipt.charged, Some(charged), "{model} {fault}");
            assert!(charged < receipt.held, "{model} {fault}: {receipt:?}");
            if fault.starts_with("cut") {
                assert!(
                    charged > Credits::ZERO,
                    "{model}: what was said is billed by every provider"
                );
            }
            charges.push(charged);
        }
    }
    let balance = studio.quiet_balance().await;
    assert_eq!(
        balance.posted,
        sum(charges),
        "the turns add up to what was spent"
    );
    studio.finish().await;
}
