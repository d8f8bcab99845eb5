//! The files git knows, each with a masked twin: the same text, byte for byte in place, with the insides of
//! comments and strings blanked, so that a check for code does not trip over prose.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::mask::{Language, mask};

/// A tracked file, or one that git would track.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Path from the root, with forward slashes.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// Text of a file we read; empty for others.
    pub(crate) text: String,
    /// The masked twin of `text`.
    pub(crate) code: String,
    /// For each line, whether only tests compile it.
    test_lines: Vec<bool>,
}

impl Source {
    /// A file from its parts.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = language(path).map_or_else(|| text.to_owned(), |language| mask(text, language));
        let test_lines = test_lines(path, &code);
        Self {
            path: path.to_owned(),
            bytes: text.len() as u64,
            text: text.to_owned(),
            code,
            test_lines,
        }
    }

    /// Whether only tests compile the line (counted from one).
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        line.checked_sub(1)
            .and_then(|index| self.test_lines.get(index))
            .copied()
            .unwrap_or(false)
    }

    /// Lines with their number: as written, and masked.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.text
            .lines()
            .zip(self.code.lines())
            .enumerate()
            .map(|(index, (text, code))| (index + 1, text, code))
    }

    /// Whether the file is of this kind.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, own)| own == extension)
    }

    /// Whether somebody else's program wrote the file.
    pub(crate) fn is_generated(&self) -> bool {
        self.path.starts_with("ui/src/bindings/")
            || self.path.ends_with(".d.ts")
            || self.path.ends_with("package-lock.json")
            || self.path.ends_with("Cargo.lock")
            || self.path.starts_with("gen/")
    }

    /// The crate whose sources the file belongs to, for example `anyai-units`.
    pub(crate) fn room(&self) -> Option<&str> {
        self.path
            .strip_prefix("crates/")?
            .split_once("/src/")
            .map(|(room, _)| room)
    }
}

/// Reads every file that is tracked, or new and not ignored.
pub(crate) fn read_all(root: &Path) -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
    ]);
    let output = git.output().context("cannot start git")?;
    if !output.status.success() {
        bail!(
            "git ls-files failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .filter_map(|name| read(root, name))
        .collect())
}

/// A file, or nothing when it was removed from the folder and not yet from git.
fn read(root: &Path, name: &str) -> Option<Source> {
    let path = root.join(name);
    let bytes = fs::metadata(&path)
        .ok()
        .filter(fs::Metadata::is_file)?
        .len();
    let text = if is_text(name) {
        fs::read_to_string(&path).unwrap_or_default()
    } else {
        String::new()
    };
    Some(Source {
        bytes,
        ..Source::new(name, &text)
    })
}

fn is_text(name: &str) -> bool {
    let readable = [
        ".rs", ".ts", ".js", ".mjs", ".svelte", ".css", ".html", ".toml", ".md", ".sh", ".yml",
        ".json",
    ];
    readable.iter().any(|extension| name.ends_with(extension)) || name == ".ci/run"
}

fn language(path: &str) -> Option<Language> {
    match path.rsplit_once('.')?.1 {
        "rs" => Some(Language::Rust),
        "ts" | "js" | "mjs" => Some(Language::TypeScript),
        "svelte" => Some(Language::Svelte),
        "css" => Some(Language::Css),
        _ => None,
    }
}

/// Files under `tests/`, `benches/` and `e2e/`, `*.test.ts` and the like, and `#[cfg(test)]` items.
fn test_lines(path: &str, code: &str) -> Vec<bool> {
    let count = code.lines().count();
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_folder = |folder: &str| {
        path.starts_with(&format!("{folder}/")) || path.contains(&format!("/{folder}/"))
    };
    let is_test = ["tests", "test", "benches", "e2e", "examples"]
        .iter()
        .any(|folder| in_folder(folder))
        || [".test.ts", ".spec.ts", ".test.svelte.ts", "-test.svelte"]
            .iter()
            .any(|end| name.ends_with(end))
        || name == "tests.rs"
        || path.starts_with("crates/anyai-testpostgres/")
        || path.starts_with("crates/anyai-testsupport/");
    let mut lines = vec![is_test; count];
    if !is_test && path.ends_with(".rs") {
        for (start, _) in code.match_indices("#[cfg(test)]") {
            let first = line_of(code, start);
            let last = line_of(code, item_end(code, start));
            lines[first - 1..last.min(count)].fill(true);
        }
    }
    lines
}

/// Byte position of the end of the item that starts here: its closing brace, or its semicolon.
fn item_end(code: &str, start: usize) -> usize {
    let rest = &code[start..];
    let brace = rest.find('{');
    let semicolon = rest.find(';');
    match (brace, semicolon) {
        (Some(brace), semicolon) if semicolon.is_none_or(|semicolon| brace < semicolon) => {
            block_end(code, start + brace)
        }
        (_, Some(semicolon)) => start + semicolon,
        _ => code.len(),
    }
}

/// Byte position of the brace that closes the one at `open`, or the end of the text.
pub(crate) fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (position, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return position,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Line number, from one, of a byte position.
pub(crate) fn line_of(text: &str, position: usize) -> usize {
    text.as_bytes()[..position.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_test_module_is_test_code() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { if x {} }\n}\nfn c() {}\n";
        let source = Source::new("crates/anyai-units/src/a.rs", text);
        let found: Vec<bool> = (1..=6).map(|line| source.is_test_line(line)).collect();
        assert_eq!(found, [false, true, true, true, true, false]);
    }

    #[test]
    fn a_test_attribute_on_a_use_ends_at_its_semicolon() {
        let source = Source::new("crates/a/src/a.rs", "#[cfg(test)]\nuse a::b;\nfn c() {}\n");
        assert!(source.is_test_line(2) && !source.is_test_line(3));
    }

    #[test]
    fn whole_files_of_tests_are_known_by_name() {
        for path in [
            "crates/a/tests/it/main.rs",
            "tests/journeys/main.rs",
            "ui/src/kit/ring.test.ts",
            "ui/e2e/a.ts",
        ] {
            assert!(Source::new(path, "x\n").is_test_line(1), "{path}");
        }
        assert!(!Source::new("ui/src/kit/ring.ts", "x\n").is_test_line(1));
    }

    #[test]
    fn rooms_are_the_crates_sources() {
        assert_eq!(
            Source::new("crates/anyai-units/src/a.rs", "").room(),
            Some("anyai-units")
        );
        assert_eq!(
            Source::new("crates/anyai-units/tests/it/main.rs", "").room(),
            None
        );
    }
}
