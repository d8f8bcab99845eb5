//! Builds the app and runs it to its end.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Instant;

use anyai_studio::{Studio, StudioOptions};
use tauri::{Manager, RunEvent};
use tokio::sync::mpsc::unbounded_channel;
use tracing_subscriber::EnvFilter;

use crate::events::ShellHost;
use crate::tray::Tray;
use crate::{call, events, window};

/// What the window's commands reach.
pub(crate) struct Shell {
    pub(crate) studio: Studio<ShellHost>,
    pub(crate) started: Instant,
}

/// Runs the studio until the person quits.
#[must_use]
pub fn run() -> ExitCode {
    let started = Instant::now();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("ANYAI_LOG").unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            window::show(app)
        }))
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(tauri::generate_handler![call::call, call::ready])
        .setup(move |app| {
            let tray = Tray::build(app.handle())?;
            let (sender, heard) = unbounded_channel();
            let options = StudioOptions::from_environment()?;
            let studio = tauri::async_runtime::block_on(Studio::start(options, ShellHost(sender)))?;
            app.manage(Shell { studio, started });
            window::build(app.handle())?;
            tauri::async_runtime::spawn(events::forward(app.handle().clone(), heard, tray));
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<Shell>().studio.shutdown());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the studio could not start");
            ExitCode::FAILURE
        }
    }
}
