//! OpenRouter's `reasoning_details`: kept to be sent back as they came; the words to show are in
//! `reasoning`.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::content::opaque;
use crate::endpoint::Protocol;
use crate::json::Fields;
use crate::request::OpaqueState;

/// The details of one answer. Pieces of one text are joined; everything else keeps its exact bytes.
#[derive(Debug, Default)]
pub(super) struct ReasoningDetails {
    details: Vec<Detail>,
}

#[derive(Debug)]
enum Detail {
    Growing(Value),
    Exact(String),
}

impl ReasoningDetails {
    pub(super) fn push(&mut self, raw: &RawValue) {
        let Ok(value) = serde_json::from_str::<Value>(raw.get()) else {
            return;
        };
        let Some(key) = text_key(&value) else {
            self.details.push(Detail::Exact(raw.get().to_owned()));
            return;
        };
        match self.details.last_mut() {
            Some(Detail::Growing(last)) if continues(last, &value) => join(last, &value, key),
            _ => self.details.push(Detail::Growing(value)),
        }
    }

    /// The details as one JSON array, if there were any.
    pub(super) fn state(&self) -> Option<OpaqueState> {
        if self.details.is_empty() {
            return None;
        }
        let items: Vec<String> = self
            .details
            .iter()
            .map(|detail| match detail {
                Detail::Growing(value) => value.to_string(),
                Detail::Exact(text) => text.clone(),
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

fn join(last: &mut Value, next: &Value, key: &str) {
    let text = [
        last.text(key).unwrap_or_default(),
        next.text(key).unwrap_or_default(),
    ]
    .concat();
    if let (Value::Object(last), Value::Object(next)) = (last, next) {
        for (name, field) in next {
            if !field.is_null() {
                last.insert(name.clone(), field.clone());
            }
        }
        last.insert(key.to_owned(), Value::String(text));
    }
}
