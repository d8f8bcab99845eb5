//! Takes a post of pictures or a clip apart, reads its files, and writes the provider's request.

use anyai_providers::{Image, ImageRequest, VideoRequest, VideoSource, VideoTask};
use anyai_units::{MemberId, Tokens, UtcMillis};
use anyai_wire::api::{ConversationRecord, TurnPost};
use anyai_wire::{Attachment, Code, Detail, Media, PromptPart, WireError};

use super::work::{Given, Work, given};
use crate::answer::not_stored;
use crate::history::PathTurn;
use crate::keys::KeyFor;
use crate::studio::Studio;
use crate::turns::{check_parent, check_post, find_file, read_file};

/// Bytes of all files of one request; written as text they are a third longer.
const REQUEST_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// A post that can be priced.
pub(super) struct Accepted {
    pub(super) work: Work,
    pub(super) media: Media,
    pub(super) given: Given,
    /// The prompt with the server's own particulars of its files.
    pub(super) prompt: Vec<PromptPart>,
    pub(super) words: String,
    pub(super) tokens: Tokens,
    pub(super) key: Option<anyai_secrets::Secret>,
}

/// What is sent.
#[derive(Debug)]
pub(super) enum Request {
    Image(ImageRequest),
    Video(VideoRequest),
}

/// Checks a post against the catalogue, the keys and what the history knows.
pub(super) async fn accept(
    studio: &Studio,
    member: MemberId,
    post: &TurnPost,
    media: &Media,
    (conversation, path): (Option<&ConversationRecord>, &[PathTurn]),
    now: UtcMillis,
) -> Result<Accepted, WireError> {
    check_post(studio, post, conversation)?;
    if let Some(parent) = post.parent_id {
        check_parent(post.conversation_id, parent, path)?;
    }
    let prompt = read_prompt(studio, member, &post.prompt).await?;
    let words = words(&prompt);
    if words.trim().is_empty() {
        let message = "it is not said what is to be made";
        return Err(WireError::new(Code::DraftEmpty, message));
    }
    let given = given(media, &prompt)?;
    let tokens = count(studio, &words);
    let work = Work::offered(studio, media, &post.model_id, &given, tokens, now)?;
    studio.overruns.check(work.model_id(), now)?;
    check_length(&words, work.prompt_chars_max())?;
    let key = match studio.keys.key_for(work.provider()).await? {
        KeyFor::Ready(key) => key,
        KeyFor::Missing => {
            let model = work.model_id();
            let message = format!("{model} cannot be called: its provider has no key here");
            return Err(WireError::new(Code::ModelUnavailable, message));
        }
    };
    let id = work.model_id();
    let route = studio.route(id, work.provider(), work.api(), key.clone());
    studio.gateway.check(&route)?;
    Ok(Accepted {
        work,
        media: media.clone(),
        given,
        prompt,
        words,
        tokens,
        key,
    })
}

async fn read_prompt(
    studio: &Studio,
    member: MemberId,
    prompt: &[PromptPart],
) -> Result<Vec<PromptPart>, WireError> {
    let found = async |file, kind| found(studio, member, file, kind).await;
    let mut known = Vec::with_capacity(prompt.len());
    for part in prompt {
        known.push(match part {
            PromptPart::Text { .. } => part.clone(),
            PromptPart::Image(file) => PromptPart::Image(found(file, "image/").await?),
            PromptPart::Video(file) => PromptPart::Video(found(file, "video/").await?),
            PromptPart::Document(file) => PromptPart::Document(found(file, "").await?),
        });
    }
    Ok(known)
}

async fn found(
    studio: &Studio,
    member: MemberId,
    said: &Attachment,
    kind: &str,
) -> Result<Attachment, WireError> {
    let (shown, sha256) = find_file(studio, member, said).await?;
    if sha256.is_none() {
        return Err(not_stored(said.asset_id));
    }
    if !shown.mime.starts_with(kind) {
        let message = format!("{:?} is {}", shown.name, shown.mime);
        return Err(WireError::new(Code::AttachmentRejected, message));
    }
    Ok(shown)
}

/// What is to be made, in words.
pub(super) fn words(prompt: &[PromptPart]) -> String {
    let texts = prompt.iter().filter_map(|part| match part {
        PromptPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

/// Every model's prompt is counted alike: the catalogue's ceiling allows for the difference.
fn count(studio: &Studio, words: &str) -> Tokens {
    studio.tokens.count(words).o200k()
}

fn check_length(words: &str, limit: u32) -> Result<(), WireError> {
    let (chars, limit) = (words.chars().count() as u64, u64::from(limit));
    if chars <= limit {
        return Ok(());
    }
    let message = format!("the prompt has {chars} characters, and the model reads {limit}");
    let detail = Detail::Limit {
        asked: chars,
        limit,
    };
    Err(WireError::new(Code::DraftTooLarge, message).with_detail(detail))
}

/// Writes the provider's request, with the bytes of every file.
pub(super) async fn request(
    studio: &Studio,
    member: MemberId,
    accepted: &Accepted,
) -> Result<Request, WireError> {
    check_total(&accepted.given)?;
    let given = &accepted.given;
    let end_user = studio.end_user(member);
    let mut references = Vec::with_capacity(given.references.len());
    for file in &given.references {
        references.push(read(studio, member, file).await?);
    }
    let model = accepted.work.model_id().to_owned();
    let prompt = accepted.words.clone();
    Ok(match (&accepted.work, &accepted.media) {
        (Work::Image { model: of, ask, .. }, _) => Request::Image(ImageRequest {
            max_output_tokens: of.output_tokens_max(ask),
            count: ask.count,
            size: ask.size.clone(),
            aspect: ask.aspect.clone(),
            quality: ask.quality.clone(),
            background: ask.background.clone(),
            format: ask.format.clone(),
            references,
            mask: read_optional(studio, member, given.mask.as_ref()).await?,
            previews: ask.previews,
            end_user: Some(end_user),
            ..ImageRequest::new(model, prompt)
        }),
        (Work::Video { ask, .. }, media) => Request::Video(VideoRequest {
            task: task(ask.task),
            resolution: ask.resolution.clone(),
            aspect: ask.aspect.clone(),
            sound: ask.sound,
            seed: match media {
                Media::Video(knobs) => knobs.seed,
                Media::Image(_) => None,
            },
            first_frame: read_optional(studio, member, given.first_frame.as_ref()).await?,
            last_frame: read_optional(studio, member, given.last_frame.as_ref()).await?,
            references,
            source: match &given.source {
                Some(clip) => {
                    let Image { mime, bytes } = read(studio, member, clip).await?;
                    Some(VideoSource::Bytes { mime, bytes })
                }
                None => None,
            },
            end_user: Some(end_user),
            ..VideoRequest::new(model, prompt, ask.seconds)
        }),
    })
}

fn check_total(given: &Given) -> Result<(), WireError> {
    let single = [
        &given.mask,
        &given.first_frame,
        &given.last_frame,
        &given.source,
    ];
    let files = given.references.iter().chain(single.into_iter().flatten());
    let bytes = files.map(|file| file.bytes).fold(0, u64::saturating_add);
    if bytes <= REQUEST_BYTES_MAX {
        return Ok(());
    }
    let message =
        format!("the files have {bytes} bytes, and one request takes {REQUEST_BYTES_MAX}");
    let detail = Detail::Limit {
        asked: bytes,
        limit: REQUEST_BYTES_MAX,
    };
    Err(WireError::new(Code::DraftTooLarge, message).with_detail(detail))
}

async fn read(studio: &Studio, member: MemberId, file: &Attachment) -> Result<Image, WireError> {
    Ok(Image {
        mime: file.mime.clone(),
        bytes: read_file(studio, member, file).await?,
    })
}

async fn read_optional(
    studio: &Studio,
    member: MemberId,
    file: Option<&Attachment>,
) -> Result<Option<Image>, WireError> {
    match file {
        Some(file) => read(studio, member, file).await.map(Some),
        None => Ok(None),
    }
}

const fn task(task: anyai_catalog::VideoTask) -> VideoTask {
    match task {
        anyai_catalog::VideoTask::Text => VideoTask::Text,
        anyai_catalog::VideoTask::Image => VideoTask::Image,
        anyai_catalog::VideoTask::Reference => VideoTask::Reference,
        anyai_catalog::VideoTask::Edit => VideoTask::Edit,
        anyai_catalog::VideoTask::Extend => VideoTask::Extend,
    }
}
