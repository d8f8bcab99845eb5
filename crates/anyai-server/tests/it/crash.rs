//! Crashes at awkward moments, and the start after them.

use std::time::Duration;

use anyai_units::Credits;
use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, TurnPhase};
use rusqlite::Connection;

use crate::harness::{MODEL, TestStudio, assert_whole};

#[tokio::test]
async fn a_crash_midstream_charges_what_came_and_keeps_it() {
    let mut studio = TestStudio::new().await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=400]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let record: TurnRecord = studio.post(&post).await.ok();
    let TurnPhase::Running { held, .. } = record.phase else {
        panic!("{:?}", record.phase)
    };
    studio.simulator.until_paused(1).await;
    studio.until_tokens(post.id, 40).await;
    let seen = studio.record(post.id).await.text;
    studio.crash();
    studio.open().await.unwrap();

    let turn = studio.record(post.id).await;
    let TurnPhase::Failed { charged, error } = &turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(error.code, Code::Interrupted);
    assert_eq!(turn.text, seen, "every word that was shown is kept");
    assert!(
        *charged > Credits::ZERO && *charged < held,
        "{charged} of {held}"
    );
    assert!(studio.receipt(post.id).await.counted_here);
    assert_whole(&turn, &studio.events(post.id, 0).await);
    let again: TurnRecord = studio.post(&post).await.ok();
    assert_eq!(
        again.phase, turn.phase,
        "the app's repeat is answered, not sent again"
    );
    assert_eq!(studio.simulator.requests().len(), 1);
    studio.simulator.resume();
    studio.finish().await;
}

#[tokio::test]
async fn a_crash_before_any_word_costs_nothing() {
    let mut studio = TestStudio::new().await;
    let post = studio.draft(MODEL, "[[fault:hang after=0]] Tell me").await;
    let _: TurnRecord = studio.post(&post).await.ok();
    tokio::time::sleep(Duration::from_millis(100)).await;
    studio.crash();
    studio.open().await.unwrap();
    let turn = studio.record(post.id).await;
    let TurnPhase::Failed { charged, .. } = turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(charged, Credits::ZERO);
    studio.finish().await;
}

#[test]
fn a_runtime_torn_down_midstream_is_recovered_by_the_next() {
    let first = tokio::runtime::Runtime::new().unwrap();
    let (mut studio, turn) = first.block_on(async {
        let studio = TestStudio::new().await;
        let prompt = "[[fault:slow tps=200]][[length:tokens=2000]] Tell me";
        let post = studio.draft(MODEL, prompt).await;
        let _: TurnRecord = studio.post(&post).await.ok();
        studio.until_text(post.id, 20).await;
        (studio, post.id)
    });
    first.shutdown_background();
    studio.crash();
    let second = tokio::runtime::Runtime::new().unwrap();
    second.block_on(async {
        studio.open().await.unwrap();
        let record = studio.record(turn).await;
        assert!(
            matches!(record.phase, TurnPhase::Failed { .. }),
            "{:?}",
            record.phase
        );
        assert!(!record.text.is_empty());
        studio.finish().await;
    });
}

#[tokio::test]
async fn a_turn_whose_end_was_decided_ends_so_after_a_crash() {
    // The moment between "this is how it ends" and the ledger: the decision is put back by hand.
    for resolved in [false, true] {
        let mut studio = TestStudio::new().await;
        let post = studio.draft(MODEL, "[[say:Done.]] Hi").await;
        let before = studio.complete(&post).await;
        let TurnPhase::Settled { charged, .. } = before.phase else {
            panic!("{:?}", before.phase)
        };
        // It may have been told already, and must be found again as it was told.
        let told = studio.events(post.id, 0).await;
        studio.crash();
        let history = Connection::open(studio.folder().join("history.sqlite")).unwrap();
        let id = *post.id.uuid().as_bytes();
        history
            .execute("DELETE FROM turn_event WHERE turn = ?1 AND sequence = (SELECT max(sequence) FROM turn_event WHERE turn = ?1)", [id])
            .unwrap();
        let phase = r#"{"kind":"running","held":1,"spent_so_far":0}"#;
        history
            .execute(
                "UPDATE turn SET ended = 0, phase = ?2 WHERE id = ?1",
                (id, phase),
            )
            .unwrap();
        if !resolved {
            // A decision that differs from what counting would give.
            history
                .execute("UPDATE turn SET closing = json_set(closing, '$.counted_here', json('false')) WHERE id = ?1", [id])
                .unwrap();
        }
        drop(history);
        studio.open().await.unwrap();
        let after = studio.record(post.id).await;
        assert_eq!(
            after.phase, before.phase,
            "the ledger's answer is told again"
        );
        assert_eq!(studio.events(post.id, 0).await, told);
        assert_eq!(after.text, "Done.");
        assert_eq!(studio.receipt(post.id).await.charged, Some(charged));
        studio.finish().await;
    }
}

#[tokio::test]
async fn a_turn_that_was_held_and_never_sent_costs_nothing_and_is_not_sent_twice() {
    let mut studio = TestStudio::new().await;
    let post = studio.draft(MODEL, "[[fault:hang after=0]] Tell me").await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.crash();
    // Back to the moment before the dispatch was committed.
    let ledger = Connection::open(studio.ledger_path()).unwrap();
    ledger
        .execute(
            "UPDATE hold SET state = 'held', dispatched_at = NULL, provider_op = NULL",
            [],
        )
        .unwrap();
    drop(ledger);
    studio.open().await.unwrap();
    let turn = studio.record(post.id).await;
    let TurnPhase::Failed { charged, error } = turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!((charged, error.code), (Credits::ZERO, Code::Interrupted));
    studio.finish().await;
}

#[tokio::test]
async fn a_turn_of_which_only_the_hold_was_stored_ends_when_it_comes_again() {
    let mut studio = TestStudio::new().await;
    let post = studio.draft(MODEL, "[[fault:hang after=0]] Tell me").await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.crash();
    // Hold and turn are stored in the same time: back to where only the ledger had done it.
    let history = Connection::open(studio.folder().join("history.sqlite")).unwrap();
    history
        .execute_batch("DELETE FROM turn_event; DELETE FROM turn; DELETE FROM conversation")
        .unwrap();
    drop(history);
    studio.open().await.unwrap();
    assert_eq!(studio.balance().await.pending, Credits::ZERO);
    let calls = studio.simulator.requests().len();
    let turn: TurnRecord = studio.post(&post).await.ok();
    let TurnPhase::Failed { charged, error } = &turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!((*charged, error.code), (Credits::ZERO, Code::Interrupted));
    assert_eq!(studio.simulator.requests().len(), calls, "it is not sent");
    assert_whole(&turn, &studio.events(post.id, 0).await);
    studio.finish().await;
}

#[tokio::test]
async fn a_turn_sent_before_its_start_was_stored_has_a_whole_log() {
    let mut studio = TestStudio::new().await;
    let post = studio.draft(MODEL, "[[fault:hang after=0]] Tell me").await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.crash();
    let history = Connection::open(studio.folder().join("history.sqlite")).unwrap();
    history
        .execute_batch(
            "DELETE FROM turn_event; DELETE FROM conversation;
             UPDATE turn SET revision = NULL, sequence = 0, phase = '{\"kind\":\"sending\"}'",
        )
        .unwrap();
    drop(history);
    studio.open().await.unwrap();
    let turn = studio.record(post.id).await;
    assert!(
        matches!(turn.phase, TurnPhase::Failed { .. }),
        "{:?}",
        turn.phase
    );
    assert_whole(&turn, &studio.events(post.id, 0).await);
    studio.finish().await;
}

#[tokio::test]
async fn a_turn_that_was_never_held_may_come_again() {
    let mut studio = TestStudio::new().await;
    let post = studio.draft(MODEL, "[[say:Second time.]] Hi").await;
    let other = studio
        .complete(&studio.draft(MODEL, "[[say:First.]] Hi").await)
        .await;
    studio.crash();
    // The moment after the row was written and before anything was held.
    let history = Connection::open(studio.folder().join("history.sqlite")).unwrap();
    history
        .execute(
            "INSERT INTO turn(id, conversation, parent, created_at, provider, model, model_label,
               effort, simulated, prompt, estimate, fingerprint, terms, phase, member)
             SELECT ?1, ?2, NULL, created_at, provider, model, model_label, effort, simulated,
               prompt, estimate, fingerprint, terms, '{\"kind\":\"sending\"}', member FROM turn WHERE id = ?3",
            (
                *post.id.uuid().as_bytes(),
                *post.conversation_id.uuid().as_bytes(),
                *other.id.uuid().as_bytes(),
            ),
        )
        .unwrap();
    drop(history);
    studio.open().await.unwrap();
    let turn = studio.complete(&post).await;
    assert_eq!(turn.text, "Second time.");
    studio.finish().await;
}

#[tokio::test]
async fn a_shutdown_lets_a_turn_end_and_interrupts_one_that_does_not() {
    let mut studio = TestStudio::new().await;
    let quick = studio
        .draft(MODEL, "[[fault:slow tps=200]][[length:tokens=60]] Quick")
        .await;
    let hanging = studio
        .draft(MODEL, "[[think:tokens=5]][[fault:hang after=30]] Hang")
        .await;
    let _: TurnRecord = studio.post(&quick).await.ok();
    let _: TurnRecord = studio.post(&hanging).await.ok();
    studio.until_text(hanging.id, 1).await;
    let router = studio.router.clone();
    let late = studio.draft(MODEL, "Too late").await;
    let (answer, ()) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            studio.post(&late).await
        },
        studio.server().shutdown(),
    );
    assert_eq!(
        answer.error().code,
        Code::Interrupted,
        "no new turns while stopping"
    );
    drop(router);
    studio.crash();
    studio.open().await.unwrap();
    let ended = studio.record(quick.id).await;
    assert!(
        matches!(ended.phase, TurnPhase::Settled { .. }),
        "{:?}",
        ended.phase
    );
    let cut = studio.record(hanging.id).await;
    let TurnPhase::Failed { error, .. } = cut.phase else {
        panic!("{:?}", cut.phase)
    };
    assert_eq!(error.code, Code::Interrupted);
    assert!(!cut.text.is_empty());
    studio.finish().await;
}
