//! LibreChat's export, flat and nested.

use super::*;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

fn message(id: &str, parent: &str, user: bool, text: &str, rest: &str) -> String {
    format!(
        r#"{{"messageId": "{id}", "parentMessageId": "{parent}", "isCreatedByUser": {user}, "text": "{text}", "createdAt": "2026-05-04T08:00:00.{id}Z"{rest}}}"#
    )
}

fn export(messages: &str) -> String {
    format!(
        r#"{{"conversationId": "conv", "title": "Walk", "endpoint": "openAI", "options": {{"model": "gpt-4.1"}}, {messages}}}"#
    )
}

#[test]
fn a_flat_export_keeps_its_branches() {
    let messages = [
        message("100", NOBODY, true, "Where to?", ""),
        message(
            "200",
            "100",
            false,
            "North.",
            r#", "model": "claude-opus-4-7""#,
        ),
        message("300", "100", false, "South.", ""),
        message("400", "300", true, "Why?", ""),
        message(
            "500",
            "400",
            false,
            "",
            r#", "content": [{"type": "think", "think": "Sun."}, {"type": "text", "text": {"value": "It is warm."}}]"#,
        ),
    ];
    let conversations = read(&export(&format!(r#""messages": [{}]"#, messages.join(","))));
    let conversation = &conversations[0];
    assert_eq!(
        outline(conversation),
        [
            "Where to? > North.",
            "Where to? > South.",
            "  Why? > It is warm."
        ]
    );
    assert_eq!(conversation.turns[0].model, "claude-opus-4-7");
    assert_eq!(conversation.turns[1].model, "gpt-4.1");
    assert_eq!(conversation.turns[2].thinking, "Sun.");
    assert_eq!(shown(conversation).unwrap(), "Why? > It is warm.");
}

#[test]
fn a_nested_export_says_the_same() {
    let answer = message(
        "200",
        "x",
        false,
        "North.",
        r#", "files": [{"filename": "map.png"}]"#,
    );
    let question = message(
        "100",
        NOBODY,
        true,
        "Where to?",
        &format!(r#", "children": [{answer}]"#),
    );
    for name in ["messages", "messagesTree"] {
        let conversations = read(&export(&format!(
            r#""recursive": true, "{name}": [{question}]"#
        )));
        assert_eq!(outline(&conversations[0]), ["Where to? > North."], "{name}");
        assert_eq!(conversations[0].turns[0].outputs[0].name, "map.png");
    }
}
