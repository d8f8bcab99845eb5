//! Programs that go away in the middle of an answer: the server, the client, or both in one.

use anyai_testsupport::{ServeProgram, TestStudio, WebProgram, Window, run, verify};
use anyai_units::Credits;
use anyai_wire::{Code, Connection, DoorOpen, Phase, TurnPhase, TurnView};
use tempfile::TempDir;

use crate::{MODEL, kinds, refused};

/// A turn that was cut off by a crash: its words are kept and its money is true.
async fn assert_reconciled(window: &Window, shown: &TurnView) -> Credits {
    let turn = window.ended(shown).await;
    let TurnPhase::Failed { charged, error } = &turn.phase else {
        panic!("{:?}", turn.phase);
    };
    assert_eq!(error.code, Code::Interrupted, "{error}");
    assert!(
        turn.text.starts_with(&shown.text),
        "every word that was shown is kept: {:?} of {:?}",
        turn.text,
        shown.text
    );
    let receipt = window.receipt(&turn).await;
    assert_eq!(receipt.charged, Some(*charged), "record and receipt agree");
    assert!(
        Credits::ZERO < *charged && *charged < receipt.held,
        "{receipt:?}"
    );
    assert_eq!(
        kinds(&receipt),
        ["hold", "settle", "release"],
        "resolved once"
    );
    let balance = window.balance_after(&receipt).await;
    assert_eq!(balance.pending, Credits::ZERO, "nothing is left held");
    *charged
}

#[tokio::test]
async fn the_server_goes_away_in_the_middle_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("server");
    let server = ServeProgram::start(&data, None).await;
    let (door, listen) = (server.door(), server.listen());
    let studio = TestStudio::fresh().await;
    studio.go_through(&door).await;
    let first = studio.turn(MODEL, "[[say:Before the storm.]] Hello").await;
    let receipt = studio.receipt(&first).await;

    let prompt = "[[think:tokens=5]][[pause:after=60]][[length:tokens=400]] Tell me";
    let sent = studio.send(MODEL, prompt).await.unwrap();
    let shown = studio.until_text(&sent, 40).await;
    server.kill().await;

    let Connection::Offline { since, error } = studio.until_offline().await else {
        panic!("it said offline");
    };
    assert!(since.is_some(), "what is shown is as of an instant");
    assert_eq!(error.code, Code::ServerUnreachable, "{error}");
    let read = studio.turn_now(&sent).await.unwrap();
    assert!(
        read.text.starts_with(&shown.text),
        "what was read stays readable"
    );
    assert_eq!(studio.turn_now(&first).await.unwrap(), first);
    assert_eq!(studio.receipt(&first).await, receipt, "its receipt too");
    let as_of = studio.balance().await.as_of;
    assert!(as_of <= since.unwrap(), "the balance is stamped");
    studio.save_draft("For later").await;
    let refusal = refused(studio.send(MODEL, "For later").await);
    assert_eq!(
        refusal.code,
        Code::ServerUnreachable,
        "nothing is sent offline"
    );
    assert_eq!(studio.draft().await, "For later");

    let server = ServeProgram::start(&data, Some(&listen)).await;
    assert_eq!(server.token, None, "the first run's token is still good");
    studio.until_online().await;
    let charged = assert_reconciled(&studio, &read).await;
    let posted = studio.balance().await.posted;
    let all = receipt.charged.unwrap().checked_add(charged).unwrap();
    assert_eq!(posted, all, "the balance is what the turns cost");
    let frames = studio.ears().frames(sent.id);
    let numbers: Vec<u64> = frames.iter().map(|frame| frame.sequence).collect();
    let expected: Vec<u64> = (numbers[0]..).take(numbers.len()).collect();
    assert_eq!(numbers, expected, "no event was lost or heard twice");
    let after = studio.turn(MODEL, "[[say:After it.]] Hello").await;
    assert_eq!(after.text, "After it.");
    studio.finish().await;
    server.quit().await;
    assert_eq!(verify(folder.path()).await.ledgers, 1);
}

#[tokio::test]
async fn the_client_goes_away_in_the_middle_and_the_server_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServeProgram::start(&folder.path().join("server"), None).await;
    let client_data = folder.path().join("client");
    let client = WebProgram::start(&client_data).await;
    client.open(&server.door()).await.unwrap();
    client.until_online().await;
    let prompt = "[[fault:slow tps=60]][[length:tokens=160]] Tell me slowly";
    let sent = client.send(MODEL, prompt).await.unwrap();
    let shown = client.until_text(&sent, 20).await;
    client.kill().await;

    let client = WebProgram::start(&client_data).await;
    let phase = client.session().await.phase;
    assert!(
        matches!(phase, Phase::Ready { .. }),
        "the same door: {phase:?}"
    );
    let kept = client.turn_now(&sent).await;
    assert!(
        kept.is_some(),
        "the conversation is readable before anything is connected"
    );
    client.until_offline().await;
    client.open(&server.door()).await.unwrap();
    client.until_online().await;
    let turn = client.ended(&sent).await;
    let TurnPhase::Settled { charged, .. } = turn.phase else {
        panic!("{:?}", turn.phase);
    };
    assert!(turn.text.starts_with(&shown.text) && turn.text.len() > shown.text.len());
    let receipt = client.receipt(&turn).await;
    assert!(
        !receipt.counted_here,
        "the answer was read to its end and its usage reported"
    );
    assert_eq!(receipt.charged, Some(charged));
    assert_eq!(client.balance_after(&receipt).await.posted, charged);
    client.quit().await;
    server.quit().await;
    assert_eq!(verify(folder.path()).await.ledgers, 1);
}

/// A studio in a program of its own, on simulated providers, in the middle of an answer.
async fn in_the_middle(folder: &TempDir) -> (WebProgram, TurnView) {
    let studio = WebProgram::start(&folder.path().join("studio")).await;
    let plan_id = "free".to_owned();
    studio.open(&DoorOpen::Simulated { plan_id }).await.unwrap();
    studio.until_online().await;
    let prompt = "[[think:tokens=5]][[pause:after=60]][[length:tokens=400]] Tell me";
    let sent = studio.send(MODEL, prompt).await.unwrap();
    let shown = studio.until_text(&sent, 40).await;
    (studio, shown)
}

#[tokio::test]
async fn the_whole_studio_is_killed_in_the_middle_and_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let (studio, shown) = in_the_middle(&folder).await;
    studio.kill().await;

    let studio = WebProgram::start(&folder.path().join("studio")).await;
    studio.until_online().await;
    let charged = assert_reconciled(&studio, &shown).await;
    let balance = studio.balance().await;
    assert_eq!(
        balance.posted, charged,
        "the balance is what the ledger says"
    );
    let next = studio
        .send_after(&shown, MODEL, "[[say:Go on.]] On")
        .await
        .unwrap();
    assert_eq!(studio.ended(&next).await.text, "Go on.");
    studio.quit().await;

    assert_eq!(verify(folder.path()).await.ledgers, 1);
    let ledger = folder.path().join("studio/simulated/ledger.sqlite");
    let told = run(&["ledger", "verify", &ledger.to_string_lossy(), "--json"]).await;
    assert!(told.status.success(), "{told:?}");
    assert!(told.output.contains("\"sound\":true"), "{told:?}");
}

#[tokio::test]
async fn after_a_crash_the_provider_is_not_asked_a_second_time() {
    let mut studio = TestStudio::own_keys("pro").await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=400]] Tell me";
    let sent = studio.send(MODEL, prompt).await.unwrap();
    studio.simulator().until_paused(1).await;
    let shown = studio.until_text(&sent, 20).await;
    let asked = studio.simulator().requests().len();
    studio.crash();
    studio.start().await;
    studio.until_online().await;
    assert_reconciled(&studio, &shown).await;
    studio.restart().await;
    studio.until_online().await;
    assert_eq!(
        studio.simulator().requests().len(),
        asked,
        "a turn is bought once"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_second_program_on_the_same_folder_says_so_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (studio, shown) = in_the_middle(&folder).await;
    let data = folder.path().join("studio");

    let second = WebProgram::start(&data).await;
    let error = anyai_testsupport::until("the second program gives up", async || {
        match second.session().await.phase {
            Phase::Blocked { error } => Some(error),
            _ => None,
        }
    })
    .await;
    assert_eq!(error.code, Code::DataUnavailable);
    assert!(error.message.contains("open in another program"), "{error}");
    second.quit().await;

    let inside = data.join("simulated");
    let inside = inside.to_string_lossy();
    let serve = [
        "serve",
        "--simulated",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &*inside,
    ];
    let third = run(&serve).await;
    assert_eq!(third.status.code(), Some(1), "{third:?}");
    assert!(
        third.complaint.contains("open in another program"),
        "{third:?}"
    );

    let now = studio.turn_now(&shown).await.unwrap();
    assert!(
        matches!(now.phase, TurnPhase::Running { .. }),
        "the first goes on: {:?}",
        now.phase
    );
    studio.stop(&now).await;
    let turn = studio.ended(&now).await;
    assert!(
        matches!(turn.phase, TurnPhase::Settled { .. }),
        "{:?}",
        turn.phase
    );
    studio.quit().await;
    assert_eq!(verify(folder.path()).await.ledgers, 1);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_and_costs_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServeProgram::start(&folder.path().join("a"), None).await;
    let listen = server.listen();
    let other = folder.path().join("b");
    let data = other.to_string_lossy();
    let second = run(&[
        "serve",
        "--simulated",
        "--listen",
        &listen,
        "--data",
        &*data,
    ])
    .await;
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(second.complaint.contains("port"), "{second:?}");
    let second = ServeProgram::start(&other, None).await;
    assert!(
        second.token.is_some(),
        "the token that is shown once was not used up"
    );
    second.quit().await;
    server.quit().await;
    assert_eq!(verify(folder.path()).await.ledgers, 2);
}
