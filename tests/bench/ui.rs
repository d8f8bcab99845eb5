//! What the window costs in WebKitGTK: opening a conversation of 10,000 turns, an answer of 300 tokens a
//! second, keys typed in a conversation of 100,000 tokens, and the memory of it all. The page measures itself
//! with the script that Chromium's bench uses.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyai_tests::{MESSAGE, StudioWindow};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use crate::figures::Samples;

const PAGE: &str = include_str!("../../ui/bench/page.js");
/// The program that fills a mirror, as `cargo xtask bench ui` built it.
const FILLER: &str = "ANYAI_LONG_CONVERSATION";
const LONGEST: (&str, usize) = ("Ten thousand turns", 10_000);
const LONG: (&str, usize) = ("Two thousand turns", 2_000);
/// About 100 tokens a turn.
const TYPED_IN: (&str, usize) = ("A thousand turns", 1_000);
const OPENINGS: usize = 5;
const NEW: &str = "button[aria-label='New conversation']";
const STOP: &str = "button[aria-label^='Stop, ']";
/// Time for what was read to be collected.
const SETTLED: Duration = Duration::from_secs(5);

pub(crate) async fn report() -> Result<()> {
    println!("\nthe window at work, in WebKitGTK");
    let window = StudioWindow::start().await?;
    window.open_practice_studio().await?;
    let folder = window.close().await?;
    fill(&folder.path().join("data/simulated/mirror.sqlite"))?;
    let data = folder.path().to_owned();
    let window = StudioWindow::start_in(folder).await?;
    let measured = measure(&window, &data).await;
    window.quit().await?;
    measured
}

fn fill(mirror: &Path) -> Result<()> {
    let filler = std::env::var_os(FILLER)
        .with_context(|| format!("no {FILLER}: run this through `cargo xtask bench ui`"))?;
    for (title, turns) in [TYPED_IN, longest()] {
        let mut command = Command::new(&filler);
        let status = command
            .arg(mirror)
            .arg(turns.to_string())
            .arg(title)
            .status()?;
        ensure!(status.success(), "the mirror was not filled: {status}");
    }
    Ok(())
}

fn longest() -> (&'static str, usize) {
    if crate::is_short() { LONG } else { LONGEST }
}

async fn measure(window: &StudioWindow, data: &Path) -> Result<()> {
    window.find(MESSAGE).await?;
    window.script(PAGE).await?;
    sleep(SETTLED).await;
    let before = page_mib(data);
    let mut opened = Vec::new();
    let openings = if crate::is_short() { 2 } else { OPENINGS };
    for _ in 0..openings {
        window.click(NEW).await?;
        window
            .until("an empty conversation", async || {
                Ok(window.count("article[data-turn]").await? == 0)
            })
            .await?;
        opened.push(open(window, longest()).await?);
    }
    let (_, turns) = longest();
    Samples::new(opened).print_starts(&format!("opening {turns} turns, to the frame"));
    sleep(SETTLED).await;
    println!(
        "{:<44} {:+.0} MiB",
        "the page's process after it",
        page_mib(data) - before
    );
    streaming(window).await?;
    sleep(SETTLED).await;
    println!(
        "{:<44} {:+.0} MiB",
        "the page's process after it",
        page_mib(data) - before
    );
    typing(window).await?;
    bare(window).await
}

async fn open(window: &StudioWindow, (title, turns): (&str, usize)) -> Result<f64> {
    window
        .script(&format!("bench.open('{title}', {turns})"))
        .await?;
    window
        .until("its last turn", async || {
            Ok(!window.script("return bench.opened").await?.is_null())
        })
        .await?;
    let opened = window.script("return bench.opened").await?;
    opened.as_f64().context("no time")
}

async fn streaming(window: &StudioWindow) -> Result<()> {
    window.click(NEW).await?;
    let tokens = if crate::is_short() { 900 } else { 3_000 };
    let answer = format!("Write at length. [[fault:slow tps=300]] [[length:tokens={tokens}]]");
    window.write(&answer).await?;
    window.click("form button[type=submit]").await?;
    window.find(STOP).await?;
    window.script("bench.watch()").await?;
    window
        .until("the whole answer", async || {
            Ok(window.count(STOP).await? == 0)
        })
        .await?;
    let watched = window.script("return bench.unwatch()").await?;
    print_frames("an answer of 300 tokens a second", &watched);
    Ok(())
}

/// What the machine and the engine alone can do: the last thing, because the studio is gone from the page.
async fn bare(window: &StudioWindow) -> Result<()> {
    let seconds = if crate::is_short() { 2 } else { 8 };
    window.script(&format!("bench.bare({seconds})")).await?;
    window
        .until("the bare page's end", async || {
            Ok(!window.script("return bench.watched").await?.is_null())
        })
        .await?;
    let watched = window.script("return bench.watched").await?;
    print_frames("a bare page that writes as fast", &watched);
    Ok(())
}

fn print_frames(what: &str, watched: &Value) {
    let number = |name: &str| watched[name].as_f64().unwrap_or(f64::NAN);
    println!(
        "{what:<44} {:.1} frames a second, worst {:.1} ms, over {:.1} s",
        number("framesASecond"),
        number("worstFrameMs"),
        number("seconds")
    );
}

async fn typing(window: &StudioWindow) -> Result<()> {
    open(window, TYPED_IN).await?;
    window.write("And then").await?;
    window.script("bench.hearKeys()").await?;
    // One by one: sent at once, each would wait for all before it.
    for key in " what happened next?".repeat(5).chars() {
        window.type_into(MESSAGE, &key.to_string()).await?;
    }
    let keys = window.script("return bench.keys").await?;
    numbers(&keys, "late").print_latency("a key is heard after");
    numbers(&keys, "free").print_latency("the thread is free again after");
    window.script("bench.price(20)").await?;
    window
        .until("twenty prices", async || {
            let last = window.script("return bench.prices.length === 21").await?;
            Ok(last.as_bool() == Some(true))
        })
        .await?;
    let prices = window.script("return bench.prices.slice(1, -1)").await?;
    let frames = prices.as_array().into_iter().flatten();
    let most = frames.filter_map(Value::as_u64).max();
    println!(
        "{:<44} at most {}",
        "frames until a new price",
        most.unwrap_or_default()
    );
    Ok(())
}

fn numbers(keys: &Value, name: &str) -> Samples {
    let keys = keys.as_array().into_iter().flatten();
    Samples::new(keys.filter_map(|key| key[name].as_f64()).collect())
}

/// What the process that draws the page occupies by itself: its environment names the data folder.
fn page_mib(data: &Path) -> f64 {
    let data = data.to_string_lossy().into_owned();
    let mut kib: u32 = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let read = |name: &str| fs::read(entry.path().join(name)).unwrap_or_default();
        let is_page = read("comm").starts_with(b"WebKitWebProces");
        if !is_page || !String::from_utf8_lossy(&read("environ")).contains(&data) {
            continue;
        }
        let rollup = String::from_utf8_lossy(&read("smaps_rollup")).into_owned();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let figure = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kib += figure
            .and_then(|figure| figure.trim().parse::<u32>().ok())
            .unwrap_or(0);
    }
    f64::from(kib) / 1_024.0
}
