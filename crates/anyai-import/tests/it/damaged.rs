//! Exports that are none, are damaged, or mean harm.

use super::*;

const ONE: &str = r#"{"uuid": "c", "name": "", "chat_messages": [{"uuid": "m", "sender": "human", "text": "Hello", "content": []}]}"#;

#[test]
fn what_is_no_export_is_said_to_be_none() {
    let error =
        |name: &str, bytes: &[u8]| read_bytes(name, bytes.to_vec()).unwrap_err().to_string();
    assert_eq!(
        error("notes.json", br#"[{"a": 1}]"#),
        "notes.json is no export of ChatGPT, Claude, LibreChat or Open WebUI"
    );
    assert!(error("cut.json", &ONE.as_bytes()[..60]).starts_with("cut.json is not whole: "));
    assert!(error("picture.png", b"\x89PNG").starts_with("picture.png is not whole: "));
    assert!(error("other.zip", &zipped(&[("a.txt", b"a")])).starts_with("no conversations"));
    assert!(
        error("cut.zip", &zipped(&[("a.txt", b"a")])[..20]).starts_with("the archive is damaged")
    );
    assert_eq!(read_bytes("empty.json", b"[]".to_vec()).unwrap().0, []);
}

#[test]
fn a_damaged_conversation_is_left_out_and_counted() {
    let list = format!(
        r#"[{ONE}, {{"uuid": "x", "name": "broken"}}, {{"uuid": "y", "chat_messages": []}}]"#
    );
    let (conversations, summary) = read_bytes("claude.json", list.into_bytes()).unwrap();
    assert_eq!(conversations.len(), 1);
    assert_eq!(summary.left_out, 2);
}

#[test]
fn a_single_conversation_is_read_like_a_list_of_one() {
    assert_eq!(outline(&read(ONE)[0]), ["Hello > "]);
}

#[test]
fn messages_that_follow_themselves_end() {
    let ring = r#"{"uuid": "c", "chat_messages": [
        {"uuid": "a", "sender": "human", "text": "A", "parent_message_uuid": "b", "content": []},
        {"uuid": "b", "sender": "assistant", "text": "B", "parent_message_uuid": "a", "content": []},
        {"uuid": "d", "sender": "human", "text": "D", "parent_message_uuid": "gone", "content": []}]}"#;
    assert_eq!(outline(&read(ring)[0]), ["D > "]);
    let ring = r#"{"conversation_id": "c", "mapping": {
        "x": {"parent": "y", "message": null}, "y": {"parent": "x", "message": null},
        "q": {"parent": "x", "message": {"author": {"role": "user"}, "content": {"content_type": "text",
          "parts": ["Q"]}, "metadata": {}}}}}"#;
    assert_eq!(outline(&read(ring)[0]), ["Q > "]);
}

#[test]
fn a_very_deep_conversation_is_no_deeper_than_memory() {
    let messages: Vec<String> = (0..40_000)
        .map(|at| {
            let sender = if at % 2 == 0 { "human" } else { "assistant" };
            let parent = if at == 0 { "00000000-0000-4000-8000-000000000000".to_owned() } else { (at - 1).to_string() };
            format!(r#"{{"uuid": "{at}", "sender": "{sender}", "text": "{at}", "parent_message_uuid": "{parent}", "content": []}}"#)
        })
        .collect();
    let deep = format!(
        r#"{{"uuid": "c", "chat_messages": [{}]}}"#,
        messages.join(",")
    );
    assert_eq!(read(&deep)[0].turns.len(), 20_000);
}

#[test]
fn times_that_cannot_be_are_none() {
    for time in ["1e300", "-5", "\"tomorrow\"", "null"] {
        let list = ONE.replace(r#""name": """#, &format!(r#""created_at": {time}"#));
        assert_eq!(read(&list)[0].created_at.millis(), 0, "{time}");
    }
}

#[test]
fn reading_ends_where_it_is_told_to() {
    let list = format!("[{ONE}, {}, not json", ONE.replace(r#""c""#, r#""d""#));
    let export = |list: &str| Export::of_bytes("claude.json", list.as_bytes().to_vec()).unwrap();
    let mut given = 0;
    let summary = export(&list).each_until(|_| {
        given += 1;
        std::ops::ControlFlow::Break(())
    });
    assert_eq!((given, summary.unwrap().conversations), (1, 1));
    assert!(export(&list).each(|_| ()).is_err());
}

#[test]
fn a_file_has_the_same_id_again_and_another_one_has_another() {
    let (turn, at) = (
        read(ONE)[0].turns[0].id,
        anyai_units::UtcMillis::from_millis(5),
    );
    let id = |place, bytes: &[u8]| anyai_import::file_id(turn, place, bytes, at);
    assert_eq!(id(0, b"a"), id(0, b"a"));
    assert_ne!(id(0, b"a"), id(1, b"a"));
    assert_ne!(id(0, b"a"), id(0, b"b"));
}
