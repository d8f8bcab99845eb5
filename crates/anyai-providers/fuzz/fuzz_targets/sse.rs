//! Server-sent events: the same events however the bytes are cut.
#![no_main]

use anyai_providers::SseParser;
use anyai_providers_fuzz::{input, pieces};
use libfuzzer_sys::fuzz_target;

fn events(pieces: &[&[u8]]) -> Option<Vec<(String, String)>> {
    let mut parser = SseParser::new(512);
    let mut events = Vec::new();
    let mut each = |name: &str, data: &str| events.push((name.to_owned(), data.to_owned()));
    for piece in pieces {
        parser.push(piece, &mut each).ok()?;
    }
    parser.finish(&mut each).ok()?;
    Some(events)
}

fuzz_target!(|data: &[u8]| {
    let Some((_, cuts, body)) = input(data) else {
        return;
    };
    assert_eq!(events(&[body]), events(&pieces(body, cuts)));
});
