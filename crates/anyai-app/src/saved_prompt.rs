//! The prompts a person keeps: on this machine, in the mirror's file.

use anyai_mirror::SavedPromptRow;
use anyai_wire::{Code, SavedPrompt, SavedPromptRef, SavedPromptSave, SavedPrompts, WireError};

use crate::studio::Studio;

const NAME_CHARS_MAX: usize = 80;
const TEXT_BYTES_MAX: usize = 100_000;

pub(crate) async fn list(studio: &Studio) -> Result<SavedPrompts, WireError> {
    let rows = studio.mirror.read(|mirror| mirror.saved_prompts()).await?;
    Ok(SavedPrompts {
        prompts: rows.into_iter().map(told).collect(),
    })
}

pub(crate) async fn save(
    studio: &Studio,
    request: SavedPromptSave,
) -> Result<SavedPrompt, WireError> {
    let name = request.name.trim();
    let name_chars = name.chars().count();
    if name_chars == 0 || name_chars > NAME_CHARS_MAX {
        let message = format!("a saved prompt's name has 1 to {NAME_CHARS_MAX} characters");
        return Err(WireError::new(Code::BadRequest, message));
    }
    if request.text.trim().is_empty() || request.text.len() > TEXT_BYTES_MAX {
        let message = format!("a saved prompt has 1 to {TEXT_BYTES_MAX} bytes");
        return Err(WireError::new(Code::BadRequest, message));
    }
    let id = request
        .id
        .unwrap_or_else(|| studio.desk.host.mint_uuid().to_string());
    let row = SavedPromptRow {
        id,
        name: name.to_owned(),
        text: request.text,
        changed_at: studio.now(),
    };
    let kept = row.clone();
    studio
        .mirror
        .write(move |mirror| mirror.save_prompt(&kept))
        .await?;
    Ok(told(row))
}

pub(crate) async fn delete(studio: &Studio, request: SavedPromptRef) -> Result<(), WireError> {
    studio
        .mirror
        .write(move |mirror| mirror.forget_prompt(&request.id))
        .await
}

fn told(row: SavedPromptRow) -> SavedPrompt {
    SavedPrompt {
        id: row.id,
        name: row.name,
        text: row.text,
        changed_at: row.changed_at,
    }
}
