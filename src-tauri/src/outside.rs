//! Links open in the person's own programs, and those inherit nothing that was meant for this window's engine.

use tauri::{AppHandle, Url};

/// Opens a web link where its person reads such; says why it could not.
#[cfg(not(target_os = "linux"))]
pub(crate) fn open(app: &AppHandle, url: &Url) -> Result<(), Box<dyn std::error::Error>> {
    use tauri_plugin_opener::OpenerExt;
    Ok(app.opener().open_url(url.as_str(), None::<&str>)?)
}

/// By the commands that the opener would run as well, each without our word to the engine: a browser made of the same
/// engine would heed it. A file manager is started by the desktop, not by us.
#[cfg(target_os = "linux")]
pub(crate) fn open(_app: &AppHandle, url: &Url) -> Result<(), Box<dyn std::error::Error>> {
    let mut error = "no program opens links".into();
    for mut command in commands(url.as_str()) {
        match command.spawn() {
            Ok(mut child) => {
                // Some of them stay as long as what they opened.
                tauri::async_runtime::spawn_blocking(move || child.wait());
                return Ok(());
            }
            Err(failed) => error = failed.into(),
        }
    }
    Err(error)
}

#[cfg(target_os = "linux")]
fn commands(url: &str) -> Vec<std::process::Command> {
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    let mut commands = open::commands(url);
    for command in &mut commands {
        command
            .env_remove(crate::drawing::WITHOUT_LAYERS)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    }
    commands
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::commands;
    use crate::drawing::WITHOUT_LAYERS;

    #[test]
    fn what_opens_a_link_is_not_told_to_do_without_layers() {
        let commands = commands("https://example.com");
        assert!(!commands.is_empty());
        for command in commands {
            let mut told = command.get_envs();
            assert!(
                told.any(|told| told == (WITHOUT_LAYERS.as_ref(), None)),
                "{command:?}"
            );
        }
    }
}
