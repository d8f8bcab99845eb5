//! From the provider's byte to the painted token: an upstream writes the moment into each word, the page
//! notes when the word is in its document and when the next frame begins, all by one clock.

use anyai_tests::{CHARGE, StudioWindow};
use anyhow::{Context, Result};

use crate::figures::Samples;
use crate::probe;
use crate::upstream::{Upstream, WORDS};

/// Notes of each word when it was written, when its event reached the page, when it was in the document
/// and when the next frame began. The frame that shows a word ends before the next one begins, so the
/// last is an upper bound. The first is in microseconds, the others in milliseconds.
const OBSERVER: &str = r"
    const arrived = new Map();
    const seen = new Set();
    const notes = (window.anyaiBench = []);
    const words = (text) => [...text.matchAll(/\b\d{16}\b/g)].map(([word]) => word);
    const hear = ({ payload }) => {
        const now = Date.now();
        for (const word of words(payload.event?.text ?? '')) arrived.set(word, now);
    };
    const tauri = window.__TAURI_INTERNALS__;
    const handler = tauri.transformCallback(hear);
    tauri.invoke('plugin:event|listen', { event: 'studio', target: { kind: 'Any' }, handler });
    const look = () => {
        const now = Date.now();
        const answer = [...document.querySelectorAll('article[data-turn] .md')].at(-1)?.textContent ?? '';
        const fresh = words(answer).filter((word) => !seen.has(word));
        if (fresh.length === 0) return;
        for (const word of fresh) seen.add(word);
        requestAnimationFrame(() => {
            const frame = Date.now();
            for (const word of fresh) notes.push([Number(word), arrived.get(word) ?? now, now, frame]);
        });
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
";

pub(crate) async fn report(answers: usize) -> Result<()> {
    println!("\nadded latency, from the provider's byte to the painted token");
    let upstream = Upstream::start().await?;
    let bare = probe::read(&upstream).await?;
    let window = StudioWindow::start_with(vec![(
        "ANYAI_PROVIDER_URLS",
        format!("openai={}", upstream.url()),
    )])
    .await?;
    let noted = follow(&window, answers).await;
    window.quit().await?;
    let noted = noted?;
    let since = |at: fn(&Note) -> f64| {
        noted
            .iter()
            .map(|note| at(note) - note.written_ms)
            .collect()
    };
    Samples::new(bare).print_latency("bare client: read");
    Samples::new(since(|note| note.at_page_ms)).print_latency("studio window: event at the page");
    Samples::new(since(|note| note.in_document_ms)).print_latency("studio window: in the document");
    Samples::new(since(|note| note.next_frame_ms)).print_latency("studio window: frame after");
    Ok(())
}

async fn follow(window: &StudioWindow, answers: usize) -> Result<Vec<Note>> {
    open_own_studio(window).await?;
    frames(window).await?;
    window.script(OBSERVER).await?;
    for answer in 1..=answers {
        window.write("Count the time").await?;
        window.click("form button[type=submit]").await?;
        window
            .until("whole answer", async || {
                let noted = window.script("return window.anyaiBench.length").await?;
                Ok(noted.as_u64() == u64::try_from(answer * WORDS).ok()
                    && window.count(CHARGE).await? == answer)
            })
            .await?;
    }
    let notes = window.script("return window.anyaiBench").await?;
    let notes = notes.as_array().context("the page noted nothing")?;
    notes.iter().map(Note::read).collect()
}

/// The page's own rhythm when nothing is written: no token can be painted more often.
async fn frames(window: &StudioWindow) -> Result<()> {
    window
        .script(
            "const frames = (window.anyaiFrames = []);
            const note = (at) => frames.push(at) < 121 && requestAnimationFrame(note);
            requestAnimationFrame(note)",
        )
        .await?;
    let all = "return window.anyaiFrames.slice(1).map((at, i) => at - window.anyaiFrames[i])";
    window
        .until("120 frames", async || {
            Ok(window.script(all).await?.as_array().map(Vec::len) == Some(120))
        })
        .await?;
    let intervals = window.script(all).await?;
    let intervals = intervals.as_array().into_iter().flatten();
    let intervals = intervals.filter_map(serde_json::Value::as_f64).collect();
    Samples::new(intervals).print_latency("studio window: between frames, idle");
    Ok(())
}

/// Goes through the door of one's own keys with a key the upstream never looks at.
async fn open_own_studio(window: &StudioWindow) -> Result<()> {
    window
        .click_named("button", "Use your own provider keys")
        .await?;
    window.click_named("[role=radio]", "Max").await?;
    window.click_named("button", "Continue").await?;
    window.click_named("[role=radio]", "OpenAI").await?;
    window
        .type_into("input[type=password]", "bench-key-of-no-one")
        .await?;
    window.click("form button[type=submit]").await?;
    window.click_named("button", "Open the studio").await?;
    window.find(anyai_tests::MESSAGE).await.map(drop)
}

struct Note {
    written_ms: f64,
    at_page_ms: f64,
    in_document_ms: f64,
    next_frame_ms: f64,
}

impl Note {
    fn read(note: &serde_json::Value) -> Result<Self> {
        let number = |at: usize| note[at].as_f64().context("a note of the page is no number");
        Ok(Self {
            written_ms: number(0)? / 1_000.0,
            at_page_ms: number(1)?,
            in_document_ms: number(2)?,
            next_frame_ms: number(3)?,
        })
    }
}
