//! Links in answers: followed to public places, with the key only where it belongs.

use std::time::Duration;

use anyai_providers::{Client, Endpoint, ErrorClass, Protocol, Provider, ProviderError};
use futures_util::StreamExt as _;

use crate::loopback::{Loopback, Step, impatient, reply, write};

const KEY: &str = "sk-secret-0123456789";

fn endpoint(base_url: &str) -> Endpoint<'_> {
    Endpoint {
        provider: Provider::XAi,
        protocol: Protocol::Videos,
        base_url,
        key: Some(KEY),
    }
}

async fn fetch(
    client: &Client,
    base_url: &str,
    url: &str,
    bytes_max: u64,
) -> Result<Vec<u8>, ProviderError> {
    let mut download = client.download(endpoint(base_url), url, bytes_max).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = download.next().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}

fn redirect(location: &str) -> Vec<Step> {
    reply(302, &format!("location: {location}\r\n"), "{}")
}

#[tokio::test]
async fn the_key_goes_to_the_providers_own_server_only() {
    let other = Loopback::start(vec![reply(200, "", "clip"), reply(200, "", "clip")]).await;
    let elsewhere = format!("{}/a.mp4", other.base_url);
    let own = Loopback::start(vec![redirect("/v1/b.mp4"), redirect(&elsewhere)]).await;
    let client = impatient(0);
    let at_home = format!("{}/files/1", own.base_url);
    let bytes = fetch(&client, &own.base_url, &at_home, 100).await;
    assert_eq!(bytes.as_deref(), Ok(&b"clip"[..]));
    let bytes = fetch(&client, &own.base_url, &elsewhere, 100).await;
    assert_eq!(bytes.as_deref(), Ok(&b"clip"[..]));
    let seen = own.seen();
    assert!(seen[0].starts_with("GET /v1/files/1 "), "{}", seen[0]);
    assert!(seen[1].starts_with("GET /v1/b.mp4 "), "{}", seen[1]);
    assert!(seen.iter().all(|request| request.contains(KEY)), "{seen:?}");
    let seen = other.seen();
    assert_eq!(seen.len(), 2);
    assert!(
        !seen.iter().any(|request| request.contains(KEY)),
        "{seen:?}"
    );
}

/// Recordings name servers that are not there; a server on this machine is.
#[tokio::test]
async fn a_replayed_link_to_another_server_of_this_machine_is_followed_there() {
    let other = Loopback::start(vec![reply(200, "", "clip"), reply(200, "", "clip")]).await;
    let elsewhere = format!("{}/a.mp4", other.base_url);
    let own = Loopback::start(vec![redirect(&elsewhere), reply(200, "", "recorded")]).await;
    let client = impatient(0).replaying();
    let at_home = format!("{}/files/1", own.base_url);
    for link in [&elsewhere, &at_home] {
        let bytes = fetch(&client, &own.base_url, link, 100).await;
        assert_eq!(bytes.as_deref(), Ok(&b"clip"[..]), "{link}");
    }
    let recorded = "https://vidgen.x.ai/b.mp4";
    let bytes = fetch(&client, &own.base_url, recorded, 100).await;
    assert_eq!(bytes.as_deref(), Ok(&b"recorded"[..]));
    let with_key: Vec<bool> = own.seen().iter().map(|it| it.contains(KEY)).collect();
    assert_eq!(
        with_key,
        [true, false],
        "its own link, and another server's"
    );
    assert!(!other.seen().iter().any(|it| it.contains(KEY)));
}

#[tokio::test]
async fn links_that_lead_inwards_or_nowhere_are_refused() {
    let client = impatient(0);
    let outside = "https://api.x.ai/v1";
    for (link, why) in [
        ("file:///etc/passwd", "no web address"),
        ("gs://bucket/clip.mp4", "no web address"),
        (
            "https://user:pass@example.com/a.mp4",
            "a user name or a password",
        ),
        ("http://vidgen.x.ai/a.mp4", "not encrypted"),
        ("https://127.0.0.1/a.mp4", "private network"),
        ("https://localhost/a.mp4", "private network"),
        ("https://10.0.0.7/a.mp4", "private network"),
        (
            "https://169.254.169.254/latest/meta-data",
            "private network",
        ),
        ("https://[::1]/a.mp4", "private network"),
        ("https://[::ffff:192.168.0.1]/a.mp4", "private network"),
        ("https://2130706433/a.mp4", "private network"),
    ] {
        let error = fetch(&client, outside, link, 100).await.expect_err(link);
        assert_eq!(error.class, ErrorClass::Malformed, "{link}");
        assert!(error.message.contains(why), "{link}: {error}");
    }
    let server = Loopback::start(vec![redirect("http://10.0.0.7/a.mp4")]).await;
    let link = format!("{}/a.mp4", server.base_url);
    let error = fetch(&client, &server.base_url, &link, 100).await;
    let error = error.expect_err("a private network");
    assert!(error.message.contains("private network"), "{error}");
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let circle = (0..20).map(|_| redirect("/v1/a.mp4")).collect();
    let server = Loopback::start(circle).await;
    let link = format!("{}/a.mp4", server.base_url);
    let error = fetch(&impatient(2), &server.base_url, &link, 100).await;
    let error = error.expect_err("a circle");
    assert!(error.message.contains("too often"), "{error}");
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn a_file_above_the_limit_is_not_taken_in() {
    let endless = vec![
        write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"),
        write(&"x".repeat(60)),
        Step::Pause(Duration::from_millis(20)),
        write(&"x".repeat(41)),
        Step::Hang,
    ];
    let told = vec![
        write("HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n"),
        Step::Hang,
    ];
    let server = Loopback::start(vec![told, endless]).await;
    let link = format!("{}/a.mp4", server.base_url);
    for told_before in [true, false] {
        let error = fetch(&impatient(0), &server.base_url, &link, 100).await;
        let error = error.expect_err("too large");
        assert_eq!(error.class, ErrorClass::Malformed, "{told_before}");
        assert!(error.message.contains("larger than 100 bytes"), "{error}");
    }
}

#[tokio::test]
async fn a_fetch_is_tried_again_and_silence_ends_it() {
    let silent = vec![
        write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab"),
        Step::Hang,
    ];
    let again = reply(503, "retry-after: 0\r\n", "busy");
    let gone = reply(404, "", r#"{"error":"Not found, sk-secret-0123456789"}"#);
    let server = Loopback::start(vec![again, reply(200, "", "clip"), silent, gone]).await;
    let link = format!("{}/a.mp4", server.base_url);
    let client = impatient(2);
    let bytes = fetch(&client, &server.base_url, &link, 100).await;
    assert_eq!(bytes.as_deref(), Ok(&b"clip"[..]));
    let error = fetch(&client, &server.base_url, &link, 100).await;
    assert_eq!(error.expect_err("silence").class, ErrorClass::Timeout);
    let error = fetch(&client, &server.base_url, &link, 100).await;
    let error = error.expect_err("gone");
    assert_eq!(error.class, ErrorClass::NotFound);
    assert!(!error.message.contains(KEY), "{error}");
}
