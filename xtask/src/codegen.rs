//! `cargo xtask codegen`: the TypeScript of the wire, written by the wire's own crate.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::process::run_plain;
use crate::screen::say;
use crate::workspace::Workspace;

/// Where the interface imports them from.
pub(crate) const BINDINGS: &str = "ui/src/bindings";
const PACKAGE: &str = "anyai-wire";
const PROGRAM: &str = "export-bindings";

/// What `codegen` can be told.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Change nothing; fail when the committed bindings are not those of the wire
    #[arg(long)]
    check: bool,
}

/// Writes the bindings that changed, or only names them.
pub(crate) fn codegen(arguments: &Arguments) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let committed = workspace.root.join(BINDINGS);
    let fresh = workspace.target.join("xtask-bindings");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    run_plain(&mut export(&workspace, &fresh))?;
    let written = read_folder(&fresh)?;
    let differences = compare(&read_folder(&committed)?, &written);
    for difference in &differences {
        say!("{BINDINGS}/{difference}");
    }
    if differences.is_empty() {
        say!("{BINDINGS} are those of the wire");
    } else if arguments.check {
        say!(
            "{} bindings differ: run `cargo xtask codegen` and commit",
            differences.len()
        );
        return Ok(ExitCode::FAILURE);
    } else {
        differences
            .iter()
            .try_for_each(|difference| difference.settle(&committed, &written))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether there is something to generate from.
pub(crate) fn is_possible(workspace: &Workspace) -> bool {
    workspace.has_target(PACKAGE, "bin", PROGRAM)
}

fn export(workspace: &Workspace, folder: &Path) -> Command {
    let mut command = workspace.cargo();
    command
        .args([
            "run",
            "--quiet",
            "--package",
            PACKAGE,
            "--features",
            "ts",
            "--bin",
            PROGRAM,
            "--",
        ])
        .arg(folder);
    command
}

type Folder = BTreeMap<String, Vec<u8>>;

fn read_folder(folder: &Path) -> Result<Folder> {
    let mut files = Folder::new();
    if folder.exists() {
        collect(folder, "", &mut files)
            .with_context(|| format!("cannot read {}", folder.display()))?;
    }
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Folder) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// A file that is not what the wire says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Difference {
    Missing(String),
    Stale(String),
    Gone(String),
}

impl Difference {
    /// Makes the committed file what the wire says.
    fn settle(&self, committed: &Path, written: &Folder) -> Result<()> {
        match self {
            Self::Gone(name) => fs::remove_file(committed.join(name))?,
            Self::Missing(name) | Self::Stale(name) => {
                let path = committed.join(name);
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(path, &written[name])?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(out, "{name}: missing"),
            Self::Stale(name) => write!(out, "{name}: stale"),
            Self::Gone(name) => write!(out, "{name}: no longer generated"),
        }
    }
}

/// What differs, file by file.
fn compare(committed: &Folder, fresh: &Folder) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, content) in fresh {
        match committed.get(name) {
            None => differences.push(Difference::Missing(name.clone())),
            Some(old) if old != content => differences.push(Difference::Stale(name.clone())),
            Some(_) => {}
        }
    }
    let gone = committed.keys().filter(|name| !fresh.contains_key(*name));
    differences.extend(gone.map(|name| Difference::Gone(name.clone())));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> Folder {
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn equal_folders_have_no_difference() {
        let same = folder(&[("a.ts", "1")]);
        assert!(compare(&same, &same.clone()).is_empty());
    }

    #[test]
    fn every_kind_of_difference_names_its_file_and_is_settled() {
        let root = std::env::temp_dir().join(format!("xtask-bindings-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("old.ts"), "1").unwrap();
        fs::write(root.join("changed.ts"), "1").unwrap();
        let fresh = folder(&[("changed.ts", "2"), ("sub/new.ts", "1")]);
        let found = compare(&read_folder(&root).unwrap(), &fresh);
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "changed.ts: stale",
                "sub/new.ts: missing",
                "old.ts: no longer generated"
            ]
        );
        found
            .iter()
            .for_each(|difference| difference.settle(&root, &fresh).unwrap());
        assert_eq!(read_folder(&root).unwrap(), fresh);
        fs::remove_dir_all(root).unwrap();
    }
}
