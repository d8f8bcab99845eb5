//! The recordings: their cases, and the ways their bodies are cut. They are not part of this
//! repository.

use std::path::{Path, PathBuf};

use anyai_providers::{Protocol, Provider};
use serde_json::Value;

/// Bodies up to this length are cut in two at every byte; longer ones at every byte too, into pieces
/// of one length, whichever byte the first of them ends at.
const IN_TWO_BYTES_MAX: usize = 2_000;
/// The lengths of those pieces.
const PIECES: [usize; 2] = [2, 31];
/// The same for pictures, which take long to read.
const PICTURE_BYTES_MIN: usize = 500_000;
const PIECES_OF_PICTURES: [usize; 1] = [31];
/// Set, it has every body cut in two at every byte. That takes long: the work grows with the square.
const EVERYWHERE: &str = "ANYAI_CUT_EVERYWHERE";
/// How many random ways a body is cut besides.
const RANDOM_CUTS: u64 = 12;

pub(crate) struct Case(pub(crate) Value);

impl Case {
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    pub(crate) fn expected_text(&self, keys: &[&str]) -> String {
        keys.iter()
            .filter_map(|key| self.0["expect"][key].as_str())
            .collect()
    }
}

pub(crate) fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("ANYAI_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("data/recorded");
    if folder.join("index.jsonl").is_file() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: no recordings at {}; set ANYAI_SHARED to the folder that holds data/recorded",
        folder.display()
    );
    None
}

pub(crate) fn cases(folder: &Path) -> Vec<Case> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).expect("a readable index");
    let case = |line: &str| {
        let mut case: Value = serde_json::from_str(line).expect("a line of the index");
        let request = std::fs::read(folder.join(case["request"].as_str().expect("a request")))
            .expect("a recorded request");
        let request: Value = serde_json::from_slice(&request).expect("a recorded request");
        case["url"] = request["url"].clone();
        Case(case)
    };
    index
        .lines()
        .filter(|line| !line.is_empty())
        .map(case)
        .collect()
}

pub(crate) fn provider(case: &Case) -> Option<Provider> {
    Some(match case.text("provider") {
        "anthropic" => Provider::Anthropic,
        "openai" => Provider::OpenAi,
        "google" => Provider::Google,
        "xai" => Provider::XAi,
        "openrouter" => Provider::OpenRouter,
        "ollama" => Provider::Ollama,
        "llamacpp" => Provider::LlamaCpp,
        _ => return None,
    })
}

pub(crate) fn protocol(case: &Case) -> Option<Protocol> {
    if !matches!(
        case.text("kind"),
        "chat" | "responses" | "interactions" | "error"
    ) {
        return None;
    }
    let path = case.text("url").split('?').next().unwrap_or_default();
    [
        ("/messages", Protocol::Messages),
        ("/responses", Protocol::Responses),
        ("/chat/completions", Protocol::ChatCompletions),
        ("/api/chat", Protocol::OllamaChat),
        ("enerateContent", Protocol::GenerateContent),
        ("/interactions", Protocol::Interactions),
    ]
    .into_iter()
    .find_map(|(end, protocol)| path.ends_with(end).then_some(protocol))
}

/// Every way this body is cut: byte by byte, in two or in even pieces at each of its bytes, and at random
/// places, seeded.
pub(crate) fn cuts(body: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let is_short = body.len() <= IN_TWO_BYTES_MAX;
    let everywhere = is_short || std::env::var_os(EVERYWHERE).is_some();
    let in_two = (0..=body.len()).take(if everywhere { usize::MAX } else { 0 });
    let lengths = match body.len() {
        PICTURE_BYTES_MIN.. => &PIECES_OF_PICTURES[..],
        _ => &PIECES[..],
    };
    let starts = lengths
        .iter()
        .flat_map(|length| (0..*length).map(|start| (*length, start)));
    let bytewise = [body.chunks(1).collect()];
    let in_two = in_two.map(|at| vec![&body[..at], &body[at..]]);
    let even = starts.map(|(length, start)| even_cut(body, length, start));
    let random = (1..=RANDOM_CUTS).map(|seed| random_cut(body, seed));
    bytewise.into_iter().chain(in_two).chain(even).chain(random)
}

/// Pieces of one length after a first of another.
fn even_cut(body: &[u8], length: usize, start: usize) -> Vec<&[u8]> {
    let (first, rest) = body.split_at(start.min(body.len()));
    [first].into_iter().chain(rest.chunks(length)).collect()
}

pub(crate) fn random_cut(mut body: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let longest = [1, 3, 17, 1_400][usize::try_from(seed % 4).expect("small")];
    let mut chunks = Vec::new();
    while !body.is_empty() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let length = 1 + usize::try_from(state % longest).expect("small");
        let (chunk, rest) = body.split_at(length.min(body.len()));
        chunks.push(chunk);
        body = rest;
    }
    chunks
}

#[test]
fn every_place_of_a_body_is_cut() {
    for length in [
        1,
        100,
        IN_TWO_BYTES_MAX,
        IN_TWO_BYTES_MAX + 1,
        PICTURE_BYTES_MIN,
    ] {
        let body: Vec<u8> = (0..length)
            .map(|at| u8::try_from(at % 251).expect("small"))
            .collect();
        let cuts = cuts(&body)
            .skip(1)
            .filter(|pieces| length > IN_TWO_BYTES_MAX || pieces.len() == 2);
        let mut is_cut = vec![false; length];
        for pieces in cuts {
            let mut at = 0;
            for piece in pieces {
                is_cut[at.min(length - 1)] = true;
                assert_eq!(piece, &body[at..at + piece.len()]);
                at += piece.len();
            }
            assert_eq!(at, length);
        }
        assert!(!is_cut.contains(&false), "{length}");
    }
}
