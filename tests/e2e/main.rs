//! The studio in its real window: the main job by WebDriver, the tray read over D-Bus.
//!
//! Run through `cargo xtask test --only window`, which gives it a display, a bus and a driver.

mod leaving;
mod made;

use anyai_tests::{BALANCE, CHARGE, StudioWindow, TrayWatcher};
use anyhow::{Context, Result, ensure};

/// One display, one driver: the windows take turns inside one test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_in_the_real_window() -> Result<()> {
    let tray = TrayWatcher::start().await?;
    let window = StudioWindow::start().await?;
    tray.label(|label| label == "–")
        .await
        .context("before a studio is open")?;

    window.open_practice_studio().await?;
    let full = tray.label(|label| label == "2,000").await?;
    let price = window.write("Explain how tides work, with a table").await?;
    ensure!(
        price.contains("practice"),
        "the model button shows a price in practice credits, not {price:?}"
    );
    let charge = window.send_and_settle().await?;
    ensure!(
        charge.contains("credit"),
        "the footer shows the charge, not {charge:?}"
    );

    let after = tray
        .label(|label| label != full && label.starts_with("1,9"))
        .await?;
    window
        .text(BALANCE, |text| text.contains(&after))
        .await
        .with_context(|| format!("ring and tray agree on {after}"))?;
    let menu = tray.menu().await?;
    ensure!(
        menu.iter().any(|line| line.ends_with("of 2,000 left")),
        "the tray's menu says what is left: {menu:?}"
    );
    ensure!(
        menu.iter().any(|line| line.starts_with("Practice credits")),
        "and that it is practice: {menu:?}"
    );

    window.click(CHARGE).await?;
    window
        .text("[role=dialog]", |text| text.contains("Rate card"))
        .await
        .context("the receipt")?;

    let window = window.restart().await?;
    window
        .click_named(
            "nav[aria-label='All conversations'] button",
            "Explain how tides",
        )
        .await?;
    let again = window.text(CHARGE, |text| !text.is_empty()).await?;
    ensure!(
        again == charge,
        "the same charge after a restart: {again:?}, not {charge:?}"
    );
    tray.label(|label| label == after)
        .await
        .context("the tray after a restart")?;

    let folder = window.quit().await?;
    let ledger = folder.path().join("data/simulated/ledger.sqlite");
    let verified = std::process::Command::new(program("anyai")?)
        .args(["ledger", "verify"])
        .arg(ledger)
        .output()?;
    ensure!(
        verified.status.success(),
        "the ledger is sound: {}",
        String::from_utf8_lossy(&verified.stdout)
    );
    Ok(())
}

/// A program built beside the studio.
fn program(name: &str) -> Result<std::path::PathBuf> {
    let studio = std::env::var_os("ANYAI_STUDIO_BINARY").context("no studio program named")?;
    Ok(std::path::PathBuf::from(studio).with_file_name(name))
}
