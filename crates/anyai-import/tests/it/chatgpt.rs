//! ChatGPT's archive.

use super::*;

const EXPORT: &str = r#"[{
  "title": "Boats", "create_time": 1756000000.25, "conversation_id": "c-1", "default_model_slug": "gpt-5",
    "current_node": "a2b",
  "mapping": {
    "root": {"id": "root", "message": null, "parent": null, "children": ["sys"]},
    "sys": {"parent": "root", "message": {"author": {"role": "system"}, "content": {"content_type": "text",
      "parts": [""]}, "metadata": {}}},
    "ctx": {"parent": "sys", "message": {"author": {"role": "user"},
      "content": {"content_type": "user_editable_context", "user_profile": "secret"},
      "metadata": {"is_visually_hidden_from_conversation": true}}},
    "q1": {"parent": "ctx", "message": {"author": {"role": "user"}, "create_time": 1756000001.0,
      "metadata": {"attachments": [{"id": "file-PIC", "name": "boat.png"}, {"id": "file-DOC",
      "name": "plan.pdf"}]},
      "content": {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer",
        "asset_pointer": "file-service://file-PIC"}, "What boat is this?"]}}},
    "t1": {"parent": "q1", "message": {"author": {"role": "assistant"}, "create_time": 1756000002.0,
      "metadata": {"model_slug": "o4-mini"}, "recipient": "all", "content": {"content_type": "thoughts",
      "thoughts": [{"summary": "s", "content": "It has two masts."}]}}},
    "call": {"parent": "t1", "message": {"author": {"role": "assistant"}, "create_time": 1756000003.0,
      "metadata": {}, "recipient": "python", "content": {"content_type": "code", "language": "python",
      "text": "print(1)"}}},
    "tool": {"parent": "call", "message": {"author": {"role": "tool"}, "create_time": 1756000004.0,
      "metadata": {}, "content": {"content_type": "execution_output", "text": "1"}}},
    "a1": {"parent": "tool", "message": {"author": {"role": "assistant"}, "create_time": 1756000005.0,
      "metadata": {"model_slug": "o4-mini"}, "recipient": "all", "content": {"content_type": "text",
      "parts": ["A ketch."]}}},
    "q2": {"parent": "a1", "message": {"author": {"role": "user"}, "create_time": 1756000006.0,
      "metadata": {}, "content": {"content_type": "text", "parts": ["Draw one."]}}},
    "a2a": {"parent": "q2", "message": {"author": {"role": "assistant"}, "create_time": 1756000007.0,
      "metadata": {}, "recipient": "all", "content": {"content_type": "text", "parts": ["First try."]}}},
    "a2b": {"parent": "q2", "message": {"author": {"role": "tool"}, "create_time": 1756000008.0,
      "metadata": {}, "content": {"content_type": "multimodal_text",
      "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_MADE"}]}}},
    "q1b": {"parent": "ctx", "message": {"author": {"role": "user"}, "create_time": 1756000009.0,
      "metadata": {}, "content": {"content_type": "text", "parts": ["What ship is this?"]}}},
    "a1b": {"parent": "q1b", "message": {"author": {"role": "assistant"}, "create_time": 1756000010.0,
      "metadata": {}, "recipient": "all", "content": {"content_type": "text", "parts": ["No ship."]}}}
  }}]"#;

fn archive() -> Vec<u8> {
    zipped(&[
        ("user.json", b"{}"),
        ("conversations.json", EXPORT.as_bytes()),
        ("file-PIC-boat.png", b"picture"),
        ("dalle-generations/file_MADE-1.webp", b"made"),
    ])
}

#[test]
fn branches_are_kept_and_what_is_said_to_tools_is_not() {
    let (conversations, summary) = read_bytes("chatgpt.zip", archive()).unwrap();
    assert_eq!((summary.conversations, summary.left_out), (1, 0));
    let conversation = &conversations[0];
    assert_eq!(conversation.source, Source::ChatGpt);
    assert_eq!(conversation.title, "Boats");
    assert_eq!(conversation.created_at.millis(), 1_756_000_000_250);
    assert_eq!(
        outline(conversation),
        [
            "What boat is this? > A ketch.",
            "  Draw one. > First try.",
            "  Draw one. > ",
            "What ship is this? > No ship.",
        ]
    );
    assert_eq!(shown(conversation).unwrap(), "Draw one. > ");
    let models: Vec<&str> = conversation
        .turns
        .iter()
        .map(|turn| turn.model.as_str())
        .collect();
    assert_eq!(models, ["o4-mini", "gpt-5", "gpt-5", "gpt-5"]);
    assert_eq!(conversation.turns[0].thinking, "It has two masts.");
    assert_eq!(conversation.turns[0].at.millis(), 1_756_000_001_000);
}

#[test]
fn pictures_come_out_of_the_archive_and_what_is_not_in_it_is_named() {
    let (conversations, _) = read_bytes("chatgpt.zip", archive()).unwrap();
    let turns = &conversations[0].turns;
    let given = files(&turns[0]);
    assert_eq!(
        given.len(),
        2,
        "a picture is one piece, though it is named twice"
    );
    assert_eq!(given[0].name, "file-PIC-boat.png");
    assert_eq!(given[0].bytes.as_deref(), Some(b"picture".as_slice()));
    assert_eq!(
        (given[1].name.as_str(), &given[1].bytes),
        ("plan.pdf", &None)
    );
    assert_eq!(
        turns[2].outputs[0].bytes.as_deref(),
        Some(b"made".as_slice())
    );
}

#[test]
fn the_same_export_gives_the_same_ids_and_later_turns_later_ones() {
    let once = read_bytes("chatgpt.zip", archive()).unwrap().0;
    let again = read(EXPORT);
    assert_eq!(once[0].id, again[0].id);
    let ids = |conversation: &Conversation| {
        let turns = conversation.turns.iter();
        turns.map(|turn| turn.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&once[0]), ids(&again[0]));
    let mut distinct = ids(&once[0]);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 4);
    assert!(once[0].turns[0].id < once[0].turns[3].id);
}

#[test]
fn a_large_export_in_parts_is_read_whole() {
    let second = EXPORT.replace("c-1", "c-2");
    let archive = zipped(&[
        ("conversations-001.json", second.as_bytes()),
        ("conversations-000.json", EXPORT.as_bytes()),
    ]);
    let (conversations, _) = read_bytes("chatgpt.zip", archive).unwrap();
    assert_eq!(conversations.len(), 2);
    assert_ne!(conversations[0].id, conversations[1].id);
}

#[test]
fn each_member_has_ids_of_their_own_and_the_same_ones_again() {
    let read = || read_bytes("chatgpt.zip", archive()).unwrap().0.remove(0);
    let member = |number| anyai_units::MemberId::from_uuid(uuid::Uuid::from_u128(number));
    let (theirs, mine) = (read().of_member(member(1)), read().of_member(member(2)));
    assert_eq!(read().of_member(member(2)), mine);
    let ids = |whole: &Conversation| whole.turns.iter().map(|turn| turn.id).collect::<Vec<_>>();
    assert_ne!(theirs.id, mine.id);
    assert!(ids(&theirs).iter().all(|id| !ids(&mine).contains(id)));
    for (own, told) in mine.turns.iter().zip(&read().turns) {
        let told_parent = read()
            .turns
            .iter()
            .position(|turn| Some(turn.id) == told.parent);
        assert_eq!(own.parent, told_parent.map(|place| mine.turns[place].id));
        let time = |id: anyai_units::TurnId| id.uuid().into_bytes()[..6].to_vec();
        assert_eq!(time(own.id), time(told.id));
    }
    assert!(ids(&mine).contains(&mine.shown.unwrap()));
}
