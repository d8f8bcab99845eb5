//! The workspace as cargo sees it: where it stands, its packages, their direct dependencies and targets.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Name of the root package: the desktop shell.
pub(crate) const SHELL: &str = "any-ai-studio";
/// Name of the package with the journeys and the window tests.
pub(crate) const TESTS: &str = "anyai-tests";
/// Name of the package that puts a gateway under load.
pub(crate) const BENCH_GATEWAY: &str = "anyai-bench-gateway";

/// One `cargo metadata` reading.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// A workspace member.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Manifest path relative to the root.
    pub(crate) manifest: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// A direct dependency as written in the manifest.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// What the sources call it: the name, unless the manifest renames it.
    pub(crate) name_in_code: String,
    pub(crate) kind: DependencyKind,
}

/// Which part of the package uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Dev,
}

/// A library, binary, test, bench or example.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kinds: Vec<String>,
}

impl Workspace {
    /// Asks cargo, without touching the network.
    pub(crate) fn load() -> Result<Self> {
        let root = root()?;
        let output = cargo(&root)
            .args([
                "metadata",
                "--format-version",
                "1",
                "--no-deps",
                "--offline",
            ])
            .output()
            .context("cannot start cargo")?;
        if !output.status.success() {
            bail!(
                "cargo metadata failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Self::parse(&root, &serde_json::from_slice(&output.stdout)?)
    }

    /// Reads the JSON that `cargo metadata` prints.
    pub(crate) fn parse(root: &Path, metadata: &Value) -> Result<Self> {
        let target = text(metadata, "target_directory")?;
        let packages = list(metadata, "packages")
            .iter()
            .map(|package| Package::parse(root, package))
            .collect::<Result<_>>()?;
        Ok(Self {
            root: root.to_owned(),
            target: target.into(),
            packages,
        })
    }

    /// The member with this name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Whether a member has this target, for example `("anyai-tests", "test", "journeys")`.
    pub(crate) fn has_target(&self, package: &str, kind: &str, name: &str) -> bool {
        let matches =
            |target: &Target| target.name == name && target.kinds.iter().any(|has| has == kind);
        self.package(package)
            .is_some_and(|package| package.targets.iter().any(matches))
    }

    /// A cargo command that runs in the root.
    pub(crate) fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    /// Where logs of steps go.
    pub(crate) fn logs(&self) -> PathBuf {
        self.target.join("xtask-logs")
    }

    /// Path of a built program.
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

impl Package {
    fn parse(root: &Path, package: &Value) -> Result<Self> {
        let manifest = PathBuf::from(text(package, "manifest_path")?);
        let manifest = manifest
            .strip_prefix(root)
            .unwrap_or(&manifest)
            .to_string_lossy()
            .replace('\\', "/");
        let dependencies = list(package, "dependencies")
            .iter()
            .map(Dependency::parse)
            .collect::<Result<_>>()?;
        let targets = list(package, "targets")
            .iter()
            .map(Target::parse)
            .collect::<Result<_>>()?;
        Ok(Self {
            name: text(package, "name")?,
            manifest,
            dependencies,
            targets,
        })
    }
}

impl Dependency {
    fn parse(dependency: &Value) -> Result<Self> {
        let kind = match dependency["kind"].as_str() {
            Some("dev") => DependencyKind::Dev,
            Some("build") => DependencyKind::Build,
            _ => DependencyKind::Normal,
        };
        let name = text(dependency, "name")?;
        let name_in_code = dependency["rename"].as_str().unwrap_or(&name).to_owned();
        Ok(Self {
            name,
            name_in_code,
            kind,
        })
    }
}

impl Target {
    fn parse(target: &Value) -> Result<Self> {
        let kinds = list(target, "kind")
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        Ok(Self {
            name: text(target, "name")?,
            kinds,
        })
    }
}

/// The root of the checkout: the parent of this crate.
pub(crate) fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .context("xtask has no parent folder")
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

fn text(value: &Value, key: &str) -> Result<String> {
    value[key]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("cargo metadata has no `{key}`"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read() {
        let metadata = serde_json::json!({
            "target_directory": "/w/target",
            "packages": [{
                "name": "anyai-tests",
                "manifest_path": "/w/tests/Cargo.toml",
                "dependencies": [
                    {"name": "serde", "kind": null, "rename": "ser"},
                    {"name": "cc", "kind": "build", "rename": null},
                    {"name": "tempfile", "kind": "dev", "rename": null},
                ],
                "targets": [{"name": "journeys", "kind": ["test"]}],
            }],
        });
        let workspace = Workspace::parse(Path::new("/w"), &metadata).unwrap();
        let package = workspace.package("anyai-tests").unwrap();
        assert_eq!(package.manifest, "tests/Cargo.toml");
        let kinds: Vec<_> = package
            .dependencies
            .iter()
            .map(|dependency| dependency.kind)
            .collect();
        assert_eq!(
            kinds,
            [
                DependencyKind::Normal,
                DependencyKind::Build,
                DependencyKind::Dev
            ]
        );
        assert_eq!(package.dependencies[0].name_in_code, "ser");
        assert!(workspace.has_target("anyai-tests", "test", "journeys"));
        assert!(!workspace.has_target("anyai-tests", "bin", "journeys"));
    }

    #[test]
    fn incomplete_metadata_is_refused() {
        assert!(Workspace::parse(Path::new("/w"), &serde_json::json!({})).is_err());
    }
}
