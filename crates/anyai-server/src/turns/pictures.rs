//! The pictures and PDFs of a request: found by their particulars, and read only once the turn is
//! priced. Text files are words, and are read before.

use anyai_units::MemberId;
use anyai_wire::{Attachment, Code, Detail, WireError};
use bytes::Bytes;

use super::accept::Accepted;
use crate::answer::history_failure;
use crate::gateway::{Earlier, Picture, Question, TextFile};
use crate::studio::Studio;

/// Bytes of all pictures of one request. Written as text they are a third longer, and the strictest
/// provider takes 32 MB in all.
const REQUEST_BYTES_MAX: u64 = 22 * 1024 * 1024;

/// A picture of a prompt, and where its bytes are.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) shown: Attachment,
    /// `None` when nothing is known of it any more.
    pub(super) sha256: Option<[u8; 32]>,
}

/// The pictures of a request, as they are sent.
#[derive(Debug)]
pub(super) struct Pictures {
    draft: Vec<Picture>,
    /// Those of the path, turn by turn.
    path: Vec<Vec<Found>>,
}

/// What is left of an earlier picture.
#[derive(Debug)]
enum Found {
    Whole(Picture),
    /// Its file is gone or damaged; the conversation goes on without it.
    Lost(String),
}

/// Finds a member's picture. What the client says of it is replaced by what the server knows; only the name
/// is its own.
pub(super) async fn find(
    studio: &Studio,
    member: MemberId,
    said: &Attachment,
) -> Result<Kept, WireError> {
    let found = studio.history.asset(member, said.asset_id).await;
    let found = found.map_err(|error| history_failure(&error))?;
    Ok(match found {
        Some(asset) => Kept {
            shown: Attachment {
                name: said.name.clone(),
                ..asset.attachment
            },
            sha256: Some(asset.sha256),
        },
        None => Kept {
            shown: said.clone(),
            sha256: None,
        },
    })
}

/// Reads a text file whose particulars are known.
pub(super) async fn read_text(studio: &Studio, kept: &Kept) -> Result<TextFile, WireError> {
    let name = kept.shown.name.clone();
    let bytes = read_one(studio, kept).await?.bytes;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(TextFile {
            name,
            text: text.to_owned(),
        }),
        Err(_) => Err(WireError::new(
            Code::AttachmentRejected,
            format!("{name:?} is no text"),
        )),
    }
}

/// Finds a file by what the client says of it; without a hash it was never stored here.
pub(crate) async fn find_file(
    studio: &Studio,
    member: MemberId,
    said: &Attachment,
) -> Result<(Attachment, Option<[u8; 32]>), WireError> {
    let Kept { shown, sha256, .. } = find(studio, member, said).await?;
    Ok((shown, sha256))
}

/// Reads a file that is to be sent.
pub(crate) async fn read_file(
    studio: &Studio,
    member: MemberId,
    said: &Attachment,
) -> Result<Bytes, WireError> {
    let kept = find(studio, member, said).await?;
    read_one(studio, &kept).await.map(|picture| picture.bytes)
}

/// Reads every picture that is to be sent.
pub(super) async fn read(studio: &Studio, accepted: &Accepted) -> Result<Pictures, WireError> {
    check_total(accepted)?;
    let mut path = Vec::with_capacity(accepted.path.len());
    for turn in &accepted.path {
        let mut found = Vec::with_capacity(turn.pictures.len());
        for kept in &turn.pictures {
            found.push(match read_one(studio, kept).await {
                Ok(picture) => Found::Whole(picture),
                Err(error) if error.code == Code::DataDamaged => {
                    tracing::warn!(picture = %kept.shown.asset_id, "an earlier picture is lost");
                    Found::Lost(kept.shown.name.clone())
                }
                Err(error) => return Err(error),
            });
        }
        path.push(found);
    }
    let mut draft = Vec::with_capacity(accepted.pictures.len());
    for kept in &accepted.pictures {
        draft.push(read_one(studio, kept).await?);
    }
    Ok(Pictures { draft, path })
}

fn check_total(accepted: &Accepted) -> Result<(), WireError> {
    let earlier = accepted.path.iter().flat_map(|turn| &turn.pictures);
    let bytes = earlier
        .chain(&accepted.pictures)
        .map(|kept| kept.shown.bytes)
        .fold(0, u64::saturating_add);
    if bytes <= REQUEST_BYTES_MAX {
        return Ok(());
    }
    let message = format!(
        "the files of this conversation have {bytes} bytes, and one request takes \
         {REQUEST_BYTES_MAX}"
    );
    let detail = Detail::Limit {
        asked: bytes,
        limit: REQUEST_BYTES_MAX,
    };
    Err(WireError::new(Code::DraftTooLarge, message).with_detail(detail))
}

async fn read_one(studio: &Studio, kept: &Kept) -> Result<Picture, WireError> {
    let name = &kept.shown.name;
    let lost = |why: &str| {
        let message = format!("the file {name:?} cannot be sent: {why}; attach it again");
        WireError::new(Code::DataDamaged, message)
    };
    let Some(sha256) = &kept.sha256 else {
        return Err(lost("it is not stored here any more"));
    };
    match studio.assets.read(sha256).await {
        Ok(bytes) => Ok(Picture {
            name: name.clone(),
            mime: kept.shown.mime.clone(),
            bytes,
        }),
        Err(error) if error.code == Code::DataDamaged => Err(lost("its file is gone or damaged"))
            .map_err(|lost| match error.detail {
                Some(detail) => lost.with_detail(detail),
                None => lost,
            }),
        Err(error) => Err(error),
    }
}

/// What is said in place of a file that is lost.
pub(super) fn lost(name: &str) -> String {
    format!("[The file {name:?} is no longer available.]")
}

impl Pictures {
    /// Puts the pictures back into what was said.
    pub(super) fn into_said(self, accepted: &Accepted) -> (Vec<Earlier>, Question) {
        let path = accepted.path.iter().zip(self.path);
        let path = path.map(|(turn, found)| {
            let mut earlier = turn.sent.clone();
            for found in found {
                match found {
                    Found::Whole(picture) => earlier.question.pictures.push(picture),
                    Found::Lost(name) => {
                        let stand_in = lost(&name);
                        earlier.question.texts.insert(0, stand_in);
                    }
                }
            }
            earlier
        });
        let question = Question {
            pictures: self.draft,
            ..accepted.question.clone()
        };
        (path.collect(), question)
    }
}
