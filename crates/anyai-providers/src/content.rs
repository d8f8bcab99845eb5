//! Small shapes several protocols share: inline pictures, and stored state put back as it was.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use serde_json::Value;

use crate::body::{Block, kept};
use crate::document::Document;
use crate::endpoint::Protocol;
use crate::error::BuildError;
use crate::request::{Image, Message, OpaqueState, Part};

pub(crate) fn base64_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// `data:image/png;base64,...`
pub(crate) fn data_url(mime: &str, bytes: &[u8]) -> String {
    format!("data:{mime};base64,{}", base64_of(bytes))
}

/// A PDF file's media type.
pub(crate) const PDF: &str = "application/pdf";

/// A picture from base64; a data URL names its own media type. Damaged base64 is no picture.
pub(crate) fn image_from_base64(text: &str, mime: Option<&str>) -> Option<Image> {
    let (own, bytes) = inline_bytes(text)?;
    // What it is said to be counts only where its own first bytes say nothing.
    Some(Image::recognised(bytes.clone()).unwrap_or_else(|| {
        Image {
            mime: own
                .or(mime)
                .unwrap_or("application/octet-stream")
                .to_owned(),
            bytes,
        }
    }))
}

/// A file from base64, with the media type a data URL names.
pub(crate) fn inline_bytes(text: &str) -> Option<(Option<&str>, Bytes)> {
    let (mime, text) = match text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
    {
        Some((own, rest)) => (Some(own), rest),
        None => (None, text),
    };
    // Line breaks and stray characters between the digits mean nothing.
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        .collect();
    let bytes = STANDARD
        .decode(&digits)
        .or_else(|_| STANDARD_NO_PAD.decode(&digits))
        .ok()?;
    (!bytes.is_empty()).then(|| (mime, Bytes::from(bytes)))
}

pub(crate) fn opaque(protocol: Protocol, json: impl Into<String>) -> OpaqueState {
    OpaqueState {
        protocol,
        bytes: Bytes::from(json.into()),
    }
}

/// All words of a message, a text file on lines of its own.
pub(crate) fn joined_words(message: &Message) -> String {
    let mut all = String::new();
    for part in &message.parts {
        let Some(words) = part.words() else { continue };
        let is_file = matches!(part, Part::Document(_));
        if is_file && !all.is_empty() && !all.ends_with('\n') {
            all.push('\n');
        }
        all.push_str(&words);
    }
    all
}

/// Refuses a conversation with a PDF in it, for servers that read none.
pub(crate) fn refuse_pdf(messages: &[Message]) -> Result<(), BuildError> {
    let mut parts = messages.iter().flat_map(|message| &message.parts);
    let pdf = parts.find_map(|part| match part {
        Part::Document(Document::Pdf { name, .. }) => Some(name.clone()),
        _ => None,
    });
    pdf.map_or(Ok(()), |name| Err(BuildError::Document { name }))
}

/// A message as items: what `content` makes of its parts gathered by `item`, and the protocol's
/// stored state as items of its own between them, each where it was.
pub(crate) fn items_with_state(
    message: &Message,
    protocol: Protocol,
    content: impl Fn(&Part) -> Option<Value>,
    item: impl Fn(Vec<Value>) -> Value,
) -> Result<Vec<Block>, BuildError> {
    let (mut items, mut gathered) = (Vec::new(), Vec::new());
    for part in &message.parts {
        let state = match part {
            Part::Opaque(state) => kept(state, protocol)?,
            _ => None,
        };
        let Some(state) = state else {
            gathered.extend(content(part));
            continue;
        };
        if !gathered.is_empty() {
            items.push(Block::Made(item(std::mem::take(&mut gathered))));
        }
        items.push(Block::Kept(state));
    }
    if !gathered.is_empty() {
        items.push(Block::Made(item(gathered)));
    }
    Ok(items)
}

/// A message as blocks: what `content` makes of its parts, and the protocol's stored state.
pub(crate) fn blocks_with_state(
    message: &Message,
    protocol: Protocol,
    content: impl Fn(&Part) -> Option<Value>,
) -> Result<Vec<Block>, BuildError> {
    let mut blocks = Vec::new();
    for part in &message.parts {
        match part {
            Part::Opaque(state) => blocks.extend(kept(state, protocol)?.map(Block::Kept)),
            part => blocks.extend(content(part).map(Block::Made)),
        }
    }
    Ok(blocks)
}
