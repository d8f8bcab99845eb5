//! What was made leaves the real window: shown in its folder, saved through the system's dialog, and dragged
//! away by the pointer as a file that another place can take.

use std::path::Path;
use std::process::Command;

use anyai_tests::{FileWindow, StudioWindow};
use anyhow::{Context, Result, ensure};

const TILE: &str = ".batch .tile";
const REFERENCES: &str = "[role=group][aria-label='References']";
const PNG: &[u8] = b"\x89PNG";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_leaves_the_real_window() -> Result<()> {
    let files = FileWindow::start().await?;
    let window = StudioWindow::start().await?;
    window.open_practice_studio().await?;
    window.go_to("Image").await?;
    window.make("A red fox").await?;
    window.drawn(&format!("{TILE} img")).await?;
    window.click(TILE).await?;
    shown_in_its_folder(&window, &files).await?;
    saved_by_the_dialog(&window).await?;
    dragged_away(&window).await?;
    window.quit().await.map(drop)
}

async fn shown_in_its_folder(window: &StudioWindow, files: &FileWindow) -> Result<()> {
    window.click("[aria-label='Show in folder']").await?;
    window
        .until("a file that is shown", async || {
            Ok(!files.shown().is_empty())
        })
        .await?;
    let shown = files.shown();
    let path = shown[0].strip_prefix("file://").context("a local file")?;
    let path = path.replace("%20", " ");
    ensure!(shown.len() == 1, "one file: {shown:?}");
    ensure!(path.contains("/Any AI Studio/A red fox "), "{path}");
    ensure!(std::fs::read(&path)?.starts_with(PNG), "a picture: {path}");
    Ok(())
}

async fn saved_by_the_dialog(window: &StudioWindow) -> Result<()> {
    let path = window.data().join("saved.png");
    window.click("[aria-label='Save']").await?;
    // GTK calls it so in English; no window manager gives it the keys here.
    let dialog = ["search", "--sync", "--onlyvisible", "--name", "^Save"];
    xdotool(&[&dialog[..], &["windowfocus", "--sync", "key", "ctrl+a"]].concat())?;
    xdotool(&["type", "--delay", "5", &path.to_string_lossy()])?;
    xdotool(&["key", "Return"])?;
    window
        .until("a saved file", async || Ok(is_whole(&path)))
        .await?;
    window
        .text("[role=status], .toast", |text| text.contains("saved"))
        .await
        .map(drop)
}

async fn dragged_away(window: &StudioWindow) -> Result<()> {
    let from = middle(window, TILE).await?;
    let to = middle(window, REFERENCES).await?;
    point(from)?;
    xdotool(&["mousedown", "1"])?;
    for step in 1..=6 {
        point((from.0, from.1 + 4 * step))?;
    }
    let laid_out = window.data().join("simulated/dragged");
    window
        .until("a file to drag", async || Ok(laid_out.exists()))
        .await?;
    let mut nearer = 0;
    window
        .until("a place that would take it", async || {
            // The pointer must move for the place to hear of it.
            point((to.0 + nearer % 2, to.1))?;
            let over = window.script("return document.querySelector('.slots.over') !== null");
            Ok(over.await?.as_bool() == Some(true))
        })
        .await?;
    nearer += 1;
    point((to.0 + nearer, to.1))?;
    xdotool(&["mouseup", "1"])?;
    window.drawn(&format!("{REFERENCES} .slot img")).await?;
    let name = window
        .script(&format!(
            "return document.querySelector(`{REFERENCES} .slot img`).alt"
        ))
        .await?;
    let name = name.as_str().unwrap_or_default();
    ensure!(name.starts_with("A red fox "), "the dropped file: {name:?}");
    Ok(())
}

/// The middle of an element, where the pointer finds it on the screen.
async fn middle(window: &StudioWindow, selector: &str) -> Result<(i64, i64)> {
    let script = format!(
        "const {{ left, top, width, height }} = document.querySelector(`{selector}`).getBoundingClientRect();
         return [screenX + left + width / 2, screenY + outerHeight - innerHeight + top + height / 2].map(Math.round)"
    );
    let found = window.script(&script).await?;
    let number = |at: usize| found[at].as_i64().context("a place on the screen");
    Ok((number(0)?, number(1)?))
}

fn point((x, y): (i64, i64)) -> Result<()> {
    xdotool(&["mousemove", &x.to_string(), &y.to_string()])
}

fn xdotool(words: &[&str]) -> Result<()> {
    let status = Command::new("timeout")
        .args(["20", "xdotool"])
        .args(words)
        .status()?;
    ensure!(status.success(), "xdotool {words:?}: {status}");
    Ok(())
}

fn is_whole(path: &Path) -> bool {
    std::fs::read(path)
        .is_ok_and(|bytes| bytes.starts_with(PNG) && bytes.ends_with(b"IEND\xaeB`\x82"))
}
