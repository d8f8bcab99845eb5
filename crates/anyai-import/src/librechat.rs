//! `LibreChat`'s export of one conversation: messages in a list with parents, or nested in each other.

use serde_json::Value;

use crate::said::{Role, Said, file_of_data_url, list_of, missing, text_of, words};
use crate::thread::{Part, Source, Told};
use crate::times::time;

/// The parent of a first message.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) fn is_it(value: &Value) -> bool {
    value["conversationId"].is_string()
        && (value["messages"].is_array() || value["messagesTree"].is_array())
}

pub(crate) fn read(value: &Value) -> Option<Told> {
    let model = text_of(&value["options"], "model");
    let mut said = Vec::new();
    let nested = ["messagesTree", "messages"];
    let first = nested.iter().find(|name| value[**name].is_array())?;
    let mut rest: Vec<(&Value, Option<&str>)> = list_of(value, first)
        .iter()
        .rev()
        .map(|message| (message, message["parentMessageId"].as_str()))
        .collect();
    while let Some((message, parent)) = rest.pop() {
        let id = text_of(message, "messageId");
        said.push(Said {
            id: id.to_owned(),
            parent: parent.filter(|parent| *parent != NOBODY).map(str::to_owned),
            role: match message["isCreatedByUser"] == true {
                true => Role::User,
                false => Role::Assistant,
            },
            at: time(&message["createdAt"]),
            model: match text_of(message, "model") {
                "" => model.to_owned(),
                named => named.to_owned(),
            },
            parts: parts(message),
            thinking: thinking(message),
        });
        let children = list_of(message, "children").iter().rev();
        rest.extend(children.map(|child| (child, Some(id))));
    }
    Some(Told {
        source: Source::LibreChat,
        id: text_of(value, "conversationId").to_owned(),
        title: text_of(value, "title").to_owned(),
        created_at: said.iter().filter_map(|said: &Said| said.at).min(),
        shown: said.last().map(|last| last.id.clone()),
        said,
    })
}

fn parts(message: &Value) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in list_of(message, "content") {
        match text_of(block, "type") {
            "text" => parts.extend(words(said_in(&block["text"]))),
            "image_url" => {
                let url = text_of(&block["image_url"], "url");
                parts.extend(file_of_data_url(url, "picture").map(Part::File));
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        parts.extend(words(text_of(message, "text")));
    }
    for file in list_of(message, "files") {
        parts.extend(missing(text_of(file, "filename")));
    }
    parts
}

/// `"text": "..."`, and in newer exports `"text": {"value": "..."}`.
fn said_in(text: &Value) -> &str {
    text.as_str().or(text["value"].as_str()).unwrap_or_default()
}

fn thinking(message: &Value) -> String {
    let blocks = list_of(message, "content").iter();
    let thoughts = blocks.filter(|block| text_of(block, "type") == "think");
    let thoughts = thoughts.map(|block| said_in(&block["think"]).trim());
    thoughts.collect::<Vec<_>>().join("\n\n")
}
