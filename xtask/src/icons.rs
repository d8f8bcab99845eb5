//! `cargo xtask icons`: the app's icons, drawn from the geometry of the mark.
//!
//! The PNG encoder is an optional feature, so that every other command builds without it; this command then
//! calls itself with it. The tray's ring shows a living balance and is painted by the shell.

use std::process::ExitCode;

use anyhow::Result;

#[cfg(feature = "icons")]
mod containers;
#[cfg(feature = "icons")]
mod mark;

/// What `icons` can be told.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {}

/// Calls itself with the encoder.
#[cfg(not(feature = "icons"))]
pub(crate) fn icons(_: &Arguments) -> Result<ExitCode> {
    let workspace = crate::workspace::Workspace::load()?;
    let mut cargo = workspace.cargo();
    cargo.args([
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--features",
        "icons",
        "--",
        "icons",
    ]);
    let status = crate::process::status_of(&mut cargo)?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Writes icons/: PNG for Linux, ICO for Windows, ICNS for macOS, SVG for pages.
#[cfg(feature = "icons")]
pub(crate) fn icons(_: &Arguments) -> Result<ExitCode> {
    let folder = crate::workspace::root()?.join("icons");
    let png = |side_px: u32| containers::png(side_px, &mark::paint(side_px));
    let write = |name: &str, bytes: &[u8]| {
        crate::screen::say!("icons/{name}: {} bytes", bytes.len());
        std::fs::write(folder.join(name), bytes)
    };
    for (name, side_px) in [
        ("32x32.png", 32),
        ("128x128.png", 128),
        ("128x128@2x.png", 256),
        ("256x256.png", 256),
        ("icon.png", 512),
    ] {
        write(name, &png(side_px)?)?;
    }
    write(
        "icon.ico",
        &containers::ico(&[16, 24, 32, 48, 64, 256], png)?,
    )?;
    write("icon.icns", &containers::icns(png)?)?;
    write("mark.svg", mark::svg().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
