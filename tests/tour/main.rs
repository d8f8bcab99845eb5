//! The tour: the real window through the main job, with pictures in light and dark.
//!
//! Run through `cargo xtask tour`, which gives it a display and a driver.

use std::path::{Path, PathBuf};

use anyai_tests::{BALANCE, CHARGE, MESSAGE, MODEL_BUTTON, StudioWindow, Theme};
use anyhow::Result;
use clap::Parser;

/// What the tour can be told.
#[derive(Parser)]
struct Arguments {
    /// Folder for the pictures
    #[arg(long, default_value = "tour")]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let out = Arguments::parse().out;
    std::fs::create_dir_all(&out)?;
    let window = StudioWindow::start().await?;
    let toured = tour(&window, &out).await;
    window.quit().await?;
    toured
}

async fn tour(window: &StudioWindow, out: &Path) -> Result<()> {
    window
        .text("main", |text| text.contains("How would you like to start"))
        .await?;
    both(window, out, "welcome").await?;
    window.open_practice_studio().await?;
    both(window, out, "empty").await?;

    window.write("Explain how tides work, with a table").await?;
    window.click(MODEL_BUTTON).await?;
    window.find("[role=listbox]").await?;
    both(window, out, "picker").await?;
    window.press(thirtyfour::Key::Escape).await?;
    window.send_and_settle().await?;
    window.write("Now as a short poem").await?;
    window.send_and_settle().await?;
    window
        .write("Which Saturdays have low water around noon?")
        .await?;
    both(window, out, "chat").await?;

    window.click(CHARGE).await?;
    window.find("[role=dialog]").await?;
    both(window, out, "receipt").await?;
    window.press(thirtyfour::Key::Escape).await?;
    window.click(BALANCE).await?;
    window.find("[role=dialog]").await?;
    both(window, out, "balance").await?;
    window.press(thirtyfour::Key::Escape).await?;

    window.click_named("nav button", "Settings").await?;
    window
        .text("main", |text| text.contains("Keyboard"))
        .await?;
    both(window, out, "settings").await?;
    window.click_named("nav button", "Chat").await?;
    window.find(MESSAGE).await.map(drop)
}

async fn both(window: &StudioWindow, out: &Path, name: &str) -> Result<()> {
    for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        window.theme(theme).await?;
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        window
            .picture(&out.join(format!("{name}-{suffix}.png")))
            .await?;
    }
    Ok(())
}
