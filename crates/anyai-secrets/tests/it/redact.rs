//! No known secret survives in a text.

use std::io::Write;

use anyai_secrets::{REDACTED, Redactor, Secret};

#[test]
fn known_secrets_leave_the_text_in_every_spelling() {
    let redactor = Redactor::new();
    redactor.learn(&Secret::from("sk-ab+c/d=\"e"));
    for (text, scrubbed) in [
        ("key sk-ab+c/d=\"e end", "key <redacted> end"),
        ("?key=sk-ab%2Bc%2Fd%3D%22e&x", "?key=<redacted>&x"),
        (r#"{"key":"sk-ab+c/d=\"e"}"#, r#"{"key":"<redacted>"}"#),
        ("nothing here", "nothing here"),
    ] {
        assert_eq!(redactor.scrub(text), scrubbed);
    }
    assert!(!format!("{redactor:?}").contains("sk-ab"));
}

#[test]
fn a_secret_is_found_in_json_however_it_had_to_be_escaped() {
    let redactor = Redactor::new();
    let secret = "line\none \"quoted\" \\ tab\t end";
    redactor.learn(&Secret::from(secret));
    let json = serde_json::json!({ "key": secret }).to_string();
    assert_eq!(redactor.scrub(&json), r#"{"key":"<redacted>"}"#);
}

#[test]
fn a_key_inside_a_longer_one_leaves_nothing_standing() {
    let redactor = Redactor::new();
    redactor.learn(&Secret::from("sk-short"));
    redactor.learn(&Secret::from("sk-short-and-longer"));
    assert_eq!(
        redactor.scrub("a sk-short-and-longer b sk-short"),
        "a <redacted> b <redacted>"
    );
}

#[test]
fn short_values_do_not_tear_the_text() {
    let redactor = Redactor::new();
    redactor.learn(&Secret::from("e"));
    redactor.learn(&Secret::from(""));
    assert_eq!(redactor.scrub("here we are"), "here we are");
}

#[test]
fn a_writer_scrubs_across_writes_and_learns_late() {
    let redactor = Redactor::new();
    let mut out = Vec::new();
    {
        let mut writer = redactor.writer(&mut out);
        redactor.learn(&Secret::from("sk-secret"));
        writer.write_all(b"one sk-se").unwrap();
        writer.write_all(b"cret two\nthree sk-secret").unwrap();
    }
    assert_eq!(
        String::from_utf8(out).unwrap(),
        format!("one {REDACTED} two\nthree {REDACTED}")
    );
}
