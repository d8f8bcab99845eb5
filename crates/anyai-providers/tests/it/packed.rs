//! Answers that come packed although nobody asked for it, and answers that only say so.

use std::io::Write as _;

use anyai_providers::{ChatRequest, Endpoint, ErrorClass, Protocol, Provider, ProviderEvent};
use anyai_units::Tokens;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use futures_util::StreamExt as _;

use crate::answer::{failure, greeting, text};
use crate::loopback::{Loopback, Step, impatient, reply_bytes};

const GREETING: &str = "Grüße, 🦀!";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

async fn heard(script: Vec<Step>) -> Vec<ProviderEvent> {
    let server = Loopback::start(vec![script]).await;
    let endpoint = Endpoint {
        provider: Provider::OpenAiCompatible,
        protocol: Protocol::ChatCompletions,
        base_url: &server.base_url,
        key: None,
    };
    let request = ChatRequest::new("m", "hi", Tokens::new(64));
    let events = impatient(0).stream(endpoint, &request).expect("a request");
    events.collect().await
}

#[tokio::test]
async fn an_answer_is_read_whether_it_is_packed_or_only_says_so() {
    let plain = greeting(Protocol::ChatCompletions);
    for (packing, says, body) in [
        ("gzip", "gzip", gzip(&plain)),
        ("gzip that does not say so", "", gzip(&plain)),
        (
            "two packs",
            "gzip",
            [gzip(&plain[..40]), gzip(&plain[40..])].concat(),
        ),
        ("zlib", "deflate", zlib(&plain)),
        ("plain that says gzip", "gzip", plain.clone()),
        ("plain that says deflate", "deflate", plain.clone()),
        ("plain that says br", "br", plain.clone()),
    ] {
        let header = match says {
            "" => String::new(),
            says => format!("content-encoding: {says}\r\n"),
        };
        let events = heard(reply_bytes(200, &header, &body)).await;
        assert_eq!(text(&events), GREETING, "{packing}: {events:?}");
    }
}

#[tokio::test]
async fn packed_words_are_heard_as_they_come() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let mut pieces = vec![b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec()];
    for event in greeting(Protocol::ChatCompletions).split_inclusive(|byte| *byte == b'\n') {
        packed.write_all(event).expect("memory");
        packed.flush().expect("memory");
        pieces.push(std::mem::take(packed.get_mut()));
    }
    // The end of the pack never comes.
    let steps = pieces.into_iter().flat_map(|piece| {
        let bytes = piece.into_iter().map(|byte| Step::Write(vec![byte]));
        bytes.collect::<Vec<_>>()
    });
    let events = heard(steps.chain([Step::Hang]).collect()).await;
    assert_eq!(text(&events), GREETING, "{events:?}");
    assert!(matches!(
        events.last(),
        Some(ProviderEvent::Finished { .. })
    ));
}

#[tokio::test]
async fn a_packed_complaint_is_read_and_a_broken_pack_is_said() {
    let complaint = gzip(br#"{"error":{"message":"Incorrect API key provided"}}"#);
    let events = heard(reply_bytes(401, "content-encoding: gzip\r\n", &complaint)).await;
    let error = failure(&events);
    assert_eq!(error.class, ErrorClass::Auth);
    assert_eq!(error.message, "Incorrect API key provided");

    let mut broken = gzip(&greeting(Protocol::ChatCompletions));
    broken[2] = 0;
    let events = heard(reply_bytes(200, "content-encoding: gzip\r\n", &broken)).await;
    let error = failure(&events);
    assert_eq!(error.class, ErrorClass::Malformed);
    assert!(error.message.contains("cannot be unpacked"), "{error}");

    let events = heard(reply_bytes(200, "", b"\x1f")).await;
    assert_eq!(failure(&events).class, ErrorClass::Malformed, "one byte");
}
