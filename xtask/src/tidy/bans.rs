//! Words that may not appear, where, and what to use instead.

use super::Finding;
use super::mask::is_word;
use super::source::{Source, block_end, line_of};

/// One ban.
struct Ban {
    /// What is looked for. Ends that are letters only match whole words.
    words: &'static [&'static str],
    /// Whether it counts in this file.
    applies: fn(&Source) -> bool,
    reach: Reach,
    instead: &'static str,
}

/// Which text a ban is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Code that ships.
    Shipped,
    /// Code, that of tests too.
    Code,
    /// Everything, comments and strings too.
    Text,
}

const BANS: &[Ban] = &[
    Ban {
        words: &[
            concat!("FIX", "ME"),
            concat!("TO", "DO"),
            concat!("XX", "X"),
        ],
        applies: |source| !source.path.ends_with(".json"),
        reach: Reach::Text,
        instead: "the finished work, or an issue",
    },
    Ban {
        words: &[
            "#[ignore",
            "it.skip",
            "test.skip",
            "describe.skip",
            "it.only",
            "test.only",
            "describe.only",
        ],
        applies: |source| is_rust(source) || is_ui_code(source),
        reach: Reach::Code,
        instead: "a test that runs, or no test",
    },
    Ban {
        words: &["f32", "f64"],
        applies: |source| is_in(source, MONEY),
        reach: Reach::Shipped,
        instead: "integers (millicredits, nano-dollars, tokens)",
    },
    Ban {
        words: &[
            "SystemTime",
            "Instant",
            "env::",
            "fs::",
            "rand::",
            "tokio::",
            "std::net",
            "std::thread",
            "async fn",
            "Uuid::now_v7",
            "Utc::now",
            "Timestamp::now",
        ],
        applies: |source| is_in(source, PURE),
        reach: Reach::Shipped,
        instead: "an argument: pure rooms have no clock, chance, files, network or threads",
    },
    Ban {
        words: &[
            "std::fs",
            "fs::",
            "std::env",
            "env::var",
            "SystemTime",
            "Instant::now",
            "reqwest",
            "rusqlite",
        ],
        applies: |source| is_in(source, &["anyai-wire"]) && !source.path.contains("/src/bin/"),
        reach: Reach::Shipped,
        instead: "types only: the wire does nothing",
    },
    Ban {
        words: &["reqwest", "keyring", "std::net"],
        applies: |source| is_in(source, &["anyai-mirror", "anyai-ledger-db"]),
        reach: Reach::Shipped,
        instead: "the app or the server: stores touch no network and no keychain",
    },
    Ban {
        words: &[
            "tokio::spawn",
            "task::spawn",
            "thread::spawn",
            "spawn_local",
        ],
        applies: |source| is_rust(source) && is_product(source) && !is_one_of(source, SPAWN_OWNERS),
        reach: Reach::Shipped,
        instead: "a task owner of this list (xtask/src/tidy/bans.rs), which says who waits for it",
    },
    Ban {
        words: &["println!", "eprintln!", "print!", "eprint!", "dbg!"],
        applies: |source| is_rust(source) && is_product(source) && !is_one_of(source, PRINTERS),
        reach: Reach::Shipped,
        instead: "tracing, or the CLI's output module",
    },
    Ban {
        words: &["allow("],
        applies: |source| is_rust(source) && is_product(source),
        reach: Reach::Code,
        instead: "#[expect(.., reason = \"..\")]",
    },
    Ban {
        words: &[
            "Other(String)",
            "Unknown(String)",
            "Generic(String)",
            "Message(String)",
        ],
        applies: |source| is_rust(source) && is_product(source),
        reach: Reach::Shipped,
        instead: "a variant that says what happened",
    },
    Ban {
        words: &[": any", "as any", "<any>", "any[]", "as unknown as"],
        applies: is_ui_source,
        reach: Reach::Code,
        instead: "a type of ui/src/bindings, or unknown and a check",
    },
    Ban {
        words: &["@ts-ignore", "@ts-nocheck"],
        applies: is_ui_source,
        reach: Reach::Text,
        instead: "a type that fits",
    },
    Ban {
        words: &["writable(", "readable("],
        applies: is_ui_source,
        reach: Reach::Code,
        instead: "a class with $state fields",
    },
    Ban {
        words: &["console.log", "innerHTML", "eval("],
        applies: is_ui_source,
        reach: Reach::Shipped,
        instead: "nothing, or a part of ui/src/kit",
    },
    Ban {
        words: &["fetch(", "document.", "window.", "localStorage"],
        applies: |source| source.path.starts_with("ui/src/state/"),
        reach: Reach::Shipped,
        instead: "ui/src/host: state has no page and no network",
    },
    Ban {
        words: &["fetch(", "XMLHttpRequest", "new WebSocket", "EventSource"],
        applies: |source| is_ui_source(source) && !source.path.starts_with("ui/src/host/"),
        reach: Reach::Shipped,
        instead: "ui/src/host",
    },
];

const MONEY: &[&str] = &[
    "anyai-units",
    "anyai-catalog",
    "anyai-ledger",
    "anyai-ledger-db",
];
const PURE: &[&str] = &[
    "anyai-units",
    "anyai-catalog",
    "anyai-tokens",
    "anyai-estimate",
    "anyai-ledger",
];
/// Who may start work that outlives a call, and waits for it.
const SPAWN_OWNERS: &[&str] = &[
    "crates/anyai-cli/src/commands/serve",
    "crates/anyai-server/src/gateway",
    "crates/anyai-simulator/src/",
    "crates/anyai-studio/src/",
    "crates/anyai-webhost/src/",
];
/// Whose lines are the product.
const PRINTERS: &[&str] = &[
    "crates/anyai-cli/src/output",
    "crates/anyai-wire/src/bin/",
    "src-tauri/build.rs",
];
/// Who may call a provider: the gateway with a hold, and the probe that has no ledger.
const PROVIDER_CALLERS: &[&str] = &[
    "crates/anyai-providers/",
    "crates/anyai-server/src/gateway",
    "crates/anyai-cli/src/commands/probe",
];

/// A test that is the other process of a test: killed by it, in the middle of its work.
const RUN_BY_ANOTHER: &str = "#[ignore = \"run by ";

/// Endings of names that say nothing about the thing.
const EMPTY_NAMES: &[&str] = &[
    "Manager",
    "Service",
    "Helper",
    "Helpers",
    "Util",
    "Utils",
    "Processor",
];

/// Every banned word of one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if source.is_generated()
        || !(is_rust(source) || is_ui_code(source) || source.has_extension("css"))
    {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let bans: Vec<&Ban> = BANS.iter().filter(|ban| (ban.applies)(source)).collect();
    for (line, text, code) in source.lines() {
        let mut found = |what: String| findings.push(Finding::new(&source.path, line, what));
        let in_test = source.is_test_line(line);
        for ban in &bans {
            banned(ban, text, code, in_test)
                .into_iter()
                .for_each(&mut found);
        }
        empty_name(code).into_iter().for_each(&mut found);
        literal(source, code).into_iter().for_each(&mut found);
        shared_state(source, code).into_iter().for_each(&mut found);
        glob(source, code).into_iter().for_each(&mut found);
    }
    findings.extend(provider_calls(source));
    findings
}

/// `anyai_providers::Client`, also out of a braced import.
fn provider_calls(source: &Source) -> Vec<Finding> {
    const PATH: &str = "anyai_providers::";
    if !is_rust(source) || !is_product(source) || is_one_of(source, PROVIDER_CALLERS) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (start, _) in source.code.match_indices(PATH) {
        let rest = &source.code[start + PATH.len()..];
        let names = if rest.starts_with('{') {
            &rest[..block_end(rest, 0)]
        } else {
            first_name(rest)
        };
        let line = line_of(&source.code, start);
        if contains_word(names, "Client") && !source.is_test_line(line) {
            let what = "`anyai_providers::Client`, use the server's gateway: no provider is called without a hold";
            findings.push(Finding::new(&source.path, line, what));
        }
    }
    findings
}

fn first_name(code: &str) -> &str {
    &code[..code
        .find(|character| !is_word(character))
        .unwrap_or(code.len())]
}

fn banned(ban: &Ban, text: &str, code: &str, in_test: bool) -> Option<String> {
    let haystack = match ban.reach {
        Reach::Shipped if in_test => return None,
        Reach::Shipped | Reach::Code => code,
        Reach::Text => text,
    };
    let word = ban
        .words
        .iter()
        .find(|word| contains_word(haystack, word))?;
    if *word == "#[ignore" && text.contains(RUN_BY_ANOTHER) {
        return None;
    }
    Some(format!("`{}`, use {} instead", word.trim(), ban.instead))
}

/// Whether the text contains the word, not as a part of a longer one.
fn contains_word(text: &str, word: &str) -> bool {
    let opens = word.starts_with(is_word);
    let closes = word.ends_with(is_word);
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back().is_some_and(is_word);
        let after = text[start + word.len()..]
            .chars()
            .next()
            .is_some_and(is_word);
        !(opens && before || closes && after)
    })
}

/// `struct TurnManager` and its like.
fn empty_name(code: &str) -> Option<String> {
    let mut words = code
        .split(|character| !is_word(character))
        .filter(|word| !word.is_empty());
    words.find(|word| matches!(*word, "struct" | "enum" | "trait" | "class" | "interface"))?;
    let name = words.next()?;
    let ending = EMPTY_NAMES.iter().find(|ending| name.ends_with(**ending))?;
    Some(format!(
        "`{name}`, use the noun it is instead of `{ending}`"
    ))
}

/// Colours and pixel fonts belong to the tokens.
fn literal(source: &Source, code: &str) -> Option<String> {
    if !source.path.starts_with("ui/src/")
        || source.path == "ui/src/styles/tokens.css"
        || source.path.contains(".test.")
    {
        return None;
    }
    let functions = [
        "rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "hwb(",
    ];
    let function = functions
        .into_iter()
        .find(|function| contains_word(code, function));
    let colour = function
        .map(str::to_owned)
        .or_else(|| hex_colour(source, code));
    if let Some(colour) = colour {
        return Some(format!(
            "a colour `{colour}`, use a token of ui/src/styles/tokens.css instead"
        ));
    }
    let font = code
        .split_once("font-size:")
        .or_else(|| code.split_once("font:"))
        .map(|(_, value)| value)?;
    let value = font.split(';').next().unwrap_or(font);
    let has_pixels = value.split(|character| !is_word(character)).any(is_pixels);
    has_pixels.then(|| "a font size in px, use a --font token instead".to_owned())
}

fn is_pixels(word: &str) -> bool {
    word.strip_suffix("px").is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `#abc`, `#aabbcc` and `#aabbccdd` in style sheets and components; in scripts `#abc` is a private field.
fn hex_colour(source: &Source, code: &str) -> Option<String> {
    if !(source.has_extension("css") || source.has_extension("svelte")) {
        return None;
    }
    code.match_indices('#').find_map(|(start, _)| {
        let digits: String = code[start + 1..]
            .chars()
            .take_while(|character| is_word(*character) || *character == '-')
            .collect();
        let follows_colon = code[..start]
            .trim_end()
            .ends_with([':', '"', '\'', ',', '(']);
        let is_hex = matches!(digits.len(), 3 | 4 | 6 | 8)
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hex && follows_colon).then(|| format!("#{digits}"))
    })
}

/// `let x = $state(..)` outside a class or component would be shared by everything.
fn shared_state(source: &Source, code: &str) -> Option<String> {
    let is_module_level =
        code.starts_with("let ") || code.starts_with("const ") || code.starts_with("export ");
    let found = source.path.ends_with(".svelte.ts") && is_module_level && code.contains("= $state");
    found.then(|| "module-level `$state`, use a field of a class instead".to_owned())
}

/// `pub use x::*` hides what a crate offers.
fn glob(source: &Source, code: &str) -> Option<String> {
    let found =
        is_rust(source) && code.trim_start().starts_with("pub use ") && code.contains("::*");
    found.then(|| "`pub use ..::*`, use the names instead".to_owned())
}

fn is_rust(source: &Source) -> bool {
    source.has_extension("rs")
}

/// The product's own Rust: not this tool, not tests from outside.
fn is_product(source: &Source) -> bool {
    source.path.starts_with("crates/") || source.path.starts_with("src-tauri/")
}

fn is_ui_code(source: &Source) -> bool {
    source.path.starts_with("ui/")
        && ["ts", "svelte", "js", "mjs"]
            .iter()
            .any(|end| source.has_extension(end))
}

fn is_ui_source(source: &Source) -> bool {
    source.path.starts_with("ui/src/") && is_ui_code(source)
}

fn is_in(source: &Source, rooms: &[&str]) -> bool {
    is_rust(source) && source.room().is_some_and(|room| rooms.contains(&room))
}

fn is_one_of(source: &Source, prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .any(|prefix| source.path.starts_with(prefix))
}

#[cfg(test)]
mod tests;
