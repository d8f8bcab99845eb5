//! The client against servers that are slow, rude, or after the key.

use std::time::{Duration, Instant};

use anyai_providers::{
    BuildError, ChatRequest, Client, Endpoint, ErrorClass, Protocol, Provider, ProviderError,
    ProviderEvent, StopReason,
};
use anyai_units::Tokens;
use futures_util::StreamExt as _;

use crate::loopback::{Loopback, Step, impatient, reply, stream_head, write};

const KEY: &str = "sk-secret-0123456789";
const HELLO: &str = "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn endpoint(base_url: &str) -> Endpoint<'_> {
    Endpoint {
        provider: Provider::OpenAiCompatible,
        protocol: Protocol::ChatCompletions,
        base_url,
        key: Some(KEY),
    }
}

fn hello() -> ChatRequest {
    ChatRequest::new("m", "hi", Tokens::new(64))
}

async fn ask(client: &Client, server: &Loopback) -> Vec<ProviderEvent> {
    let events = client
        .stream(endpoint(&server.base_url), &hello())
        .expect("a request");
    events.collect().await
}

fn failure(events: &[ProviderEvent]) -> &ProviderError {
    let ends = events
        .iter()
        .filter(|event| {
            matches!(
                event,
                ProviderEvent::Finished { .. } | ProviderEvent::Failed(_)
            )
        })
        .count();
    assert_eq!(ends, 1, "one end in {events:?}");
    match events.last() {
        Some(ProviderEvent::Failed(error)) => error,
        other => panic!("ended with {other:?}"),
    }
}

fn text(events: &[ProviderEvent]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        ProviderEvent::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn an_answer_arrives_as_it_is_written() {
    let server = Loopback::start(vec![vec![
        stream_head(),
        write(HELLO),
        Step::Pause(Duration::from_millis(200)),
        write(STOP),
    ]])
    .await;
    let client = impatient(0);
    let begun = Instant::now();
    let mut events = client
        .stream(endpoint(&server.base_url), &hello())
        .expect("a request");
    assert!(matches!(
        events.next().await,
        Some(ProviderEvent::Started { .. })
    ));
    assert_eq!(
        events.next().await,
        Some(ProviderEvent::Text("Hello".to_owned()))
    );
    assert!(
        begun.elapsed() < Duration::from_millis(200),
        "the first words do not wait for the last"
    );
    let rest: Vec<_> = events.collect().await;
    let finished = ProviderEvent::Finished {
        stop_reason: StopReason::EndTurn,
        raw: "stop".to_owned(),
    };
    assert_eq!(rest, [finished]);
}

#[tokio::test]
async fn the_request_carries_the_key_in_its_header_only() {
    let server = Loopback::start(vec![reply(200, "", &format!("{HELLO}{STOP}"))]).await;
    ask(&impatient(0), &server).await;
    let seen = server.seen();
    let (head, body) = seen[0].split_once("\r\n\r\n").expect("a head and a body");
    assert!(
        head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"),
        "{head}"
    );
    assert_eq!(head.matches(KEY).count(), 1);
    assert!(
        head.contains(&format!("authorization: Bearer {KEY}")),
        "{head}"
    );
    assert!(!body.contains(KEY));
}

#[tokio::test]
async fn a_stream_that_breaks_off_keeps_its_text_and_fails_once() {
    let server = Loopback::start(vec![vec![
        stream_head(),
        write(HELLO),
        write("data: {\"choices\":[{\"ind"),
    ]])
    .await;
    let events = ask(&impatient(2), &server).await;
    assert_eq!(text(&events), "Hello");
    assert_eq!(failure(&events).class, ErrorClass::Network);
    assert_eq!(failure(&events).http_status, Some(200));
    assert_eq!(
        server.seen().len(),
        1,
        "nothing is asked twice once an answer has begun"
    );
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_a_network_failure() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
    let server = Loopback::start(vec![vec![write(head), write(HELLO)]]).await;
    let events = ask(&impatient(0), &server).await;
    assert_eq!(
        (text(&events).as_str(), failure(&events).class),
        ("Hello", ErrorClass::Network)
    );
}

#[tokio::test]
async fn silence_is_a_timeout_before_and_within_an_answer() {
    let server = Loopback::start(vec![vec![Step::Hang]]).await;
    let events = ask(&impatient(2), &server).await;
    assert_eq!(failure(&events).class, ErrorClass::Timeout);
    assert_eq!(
        server.seen().len(),
        1,
        "a silent provider may be at work: asking again could bill twice"
    );

    let server = Loopback::start(vec![vec![stream_head(), write(HELLO), Step::Hang]]).await;
    let events = ask(&impatient(2), &server).await;
    assert_eq!(
        (text(&events).as_str(), failure(&events).class),
        ("Hello", ErrorClass::Timeout)
    );
}

#[tokio::test]
async fn a_slow_answer_that_keeps_coming_is_no_timeout() {
    let mut steps = vec![stream_head()];
    for _ in 0..4 {
        steps.extend([
            write(": still here\n\n"),
            Step::Pause(Duration::from_millis(150)),
        ]);
    }
    steps.extend([write(HELLO), write(STOP)]);
    let server = Loopback::start(vec![steps]).await;
    let events = ask(&impatient(0), &server).await;
    assert_eq!(text(&events), "Hello");
    assert!(
        matches!(events.last(), Some(ProviderEvent::Finished { .. })),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_complete_answer_on_a_connection_left_open_is_complete() {
    let finish = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let server = Loopback::start(vec![vec![
        stream_head(),
        write(HELLO),
        write(finish),
        Step::Hang,
    ]])
    .await;
    let events = ask(&impatient(0), &server).await;
    assert!(
        matches!(events.last(), Some(ProviderEvent::Finished { .. })),
        "{events:?}"
    );
}

#[tokio::test]
async fn dropping_the_stream_hangs_up() {
    let server = Loopback::start(vec![vec![stream_head(), write(HELLO), Step::Hang]]).await;
    let mut events = Client::new()
        .expect("a client")
        .stream(endpoint(&server.base_url), &hello())
        .expect("a request");
    events.next().await.expect("a first event");
    assert_eq!(server.clients_left(), 0);
    drop(events);
    for _ in 0..100 {
        if server.clients_left() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the connection stayed open");
}

#[tokio::test]
async fn nothing_is_sent_before_the_stream_is_polled() {
    let server = Loopback::start(vec![reply(200, "", STOP)]).await;
    let events = impatient(0)
        .stream(endpoint(&server.base_url), &hello())
        .expect("a request");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(server.seen().is_empty());
    drop(events);
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_a_lasting_one_is_not() {
    let server = Loopback::start(vec![
        reply(503, "retry-after-ms: 5\r\n", "{}"),
        reply(429, "retry-after: 0\r\n", "{}"),
        reply(200, "", &format!("{HELLO}{STOP}")),
    ])
    .await;
    let events = ask(&impatient(2), &server).await;
    assert_eq!((text(&events).as_str(), server.seen().len()), ("Hello", 3));
    let waits = events.iter().map_while(|event| match event {
        ProviderEvent::AskedToWait(error) => Some((error.http_status, error.retry_after_ms)),
        _ => None,
    });
    assert_eq!(
        waits.collect::<Vec<_>>(),
        [(Some(503), Some(5)), (Some(429), Some(0))],
        "each wait is told before it is waited out"
    );

    let server = Loopback::start(vec![
        reply(401, "", r#"{"error":{"message":"no"}}"#),
        reply(200, "", STOP),
    ])
    .await;
    let events = ask(&impatient(2), &server).await;
    assert_eq!(
        (failure(&events).class, server.seen().len()),
        (ErrorClass::Auth, 1)
    );
}

#[tokio::test]
async fn a_long_wait_is_reported_instead_of_waited_out() {
    let server = Loopback::start(vec![reply(
        429,
        "retry-after: 17\r\nx-should-retry: true\r\n",
        r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#,
    )])
    .await;
    let events = ask(&impatient(2), &server).await;
    let expected = ProviderError {
        class: ErrorClass::RateLimited,
        message: "slow down".to_owned(),
        http_status: Some(429),
        retry_after_ms: Some(17_000),
    };
    assert_eq!(failure(&events), &expected);
}

#[tokio::test]
async fn a_wait_in_the_body_is_read_as_a_header() {
    for (headers, expected) in [("", 41_000), ("retry-after: 90\r\n", 90_000)] {
        let server = Loopback::start(vec![reply(
            429,
            &format!("x-should-retry: false\r\n{headers}"),
            r#"{"error":{"code":429,"message":"slow","metadata":{"headers":{"Retry-After":41,"x":null}}}}"#,
        )])
        .await;
        let events = ask(&impatient(2), &server).await;
        assert_eq!(
            failure(&events).retry_after_ms,
            Some(expected),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let thief = Loopback::start(vec![reply(200, "", STOP)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/chat/completions?x=1\r\n", thief.base_url);
        let server = Loopback::start(vec![reply(status, &location, "")]).await;
        let events = ask(&impatient(2), &server).await;
        assert_eq!(
            (failure(&events).class, failure(&events).http_status),
            (ErrorClass::NotFound, Some(status))
        );
        assert!(
            failure(&events).message.contains("127.0.0.1"),
            "it names where the address points"
        );
    }
    assert!(thief.seen().is_empty(), "the other server hears nothing");
}

#[tokio::test]
async fn a_key_repeated_by_the_provider_is_scrubbed_everywhere() {
    let said = format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}"}}}}"#);
    for script in [
        reply(401, "", &said),
        reply(200, "", &said),
        reply(200, "", &format!("data: {said}\n\n")),
    ] {
        let server = Loopback::start(vec![script]).await;
        let events = ask(&impatient(0), &server).await;
        assert!(!format!("{events:?}").contains(KEY), "{events:?}");
        assert!(failure(&events).message.contains("[key]"), "{events:?}");
    }
    assert!(!format!("{:?}", endpoint("http://127.0.0.1")).contains(KEY));
    let request = crate::sent::build(&hello(), &endpoint("http://127.0.0.1")).expect("a request");
    assert!(
        !format!("{request:?}").contains(KEY),
        "the header is marked sensitive"
    );
    assert!(!request.url.as_str().contains(KEY));
}

#[tokio::test]
async fn an_unreachable_provider_is_a_network_failure_in_words() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    drop(listener);
    let events: Vec<_> = impatient(0)
        .stream(endpoint(&base_url), &hello())
        .expect("a request")
        .collect()
        .await;
    assert_eq!(failure(&events).class, ErrorClass::Network);
    assert!(
        failure(&events)
            .message
            .starts_with("the provider cannot be reached"),
        "{events:?}"
    );
}

#[tokio::test]
async fn garbage_is_malformed_whatever_its_shape() {
    for body in [
        "<html>busy</html>",
        "",
        "{\"choices\":",
        "data: {nonsense\n\n",
        "[]",
        "\u{0}\u{1}",
        "{\"ok\":true}",
    ] {
        let server = Loopback::start(vec![reply(200, "", body)]).await;
        let events = ask(&impatient(0), &server).await;
        assert!(
            matches!(
                failure(&events).class,
                ErrorClass::Malformed | ErrorClass::Network
            ),
            "{body:?}: {events:?}"
        );
        assert_eq!(text(&events), "");
    }
    let server = Loopback::start(vec![vec![write("SSH-2.0-OpenSSH_9.2\r\n")]]).await;
    let events = ask(&impatient(0), &server).await;
    assert_eq!(failure(&events).class, ErrorClass::Network);
}

#[tokio::test]
async fn a_web_page_instead_of_an_error_gets_a_sentence() {
    let server = Loopback::start(vec![reply(
        502,
        "",
        "<html><body>Bad gateway</body></html>",
    )])
    .await;
    let events = ask(&impatient(0), &server).await;
    assert_eq!(failure(&events).class, ErrorClass::Server);
    assert_eq!(
        failure(&events).message,
        "the provider answered HTTP 502 without a readable reason"
    );
}

#[tokio::test]
async fn an_endless_error_body_is_cut_off() {
    let endless = "x".repeat(1 << 20);
    let server = Loopback::start(vec![reply(400, "", &endless)]).await;
    let events = ask(&impatient(0), &server).await;
    assert_eq!(failure(&events).class, ErrorClass::InvalidRequest);
    assert!(failure(&events).message.chars().count() <= 2_001);
}

#[test]
fn what_cannot_be_sent_is_refused_with_a_sentence() {
    let refused = |base_url: &str, key: Option<&str>| {
        let endpoint = Endpoint {
            key,
            ..endpoint(base_url)
        };
        Client::new()
            .expect("a client")
            .stream(endpoint, &hello())
            .expect_err("refused")
            .to_string()
    };
    for address in [
        "",
        "api.openai.com/v1",
        "ftp://example.com",
        "https://",
        "file:///etc/passwd",
        "https://user:hunter2@example.com",
        "https://example.com/?key=hunter2",
    ] {
        let sentence = refused(address, Some(KEY));
        assert!(
            sentence.contains("is not a provider's base URL"),
            "{sentence}"
        );
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
    for key in ["sk with spaces", "sk\nx-evil: 1", "sk-ключ"] {
        let sentence = refused("https://example.com/v1", Some(key));
        assert_eq!(sentence, BuildError::Key.to_string());
    }
}
