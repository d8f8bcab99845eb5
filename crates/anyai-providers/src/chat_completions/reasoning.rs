//! OpenRouter's `reasoning_details`: kept to be sent back as they came; the words to show are in
//! `reasoning`.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::content::opaque;
use crate::endpoint::Protocol;
use crate::json::Fields;
use crate::request::OpaqueState;

/// The details of one answer. Pieces of one text are joined; what came in one piece keeps its exact
/// bytes.
#[derive(Debug, Default)]
pub(super) struct ReasoningDetails {
    details: Vec<Detail>,
}

#[derive(Debug)]
enum Detail {
    /// Text, with its exact bytes while it is one piece.
    Growing { value: Value, exact: Option<String> },
    /// Anything else.
    Exact(String),
}

impl ReasoningDetails {
    pub(super) fn push(&mut self, raw: &RawValue) {
        let Ok(value) = serde_json::from_str::<Value>(raw.get()) else {
            return;
        };
        let exact = raw.get().to_owned();
        let Some(key) = text_key(&value) else {
            return self.details.push(Detail::Exact(exact));
        };
        match self.details.last_mut() {
            Some(Detail::Growing { value: last, exact }) if continues(last, &value) => {
                join(last, value, key);
                *exact = None;
            }
            _ => self.details.push(Detail::Growing {
                value,
                exact: Some(exact),
            }),
        }
    }

    /// The details as one JSON array, if there were any.
    pub(super) fn state(&self) -> Option<OpaqueState> {
        if self.details.is_empty() {
            return None;
        }
        let items: Vec<Cow<'_, str>> = self
            .details
            .iter()
            .map(|detail| match detail {
                Detail::Growing {
                    exact: Some(exact), ..
                }
                | Detail::Exact(exact) => Cow::Borrowed(&**exact),
                Detail::Growing { value, exact: None } => Cow::Owned(value.to_string()),
            })
            .collect();
        Some(opaque(
            Protocol::ChatCompletions,
            format!("[{}]", items.join(",")),
        ))
    }
}

fn text_key(detail: &Value) -> Option<&'static str> {
    match detail.text("type")? {
        "reasoning.text" => Some("text"),
        "reasoning.summary" => Some("summary"),
        _ => None,
    }
}

fn continues(last: &Value, next: &Value) -> bool {
    last.get("type") == next.get("type")
        && last.get("index") == next.get("index")
        && last.present("signature").is_none()
}

fn join(last: &mut Value, next: Value, key: &str) {
    let (Value::Object(last), Value::Object(next)) = (last, next) else {
        return;
    };
    for (name, field) in next {
        match (last.get_mut(&name), field) {
            (Some(Value::String(all)), Value::String(more)) if name == key => all.push_str(&more),
            (_, Value::Null) => {}
            (_, field) => {
                last.insert(name, field);
            }
        }
    }
}
