//! One value a line, as Ollama sends them: the same answer however the bytes are cut.
#![no_main]

use anyai_providers::{Protocol, Provider};
use anyai_providers_fuzz::{input, pieces, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((_, cuts, body)) = input(data) else {
        return;
    };
    let read = |pieces: &[&[u8]]| read(Provider::Ollama, Protocol::OllamaChat, pieces);
    assert_eq!(read(&[body]), read(&pieces(body, cuts)));
});
