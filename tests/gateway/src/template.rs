//! What to ask: a file of requests with placeholders, so that any gateway can be asked.
//!
//! `{uuid}` and `{uuid2}` are fresh for each exchange and the same within it; every other `{name}` is
//! a value given with `--set`. What no value is known for stays as it is: bodies are full of braces.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use uuid::Uuid;

use crate::marks::Marks;

/// One exchange: requests one after the other, of which the last one's answer is looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    #[serde(rename = "request")]
    pub(crate) requests: Vec<Request>,
    #[serde(default)]
    pub(crate) answer: Marks,
}

/// A request as the file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
}

impl Template {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not understood", path.display()))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let template: Self = toml::from_str(text)?;
        ensure!(!template.requests.is_empty(), "it asks nothing");
        Ok(template)
    }

    /// Puts in the values that are the same for every exchange.
    pub(crate) fn with(mut self, values: &BTreeMap<String, String>) -> Self {
        let put = |text: &mut String| {
            for (name, value) in values {
                *text = text.replace(&format!("{{{name}}}"), value);
            }
        };
        for request in &mut self.requests {
            put(&mut request.path);
            put(&mut request.body);
            request.headers.values_mut().for_each(put);
        }
        self
    }
}

/// The names of one exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh(Uuid, Uuid);

impl Fresh {
    pub(crate) fn new() -> Self {
        Self(Uuid::now_v7(), Uuid::now_v7())
    }

    pub(crate) fn put_into(self, text: &str) -> String {
        if !text.contains("{uuid") {
            return text.to_owned();
        }
        text.replace("{uuid}", &self.0.to_string())
            .replace("{uuid2}", &self.1.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_everywhere_and_other_braces_stay() {
        let template = Template::parse(
            "[[request]]\nmethod = 'POST'\npath = '/a/{uuid}'\nheaders = { x = 'Bearer {token}' }\n\
             body = '{\"id\":\"{uuid}\",\"of\":\"{uuid2}\",\"n\":{}}'",
        )
        .unwrap();
        let values = BTreeMap::from([("token".to_owned(), "t".to_owned())]);
        let request = &template.with(&values).requests[0];
        assert_eq!(request.headers["x"], "Bearer t");
        let fresh = Fresh::new();
        let (body, path) = (fresh.put_into(&request.body), fresh.put_into(&request.path));
        assert_eq!(path, format!("/a/{}", fresh.0));
        assert_eq!(
            body,
            format!(
                "{{\"id\":\"{}\",\"of\":\"{}\",\"n\":{{}}}}",
                fresh.0, fresh.1
            )
        );
    }

    #[test]
    fn the_templates_of_this_folder_are_understood() {
        for text in [
            include_str!("../templates/studio.toml"),
            include_str!("../templates/responses.toml"),
            include_str!("../templates/chat-completions.toml"),
        ] {
            Template::parse(text).unwrap();
        }
    }
}
