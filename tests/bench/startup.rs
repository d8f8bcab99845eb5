//! From exec to a window that answers, and to the page's pixels on the screen.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};

use crate::figures::Samples;
use crate::plain::PlainStudio;
use crate::screen::Screen;

const LOOK_EVERY: Duration = Duration::from_millis(8);
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) async fn report(practice: &Path, starts: usize) -> Result<()> {
    println!("\nstart, from exec");
    let first_run = tempfile::tempdir()?;
    // Starts of a folder that exists: making the first database is not what a person waits for each day.
    one_start(first_run.path()).await?;
    measure("first run (welcome)", first_run.path(), starts).await?;
    measure(
        "practice studio with a conversation",
        &practice.join("data"),
        starts,
    )
    .await
}

async fn measure(what: &str, data: &Path, starts: usize) -> Result<()> {
    let (mut answers, mut pixels) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        let (interactive, painted) = one_start(data).await?;
        answers.push(milliseconds(interactive));
        pixels.push(milliseconds(painted));
    }
    Samples::new(answers).print_starts(&format!("{what}: interactive"));
    Samples::new(pixels).print_starts(&format!("{what}: on the screen"));
    Ok(())
}

async fn one_start(data: &Path) -> Result<(Duration, Duration)> {
    let screen = Screen::open()?;
    ensure!(!screen.shows_a_page()?, "another window is on the screen");
    let mut studio = PlainStudio::start(data).await?;
    let interactive = studio.interactive().await?;
    // The window is hidden until its page is ready, so there is nothing to see before.
    let deadline = Instant::now() + LIMIT;
    while !screen.shows_a_page()? {
        ensure!(
            Instant::now() < deadline,
            "the page never came to the screen"
        );
        sleep(LOOK_EVERY).await;
    }
    let painted = studio.started.elapsed();
    studio.end().await?;
    Ok((interactive, painted))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
