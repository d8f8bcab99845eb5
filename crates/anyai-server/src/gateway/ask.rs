//! The request: the path of earlier turns, then what the person just wrote.

use anyai_catalog::{Api, Effort, EffortWire, Model, Thinking as Thinks};
use anyai_providers::{self as providers, ChatRequest, Image, Message, OpaqueState, Part, Role};
use anyai_units::Tokens;
use bytes::Bytes;

use super::route::protocol_of;
use crate::history::ProviderState;

/// The least room for an answer beside a thinking budget.
const ANSWER_TOKENS_MIN: u64 = 512;

/// The least a provider takes as a thinking budget.
const THINKING_BUDGET_MIN: u64 = 1_024;

/// A picture's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) mime: String,
    pub(crate) bytes: Bytes,
}

/// What a person wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    pub(crate) texts: Vec<String>,
    pub(crate) pictures: Vec<Picture>,
}

/// An earlier turn of the path.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    pub(crate) question: Question,
    pub(crate) answer: String,
    /// State of the same provider; empty otherwise.
    pub(crate) states: Vec<ProviderState>,
}

/// Writes the request of a turn.
pub(crate) fn compose(
    model: &Model,
    effort: Option<Effort>,
    path: Vec<Earlier>,
    question: Question,
    max_output_tokens: Tokens,
) -> ChatRequest {
    let mut messages = Vec::with_capacity(path.len() * 2 + 1);
    for earlier in path {
        push(&mut messages, Role::User, said(earlier.question, model));
        let answered = answered(&earlier.answer, earlier.states, model.api);
        push(&mut messages, Role::Assistant, answered);
    }
    push(&mut messages, Role::User, said(question, model));
    ChatRequest {
        model: model.id.to_string(),
        system: None,
        messages,
        max_output_tokens,
        thinking: thinking(model, effort, max_output_tokens),
        cache_key: None,
        write_cache: false,
        end_user: None,
    }
}

/// Adds a message; a side that speaks twice in a row (its answer was empty) speaks once, longer.
fn push(messages: &mut Vec<Message>, role: Role, parts: Vec<Part>) {
    if parts.is_empty() {
        return;
    }
    match messages.last_mut() {
        Some(last) if last.role == role => last.parts.extend(parts),
        _ => messages.push(Message { role, parts }),
    }
}

/// Pictures come first: every provider reads the words as being about them.
fn said(question: Question, model: &Model) -> Vec<Part> {
    let pictures = question.pictures.into_iter().filter(|_| model.input.image);
    let pictures = pictures.map(|picture| {
        Part::Image(Image {
            mime: picture.mime,
            bytes: picture.bytes,
        })
    });
    let texts = question.texts.into_iter().map(Part::Text);
    pictures.chain(texts).collect()
}

/// The answer with the provider's state back in its places. State without an answer is left out:
/// providers refuse it.
fn answered(answer: &str, states: Vec<ProviderState>, api: Api) -> Vec<Part> {
    if answer.trim().is_empty() {
        return Vec::new();
    }
    let protocol = protocol_of(api);
    let mut parts = Vec::new();
    let mut written = 0;
    for state in states {
        if state.protocol != protocol.as_str() {
            continue;
        }
        let offset = usize::try_from(state.text_offset).unwrap_or(usize::MAX);
        if let Some(words) = answer
            .get(written..offset)
            .filter(|words| !words.is_empty())
        {
            parts.push(Part::Text(words.to_owned()));
            written = offset;
        }
        parts.push(Part::Opaque(OpaqueState {
            protocol,
            bytes: state.bytes.into(),
        }));
    }
    if let Some(rest) = answer.get(written..).filter(|rest| !rest.is_empty()) {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

fn thinking(model: &Model, effort: Option<Effort>, max_output: Tokens) -> providers::Thinking {
    let (Some(knob), Some(effort)) = (&model.effort, effort) else {
        return match model.thinking {
            Thinks::OffByDefault => providers::Thinking::Off,
            Thinks::Never | Thinks::OnByDefault | Thinks::Always => {
                providers::Thinking::ProviderDefault
            }
        };
    };
    let level = match effort {
        Effort::None => return providers::Thinking::Off,
        Effort::Minimal => providers::Effort::Minimal,
        Effort::Low => providers::Effort::Low,
        Effort::Medium => providers::Effort::Medium,
        Effort::High => providers::Effort::High,
        Effort::Xhigh => providers::Effort::XHigh,
        Effort::Max => providers::Effort::Max,
    };
    match knob.wire {
        EffortWire::Effort | EffortWire::ThinkingLevel => providers::Thinking::Effort(level),
        EffortWire::BudgetTokens => match budget(level, max_output) {
            Some(tokens) => providers::Thinking::Budget(tokens),
            None if model.thinking == Thinks::Always => providers::Thinking::ProviderDefault,
            None => providers::Thinking::Off,
        },
    }
}

/// A budget that leaves room for an answer within the limit that was held, if there is one.
fn budget(level: providers::Effort, max_output: Tokens) -> Option<Tokens> {
    let wished = match level {
        providers::Effort::Minimal => THINKING_BUDGET_MIN,
        providers::Effort::Low => 4_096,
        providers::Effort::Medium => 10_240,
        providers::Effort::High => 24_576,
        providers::Effort::XHigh => 32_768,
        providers::Effort::Max => u64::MAX,
    };
    let answer = (max_output.count() / 4).max(ANSWER_TOKENS_MIN);
    let room = max_output.count().saturating_sub(answer);
    let budget = wished.min(room);
    (budget >= THINKING_BUDGET_MIN).then(|| Tokens::new(budget))
}
