//! A disk that fills up: what cannot be stored is refused in words, and nothing that was is lost.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyai_testsupport::{WebProgram, until, verify};
use anyai_units::Credits;
use anyai_wire::{Code, DoorOpen, TurnPhase};

use crate::MODEL;

/// A small disk of its own, unmounted in the end.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where this account may mount nothing, which is said.
    #[expect(
        clippy::print_stderr,
        reason = "the test summary counts tests that say SKIPPED"
    )]
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        eprintln!("SKIPPED: this account cannot mount a small disk to fill");
        None
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room there is; the file that holds it.
    fn fill(&self) -> PathBuf {
        use std::io::Write;
        let path = self.path().join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        for chunk in [64 * 1024, 4 * 1024, 512] {
            let zeros = vec![0; chunk];
            while file.write_all(&zeros).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program that was just ended may still hold it.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.folder.path())
            .status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount("6m") else {
        return;
    };
    let data = disk.path().join("studio");
    let studio = WebProgram::start(&data).await;
    let plan_id = "free".to_owned();
    studio.open(&DoorOpen::Simulated { plan_id }).await.unwrap();
    studio.until_online().await;
    let first = studio.turn(MODEL, "[[say:There is room.]] Hello").await;
    let receipt = studio.receipt(&first).await;
    let before = studio.balance_after(&receipt).await;

    let filler = disk.fill();
    let mut told = None;
    for number in 0..20 {
        let prompt = format!("[[length:tokens=900]] {number} {}", "words ".repeat(20_000));
        match studio.send(MODEL, &prompt).await {
            Err(error) => {
                told = Some(error);
                break;
            }
            Ok(sent) => {
                let known = studio
                    .until_turn(&sent, "the turn ends or waits for room", |turn| {
                        !matches!(turn.phase, TurnPhase::Running { .. } | TurnPhase::Sending)
                    })
                    .await;
                if let TurnPhase::Failed { error, .. } = known.phase {
                    told = Some(error);
                    break;
                }
            }
        }
    }
    let told = told.unwrap();
    assert_eq!(told.code, Code::DiskFull, "{told:?}");
    assert_eq!(
        studio.turn_now(&first).await.unwrap(),
        first,
        "what was there can be read"
    );

    std::fs::remove_file(filler).unwrap();
    studio.until_online().await;
    let after = studio.turn(MODEL, "[[say:Room again.]] Hello").await;
    assert_eq!(after.text, "Room again.");
    let receipt = studio.receipt(&after).await;
    let balance = studio.balance_after(&receipt).await;
    assert!(balance.posted > before.posted);
    assert_eq!(
        studio.quiet_balance().await.pending,
        Credits::ZERO,
        "nothing is left held"
    );
    studio.quit().await;

    let studio = WebProgram::start(&data).await;
    studio.until_online().await;
    assert_eq!(studio.turn_now(&first).await.unwrap(), first);
    assert_eq!(studio.turn_now(&after).await.unwrap(), after);
    studio.quit().await;
    assert_eq!(verify(disk.path()).await.ledgers, 1);
}

#[tokio::test]
async fn a_disk_that_fills_in_the_middle_of_an_answer_leaves_nothing_held() {
    let Some(disk) = SmallDisk::mount("6m") else {
        return;
    };
    let data = disk.path().join("studio");
    let studio = WebProgram::start(&data).await;
    let plan_id = "free".to_owned();
    studio.open(&DoorOpen::Simulated { plan_id }).await.unwrap();
    studio.until_online().await;
    let prompt = "[[think:tokens=5]][[fault:slow tps=300]][[length:tokens=3000]] Tell me";
    let sent = studio.send(MODEL, prompt).await.unwrap();
    let shown = studio.until_text(&sent, 20).await;
    let filler = disk.fill();
    let told = until("a full disk is told", async || {
        let long = "words ".repeat(20_000);
        studio.send(MODEL, &long).await.err()
    })
    .await;
    assert_eq!(told.code, Code::DiskFull, "{told:?}");
    let waiting = studio.turn_now(&sent).await.unwrap();
    assert!(
        waiting.text.starts_with(&shown.text),
        "what was shown can be read meanwhile"
    );
    std::fs::remove_file(filler).unwrap();
    let turn = studio.ended(&sent).await;
    assert!(turn.text.starts_with(&shown.text), "what was shown is kept");
    let receipt = studio.receipt(&turn).await;
    assert!(receipt.charged <= Some(receipt.held), "{receipt:?}");
    studio.until_online().await;
    assert_eq!(studio.quiet_balance().await.pending, Credits::ZERO);
    eprintln!("the turn ended as {:?}", turn.phase);
    studio.quit().await;
    assert_eq!(verify(disk.path()).await.ledgers, 1);
}
