//! Takes a post apart and refuses what cannot be sent, before anything is priced or stored.

use anyai_catalog::{Effort, Model, Price};
use anyai_units::{ConversationId, TurnId};
use anyai_wire::api::{PROMPT_BYTES_MAX, TurnPost};
use anyai_wire::{
    Attachment, Code, Detail, EstimateShown, PromptPart, StopReason, TurnPhase, WireError,
};

use crate::answer::history_failure;
use crate::gateway::{Earlier, Picture, Question};
use crate::history::{PathTurn, ProviderState};
use crate::keys::KeyFor;
use crate::studio::Studio;

/// Parts of one prompt at most.
const PARTS_MAX: usize = 64;

/// A post that can be priced.
#[derive(Debug)]
pub(super) struct Accepted<'a> {
    pub(super) model: &'a Model,
    pub(super) price: &'a Price,
    pub(super) effort: Option<Effort>,
    /// The prompt with the server's own particulars of its pictures.
    pub(super) prompt: Vec<PromptPart>,
    pub(super) question: Question,
    pub(super) path: Vec<AcceptedTurn>,
    pub(super) key: Option<anyai_secrets::Secret>,
}

/// An earlier turn, with what is sent of it and what prices it.
#[derive(Debug)]
pub(super) struct AcceptedTurn {
    pub(super) sent: Earlier,
    pub(super) pictures: Vec<Attachment>,
    /// The thinking that was shown; how long it was tells how long the next one will be.
    pub(super) thinking: String,
    /// Thinking that is sent back inside its states, as the provider billed it.
    pub(super) resent_thinking: anyai_units::Tokens,
}

/// Checks a post against the catalogue, the keys and the history.
pub(super) async fn accept<'a>(
    studio: &'a Studio,
    post: &TurnPost,
) -> Result<Accepted<'a>, WireError> {
    check_estimate(&post.estimate)?;
    check_size(&post.prompt)?;
    let in_force = studio.catalogue.rate_card().id.version;
    if post.rate_card_version != in_force {
        let message = format!(
            "the estimate was made with rate card {}, and {in_force} is in force",
            post.rate_card_version
        );
        return Err(WireError::new(Code::RateCardChanged, message));
    }
    let now = studio.clock.now();
    let (model, price) = studio
        .catalogue
        .offer(&post.model_id, now)
        .map_err(|error| WireError::new(Code::ModelUnknown, error.to_string()))?;
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
    let (prompt, question, pictures) = read_prompt(studio, &post.prompt).await?;
    if !pictures.is_empty() && !model.input.image {
        let message = format!("{} reads no pictures", model.id);
        return Err(WireError::new(Code::AttachmentRejected, message));
    }
    check_conversation(studio, post.conversation_id).await?;
    let path = match post.parent_id {
        Some(parent) => read_path(studio, post.conversation_id, parent, model).await?,
        None => Vec::new(),
    };
    Ok(Accepted {
        model,
        price,
        effort,
        prompt,
        question,
        path,
        key,
    })
}

impl Accepted<'_> {
    /// The pictures of the prompt.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &Attachment> {
        self.prompt.iter().filter_map(|part| match part {
            PromptPart::Image(picture) => Some(picture),
            PromptPart::Text { .. } => None,
        })
    }
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
        PromptPart::Image(_) => 0,
    };
    let bytes: usize = prompt.iter().map(text_bytes).sum();
    if bytes > PROMPT_BYTES_MAX {
        let message = format!("a prompt has at most {PROMPT_BYTES_MAX} bytes of text");
        return too_large(bytes, PROMPT_BYTES_MAX, message);
    }
    let says_something = prompt.iter().any(|part| match part {
        PromptPart::Text { text } => !text.trim().is_empty(),
        PromptPart::Image(_) => true,
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

/// The prompt as it is kept, as it is sent, and its pictures as they are priced. What the client
/// says of a picture is replaced by what the server knows of it; only the name is its own.
async fn read_prompt(
    studio: &Studio,
    prompt: &[PromptPart],
) -> Result<(Vec<PromptPart>, Question, Vec<Attachment>), WireError> {
    let (mut kept, mut pictures) = (Vec::with_capacity(prompt.len()), Vec::new());
    let mut question = Question::default();
    for part in prompt {
        match part {
            PromptPart::Text { text } => {
                question.texts.push(text.clone());
                kept.push(part.clone());
            }
            PromptPart::Image(said) => {
                let (attachment, picture) = read_picture(studio, said).await?;
                question.pictures.push(picture);
                pictures.push(attachment.clone());
                kept.push(PromptPart::Image(attachment));
            }
        }
    }
    Ok((kept, question, pictures))
}

async fn read_picture(
    studio: &Studio,
    said: &Attachment,
) -> Result<(Attachment, Picture), WireError> {
    let found = studio.history.asset(said.asset_id).await;
    let asset = found.map_err(|error| history_failure(&error))?;
    let Some(asset) = asset else {
        let message = format!("the picture {} was never stored here", said.asset_id);
        return Err(WireError::new(Code::AttachmentRejected, message));
    };
    let bytes = studio.assets.read(&asset.sha256).await?;
    let picture = Picture {
        mime: asset.attachment.mime.clone(),
        bytes,
    };
    let attachment = Attachment {
        name: said.name.clone(),
        ..asset.attachment
    };
    Ok((attachment, picture))
}

async fn check_conversation(studio: &Studio, id: ConversationId) -> Result<(), WireError> {
    let found = studio.history.conversation(id).await;
    match found.map_err(|error| history_failure(&error))? {
        Some(conversation) if conversation.deleted => Err(WireError::new(
            Code::ConversationNotFound,
            "the conversation was deleted; bring it back first",
        )),
        _ => Ok(()),
    }
}

async fn read_path(
    studio: &Studio,
    conversation: ConversationId,
    parent: TurnId,
    model: &Model,
) -> Result<Vec<AcceptedTurn>, WireError> {
    let path = studio.history.path(parent).await;
    let path = path.map_err(|error| history_failure(&error))?;
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
    let mut accepted = Vec::with_capacity(path.len());
    for turn in path {
        let (_, question, pictures) = read_prompt(studio, &turn.prompt).await?;
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
            pictures: if model.input.image {
                pictures
            } else {
                Vec::new()
            },
        });
    }
    Ok(accepted)
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
