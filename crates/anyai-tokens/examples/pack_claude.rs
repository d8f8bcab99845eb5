//! Packs a vocabulary file of the Python package ctok (`ctok/data/pieces_*.json`) into the form this
//! crate embeds: `cargo run --release -p anyai-tokens --example pack_claude -- pieces_v3.json data/claude_v3.z`
//!
//! Two lists, pieces and then the byte strings of characters that are no piece: each as its length
//! (four bytes, least first), one length byte per entry, and the bytes; compressed with zlib. The four
//! markers are bytes that no UTF-8 text has.

use std::error::Error;

use serde_json::{Map, Value};

const MARKERS: [(&str, u8); 4] = [
    ("⟨bow⟩", 0xff),
    ("⟨eow⟩", 0xfe),
    ("⟨shift⟩", 0xfd),
    ("⟨caps⟩", 0xfc),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(source), Some(target)) = (arguments.next(), arguments.next()) else {
        return Err("usage: pack_claude SOURCE TARGET".into());
    };
    let document: Value = serde_json::from_str(&std::fs::read_to_string(source)?)?;
    let groups = document["tokens"].as_object().ok_or("no tokens")?;
    let mut pieces = Vec::new();
    for (group, entries) in groups
        .iter()
        .filter(|(group, _)| *group != "bytes_fallback")
    {
        for piece in keys(entries)?.keys() {
            let mut piece = marked(piece);
            if group == "contractions" {
                piece.push(0xfe);
            }
            pieces.push(piece);
        }
    }
    let mut bytes = Vec::new();
    for hex in keys(&groups["bytes_fallback"])?.keys() {
        bytes.push(from_hex(hex)?);
    }
    let mut packed = Vec::new();
    for list in [&mut pieces, &mut bytes] {
        list.sort();
        list.dedup();
        packed.extend(u32::try_from(list.len())?.to_le_bytes());
        for entry in list.iter() {
            packed.push(u8::try_from(entry.len())?);
        }
        packed.extend(list.concat());
    }
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&packed, 10);
    Ok(std::fs::write(target, packed)?)
}

fn keys(group: &Value) -> Result<&Map<String, Value>, Box<dyn Error>> {
    group
        .as_object()
        .ok_or_else(|| "a group that is no table".into())
}

fn marked(piece: &str) -> Vec<u8> {
    let (mut rest, mut bytes) = (piece, Vec::new());
    'all: while let Some(next) = rest.chars().next() {
        for (name, marker) in MARKERS {
            if let Some(after) = rest.strip_prefix(name) {
                bytes.push(marker);
                rest = after;
                continue 'all;
            }
        }
        let (character, after) = rest.split_at(next.len_utf8());
        bytes.extend(character.bytes());
        rest = after;
    }
    bytes
}

fn from_hex(hex: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    (0..hex.len())
        .step_by(2)
        .map(|at| {
            Ok(u8::from_str_radix(
                hex.get(at..at + 2).ok_or("half a byte")?,
                16,
            )?)
        })
        .collect()
}
