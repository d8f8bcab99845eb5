//! The request: the path of earlier turns, then what the person just wrote.

use anyai_catalog::{Api, Effort, EffortWire, Model, Thinking as Thinks};
use anyai_providers::{
    self as providers, ChatRequest, Document, Image, Message, OpaqueState, Part, Role,
};
use anyai_units::Tokens;
use bytes::Bytes;

use super::route::protocol_of;
use crate::history::ProviderState;

/// The type of files that only some models read.
pub(crate) const PDF: &str = "application/pdf";

/// The least room for an answer beside a thinking budget.
const ANSWER_TOKENS_MIN: u64 = 512;

/// The least a provider takes as a thinking budget.
const THINKING_BUDGET_MIN: u64 = 1_024;

/// The bytes of a picture or of a PDF.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) bytes: Bytes,
}

/// A text file, by its name.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// What a person wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    pub(crate) texts: Vec<String>,
    /// Pictures and PDFs.
    pub(crate) pictures: Vec<Picture>,
    pub(crate) text_files: Vec<TextFile>,
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
        may_think: model.thinking != Thinks::Never,
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

/// Files come first: every provider reads the words as being about them.
fn said(question: Question, model: &Model) -> Vec<Part> {
    let pictures = question.pictures.into_iter().filter_map(|picture| {
        let Picture { name, mime, bytes } = picture;
        match mime.as_str() {
            PDF => model
                .input
                .pdf
                .then_some(Part::Document(Document::Pdf { name, bytes })),
            _ => model
                .input
                .image
                .then_some(Part::Image(Image { mime, bytes })),
        }
    });
    let files = question.text_files.into_iter();
    let files = files.map(|TextFile { name, text }| Part::Document(Document::Text { name, text }));
    let texts = question.texts.into_iter().map(Part::Text);
    pictures.chain(files).chain(texts).collect()
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

#[cfg(test)]
mod tests {
    use anyai_catalog::Catalogue;

    use super::*;

    fn model(id: &str) -> Model {
        Catalogue::embedded().unwrap().model(id).unwrap().clone()
    }

    fn question(text: &str) -> Question {
        Question {
            texts: vec![text.to_owned()],
            pictures: vec![Picture {
                name: "cat.png".to_owned(),
                mime: "image/png".to_owned(),
                bytes: Bytes::from_static(b"png"),
            }],
            text_files: Vec::new(),
        }
    }

    fn state(text_offset: u64, protocol: &str) -> ProviderState {
        ProviderState {
            text_offset,
            protocol: protocol.to_owned(),
            bytes: format!("{{\"at\":{text_offset}}}").into_bytes(),
        }
    }

    #[test]
    fn state_goes_back_between_the_words_it_came_between() {
        let states = vec![
            state(0, "messages"),
            state(4, "messages"),
            state(4, "responses"),
            // No place in the answer: damaged, and put at the end rather than lost.
            state(99, "messages"),
        ];
        let parts = answered("Aha. Then", states, Api::Messages);
        let told: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Opaque(state) => String::from_utf8(state.bytes.to_vec()).unwrap(),
                Part::Image(_) | Part::Document(_) => panic!("no files in an answer"),
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"{"at":0}"#,
                "Aha.",
                r#"{"at":4}"#,
                r#"{"at":99}"#,
                " Then"
            ]
        );
        let lonely = answered("  ", vec![state(0, "messages")], Api::Messages);
        assert!(
            lonely.is_empty(),
            "state without an answer is refused by providers"
        );
    }

    #[test]
    fn sides_take_turns_even_after_an_empty_answer() {
        let earlier = Earlier {
            question: question("one"),
            answer: String::new(),
            states: Vec::new(),
        };
        let model = model("claude-haiku-5-5");
        let limit = Tokens::new(500);
        let request = compose(&model, None, vec![earlier], question("two"), limit);
        assert_eq!(request.messages.len(), 1, "one side spoke twice");
        assert_eq!(request.messages[0].parts.len(), 4);
        assert!(
            matches!(request.messages[0].parts[0], Part::Image(_)),
            "pictures come first"
        );
        assert_eq!(request.max_output_tokens, limit);
        assert_eq!(request.may_think, model.thinking != Thinks::Never);
    }

    #[test]
    fn a_model_that_reads_no_pictures_is_sent_none() {
        let mut model = model("claude-haiku-5-5");
        model.input.image = false;
        let request = compose(&model, None, Vec::new(), question("look"), Tokens::new(500));
        assert_eq!(request.messages[0].parts, [Part::Text("look".to_owned())]);
    }

    #[test]
    fn a_thinking_budget_always_leaves_room_for_an_answer() {
        let model = model("claude-opus-4-5");
        for effort in [Effort::Low, Effort::Medium, Effort::High] {
            for max_output in [1, 1_024, 1_535, 1_536, 2_000, 8_192, 64_000] {
                match thinking(&model, Some(effort), Tokens::new(max_output)) {
                    providers::Thinking::Budget(budget) => {
                        assert!(budget.count() >= THINKING_BUDGET_MIN);
                        assert!(budget.count() + ANSWER_TOKENS_MIN <= max_output);
                    }
                    providers::Thinking::Off => assert!(max_output < 1_536, "{max_output}"),
                    other => panic!("{other:?}"),
                }
            }
        }
        let off = thinking(&model, Some(Effort::None), Tokens::new(8_192));
        assert_eq!(off, providers::Thinking::Off);
    }
}
