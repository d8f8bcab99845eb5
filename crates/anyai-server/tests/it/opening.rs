//! Opening: what is refused, with the file and a sentence, and what is left untouched.

use std::path::Path;

use anyai_server::{OpenError, StudioServer};
use anyai_wire::{Code, Detail, WireError};
use rusqlite::Connection;

use crate::harness::{MODEL, TestStudio};

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
