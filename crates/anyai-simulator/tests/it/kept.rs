//! Jobs that outlive the program that holds the simulator.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyai_simulator::{Options, Provider, SIMULATED_KEY, Simulator};
use serde_json::{Value, json};

use crate::media::{CLIP_WIRES, ClipWire, post};
use crate::support::{client, start, with_key};

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

/// How many orders are kept in a folder.
fn kept(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("jobs")).unwrap().count()
}

#[tokio::test]
async fn an_order_is_forgotten_with_its_clips_and_when_it_is_told_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    for wire in CLIP_WIRES {
        let path = wire.start(&simulator, "a calm sea").await;
        let (_, done) = wire.end(&simulator, &path).await;
        assert_eq!(kept(folder.path()), 1, "{wire:?}: it can still be fetched");
        let address = wire.address(&done).unwrap();
        wire.fetch(&address).await.bytes().await.unwrap();
        assert_eq!(kept(folder.path()), 0, "{wire:?}: it was fetched");

        let path = wire.start(&simulator, "waves [[job:end=failed]]").await;
        let (status, answer) = wire.poll(&simulator, &path).await;
        assert!(wire.is_running(status, &answer), "{wire:?}: {answer}");
        assert_eq!(kept(folder.path()), 1, "{wire:?}: it runs");
        wire.end(&simulator, &path).await;
        assert_eq!(kept(folder.path()), 0, "{wire:?}: there is no clip");
    }
    for last in ["/cancel", ""] {
        let held = "waves [[job:hold=10]]";
        let path = ClipWire::Omni.start(&simulator, held).await;
        assert_eq!(kept(folder.path()), 1);
        let url = format!("{}{path}{last}", simulator.base_url(Provider::Google));
        let request = match last {
            "" => client().delete(url),
            _ => client().post(url),
        };
        let answer = with_key(Provider::Google, request, SIMULATED_KEY).send();
        assert_eq!(answer.await.unwrap().status(), 200);
        assert_eq!(kept(folder.path()), 0, "{last:?}");
    }
    // Inside the answer there is nothing left to fetch.
    let (_, mut body) = ClipWire::Omni.order("waves");
    body["background"] = json!(false);
    body["response_format"][0]["delivery"] = json!("inline");
    let whole = post(&simulator, Provider::Google, "/interactions", &body).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(kept(folder.path()), 0);
}

#[tokio::test]
async fn the_next_order_sweeps_out_what_is_old_without_another_start() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    let old = folder.path().join("jobs").join("old.json");
    ClipWire::XAi.start(&simulator, "waves").await;
    let days = |days: u64| SystemTime::now() - Duration::from_secs(days * 24 * 3_600 + 60);
    for (age, left) in [(0, 3), (1, 3)] {
        let file = std::fs::File::create(&old).unwrap();
        file.set_modified(days(age)).unwrap();
        ClipWire::XAi.start(&simulator, "waves").await;
        assert_eq!(kept(folder.path()), left, "{age} days old");
        assert_eq!(old.exists(), age == 0);
    }
}
