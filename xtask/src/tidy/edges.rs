//! Which room may depend on which: the table in crates/README.md against the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};

use super::Finding;
use crate::workspace::{
    BENCH_GATEWAY, Dependency, DependencyKind, Package, SHELL, TESTS, Workspace,
};

const TABLE: &str = "crates/README.md";
/// May use any room: they look at the house from outside.
const OUTSIDERS: &[&str] = &[TESTS, BENCH_GATEWAY, "xtask"];
/// Programs may collect errors of all kinds; domain crates name each of theirs.
const ANYHOW: &[&str] = &["anyai-cli", TESTS, BENCH_GATEWAY, "xtask"];
const AXUM: &[&str] = &[
    "anyai-server",
    "anyai-simulator",
    "anyai-studio",
    "anyai-webhost",
    TESTS,
    BENCH_GATEWAY,
];

/// The table: for each room, those it may depend on. Full names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    rooms: BTreeMap<String, Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    line: usize,
    allowed: BTreeSet<String>,
}

/// Compares the table with the manifests and with the folders.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let text = fs::read_to_string(workspace.root.join(TABLE))
        .with_context(|| format!("cannot read {TABLE}"))?;
    let table = Table::parse(&text);
    let mut findings = table.unlisted(&workspace.packages);
    for package in &workspace.packages {
        findings.extend(table.forbidden_rooms(package));
        findings.extend(forbidden_libraries(package));
    }
    Ok(findings)
}

impl Table {
    /// Rows are `| room | what | names |`; the shell has a sentence instead of a row.
    fn parse(text: &str) -> Self {
        let mut rooms = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if let ["", room, what, allowed, ""] = cells[..]
                && room.starts_with("anyai-")
                && !what.is_empty()
            {
                let allowed = allowed.split_whitespace().map(full_name).collect();
                rooms.insert(
                    room.to_owned(),
                    Row {
                        line: index + 1,
                        allowed,
                    },
                );
            } else if let Some(sentence) = line.strip_prefix("The shell ") {
                rooms.insert(
                    SHELL.to_owned(),
                    Row {
                        line: index + 1,
                        allowed: sentence_names(sentence),
                    },
                );
            }
        }
        Self { rooms }
    }

    /// Crates without a row, and rows without a crate.
    fn unlisted(&self, packages: &[Package]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for package in packages
            .iter()
            .filter(|package| !OUTSIDERS.contains(&package.name.as_str()))
        {
            if !self.rooms.contains_key(&package.name) {
                let what = format!(
                    "`{}` is not in the table, add a row to {TABLE} that says what it is",
                    package.name
                );
                findings.push(Finding::new(&package.manifest, 1, what));
            } else if package.name != SHELL
                && package.manifest != format!("crates/{}/Cargo.toml", package.name)
            {
                let what = format!(
                    "`{}` lives elsewhere, use crates/{0}/ instead",
                    package.name
                );
                findings.push(Finding::new(&package.manifest, 1, what));
            }
        }
        for (room, row) in &self.rooms {
            if !packages.iter().any(|package| package.name == *room) {
                findings.push(Finding::new(
                    TABLE,
                    row.line,
                    format!("`{room}` has no crate, remove the row"),
                ));
            }
        }
        findings
    }

    fn forbidden_rooms(&self, package: &Package) -> Vec<Finding> {
        let Some(row) = self.rooms.get(&package.name) else {
            return Vec::new();
        };
        let ours = shipped(package).filter(|dependency| self.rooms.contains_key(&dependency.name));
        let forbidden = ours.filter(|dependency| !row.allowed.contains(&dependency.name));
        let allowed: Vec<&str> = row.allowed.iter().map(String::as_str).collect();
        let allowed = if allowed.is_empty() {
            "none of ours".to_owned()
        } else {
            allowed.join(", ")
        };
        let finding = |dependency: &Dependency| {
            let what = format!(
                "`{}` may not depend on `{}`, use only {allowed} ({TABLE})",
                package.name, dependency.name
            );
            Finding::new(&package.manifest, 1, what)
        };
        forbidden.map(finding).collect()
    }
}

/// Dependencies that reach the product: not those of tests.
fn shipped(package: &Package) -> impl Iterator<Item = &Dependency> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Dev)
}

/// Libraries that belong to one room only.
fn forbidden_libraries(package: &Package) -> Vec<Finding> {
    let is_listed = |list: &[&str]| list.contains(&package.name.as_str());
    let mut findings = Vec::new();
    let mut forbid = |name: &str, instead: &str| {
        let what = format!(
            "`{}` may not depend on `{name}`, use {instead} instead",
            package.name
        );
        findings.push(Finding::new(&package.manifest, 1, what));
    };
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let shipped = dependency.kind != DependencyKind::Dev;
        let is_window = ["tauri", "tao", "wry"].contains(&name) || name.starts_with("tauri-");
        if is_window && package.name != SHELL {
            forbid(name, "a trait that the shell implements");
        } else if name == "axum" && shipped && !is_listed(AXUM) {
            forbid(name, "the router of server, simulator or webhost");
        } else if name == "anyhow" && shipped && !is_listed(ANYHOW) {
            forbid(name, "an error enum of the crate");
        }
    }
    findings
}

fn full_name(short: &str) -> String {
    format!("anyai-{short}")
}

/// `(...) depends on app, studio and wire.` as full names.
fn sentence_names(sentence: &str) -> BTreeSet<String> {
    let Some((_, rest)) = sentence.split_once(" depends on ") else {
        return BTreeSet::new();
    };
    let names = rest.split_once('.').map_or(rest, |(names, _)| names);
    let words =
        names.split(|character: char| !(character.is_ascii_lowercase() || character == '-'));
    words
        .filter(|word| !word.is_empty() && *word != "and")
        .map(full_name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# Rooms\n| room | what it is | may depend on |\n|---|---|---|\n\
        | anyai-units | money | |\n| anyai-ledger | the ledger | units |\n\
        | anyai-ledger-db | its store | units ledger |\n\
        \nThe shell (`src-tauri`, the root package) depends on units and ledger. Tests may use any room.\n";

    fn package(name: &str, dependencies: &[(&str, DependencyKind)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(name, kind)| Dependency {
                name: (*name).to_owned(),
                name_in_code: (*name).to_owned(),
                kind: *kind,
            })
            .collect();
        Package {
            name: name.into(),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies,
            ..Package::default()
        }
    }

    fn forbidden(name: &str, dependency: &str, kind: DependencyKind) -> bool {
        let package = package(name, &[(dependency, kind)]);
        !Table::parse(README).forbidden_rooms(&package).is_empty()
            || !forbidden_libraries(&package).is_empty()
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        assert!(!forbidden(
            "anyai-ledger",
            "anyai-units",
            DependencyKind::Normal
        ));
        assert!(forbidden(
            "anyai-ledger",
            "anyai-ledger-db",
            DependencyKind::Normal
        ));
        assert!(forbidden(
            "anyai-units",
            "anyai-ledger",
            DependencyKind::Build
        ));
        assert!(
            !forbidden("anyai-ledger", "anyai-ledger-db", DependencyKind::Dev),
            "tests may use any room"
        );
    }

    #[test]
    fn the_shells_sentence_is_its_row() {
        assert!(!forbidden(SHELL, "anyai-ledger", DependencyKind::Normal));
        assert!(forbidden(SHELL, "anyai-ledger-db", DependencyKind::Normal));
    }

    #[test]
    fn libraries_stay_in_their_rooms() {
        for (name, library) in [
            ("anyai-units", "tauri"),
            ("anyai-units", "wry"),
            ("anyai-ledger", "axum"),
            ("anyai-ledger", "anyhow"),
        ] {
            assert!(
                forbidden(name, library, DependencyKind::Normal),
                "{name} -> {library}"
            );
        }
        assert!(
            forbidden(TESTS, "tauri", DependencyKind::Dev),
            "not even tests name tauri"
        );
        assert!(!forbidden("anyai-server", "axum", DependencyKind::Normal));
        assert!(!forbidden(SHELL, "tauri", DependencyKind::Normal));
    }

    #[test]
    fn crates_and_rows_belong_together() {
        let table = Table::parse(README);
        let all = [
            "anyai-units",
            "anyai-ledger",
            "anyai-ledger-db",
            "any-ai-studio",
        ]
        .map(|name| package(name, &[]));
        assert_eq!(table.unlisted(&all), []);
        let missing_row = table.unlisted(&[all.as_slice(), &[package("anyai-new", &[])]].concat());
        assert_eq!(missing_row.len(), 1);
        assert_eq!(missing_row[0].path, "crates/anyai-new/Cargo.toml");
        let missing_crate = table.unlisted(&all[1..]);
        assert_eq!((missing_crate.len(), missing_crate[0].line), (1, 4));
    }
}
