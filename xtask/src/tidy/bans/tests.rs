//! Each ban finds what it is there for, and nothing beside it.

use super::*;

/// The words found on the first line.
fn found(path: &str, text: &str) -> usize {
    check(&Source::new(path, text)).len()
}

const LEDGER: &str = "crates/anyai-ledger/src/a.rs";
const SERVER: &str = "crates/anyai-server/src/a.rs";
const KIT: &str = "ui/src/kit/Ring.svelte";
const STATE: &str = "ui/src/state/turn.svelte.ts";

#[test]
fn money_is_whole() {
    assert_eq!(found(LEDGER, "fn a(x: f64) {}"), 1);
    assert_eq!(
        found("crates/anyai-estimate/src/a.rs", "fn a(x: f64) {}"),
        0,
        "forecasts may be real numbers"
    );
    assert_eq!(found(LEDGER, "// f64 is banned"), 0);
    assert_eq!(found(LEDGER, "fn a(buf64: u8) {}"), 0);
}

#[test]
fn pure_rooms_have_no_clock_and_no_files() {
    for line in [
        "use std::time::Instant;",
        "use std::fs::read;",
        "let a = std::env::var(b);",
        "async fn a() {}",
    ] {
        assert_eq!(found(LEDGER, line), 1, "{line}");
        assert_eq!(found(SERVER, line), 0, "{line}");
    }
    assert_eq!(
        found(
            LEDGER,
            "#[cfg(test)]\nmod tests {\n    use std::fs::read;\n}"
        ),
        0
    );
}

#[test]
fn unfinished_work_is_found_in_prose() {
    for word in [concat!("FIX", "ME"), concat!("TO", "DO")] {
        assert_eq!(found(SERVER, &format!("// {word}: later")), 1);
        assert_eq!(found(KIT, &format!("<!-- {word} -->")), 1);
    }
}

#[test]
fn no_test_is_skipped() {
    assert_eq!(
        found("crates/a/tests/it/main.rs", "#[ignore = \"slow\"]"),
        1
    );
    assert_eq!(
        found(
            "crates/a/tests/it/main.rs",
            "#[ignore = \"run by killed_anywhere\"]"
        ),
        0
    );
    assert_eq!(found("ui/src/kit/a.test.ts", "it.skip('a', () => {});"), 1);
    assert_eq!(found("ui/e2e/a.spec.ts", "test.only('a', b);"), 1);
}

#[test]
fn work_in_the_background_has_an_owner() {
    assert_eq!(
        found("crates/anyai-app/src/a.rs", "tokio::spawn(async {});"),
        1
    );
    assert_eq!(
        found(
            "crates/anyai-server/src/gateway/run.rs",
            "tokio::spawn(async {});"
        ),
        0
    );
    assert_eq!(
        found(
            "crates/anyai-app/tests/it/main.rs",
            "tokio::spawn(async {});"
        ),
        0
    );
}

#[test]
fn only_the_gateway_calls_providers() {
    assert_eq!(
        found(
            "crates/anyai-server/src/routes/a.rs",
            "use anyai_providers::Client;"
        ),
        1
    );
    let braced = "use anyai_providers::{\n    Request,\n    Client,\n};";
    assert_eq!(found("crates/anyai-server/src/routes/a.rs", braced), 1);
    assert_eq!(
        found(
            "crates/anyai-server/src/routes/a.rs",
            "use anyai_providers::{Request, ClientError};"
        ),
        0
    );
    assert_eq!(
        found(
            "crates/anyai-server/src/gateway/a.rs",
            "use anyai_providers::Client;"
        ),
        0
    );
}

#[test]
fn only_the_cli_prints() {
    assert_eq!(found(SERVER, "println!(\"a\");"), 1);
    assert_eq!(
        found("crates/anyai-cli/src/output.rs", "println!(\"a\");"),
        0
    );
    assert_eq!(found("xtask/src/screen.rs", "println!(\"a\");"), 0);
}

#[test]
fn colours_and_pixel_fonts_live_in_the_tokens() {
    for line in [
        "<p style=\"color: #fff\">",
        "<i fill=\"#aabbcc\">",
        "<style>a { color: rgb(0 0 0); }</style>",
    ] {
        assert_eq!(found(KIT, line), 1, "{line}");
    }
    assert_eq!(found("ui/src/styles/base.css", "a { font-size: 13px; }"), 1);
    assert_eq!(
        found("ui/src/styles/base.css", "a { font: 400 12px/1.2 serif; }"),
        1
    );
    assert_eq!(
        found("ui/src/styles/tokens.css", "a { color: oklch(1 0 0); }"),
        0
    );
    assert_eq!(
        found(
            KIT,
            "<script>\nclass A { #abc = 1; }</script><a href=\"#main\">{#each a as b}</a>"
        ),
        0
    );
}

#[test]
fn types_are_named() {
    for line in [
        "let a: any;",
        "b(c as any);",
        "let d: Array<any>;",
        "let e: any[];",
    ] {
        assert_eq!(found(STATE, line), 1, "{line}");
    }
    assert_eq!(found(STATE, "let a: Company; // any"), 0);
}

#[test]
fn state_lives_in_classes_without_a_page() {
    assert_eq!(found(STATE, "let shared = $state(0);"), 1);
    assert_eq!(found(STATE, "export const shared = $state({});"), 1);
    assert_eq!(found(STATE, "  turn = $state(0);"), 0);
    assert_eq!(
        found(
            STATE,
            "import { writable } from 'svelte/store'; const a = writable(0);"
        ),
        1
    );
    assert_eq!(found("ui/src/kit/a.ts", "await fetch('/x');"), 1);
    assert_eq!(found("ui/src/host/web.ts", "await fetch('/x');"), 0);
}

#[test]
fn names_say_what_a_thing_is() {
    assert_eq!(found(SERVER, "pub struct TurnManager {"), 1);
    assert_eq!(found(STATE, "export class SessionService {"), 1);
    assert_eq!(found(SERVER, "pub struct Gateway {"), 0);
}

#[test]
fn what_a_crate_offers_is_listed() {
    assert_eq!(found(SERVER, "pub use a::*;"), 1);
    assert_eq!(found(SERVER, "use a::*;"), 0);
}
