//! Takes a post apart and refuses what cannot be sent, before anything is priced or stored.

use anyai_catalog::{Effort, Model};
use anyai_units::{ConversationId, MemberId, TurnId};
use anyai_wire::api::{ConversationRecord, PROMPT_BYTES_MAX, TurnPost};
use anyai_wire::{
    Attachment, Code, Detail, EstimateShown, PromptPart, StopReason, TurnPhase, WireError,
};

use super::pictures::{self, Kept};
use crate::answer::not_stored;
use crate::gateway::{Earlier, PDF, Question};
use crate::history::{PathTurn, ProviderState};
use crate::keys::KeyFor;
use crate::studio::Studio;

/// The type of files that are sent as words.
const TEXT: &str = "text/plain";

/// Parts of one prompt at most.
const PARTS_MAX: usize = 64;

/// A post that can be priced.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) model: Model,
    pub(super) effort: Option<Effort>,
    /// The longest answer the person wants, in words.
    pub(super) answer_words_max: Option<u32>,
    /// The prompt with the server's own particulars of its pictures.
    pub(super) prompt: Vec<PromptPart>,
    /// Its words.
    pub(super) question: Question,
    /// Its pictures.
    pub(super) pictures: Vec<Kept>,
    pub(super) path: Vec<AcceptedTurn>,
    pub(super) key: Option<anyai_secrets::Secret>,
}

impl Accepted {
    /// Bytes of text that are counted.
    pub(super) fn bytes(&self) -> usize {
        let said = |question: &Question| {
            let files = question.text_files.iter().map(|file| file.text.len());
            let texts = question.texts.iter().map(String::len);
            texts.chain(files).sum::<usize>()
        };
        let earlier = self
            .path
            .iter()
            .map(|turn| said(&turn.sent.question) + turn.sent.answer.len() + turn.thinking.len());
        said(&self.question) + earlier.sum::<usize>()
    }
}

/// An earlier turn, with what is sent of it and what prices it.
#[derive(Debug)]
pub(super) struct AcceptedTurn {
    /// Without its pictures.
    pub(super) sent: Earlier,
    /// None where the model reads none.
    pub(super) pictures: Vec<Kept>,
    /// The thinking that was shown; how long it was tells how long the next one will be.
    pub(super) thinking: String,
    /// Thinking that is sent back inside its states, as the provider billed it.
    pub(super) resent_thinking: anyai_units::Tokens,
}

/// Checks a post against the catalogue, the keys and what the history knows.
pub(super) async fn accept(
    studio: &Studio,
    member: MemberId,
    post: &TurnPost,
    conversation: Option<ConversationRecord>,
    path: Vec<PathTurn>,
) -> Result<Accepted, WireError> {
    check_post(studio, post, conversation.as_ref())?;
    let now = studio.clock.now();
    let prices = studio.prices.get();
    let (model, _) = prices
        .catalogue()
        .offer(&post.model_id, now)
        .map_err(|error| WireError::new(Code::ModelUnknown, error.to_string()))?;
    studio.overruns.check(&post.model_id, now)?;
    let effort = effort(model, post.effort.as_deref())?;
    let key = match studio.keys.key_for(model.provider).await? {
        KeyFor::Ready(key) => key,
        KeyFor::Missing => {
            let message = format!(
                "{} cannot be called: its provider has no key here",
                model.id
            );
            return Err(WireError::new(Code::ModelUnavailable, message));
        }
    };
    let id = model.id.as_str();
    let route = studio.route(id, model.provider, model.api, key.clone());
    studio.gateway.check(&route)?;
    let (prompt, question, pictures) = read_prompt(studio, member, &post.prompt).await?;
    check_pictures(&pictures, model)?;
    let path = match post.parent_id {
        Some(parent) => {
            check_parent(post.conversation_id, parent, &path)?;
            accept_path(studio, member, path, model).await?
        }
        None => Vec::new(),
    };
    Ok(Accepted {
        model: model.clone(),
        effort,
        answer_words_max: post.answer_words_max,
        prompt,
        question,
        pictures,
        path,
        key,
    })
}

/// Refuses what no turn may be, whatever is asked for.
pub(crate) fn check_post(
    studio: &Studio,
    post: &TurnPost,
    conversation: Option<&ConversationRecord>,
) -> Result<(), WireError> {
    check_estimate(&post.estimate)?;
    check_size(&post.prompt)?;
    let in_force = studio.prices.get().catalogue().rate_card().id.version;
    if post.rate_card_version != in_force {
        let message = format!(
            "the estimate was made with rate card {}, and {in_force} is in force",
            post.rate_card_version
        );
        return Err(WireError::new(Code::RateCardChanged, message));
    }
    check_conversation(conversation)
}

fn check_estimate(shown: &EstimateShown) -> Result<(), WireError> {
    let order = [
        anyai_units::Credits::ZERO,
        shown.low,
        shown.likely,
        shown.high,
        shown.ceiling,
    ];
    if order.is_sorted() {
        return Ok(());
    }
    let message = "an estimate has 0 <= low <= likely <= high <= ceiling";
    Err(WireError::new(Code::BadRequest, message))
}

fn check_size(prompt: &[PromptPart]) -> Result<(), WireError> {
    let too_large = |asked: usize, limit: usize, message: String| {
        Err(
            WireError::new(Code::DraftTooLarge, message).with_detail(Detail::Limit {
                asked: asked as u64,
                limit: limit as u64,
            }),
        )
    };
    if prompt.len() > PARTS_MAX {
        let message = format!("a prompt has at most {PARTS_MAX} parts");
        return too_large(prompt.len(), PARTS_MAX, message);
    }
    let text_bytes = |part: &PromptPart| match part {
        PromptPart::Text { text } => text.len(),
        PromptPart::Image(_) | PromptPart::Video(_) | PromptPart::Document(_) => 0,
    };
    let bytes: usize = prompt.iter().map(text_bytes).sum();
    if bytes > PROMPT_BYTES_MAX {
        let message = format!("a prompt has at most {PROMPT_BYTES_MAX} bytes of text");
        return too_large(bytes, PROMPT_BYTES_MAX, message);
    }
    let says_something = prompt.iter().any(|part| match part {
        PromptPart::Text { text } => !text.trim().is_empty(),
        PromptPart::Image(_) | PromptPart::Video(_) | PromptPart::Document(_) => true,
    });
    if says_something {
        Ok(())
    } else {
        Err(WireError::new(Code::DraftEmpty, "there is nothing to send"))
    }
}

fn effort(model: &Model, wished: Option<&str>) -> Result<Option<Effort>, WireError> {
    let Some(wished) = wished else {
        return Ok(model.resolve_effort(None));
    };
    let taken = Effort::from_text(wished).filter(|effort| {
        let knob = model.effort.as_ref();
        knob.is_some_and(|knob| knob.values.contains(effort))
    });
    match taken {
        Some(effort) => Ok(Some(effort)),
        None => {
            let message = format!("{} does not take the effort {wished:?}", model.id);
            Err(WireError::new(Code::BadRequest, message))
        }
    }
}

/// The prompt as it is kept, its words as they are sent, and its pictures.
async fn read_prompt(
    studio: &Studio,
    member: MemberId,
    prompt: &[PromptPart],
) -> Result<(Vec<PromptPart>, Question, Vec<Kept>), WireError> {
    let (mut stored, mut found) = (Vec::with_capacity(prompt.len()), Vec::new());
    let mut question = Question::default();
    for part in prompt {
        match part {
            PromptPart::Text { text } => {
                question.texts.push(text.clone());
                stored.push(part.clone());
            }
            PromptPart::Image(said) => {
                let kept = pictures::find(studio, member, said).await?;
                check_kind(&kept, |mime| mime.starts_with("image/"))?;
                stored.push(PromptPart::Image(kept.shown.clone()));
                found.push(kept);
            }
            PromptPart::Document(said) => {
                let kept = pictures::find(studio, member, said).await?;
                check_kind(&kept, |mime| mime == PDF || mime == TEXT)?;
                stored.push(PromptPart::Document(kept.shown.clone()));
                if kept.shown.mime == TEXT {
                    let file = pictures::read_text(studio, &kept).await?;
                    question.text_files.push(file);
                } else {
                    found.push(kept);
                }
            }
            PromptPart::Video(file) => return Err(not_taken(file)),
        }
    }
    Ok((stored, question, found))
}

/// Refuses a file that is not here, or is something else than it is given as.
fn check_kind(kept: &Kept, fits: impl Fn(&str) -> bool) -> Result<(), WireError> {
    if kept.sha256.is_none() {
        return Err(not_stored(kept.shown.asset_id));
    }
    match fits(&kept.shown.mime) {
        true => Ok(()),
        false => Err(not_taken(&kept.shown)),
    }
}

fn not_taken(file: &Attachment) -> WireError {
    let message = format!("a chat turn does not take {:?} ({})", file.name, file.mime);
    WireError::new(Code::AttachmentRejected, message)
}

/// Whether a model reads all of these files.
pub(super) fn reads_all(model: &Model, found: &[Kept]) -> bool {
    found.iter().all(|kept| reads(model, &kept.shown.mime))
}

fn check_pictures(found: &[Kept], model: &Model) -> Result<(), WireError> {
    match found.iter().find(|kept| !reads(model, &kept.shown.mime)) {
        Some(kept) => {
            let message = format!("{} does not read {}", model.id, kept.shown.mime);
            Err(WireError::new(Code::AttachmentRejected, message))
        }
        None => Ok(()),
    }
}

/// Whether a model reads files of a type that are not words.
fn reads(model: &Model, mime: &str) -> bool {
    match mime {
        PDF => model.input.pdf,
        _ => model.input.image,
    }
}

fn check_conversation(found: Option<&ConversationRecord>) -> Result<(), WireError> {
    match found {
        Some(conversation) if conversation.deleted => Err(WireError::new(
            Code::ConversationNotFound,
            "the conversation was deleted; bring it back first",
        )),
        _ => Ok(()),
    }
}

/// Refuses a turn that follows none, one of elsewhere, or one that has not ended.
pub(crate) fn check_parent(
    conversation: ConversationId,
    parent: TurnId,
    path: &[PathTurn],
) -> Result<(), WireError> {
    let Some(last) = path.last() else {
        let message = format!("the turn {parent} that this one follows is unknown here");
        return Err(WireError::new(Code::TurnNotFound, message));
    };
    if last.conversation_id != conversation {
        let message = "a turn follows one of its own conversation";
        return Err(WireError::new(Code::BadRequest, message));
    }
    if matches!(last.phase, TurnPhase::Sending | TurnPhase::Running { .. }) {
        let message = "the turn that this one follows has not ended";
        return Err(WireError::new(Code::BadRequest, message));
    }
    Ok(())
}

async fn accept_path(
    studio: &Studio,
    member: MemberId,
    path: Vec<PathTurn>,
    model: &Model,
) -> Result<Vec<AcceptedTurn>, WireError> {
    let mut accepted = Vec::with_capacity(path.len());
    for turn in path {
        let (question, pictures) = earlier_prompt(studio, member, &turn.prompt, model).await?;
        let states = usable_states(&turn, model);
        accepted.push(AcceptedTurn {
            resent_thinking: if states.is_empty() {
                anyai_units::Tokens::ZERO
            } else {
                turn.thinking_tokens
            },
            thinking: turn.thinking,
            sent: Earlier {
                question,
                answer: turn.text,
                states,
            },
            pictures,
        });
    }
    Ok(accepted)
}

/// What an earlier turn said, with the pictures that this model reads.
async fn earlier_prompt(
    studio: &Studio,
    member: MemberId,
    prompt: &[PromptPart],
    model: &Model,
) -> Result<(Question, Vec<Kept>), WireError> {
    let (mut question, mut found) = (Question::default(), Vec::new());
    for part in prompt {
        match part {
            PromptPart::Text { text } => question.texts.push(text.clone()),
            PromptPart::Document(said) if said.mime == TEXT => {
                let kept = pictures::find(studio, member, said).await?;
                match pictures::read_text(studio, &kept).await {
                    Ok(file) => question.text_files.push(file),
                    Err(error) if error.code == Code::DataDamaged => {
                        question.texts.insert(0, pictures::lost(&said.name));
                    }
                    Err(error) => return Err(error),
                }
            }
            PromptPart::Image(said) | PromptPart::Document(said) if reads(model, &said.mime) => {
                found.push(pictures::find(studio, member, said).await?);
            }
            PromptPart::Image(_) | PromptPart::Video(_) | PromptPart::Document(_) => {}
        }
    }
    Ok((question, found))
}

/// State goes back only to the provider it came from, and only from an answer that is whole: a
/// broken one has reasoning without the answer it led to, which providers refuse.
fn usable_states(turn: &PathTurn, model: &Model) -> Vec<ProviderState> {
    let whole = matches!(
        turn.phase,
        TurnPhase::Settled {
            stop_reason: StopReason::Complete | StopReason::Length,
            ..
        }
    );
    if whole && turn.provider == model.provider.as_str() {
        turn.states.clone()
    } else {
        Vec::new()
    }
}
