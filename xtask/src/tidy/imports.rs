//! Which part of the interface may import which.

use super::Finding;
use super::source::Source;

const ROOT: &str = "ui/src/";

/// A part of the interface, from a path below ui/src.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Host,
    State,
    Kit,
    Feature(&'a str),
    Other,
}

impl<'a> Part<'a> {
    fn of(path: &'a str) -> Self {
        let mut folders = path.split('/');
        match (folders.next(), folders.next()) {
            (Some("host"), _) => Self::Host,
            (Some("state"), _) => Self::State,
            (Some("kit"), _) => Self::Kit,
            (Some("features"), Some(name)) => Self::Feature(name),
            _ => Self::Other,
        }
    }
}

/// Imports of this file that cross a wall.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let Some(own) = source.path.strip_prefix(ROOT) else {
        return Vec::new();
    };
    if source.is_generated() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (line, text, code) in source.lines() {
        for specifier in specifiers(text, code) {
            if let Some(what) = objection(own, specifier, source.is_test_line(line)) {
                findings.push(Finding::new(&source.path, line, what));
            }
        }
    }
    findings
}

/// What is wrong with one import, if anything.
fn objection(own: &str, specifier: &str, in_test: bool) -> Option<String> {
    let from = Part::of(own);
    if specifier.starts_with("@tauri-apps") && from != Part::Host {
        return Some(format!("imports `{specifier}`, use ui/src/host instead"));
    }
    let target = resolve(own, specifier)?;
    let wall = match (from, Part::of(&target)) {
        (Part::Kit, Part::State | Part::Host | Part::Feature(_)) => {
            "props instead: the kit knows no state, host or feature"
        }
        (Part::Feature(own), Part::Feature(other)) if own != other => {
            "kit or state instead: features know nothing of each other"
        }
        (Part::State, Part::Feature(_) | Part::Kit) => {
            "a callback instead: state knows nothing that paints"
        }
        (Part::Host, Part::State | Part::Kit | Part::Feature(_)) if !in_test => {
            "an argument instead: the host is below all others"
        }
        _ => return None,
    };
    Some(format!("imports `{specifier}`, use {wall}"))
}

/// The path below ui/src that a specifier names: relative, or by an alias of ui/src.
fn resolve(own: &str, specifier: &str) -> Option<String> {
    for alias in ["$/", "@/", "src/", "/src/"] {
        if let Some(rest) = specifier.strip_prefix(alias) {
            return Some(rest.to_owned());
        }
    }
    if !specifier.starts_with('.') {
        return None;
    }
    let mut folders: Vec<&str> = own.split('/').collect();
    folders.pop();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(folders.pop()),
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// What a line imports: `from "x"`, `import "x"`, `import("x")`.
fn specifiers<'a>(text: &'a str, code: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for keyword in ["from", "import"] {
        for (position, _) in code.match_indices(keyword) {
            let after = position + keyword.len();
            let gap = code[after..].len() - code[after..].trim_start_matches([' ', '(']).len();
            let open = after + gap;
            let Some(quote) = code[open..]
                .chars()
                .next()
                .filter(|quote| matches!(quote, '"' | '\''))
            else {
                continue;
            };
            if let Some(inside) = text.get(open + 1..).and_then(|rest| rest.split_once(quote)) {
                found.push(inside.0);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Source::new(path, text)).len()
    }

    #[test]
    fn tauri_is_named_by_the_host_only() {
        let text = "import { invoke } from \"@tauri-apps/api/core\";\n";
        assert_eq!(findings("ui/src/host/tauri.ts", text), 0);
        assert_eq!(findings("ui/src/state/turn.svelte.ts", text), 1);
        assert_eq!(
            findings("ui/src/App.svelte", &format!("<script>\n{text}</script>")),
            1
        );
        assert_eq!(
            findings(
                "ui/src/features/a/b.ts",
                "const a = await import('@tauri-apps/api');\n"
            ),
            1
        );
    }

    #[test]
    fn the_kit_knows_nobody() {
        for target in ["../state/x", "$/state/x", "@/host/x", "../features/chat/x"] {
            assert_eq!(
                findings(
                    "ui/src/kit/ring.ts",
                    &format!("import a from '{target}';\n")
                ),
                1,
                "{target}"
            );
        }
        assert_eq!(
            findings(
                "ui/src/kit/ring.ts",
                "import a from './line';\nimport b from '../lib/c';\n"
            ),
            0
        );
    }

    #[test]
    fn features_do_not_know_each_other() {
        assert_eq!(
            findings(
                "ui/src/features/chat/a.ts",
                "import b from '../picker/c';\n"
            ),
            1
        );
        assert_eq!(
            findings(
                "ui/src/features/chat/a.ts",
                "import b from './c';\nimport d from '../../kit/d';\n"
            ),
            0
        );
        assert_eq!(
            findings(
                "ui/src/features/chat/parts/a.ts",
                "import b from '../turn';\n"
            ),
            0
        );
    }

    #[test]
    fn state_does_not_paint() {
        assert_eq!(
            findings(
                "ui/src/state/a.svelte.ts",
                "import b from '../kit/ring.svelte';\n"
            ),
            1
        );
        assert_eq!(
            findings(
                "ui/src/state/a.svelte.ts",
                "import b from '../host/host';\n"
            ),
            0
        );
    }

    #[test]
    fn an_import_in_a_comment_is_prose() {
        assert_eq!(
            findings("ui/src/kit/a.ts", "// import x from '../state/x'\n"),
            0
        );
    }
}
