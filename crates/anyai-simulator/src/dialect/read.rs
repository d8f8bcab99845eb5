//! Reading requests: looking into JSON without trusting it.

use serde_json::Value;

use crate::image::Seen;
use crate::trouble::Trouble;

/// The model a body names.
pub(crate) fn model(body: &Value) -> Result<String, Trouble> {
    match body.get("model").and_then(Value::as_str) {
        Some(model) if !model.is_empty() => Ok(model.to_owned()),
        _ => Err(Trouble::bad_request(
            "you must provide a model parameter",
            "model",
        )),
    }
}

/// A field that is a list with something in it.
pub(crate) fn list<'a>(body: &'a Value, name: &'static str) -> Result<&'a [Value], Trouble> {
    match body.get(name).and_then(Value::as_array) {
        Some(items) if !items.is_empty() => Ok(items),
        _ => Err(Trouble::bad_request(
            format!("{name}: a non-empty list is required"),
            name,
        )),
    }
}

pub(crate) fn flag(body: &Value, name: &str) -> bool {
    body.get(name).and_then(Value::as_bool).unwrap_or(false)
}

pub(crate) fn word<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str)
}

/// A limit on output tokens: absent, or a whole number between its bounds.
pub(crate) fn limit(
    body: &Value,
    pointer: &str,
    name: &'static str,
    bounds: std::ops::RangeInclusive<u64>,
) -> Result<Option<u64>, Trouble> {
    let value = match body.pointer(pointer) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    match value.as_u64() {
        Some(limit) if bounds.contains(&limit) => Ok(Some(limit)),
        _ => Err(Trouble::bad_request(
            format!(
                "{name}: {value} is not between {} and {}",
                bounds.start(),
                bounds.end()
            ),
            name,
        )),
    }
}

/// A `data:` image URL.
pub(crate) fn image(url: &str, param: &'static str) -> Result<Seen, Trouble> {
    Seen::from_url(url)
        .ok_or_else(|| Trouble::bad_request("an image is not valid base64 data", param))
}

/// Strings of a list, or the one string in place of it.
pub(crate) fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}
