//! Open WebUI's export: chats whose history maps ids to messages. Pictures are `data:` addresses.

use serde_json::Value;

use crate::said::{Role, Said, file_of_data_url, list_of, missing, text_of, words};
use crate::thread::{Part, Source, Told};
use crate::times::time;

/// Older answers hold what was thought, and the tools that were used, as folded HTML.
const FOLD: &str = "<details";
const FOLD_END: &str = "</details>";

pub(crate) fn is_it(value: &Value) -> bool {
    value["chat"]["history"]["messages"].is_object()
}

pub(crate) fn read(value: &Value) -> Option<Told> {
    let chat = &value["chat"];
    let history = &chat["history"];
    let said = history["messages"].as_object()?.iter();
    let said = said.filter_map(|(id, message)| {
        let role = match text_of(message, "role") {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => return None,
        };
        let (thinking, mut parts) = answer(message);
        parts.extend(files(message));
        Some(Said {
            id: id.clone(),
            parent: message["parentId"].as_str().map(str::to_owned),
            role,
            at: time(&message["timestamp"]),
            model: text_of(message, "model").to_owned(),
            parts,
            thinking,
        })
    });
    let titles = [text_of(chat, "title"), text_of(value, "title")];
    Some(Told {
        source: Source::OpenWebUi,
        id: value["id"].as_str().or(chat["id"].as_str())?.to_owned(),
        title: titles
            .into_iter()
            .find(|title| !title.is_empty())
            .unwrap_or_default()
            .to_owned(),
        created_at: time(&value["created_at"]).or(time(&chat["timestamp"])),
        said: said.collect(),
        shown: history["currentId"].as_str().map(str::to_owned),
    })
}

/// What was thought, and what was said.
fn answer(message: &Value) -> (String, Vec<Part>) {
    let output = list_of(message, "output");
    let of_kind = |kind: &'static str| {
        let items = output
            .iter()
            .filter(move |item| text_of(item, "type") == kind);
        let texts = items.flat_map(|item| list_of(item, "content"));
        let texts = texts.map(|content| text_of(content, "text").trim());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let told = of_kind("message");
    if !told.is_empty() {
        let parts = told.into_iter().filter_map(words).collect();
        return (of_kind("reasoning").join("\n\n"), parts);
    }
    let (thinking, text) = unfolded(text_of(message, "content"));
    (thinking, words(&text).into_iter().collect())
}

/// Takes folded thinking out of an answer.
fn unfolded(content: &str) -> (String, String) {
    let (mut thinking, mut text) = (String::new(), String::new());
    let mut rest = content;
    while let Some((before, folded)) = rest.split_once(FOLD)
        && let Some((inside, after)) = folded.split_once(FOLD_END)
    {
        text.push_str(before);
        if inside.contains("reasoning") {
            let said = inside
                .split_once("</summary>")
                .map_or(inside, |(_, said)| said);
            let lines = said.lines().map(|line| {
                let line = line.trim_start();
                let quoted = line.strip_prefix("&gt;").or(line.strip_prefix('>'));
                quoted.unwrap_or(line).trim()
            });
            thinking.push_str(lines.collect::<Vec<_>>().join("\n").trim());
        }
        rest = after;
    }
    text.push_str(rest);
    (thinking, text)
}

fn files(message: &Value) -> impl Iterator<Item = Part> + '_ {
    list_of(message, "files").iter().filter_map(|file| {
        let name = match text_of(file, "name") {
            "" => "picture",
            name => name,
        };
        let inline = file_of_data_url(text_of(file, "url"), name);
        inline.map(Part::File).or_else(|| missing(name))
    })
}
