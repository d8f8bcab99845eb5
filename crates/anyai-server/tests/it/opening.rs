//! Opening: what is refused, with the file and a sentence, and what is left untouched.

use std::path::Path;

use anyai_server::{OpenError, StudioServer};
use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, Detail, TurnPhase, WireError};
use rusqlite::Connection;

use crate::harness::{MODEL, TestStudio, assert_whole};

async fn refused(studio: &TestStudio) -> OpenError {
    match StudioServer::open(studio.options()).await {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

fn assert_names(error: &OpenError, code: Code, file: &Path) {
    let wire = WireError::from(error);
    assert_eq!(wire.code, code, "{error}");
    assert_eq!(
        wire.detail,
        Some(Detail::File {
            path: file.display().to_string()
        })
    );
    assert!(!wire.message.is_empty());
}

#[tokio::test]
async fn a_studio_is_open_once() {
    let studio = TestStudio::new().await;
    let error = refused(&studio).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert_names(&error, Code::DataUnavailable, studio.folder());
    studio.finish().await;
}

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let mut studio = TestStudio::new().await;
    let turn = studio
        .complete(&studio.draft(MODEL, "[[say:Kept.]] Hi").await)
        .await;
    let (balance, pool) = (studio.balance().await, studio.server().pool_id());
    studio.close_files().await;
    studio.plan_id = "max".to_owned();
    studio.open().await.unwrap();
    assert_eq!(studio.server().pool_id(), pool);
    assert_eq!(studio.record(turn.id).await, turn);
    assert_eq!(
        studio.balance().await,
        balance,
        "an existing pool keeps its plan"
    );
    studio.finish().await;
}

#[tokio::test]
async fn newer_damaged_and_foreign_files_are_refused_and_left_as_they_are() {
    for name in ["history.sqlite", "ledger.sqlite"] {
        let mut studio = TestStudio::new().await;
        studio
            .complete(&studio.draft(MODEL, "[[say:Kept.]] Hi").await)
            .await;
        studio.close_files().await;
        let file = studio.folder().join(name);
        let good = std::fs::read(&file).unwrap();

        Connection::open(&file)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        let error = refused(&studio).await;
        assert_names(&error, Code::DataNewer, &file);
        std::fs::write(&file, &good).unwrap();

        let mut half = good.clone();
        half.truncate(good.len() / 2);
        std::fs::write(&file, &half).unwrap();
        let error = refused(&studio).await;
        assert_names(&error, Code::DataDamaged, &file);
        assert_eq!(
            std::fs::read(&file).unwrap(),
            half,
            "{name}: nothing was changed"
        );

        std::fs::write(
            &file,
            b"this is a shopping list, and it is long enough to be looked at",
        )
        .unwrap();
        let error = refused(&studio).await;
        assert!(
            matches!(
                WireError::from(&error).code,
                Code::DataDamaged | Code::DataUnavailable
            ),
            "{error}"
        );
        std::fs::write(&file, &good).unwrap();
        studio.open().await.unwrap();
        studio.finish().await;
    }
}

#[tokio::test]
async fn a_missing_history_grants_no_second_month() {
    let mut studio = TestStudio::new().await;
    studio
        .complete(&studio.draft(MODEL, "[[say:Spent.]] Hi").await)
        .await;
    let spent = studio.balance().await;
    studio.close_files().await;
    let file = studio.folder().join("history.sqlite");
    let kept = studio.folder().join("kept");
    std::fs::rename(&file, &kept).unwrap();
    let error = refused(&studio).await;
    assert_names(&error, Code::DataDamaged, &file);
    let said = error.to_string();
    assert!(
        said.contains("is missing") && said.contains("the whole folder"),
        "{said}"
    );
    assert!(!file.exists(), "nothing was changed");

    // Another studio's history is as bad as none.
    let mut other = TestStudio::new().await;
    other.close_files().await;
    std::fs::copy(other.folder().join("history.sqlite"), &file).unwrap();
    let error = refused(&studio).await;
    assert_names(&error, Code::DataDamaged, &file);
    assert!(error.to_string().contains("do not belong together"));
    other.open().await.unwrap();
    other.finish().await;

    std::fs::rename(&kept, &file).unwrap();
    studio.open().await.unwrap();
    assert_eq!(studio.balance().await, spent);
    studio.finish().await;
}

#[tokio::test]
async fn a_turn_whose_ledger_is_gone_ends_with_its_text() {
    let mut studio = TestStudio::new().await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=400]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    studio.until_tokens(post.id, 40).await;
    let seen = studio.record(post.id).await.text;
    studio.crash();
    for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = std::fs::remove_file(studio.folder().join(name));
    }
    studio.open().await.unwrap();
    let turn = studio.record(post.id).await;
    let TurnPhase::Failed { charged, error } = &turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(
        (*charged, error.code),
        (anyai_units::Credits::ZERO, Code::Interrupted)
    );
    assert_eq!(turn.text, seen, "what was shown is kept");
    assert_whole(&turn, &studio.events(post.id, 0).await);
    studio.simulator.resume();
    studio.finish_across_months().await;
}

#[tokio::test]
async fn an_unknown_plan_and_a_folder_that_is_a_file_are_refused() {
    let mut studio = TestStudio::new().await;
    studio.close_files().await;
    let mut options = studio.options();
    options.plan_id = "gold".to_owned();
    let error = StudioServer::open(options).await.unwrap_err();
    assert_eq!(error.code(), Code::PlanUnknown);
    let file = studio.folder().join("a file");
    std::fs::write(&file, b"x").unwrap();
    let mut options = studio.options();
    options.data_folder = file.clone();
    let error = StudioServer::open(options).await.unwrap_err();
    assert_names(&error, Code::DataUnavailable, &file);
    studio.open().await.unwrap();
    studio.finish().await;
}

#[tokio::test]
async fn it_serves_the_same_on_a_socket() {
    let studio = TestStudio::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = studio.server().serve(listener);
    let asking = async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /v1/hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
            studio.token
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("any-ai-studio"));
    };
    tokio::select! {
        served = serving => panic!("{served:?}"),
        () = asking => {}
    }
    studio.finish().await;
}
