//! A file to open, and rows to put in it.

use std::path::PathBuf;

use anyai_mirror::{
    ConversationRow, EstimateRow, HistoryBatch, Life, Mirror, MirrorOptions, OpenedMirror, TurnRow,
};
use anyai_units::{ConversationId, Credits, Tokens, TurnId, UtcMillis};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const NOW: UtcMillis = UtcMillis::from_millis(1_795_000_000_000);

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("studio").join("mirror.sqlite")
    }

    pub(crate) fn open(&self) -> Mirror {
        let OpenedMirror { mirror, set_aside } = self.try_open().unwrap();
        assert_eq!(set_aside, None, "the file was sound");
        mirror
    }

    pub(crate) fn try_open(&self) -> Result<OpenedMirror, anyai_mirror::MirrorError> {
        Mirror::open(&self.path(), MirrorOptions::default(), NOW)
    }
}

pub(crate) fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

pub(crate) fn at(offset_ms: i64) -> UtcMillis {
    NOW.plus_millis(offset_ms)
}

pub(crate) fn conversation_id(number: u128) -> ConversationId {
    ConversationId::from_uuid(Uuid::from_u128(0xc0_0000 + number))
}

pub(crate) fn turn_id(number: u128) -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(0x70_0000 + number))
}

pub(crate) fn conversation(number: u128, title: &str, revision: u64) -> ConversationRow {
    ConversationRow {
        id: conversation_id(number),
        title: title.to_owned(),
        created_at: at(i64::try_from(number).unwrap()),
        changed_at: at(i64::try_from(number).unwrap()),
        deleted: false,
        revision,
    }
}

/// A settled turn.
pub(crate) fn turn(number: u128, in_conversation: u128, prompt: &str, text: &str) -> TurnRow {
    TurnRow {
        id: turn_id(number),
        conversation_id: conversation_id(in_conversation),
        parent_id: None,
        created_at: at(i64::try_from(number).unwrap()),
        model_id: "model".to_owned(),
        model_label: "Model".to_owned(),
        effort: Some("high".to_owned()),
        simulated: true,
        prompt: format!("parts of {prompt}"),
        prompt_text: prompt.to_owned(),
        thinking: "hm".to_owned(),
        text: text.to_owned(),
        media: None,
        outputs: "[]".to_owned(),
        estimate: EstimateRow {
            low: mc(1),
            likely: mc(2),
            high: mc(3),
            ceiling: mc(4),
        },
        phase: "ended".to_owned(),
        life: Life::Ended,
        charged: mc(7),
        resent_thinking: Tokens::new(11),
        sequence: 9,
        revision: 1,
    }
}

pub(crate) fn page(
    conversations: Vec<ConversationRow>,
    turns: Vec<TurnRow>,
    revision: u64,
) -> HistoryBatch {
    HistoryBatch {
        epoch: "one".to_owned(),
        conversations,
        turns,
        revision,
        more: false,
    }
}
