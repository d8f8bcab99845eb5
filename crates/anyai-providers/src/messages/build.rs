//! Writes a turn as an Anthropic Messages request.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::body::{Block, Body};
use crate::content::{PDF, base64_of, blocks_with_state};
use crate::document::Document;
use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::{ChatRequest, Message, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert(
        "max_tokens".into(),
        json!(request.max_output_tokens.count()),
    );
    body.insert("stream".into(), json!(true));
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        let mut block = json!({"type": "text", "text": system});
        if request.write_cache {
            mark(&mut block);
        }
        body.insert("system".into(), json!([block]));
    }
    insert_thinking(request.thinking, &mut body);
    if let Some(end_user) = &request.end_user {
        body.insert("metadata".into(), json!({"user_id": end_user}));
    }
    let mut turns = request
        .messages
        .iter()
        .map(turn)
        .collect::<Result<Vec<_>, _>>()?;
    // An empty message is refused; a turn whose answer was empty leaves one.
    turns.retain(|turn| !turn.content.is_empty());
    if request.write_cache {
        mark_turns(&mut turns);
    }
    let body = Body {
        fields: body,
        turns_key: "messages",
        turns,
    };
    HttpRequest::post(endpoint, "messages", None, &body)
}

/// One message.
#[derive(Serialize)]
struct Turn {
    role: &'static str,
    content: Vec<Block>,
}

fn turn(message: &Message) -> Result<Turn, BuildError> {
    Ok(Turn {
        role: match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        },
        content: blocks_with_state(message, Protocol::Messages, content)?,
    })
}

fn content(part: &Part) -> Option<Value> {
    if let Some(words) = part.words() {
        // An empty text block is refused too.
        let is_empty = words.trim().is_empty();
        return (!is_empty).then(|| json!({"type": "text", "text": words}));
    }
    match part {
        Part::Image(image) => Some(json!({
            "type": "image", "source": source(&image.mime, &image.bytes),
        })),
        Part::Document(Document::Pdf { name, bytes }) => Some(json!({
            "type": "document", "title": name, "source": source(PDF, bytes),
        })),
        _ => None,
    }
}

fn source(mime: &str, bytes: &[u8]) -> Value {
    json!({"type": "base64", "media_type": mime, "data": base64_of(bytes)})
}

/// How many of the last messages end with a breakpoint; with the system text's it makes the four
/// that are allowed.
const MARKED_TURNS: usize = 3;

/// Marks where the cache is read and written. The newest message is written for the next turn. The
/// question before it is where the turn before wrote, so that is read however many blocks the answer
/// between them has. The end of that answer is what stays when the newest message is changed or
/// asked again.
fn mark_turns(turns: &mut [Turn]) {
    for turn in turns.iter_mut().rev().take(MARKED_TURNS) {
        // Thinking, which is kept, cannot end a cached prefix.
        let made = turn.content.iter_mut().rev().find_map(|block| match block {
            Block::Made(block) => Some(block),
            Block::Kept(_) => None,
        });
        if let Some(block) = made {
            mark(block);
        }
    }
}

/// The five-minute cache, which is what no `ttl` means.
fn mark(block: &mut Value) {
    block["cache_control"] = json!({"type": "ephemeral"});
}

fn insert_thinking(thinking: Thinking, body: &mut Map<String, Value>) {
    match thinking {
        Thinking::ProviderDefault => {}
        Thinking::Off => {
            body.insert("thinking".into(), json!({"type": "disabled"}));
        }
        Thinking::Effort(effort) => {
            body.insert(
                "thinking".into(),
                json!({"type": "adaptive", "display": "summarized"}),
            );
            body.insert("output_config".into(), json!({"effort": effort.as_str()}));
        }
        Thinking::Budget(tokens) => {
            body.insert(
                "thinking".into(),
                json!({"type": "enabled", "budget_tokens": tokens.count()}),
            );
        }
    }
}
