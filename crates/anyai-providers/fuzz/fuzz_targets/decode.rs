//! Every protocol: the same answer, with one end, however the bytes are cut.
#![no_main]

use anyai_providers::{Protocol, Provider};
use anyai_providers_fuzz::{input, pieces, read};
use libfuzzer_sys::fuzz_target;

const PROTOCOLS: [(Provider, Protocol); 8] = [
    (Provider::Anthropic, Protocol::Messages),
    (Provider::OpenAi, Protocol::Responses),
    (Provider::XAi, Protocol::Responses),
    (Provider::OpenRouter, Protocol::ChatCompletions),
    (Provider::LlamaCpp, Protocol::ChatCompletions),
    (Provider::Google, Protocol::GenerateContent),
    (Provider::Google, Protocol::Interactions),
    (Provider::Ollama, Protocol::OllamaChat),
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, cuts, body)) = input(data) else {
        return;
    };
    let (provider, protocol) = PROTOCOLS[usize::from(choice) % PROTOCOLS.len()];
    let read = |pieces: &[&[u8]]| read(provider, protocol, pieces);
    assert_eq!(read(&[body]), read(&pieces(body, cuts)));
});
