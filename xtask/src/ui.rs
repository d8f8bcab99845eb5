//! The interface's packages and build: installed when the lock file changed, built when a source is newer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde_json::Value;

/// How npm is called here.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// What the build reads. Anything else may change without a new build.
const SOURCES: &[&str] = &[
    "src",
    "public",
    "static",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "licences.ts",
    "svelte.config.js",
    "tsconfig.json",
];

/// The folder `ui/` of a checkout.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    folder: PathBuf,
}

impl Ui {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            folder: root.join("ui"),
        }
    }

    /// Whether there is an interface at all.
    pub(crate) fn exists(&self) -> bool {
        self.folder.join("package.json").exists()
    }

    /// Whether package.json declares this script.
    pub(crate) fn has_script(&self, name: &str) -> bool {
        let text = fs::read_to_string(self.folder.join("package.json")).unwrap_or_default();
        let package: Value = serde_json::from_str(&text).unwrap_or_default();
        package["scripts"][name].is_string()
    }

    /// `npm run NAME -- WORDS`.
    pub(crate) fn script(&self, name: &str, words: &[&str]) -> Command {
        let mut command = self.npm();
        command.args(["run", "--silent", name]);
        if !words.is_empty() {
            command.arg("--").args(words);
        }
        command
    }

    /// `npm ci`, unless the installed packages are those of the lock file.
    pub(crate) fn install(&self) -> Result<Option<Command>> {
        let lock = fs::read(self.folder.join("package-lock.json"))
            .context("cannot read ui/package-lock.json")?;
        if fs::read(self.installed_lock()).is_ok_and(|installed| installed == lock) {
            return Ok(None);
        }
        let mut command = self.npm();
        command.args(["ci", "--no-audit", "--no-fund"]);
        Ok(Some(command))
    }

    /// Remembers which lock file the packages belong to. Called after `npm ci` succeeded.
    pub(crate) fn note_installed(&self) -> Result<()> {
        fs::copy(self.folder.join("package-lock.json"), self.installed_lock())?;
        Ok(())
    }

    /// Whether a source is newer than the last build that succeeded.
    pub(crate) fn is_stale(&self) -> bool {
        let built =
            modified(&self.built_mark()).filter(|_| self.folder.join("dist/index.html").exists());
        let newest = SOURCES
            .iter()
            .filter_map(|name| newest(&self.folder.join(name)))
            .max();
        built.is_none() || newest > built
    }

    /// Remembers that the build succeeded. Its files alone would not say: a build may fail after writing them.
    pub(crate) fn note_built(&self) -> Result<()> {
        fs::write(self.built_mark(), "")?;
        Ok(())
    }

    fn npm(&self) -> Command {
        let mut command = Command::new(NPM);
        command.current_dir(&self.folder);
        command
    }

    fn built_mark(&self) -> PathBuf {
        self.folder.join("node_modules/.built")
    }

    fn installed_lock(&self) -> PathBuf {
        self.folder
            .join("node_modules/.installed-package-lock.json")
    }
}

/// The newest change in a file or folder. A folder counts too: removing a file touches it.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = modified(path)?;
    let Ok(entries) = fs::read_dir(path) else {
        return Some(own);
    };
    entries
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .chain([own])
        .max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir_all, remove_dir_all, remove_file, write};
    use std::time::Duration;

    use super::*;

    fn checkout(name: &str) -> (PathBuf, Ui) {
        let root = std::env::temp_dir().join(format!("xtask-ui-{}-{name}", std::process::id()));
        create_dir_all(root.join("ui/src/kit")).unwrap();
        create_dir_all(root.join("ui/dist")).unwrap();
        create_dir_all(root.join("ui/node_modules")).unwrap();
        write(root.join("ui/src/kit/a.ts"), "").unwrap();
        let ui = Ui::new(&root);
        (root, ui)
    }

    fn age(path: &Path, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::open(path).unwrap().set_modified(then).unwrap();
    }

    #[test]
    fn built_once_until_a_source_changes_or_goes() {
        let (root, ui) = checkout("stale");
        assert!(ui.is_stale(), "nothing was built yet");
        write(root.join("ui/dist/index.html"), "").unwrap();
        assert!(
            ui.is_stale(),
            "something was written, but the build did not succeed"
        );
        ui.note_built().unwrap();
        for path in ["ui/src/kit/a.ts", "ui/src/kit", "ui/src"] {
            age(&root.join(path), 100);
        }
        age(&root.join("ui/node_modules/.built"), 50);
        assert!(!ui.is_stale(), "the build is newer than every source");
        remove_file(root.join("ui/src/kit/a.ts")).unwrap();
        assert!(ui.is_stale(), "a source was removed");
        remove_dir_all(root).unwrap();
    }

    #[test]
    fn packages_are_installed_once_per_lock_file() {
        let (root, ui) = checkout("install");
        write(root.join("ui/package-lock.json"), "one").unwrap();
        assert!(ui.install().unwrap().is_some(), "nothing was installed yet");
        ui.note_installed().unwrap();
        assert!(ui.install().unwrap().is_none(), "the lock file is the same");
        write(root.join("ui/package-lock.json"), "two").unwrap();
        assert!(ui.install().unwrap().is_some(), "the lock file changed");
        remove_dir_all(root).unwrap();
    }
}
