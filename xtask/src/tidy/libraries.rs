//! Libraries of others: licences we may ship, crates we refuse, and dependencies that nothing uses.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Finding;
use super::mask::is_word;
use super::source::Source;
use crate::workspace::{Dependency, DependencyKind, Package, Workspace};

/// Licences whose code may be part of the studio.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
const REFUSED: &[(&str, &str)] = &[
    ("native-tls", "rustls: one way to speak TLS"),
    ("openssl", "rustls: one way to speak TLS"),
    ("chrono", "jiff"),
    ("lazy_static", "std::sync::LazyLock"),
    ("once_cell", "std::sync::LazyLock"),
];
/// Turned on for their features or their macros' sake, so their names appear nowhere.
const USED_WITHOUT_A_NAME: &[(&str, &str)] = &[];

/// Everything about libraries.
pub(crate) fn check(workspace: &Workspace, sources: &[Source]) -> Result<Vec<Finding>> {
    let mut findings = licences(&resolved(workspace)?);
    for package in &workspace.packages {
        findings.extend(refused(package));
        findings.extend(unused(package, sources));
    }
    Ok(findings)
}

/// `cargo metadata` with every library of this platform.
fn resolved(workspace: &Workspace) -> Result<Value> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        &platform()?,
    ]);
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "cargo metadata failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn platform() -> Result<String> {
    let about = std::process::Command::new("rustc")
        .arg("-vV")
        .output()
        .context("cannot start rustc")?;
    let about = String::from_utf8_lossy(&about.stdout).into_owned();
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say its host")
}

fn licences(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let mut findings = Vec::new();
    for package in packages
        .iter()
        .filter(|package| package["source"].is_string())
    {
        let licence = package["license"].as_str().unwrap_or("no licence");
        if !is_allowed(licence) {
            let what = format!(
                "{} {} is under {licence}, use another library",
                package["name"], package["version"]
            );
            findings.push(Finding::new("Cargo.lock", 1, what.replace('"', "")));
        }
    }
    findings
}

/// Whether an SPDX expression can be met with our list: one side of each `OR`, both of each `AND`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.trim().replace('/', " OR ");
    let either = split_outside(&expression, "OR");
    if either.len() > 1 {
        return either.iter().any(|part| is_allowed(part));
    }
    let both = split_outside(&expression, "AND");
    if both.len() > 1 {
        return both.iter().all(|part| is_allowed(part));
    }
    match expression
        .trim()
        .strip_prefix('(')
        .and_then(|inside| inside.strip_suffix(')'))
    {
        Some(inside) => is_allowed(inside),
        None => LICENCES.contains(&expression.trim()),
    }
}

/// Splits at a word that stands outside parentheses.
fn split_outside(expression: &str, at: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for word in expression.split_whitespace() {
        let opened = word.matches('(').count() as i32 - word.matches(')').count() as i32;
        if word == at && depth == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push_str(word);
            last.push(' ');
        }
        depth += opened;
    }
    parts
}

fn refused(package: &Package) -> Vec<Finding> {
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        if let Some((name, instead)) = REFUSED.iter().find(|(name, _)| *name == dependency.name) {
            findings.push(Finding::new(
                &package.manifest,
                1,
                format!("`{name}`, use {instead}"),
            ));
        }
    }
    findings
}

/// Dependencies whose name appears in no source of the package.
fn unused(package: &Package, sources: &[Source]) -> Vec<Finding> {
    let folder = package
        .manifest
        .strip_suffix("Cargo.toml")
        .unwrap_or_default();
    let folder = if folder.is_empty() {
        "src-tauri/"
    } else {
        folder
    };
    let own: Vec<&Source> = sources
        .iter()
        .filter(|source| source.path.starts_with(folder) && source.has_extension("rs"))
        .collect();
    let is_used = |dependency: &Dependency| {
        let name = dependency.name_in_code.replace('-', "_");
        own.iter().any(|source| names(&source.code, &name))
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let is_listed =
            USED_WITHOUT_A_NAME.contains(&(package.name.as_str(), dependency.name.as_str()));
        if !is_listed && !is_used(dependency) {
            let kind = if dependency.kind == DependencyKind::Dev {
                "dev-dependency"
            } else {
                "dependency"
            };
            let what = format!("{kind} `{}` is used nowhere, remove it", dependency.name);
            findings.push(Finding::new(
                &package.manifest,
                manifest_line(package, &dependency.name),
                what,
            ));
        }
    }
    findings
}

fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(start, _)| {
        let before = code[..start].chars().next_back().is_some_and(is_word);
        let after = code[start + name.len()..]
            .chars()
            .next()
            .is_some_and(is_word);
        !before && !after
    })
}

/// Line of the dependency in the manifest, or the first.
fn manifest_line(package: &Package, name: &str) -> usize {
    let Ok(root) = crate::workspace::root() else {
        return 1;
    };
    let text = fs::read_to_string(root.join(&package.manifest)).unwrap_or_default();
    let is_it = |line: &str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    text.lines().position(is_it).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions_are_weighed() {
        for allowed in [
            "MIT OR Apache-2.0",
            "MIT/GPL-3.0",
            "GPL-3.0 OR Zlib",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
            "ISC AND (Apache-2.0 OR ISC)",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Apache-2.0) AND AGPL-3.0",
            "no licence",
            "",
        ] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn a_library_under_another_licence_is_found_and_our_own_crates_are_not_asked() {
        let metadata = serde_json::json!({"packages": [
            {"name": "ours", "version": "0.0.0", "license": null, "source": null},
            {"name": "theirs", "version": "1.0.0", "license": "GPL-3.0", "source": "registry"},
        ]});
        let found = licences(&metadata);
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .to_string()
                .contains("theirs 1.0.0 is under GPL-3.0"),
            "{}",
            found[0]
        );
    }

    fn package(dependency: &str, name_in_code: &str) -> Package {
        let dependency = Dependency {
            name: dependency.into(),
            name_in_code: name_in_code.into(),
            kind: DependencyKind::Normal,
        };
        Package {
            name: "anyai-a".into(),
            manifest: "crates/anyai-a/Cargo.toml".into(),
            dependencies: vec![dependency],
            ..Package::default()
        }
    }

    #[test]
    fn a_dependency_without_a_use_is_found() {
        let source = |text: &str| [Source::new("crates/anyai-a/src/lib.rs", text)];
        let serde = package("serde-json", "serde-json");
        assert_eq!(unused(&serde, &source("use serde_json::Value;")).len(), 0);
        assert_eq!(
            unused(
                &serde,
                &source("// serde_json\nuse serde_json_core::Value;")
            )
            .len(),
            1
        );
        assert_eq!(
            unused(&package("long-name", "short"), &source("use short::A;")).len(),
            0,
            "renamed"
        );
        let elsewhere = [Source::new(
            "crates/anyai-b/src/lib.rs",
            "use serde_json::Value;",
        )];
        assert_eq!(
            unused(&serde, &elsewhere).len(),
            1,
            "another crate's use is not ours"
        );
    }

    #[test]
    fn refused_crates_name_what_to_use() {
        assert!(
            refused(&package("chrono", "chrono"))[0]
                .to_string()
                .contains("use jiff")
        );
    }
}
