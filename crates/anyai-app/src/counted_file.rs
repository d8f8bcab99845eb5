//! Attached files as they are priced: counted once, by the functions the server counts them with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyai_estimate::Attached;
use anyai_tokens::{Counter, ImageSize};
use anyai_units::AssetId;
use anyai_wire::{Attachment, PromptPart, WireError};

use crate::error::internal;
use crate::studio::Studio;

const TEXT: &str = "text/plain";

/// Text files that were counted, by their id. Pictures and PDFs say in the draft what they are.
#[derive(Default)]
pub(crate) struct CountedFiles(Mutex<HashMap<AssetId, Attached>>);

impl CountedFiles {
    /// The files of a prompt with their places among its parts. A text file that could not be read is
    /// left out; the server counts it all the same.
    pub(crate) fn of(&self, counter: &Counter, parts: &[PromptPart]) -> Vec<(u32, Attached)> {
        let numbered = (0..).zip(parts);
        let files = numbered.filter_map(|(place, part)| Some((place, self.one(counter, part)?)));
        files.collect()
    }

    fn one(&self, counter: &Counter, part: &PromptPart) -> Option<Attached> {
        match part {
            PromptPart::Image(image) => Some(Attached::picture(ImageSize {
                width_px: image.width,
                height_px: image.height,
            })),
            PromptPart::Document(file) => match file.pages {
                Some(pages) => Some(Attached::pdf(counter, pages, file.text_tokens_max)),
                None => self.known(file.asset_id),
            },
            PromptPart::Text { .. } | PromptPart::Video(_) => None,
        }
    }

    fn known(&self, id: AssetId) -> Option<Attached> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).cloned()
    }

    fn keep(&self, id: AssetId, counted: Attached) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id, counted);
    }
}

/// Reads and counts the text files of these parts that were not counted before.
pub(crate) async fn count_new<'p>(
    studio: &Arc<Studio>,
    parts: impl Iterator<Item = &'p PromptPart>,
) -> Result<(), WireError> {
    for part in parts {
        if let PromptPart::Document(file) = part
            && file.mime == TEXT
            && studio.quotes.files.known(file.asset_id).is_none()
        {
            count(studio, file).await?;
        }
    }
    Ok(())
}

async fn count(studio: &Arc<Studio>, file: &Attachment) -> Result<(), WireError> {
    let (_, bytes) = match studio.client.asset(file.asset_id).await {
        Ok(found) => found,
        Err(error) => {
            let error = WireError::from(error);
            tracing::warn!(file = %file.asset_id, code = ?error.code, "a file is not in the estimate");
            return Ok(());
        }
    };
    let (studio, file) = (Arc::clone(studio), file.clone());
    let counted = tokio::task::spawn_blocking(move || {
        let counter = Counter::shared().map_err(internal)?;
        let text = String::from_utf8_lossy(&bytes);
        let counted = Attached::text_file(counter, &file.name, &text);
        studio.quotes.files.keep(file.asset_id, counted);
        Ok(())
    });
    counted
        .await
        .unwrap_or_else(|_| Err(internal("a count was stopped")))
}
