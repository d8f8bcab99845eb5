//! Adds a long conversation to a studio's mirror, so that the window's benches open a real one.
//!
//! `long_conversation MIRROR TURNS TITLE`: the mirror's file, and no studio has it open. Turns are one
//! path, with prompts and answers of the shapes that answers have: paragraphs, lists and code.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench that cannot go on stops"
)]

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyai_mirror::{ConversationRow, EstimateRow, Life, Mirror, MirrorOptions, TurnRow};
use anyai_units::{ConversationId, Credits, Tokens, TurnId, UtcMillis};
use uuid::Uuid;

const SENTENCE: &str = "A **paragraph** of some length, as answers have it. ";
const CHARGED: Credits = Credits::from_millicredits(120);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [mirror, turns, title] = words.as_slice() else {
        panic!("long_conversation MIRROR TURNS TITLE");
    };
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = UtcMillis::from_millis(i64::try_from(since_epoch.as_millis()).unwrap());
    let turns: u32 = turns.parse().unwrap();
    let mut mirror = Mirror::open(Path::new(mirror), MirrorOptions::default(), now)
        .unwrap()
        .mirror;
    let id = ConversationId::from_uuid(Uuid::from_u128(0xbe_0000_0000_0000 + u128::from(turns)));
    mirror
        .put_conversation(&ConversationRow {
            id,
            title: title.clone(),
            created_at: now,
            changed_at: now,
            deleted: false,
            revision: 0,
        })
        .unwrap();
    for number in 0..turns {
        mirror.put_turn(&turn(id, number, now)).unwrap();
    }
}

fn turn_id(conversation: ConversationId, number: u32) -> TurnId {
    let conversation = conversation.uuid().as_u128();
    TurnId::from_uuid(Uuid::from_u128((conversation << 32) + u128::from(number)))
}

fn turn(conversation_id: ConversationId, number: u32, now: UtcMillis) -> TurnRow {
    let prompt_text = format!("And what of number {number}?");
    TurnRow {
        id: turn_id(conversation_id, number),
        conversation_id,
        parent_id: number
            .checked_sub(1)
            .map(|before| turn_id(conversation_id, before)),
        created_at: now.plus_millis(i64::from(number) - 1_000_000_000),
        model_id: "bench".to_owned(),
        model_label: "Model".to_owned(),
        effort: None,
        simulated: true,
        prompt: format!(r#"[{{"kind":"text","text":"{prompt_text}"}}]"#),
        prompt_text,
        thinking: String::new(),
        text: format!(
            "{}\n\n- one\n- two\n\n```js\nconst n = {number};\n```",
            SENTENCE.repeat(6)
        ),
        media: None,
        outputs: "[]".to_owned(),
        estimate: EstimateRow {
            low: CHARGED,
            likely: CHARGED,
            high: CHARGED,
            ceiling: CHARGED,
        },
        phase: r#"{"kind":"settled","charged":120,"stop_reason":"complete"}"#.to_owned(),
        life: Life::Ended,
        charged: CHARGED,
        resent_thinking: Tokens::new(0),
        sequence: 1,
        revision: 0,
    }
}
