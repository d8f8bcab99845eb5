//! Jobs that outlive the program that holds the simulator.

use std::path::Path;

use anyai_simulator::{Options, Simulator};
use serde_json::{Value, json};

use crate::media::{CLIP_WIRES, ClipWire};
use crate::support::start;

async fn keeping(folder: &Path) -> Simulator {
    start(Options {
        kept_in: Some(folder.join("jobs")),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_job_goes_on_after_another_start_and_ends_in_its_clip() {
    let folder = tempfile::tempdir().unwrap();
    let first = keeping(folder.path()).await;
    let mut begun = Vec::new();
    for wire in CLIP_WIRES {
        let path = wire.start(&first, "a calm sea").await;
        let (status, answer) = wire.poll(&first, &path).await;
        assert!(wire.is_running(status, &answer), "{wire:?}: {answer}");
        begun.push((wire, path));
    }
    drop(first);
    let second = keeping(folder.path()).await;
    for (wire, path) in &begun {
        let (status, answer) = wire.poll(&second, path).await;
        assert!(wire.is_running(status, &answer), "{wire:?}: {answer}");
        let (_, done) = wire.end(&second, path).await;
        let address = wire.address(&done);
        let address = address.unwrap_or_else(|| panic!("{wire:?}: {done}"));
        let file = wire.fetch(&address).await.bytes().await.unwrap();
        assert_eq!(file[..4], [0x1A, 0x45, 0xDF, 0xA3], "{wire:?}");
    }
}

#[tokio::test]
async fn a_job_ends_as_its_prompt_says_after_another_start_too() {
    let folder = tempfile::tempdir().unwrap();
    let prompt = "waves [[job:polls=1 end=failed]]";
    let path = ClipWire::XAi
        .start(&keeping(folder.path()).await, prompt)
        .await;
    let (_, answer) = ClipWire::XAi
        .end(&keeping(folder.path()).await, &path)
        .await;
    assert_eq!(answer["status"], "failed");
}

#[tokio::test]
async fn an_order_is_forgotten_after_a_day_and_one_that_is_not_understood_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = ClipWire::XAi
        .start(&keeping(folder.path()).await, "waves")
        .await;
    let jobs = folder.path().join("jobs");
    let files = || {
        std::fs::read_dir(&jobs)
            .unwrap()
            .flatten()
            .map(|file| file.path())
    };
    let file = files().next().unwrap();
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    std::fs::write(jobs.join("odd.json"), r#"{"started_ms": 1}"#).unwrap();
    assert_ne!(
        ClipWire::XAi
            .poll(&keeping(folder.path()).await, &path)
            .await
            .0,
        404
    );
    assert_eq!(files().count(), 1, "the odd one is gone");

    let day_ms = 24 * 3_600 * 1_000 + 1;
    kept["started_ms"] = json!(kept["started_ms"].as_u64().unwrap() - day_ms);
    std::fs::write(&file, kept.to_string()).unwrap();
    assert_eq!(
        ClipWire::XAi
            .poll(&keeping(folder.path()).await, &path)
            .await
            .0,
        404
    );
    assert_eq!(files().count(), 0);
}
