//! `anyai probe` against a loopback server: recorded answers in odd chunks, failures, bad input.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) const KEY: &str = "sk-probe-0123456789";

/// A server that answers one request with `head` and `body`, the body in chunks of these lengths,
/// and hands back what it was asked.
fn serve_once(
    head: String,
    body: Vec<u8>,
    lengths: &'static [usize],
) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a connection");
        let request = read_request(&mut connection);
        connection.write_all(head.as_bytes()).expect("written");
        let mut rest = &body[..];
        for length in lengths.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, after) = rest.split_at((*length).min(rest.len()));
            connection.write_all(chunk).expect("written");
            connection.flush().expect("flushed");
            if rest.len().is_multiple_of(97) {
                std::thread::sleep(Duration::from_millis(2));
            }
            rest = after;
        }
        request
    });
    (base_url, server)
}

pub(crate) fn read_request(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap_or("0");
            if body.len() >= length.parse::<usize>().expect("a length") {
                return text;
            }
        }
        let mut buffer = [0; 4_096];
        let count = connection.read(&mut buffer).expect("read");
        assert!(count > 0, "the client left before its request was whole");
        bytes.extend_from_slice(&buffer[..count]);
    }
}

pub(crate) fn head(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}\r\n")
}

pub(crate) fn probe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anyai"))
        .arg("probe")
        .args(arguments)
        .env("ANYAI_PROBE_KEY", KEY)
        .output()
        .expect("the program runs")
}

pub(crate) fn json_of(output: &Output) -> Value {
    let printed = std::str::from_utf8(&output.stdout).expect("text");
    assert_eq!(
        printed.trim_end().lines().count(),
        1,
        "one JSON object: {printed}"
    );
    serde_json::from_str(printed).expect("JSON")
}

pub(crate) fn recordings() -> Option<PathBuf> {
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

#[test]
fn recorded_answers_come_out_as_one_json_object() {
    let Some(folder) = recordings() else { return };
    let index = std::fs::read_to_string(folder.join("index.jsonl")).expect("an index");
    for (id, provider, api) in [
        (
            "anthropic/chat-stream-claude-sonnet-4-6-max-tokens-think",
            "anthropic",
            "messages",
        ),
        (
            "openai/responses-stream-gpt-5-6-sol-completed-think",
            "openai",
            "responses",
        ),
        (
            "openai/chat-stream-gpt-5-nano-2025-08-07-stop",
            "openai",
            "chat-completions",
        ),
        ("xai/vercel-xai-tool-call-stream", "xai", "chat-completions"),
        (
            "openrouter/chat-stream-gpt-5-2-stop-think",
            "openrouter",
            "chat-completions",
        ),
        (
            "google/chat-stream-gemini-3-6-flash-sig-stop-think",
            "google",
            "generate-content",
        ),
        (
            "ollama/chat-stream-gpt-oss-120b-stop-think",
            "ollama",
            "chat-completions",
        ),
        (
            "ollama/chat-stream-qwen3-4b-length",
            "ollama",
            "ollama-chat",
        ),
        (
            "google/interactions-stream-gemini-3-flash-preview-completed-think",
            "google",
            "interactions",
        ),
        ("google/vercel-basic", "google", "interactions"),
        ("ollama/chat-stream-qwen3-4b-length", "ollama", "ollama"),
        (
            "llamacpp/chat-json-qwen3-8b-q4-k-m-gguf-stop",
            "llamacpp",
            "chat-completions",
        ),
    ] {
        let case = index
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a line"))
            .find(|case| case["id"] == id)
            .expect("the case");
        let body = std::fs::read(folder.join(case["response_body"].as_str().expect("a body")))
            .expect("a body");
        let (base_url, server) = serve_once(head(200, ""), body, &[1, 7, 2, 31, 3, 64]);
        let output = probe(&[
            "--provider",
            provider,
            "--api",
            api,
            "--base-url",
            &base_url,
            "--model",
            "m",
            "--prompt",
            "hi",
            "--json",
        ]);
        server.join().expect("the server is well");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{id}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let found = json_of(&output);
        let expect = &case["expect"];
        let thinking: String = [
            "thinking",
            "reasoning",
            "reasoning_summary",
            "reasoning_text",
        ]
        .iter()
        .filter_map(|key| expect[key].as_str())
        .collect();
        assert_eq!(
            (&found["text"], &found["thinking"], &found["model"]),
            (&expect["text"], &json!(thinking), &expect["model"]),
            "{id}"
        );
        assert!(
            found["usage"]["input_tokens"].as_u64() > Some(0)
                && found["usage"]["output_tokens"].as_u64() > Some(0),
            "{id}: {found}"
        );
        assert!(
            found["stop_reason"].is_string() && found["error"].is_null(),
            "{id}: {found}"
        );
    }
}

#[test]
fn the_answer_has_every_field_the_contract_names() {
    let body = json!({
        "id": "g", "model": "m",
        "choices": [{"message": {"content": "ünï", "reasoning": "hm", "images": [{"image_url": {"url": "data:image/png;base64,iVBORwECAw=="}}]}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "cost": 3.36e-05,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2}, "completion_tokens_details": {"reasoning_tokens": 3}},
    });
    let (base_url, server) = serve_once(head(200, ""), body.to_string().into_bytes(), &[5]);
    let output = probe(&[
        "--provider",
        "openrouter",
        "--api",
        "chat-completions",
        "--base-url",
        &base_url,
        "--model",
        "m",
        "--prompt",
        "hi",
        "--system",
        "be brief",
        "--json",
    ]);
    let request = server.join().expect("the server is well");
    assert!(
        request.contains(&format!("Bearer {KEY}")) && request.contains("be brief"),
        "{request}"
    );
    let found = json_of(&output);
    let expected = json!({
        "text": "ünï", "thinking": "hm", "stop_reason": "stop", "model": "m",
        "usage": {"input_tokens": 9, "cached_input_tokens": 4, "cache_write_tokens": 2, "output_tokens": 5, "reasoning_tokens": 3},
        "provider_cost_nano_usd": 33_600,
        "assets": [{"kind": "image", "mime": "image/png", "bytes": 7, "sha256": "cdf3cefe7ec6253d1cb4828ab654da6beb8a4727daac0c49dbf26bedf5887f79"}],
        "error": null,
    });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&found[field], value, "{field}");
    }
}

#[test]
fn a_providers_failure_is_exit_code_3_and_is_asked_once() {
    let body = format!(
        r#"{{"type":"error","error":{{"type":"rate_limit_error","message":"slow down, {KEY}"}}}}"#
    );
    let (base_url, server) = serve_once(
        head(429, "retry-after: 1\r\nx-should-retry: true\r\n"),
        body.into_bytes(),
        &[9],
    );
    let output = probe(&[
        "--provider",
        "anthropic",
        "--api",
        "messages",
        "--base-url",
        &base_url,
        "--model",
        "m",
        "--prompt",
        "hi",
        "--json",
    ]);
    server.join().expect("one request, one answer");
    assert_eq!(output.status.code(), Some(3));
    let error = json!({"class": "rate_limited", "message": "slow down, [key]", "http_status": 429,
        "retry_after_ms": 1_000});
    assert_eq!(json_of(&output)["error"], error);
}

#[test]
fn a_failure_midway_keeps_the_text() {
    let body = "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}}\n\n";
    let (base_url, server) = serve_once(head(200, ""), body.as_bytes().to_vec(), &[3]);
    let output = probe(&[
        "--provider",
        "anthropic",
        "--base-url",
        &base_url,
        "--model",
        "m",
        "--prompt",
        "hi",
        "--json",
    ]);
    server.join().expect("the server is well");
    let found = json_of(&output);
    assert_eq!(
        (
            output.status.code(),
            &found["text"],
            &found["error"]["class"]
        ),
        (Some(3), &json!("Hel"), &json!("network"))
    );
}

#[test]
fn pictures_are_sent_and_anything_else_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("a.png");
    std::fs::write(&picture, [0x89, b'P', b'N', b'G', 1, 2, 3]).expect("written");
    let words = folder.path().join("b.png");
    std::fs::write(&words, "not a picture").expect("written");
    let image = |path: &Path, base_url: &str| {
        probe(&[
            "--provider",
            "ollama",
            "--base-url",
            base_url,
            "--model",
            "m",
            "--prompt",
            "hi",
            "--json",
            "--image",
            path.to_str().expect("a path"),
        ])
    };

    let (base_url, server) = serve_once(
        head(200, ""),
        b"{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}".to_vec(),
        &[99],
    );
    let output = image(&picture, &base_url);
    assert!(
        server
            .join()
            .expect("the server is well")
            .contains("data:image/png;base64,iVBORwECAw==")
    );
    assert_eq!(output.status.code(), Some(0));

    for (path, sentence) in [
        (words, "is not a PNG, JPEG, GIF or WebP picture"),
        (folder.path().join("missing.png"), "cannot be read"),
    ] {
        let output = image(&path, "http://127.0.0.1:9");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert!(String::from_utf8_lossy(&output.stderr).contains(sentence));
    }
}

#[test]
fn documents_are_sent_and_anything_else_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let (pdf, text) = (file("a.pdf", b"%PDF-1.7 x"), file("b.txt", b"two"));
    let ask = |base_url: &str, documents: &[&str]| {
        let mut arguments = vec![
            "--provider",
            "anthropic",
            "--base-url",
            base_url,
            "--model",
            "m",
            "--prompt",
            "hi",
            "--json",
        ];
        arguments.extend(documents.iter().flat_map(|path| ["--document", path]));
        probe(&arguments)
    };
    let answer = br#"{"type":"message","content":[],"stop_reason":"end_turn"}"#;
    let (base_url, server) = serve_once(head(200, ""), answer.to_vec(), &[99]);
    let output = ask(&base_url, &[&pdf, &text]);
    let request = server.join().expect("the server is well");
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    let content = &body["messages"][0]["content"];
    assert_eq!(content[0]["source"]["media_type"], "application/pdf");
    assert_eq!(content[1]["text"], "b.txt:\n```\ntwo\n```\n");
    assert_eq!(
        (&content[2]["text"], output.status.code()),
        (&json!("hi"), Some(0))
    );

    let odd = file("c.txt", b"\xff\x00");
    let output = ask("http://127.0.0.1:9", &[&odd]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        complaint.contains("is not a PDF or a text file"),
        "{complaint}"
    );
}

#[test]
fn bad_input_gets_a_sentence_and_exit_code_2() {
    for (arguments, sentence) in [
        (
            ["--provider", "openai", "--base-url", "localhost"],
            "is not a provider's base URL",
        ),
        (
            ["--provider", "openai", "--base-url", "ftp://h/v1"],
            "it must start with http:// or https://",
        ),
        (
            ["--provider", "openai-compatible", "--system", "x"],
            "give one with --base-url",
        ),
        (
            ["--provider", "nobody", "--system", "x"],
            "invalid value 'nobody'",
        ),
    ] {
        let output = probe(
            &[
                &arguments[..],
                &["--model", "m", "--prompt", "hi", "--json"],
            ]
            .concat(),
        );
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{complaint}"
        );
        assert!(
            complaint.contains(sentence) && !complaint.contains("panicked"),
            "{complaint}"
        );
    }
}

#[test]
fn an_address_where_nothing_listens_is_a_providers_failure() {
    let output = probe(&[
        "--provider",
        "llamacpp",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--model",
        "m",
        "--prompt",
        "hi",
        "--json",
    ]);
    assert_eq!(
        (output.status.code(), &json_of(&output)["error"]["class"]),
        (Some(3), &json!("network"))
    );
}

#[test]
fn without_json_the_text_is_the_result() {
    let (base_url, server) = serve_once(
        head(200, ""),
        b"{\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}"
            .to_vec(),
        &[99],
    );
    let output = probe(&[
        "--provider",
        "lmstudio",
        "--base-url",
        &base_url,
        "--model",
        "m",
        "--prompt",
        "hi",
    ]);
    server.join().expect("the server is well");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no usage reported; end_turn"));
}
