//! Claude's archive.

use super::*;

const EXPORT: &str = r#"[{
  "uuid": "5f1c", "name": "Bread", "created_at": "2026-03-01T10:00:00.500000Z", "account": {"uuid": "u"},
  "chat_messages": [
    {"uuid": "m1", "sender": "human", "text": "Why does it not rise?", "created_at": "2026-03-01T10:00:01Z",
      "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
     "content": [{"type": "text", "text": "Why does it not rise?"}],
     "attachments": [{"file_name": "recipe.txt", "file_type": "txt", "extracted_content": "flour, water"}],
       "files": [{"file_name": "loaf.jpg"}], "files_v2": [{"file_name": "loaf.jpg"}]},
    {"uuid": "m2", "sender": "assistant", "text": "", "created_at": "2026-03-01T10:00:09Z", "parent_message_uuid": "m1",
     "content": [{"type": "thinking", "thinking": "Yeast?"}, {"type": "tool_use", "name": "web"},
       {"type": "text", "text": "Old yeast."}]},
    {"uuid": "m3", "sender": "human", "text": "And now?", "created_at": "2026-03-01T10:01:00Z",
      "parent_message_uuid": "m2", "content": []},
    {"uuid": "m4", "sender": "assistant", "text": "Buy new.", "created_at": "2026-03-01T10:01:09Z",
      "parent_message_uuid": "m3", "content": []},
    {"uuid": "m5", "sender": "human", "text": "Or sourdough?", "created_at": "2026-03-01T10:02:00Z",
      "parent_message_uuid": "m2", "content": []}
  ]}]"#;

#[test]
fn words_thinking_documents_and_branches_are_kept() {
    let archive = zipped(&[
        ("conversations.json", EXPORT.as_bytes()),
        ("users.json", b"[]"),
    ]);
    let (conversations, _) = read_bytes("claude.zip", archive).unwrap();
    let conversation = &conversations[0];
    assert_eq!(
        (conversation.source, conversation.title.as_str()),
        (Source::Claude, "Bread")
    );
    assert_eq!(conversation.created_at.millis(), 1_772_359_200_500);
    assert_eq!(
        outline(conversation),
        [
            "Why does it not rise? > Old yeast.",
            "  And now? > Buy new.",
            "  Or sourdough? > ",
        ]
    );
    assert_eq!(conversation.turns[0].thinking, "Yeast?");
    let given = files(&conversation.turns[0]);
    assert_eq!(given[0].bytes.as_deref(), Some(b"flour, water".as_slice()));
    assert_eq!(
        (given[1].name.as_str(), &given[1].bytes),
        ("loaf.jpg", &None)
    );
    assert_eq!(given.len(), 2);
}

#[test]
fn an_older_export_without_parents_is_one_path() {
    let older = EXPORT.replace("parent_message_uuid", "nothing");
    assert_eq!(
        outline(&read(&older)[0]),
        [
            "Why does it not rise? > Old yeast.",
            "  And now? > Buy new.",
            "    Or sourdough? > ",
        ]
    );
}
