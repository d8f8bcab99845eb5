//! Clips' orders on disk, so that jobs go on when the program that holds the simulator is started
//! again: to a studio that quit in the middle, a provider is still there. They hold what a person wrote,
//! so they go as soon as nobody comes back for the clip.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clips;
use crate::control::Control;
use crate::job::{JobEnd, JobState, Record};
use crate::order::Order;
use crate::route::{asked, provider_of};

/// As long as providers keep a clip for whoever ordered it.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3_600);

/// Keeps what was ordered at a path under the job's id, and forgets what is old. A folder that takes
/// nothing costs only the going on.
pub(crate) async fn keep(control: &Control, id: &str, path: &str, body: &Value) {
    let Some(folder) = control.options.kept_in.clone() else {
        return;
    };
    let kept = json!({
        "id": id,
        "path": path,
        "body": body,
        "started_ms": u64::try_from(now().as_millis()).unwrap_or(u64::MAX),
    });
    let file = file(&folder, id);
    let write = move || {
        sweep(&folder);
        fs::create_dir_all(&folder).and_then(|()| fs::write(file, kept.to_string()))
    };
    // The job itself runs all the same.
    let _ = tokio::task::spawn_blocking(write).await;
}

/// Forgets the order of a job whose client needs it no more.
pub(crate) async fn forget(control: &Control, record: &Record) {
    if let Some(folder) = &control.options.kept_in {
        let _ = tokio::fs::remove_file(file(folder, &record.job.id)).await;
    }
}

/// Forgets the order of a job that was called off, or that its client was told the end of, unless a
/// clip is still to be fetched.
pub(crate) async fn forget_if_over(control: &Control, record: &Record) {
    let is_over = match (record.job.state, &record.order) {
        (JobState::Running { .. }, _) => false,
        (JobState::Ended(JobEnd::Done), Order::Clip(order)) => order.inline,
        _ => true,
    };
    if is_over {
        forget(control, record).await;
    }
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.json"))
}

/// Forgets what was written too long ago: bodies hold pictures, so nothing is read for it.
fn sweep(folder: &Path) {
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let written = file.metadata().and_then(|about| about.modified());
        let age = written.map(|written| written.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age > KEPT_FOR) {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Goes on with everything that is kept, oldest first, and forgets what is old.
pub(crate) fn resume(folder: &Path, control: &Control) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut kept: Vec<(Duration, PathBuf, Value)> =
        files.filter_map(|file| read(&file.path())).collect();
    kept.sort_by_key(|(started, ..)| *started);
    for (started, file, order) in kept {
        let passed = now().saturating_sub(started);
        if passed > KEPT_FOR || go_on(control, &order, passed).is_none() {
            // What cannot be understood was written by another version.
            let _ = fs::remove_file(file);
        }
    }
}

fn read(file: &Path) -> Option<(Duration, PathBuf, Value)> {
    let order: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let started = Duration::from_millis(order["started_ms"].as_u64()?);
    Some((started, file.to_owned(), order))
}

fn go_on(control: &Control, kept: &Value, passed: Duration) -> Option<()> {
    let (provider, rest) = provider_of(kept["path"].as_str()?)?;
    let asked = asked(provider, &Method::POST, rest, None)?;
    let (id, body) = (kept["id"].as_str()?, &kept["body"]);
    let order = clips::order(control, provider, asked, body).ok()?;
    let started = Instant::now().checked_sub(passed)?;
    clips::resume(control, order, body, (id, started));
    Some(())
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
