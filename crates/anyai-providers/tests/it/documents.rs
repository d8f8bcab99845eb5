//! Files to read, in each protocol's own shape.

use anyai_providers::{BuildError, ChatRequest, Document, Endpoint, Part, Protocol, Provider};
use anyai_units::Tokens;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::ALL;
use crate::sent::build;

const PDF: &[u8] = b"%PDF-1.7 x";
const PDF_BASE64: &str = "JVBERi0xLjcgeA==";

fn asking_about(document: Document) -> ChatRequest {
    let mut request = ChatRequest::new("m", "what is this?", Tokens::new(100));
    request.messages[0]
        .parts
        .insert(0, Part::Document(document));
    request
}

fn pdf() -> Document {
    Document::recognised("a.pdf", Bytes::from_static(PDF)).expect("a PDF")
}

fn body(
    request: &ChatRequest,
    provider: Provider,
    protocol: Protocol,
) -> Result<Value, BuildError> {
    let endpoint = Endpoint {
        provider,
        protocol,
        base_url: "http://127.0.0.1/v1",
        key: None,
    };
    let request = build(request, &endpoint)?;
    Ok(serde_json::from_slice(&request.body).expect("JSON"))
}

#[test]
fn a_pdf_goes_inline_where_it_can_be_read() {
    let data_url = format!("data:application/pdf;base64,{PDF_BASE64}");
    let question = |key: &str| json!({"type": key, "text": "what is this?"});
    for (provider, protocol, place, expected) in [
        (
            Provider::Anthropic,
            Protocol::Messages,
            "/messages/0/content",
            json!([{"type": "document", "title": "a.pdf", "source": {"type": "base64",
                "media_type": "application/pdf", "data": PDF_BASE64}}, question("text")]),
        ),
        (
            Provider::OpenAi,
            Protocol::Responses,
            "/input/0/content",
            json!([{"type": "input_file", "filename": "a.pdf", "file_data": data_url}, question("input_text")]),
        ),
        (
            Provider::OpenRouter,
            Protocol::ChatCompletions,
            "/messages/0/content",
            json!([{"type": "file", "file": {"filename": "a.pdf", "file_data": data_url}}, question("text")]),
        ),
        (
            Provider::Google,
            Protocol::GenerateContent,
            "/contents/0/parts",
            json!([{"inlineData": {"mimeType": "application/pdf", "data": PDF_BASE64}},
                {"text": "what is this?"}]),
        ),
        (
            Provider::Google,
            Protocol::Interactions,
            "/input/0/content",
            json!([{"type": "document", "mime_type": "application/pdf", "data": PDF_BASE64}, question("text")]),
        ),
    ] {
        let body = body(&asking_about(pdf()), provider, protocol).expect("a request");
        assert_eq!(body.pointer(place), Some(&expected), "{protocol:?}: {body}");
    }
}

#[test]
fn a_pdf_is_refused_by_name_where_it_cannot_be_read() {
    for (provider, protocol) in [
        (Provider::Ollama, Protocol::OllamaChat),
        (Provider::Ollama, Protocol::ChatCompletions),
        (Provider::LlamaCpp, Protocol::ChatCompletions),
        (Provider::LmStudio, Protocol::ChatCompletions),
    ] {
        let refused = body(&asking_about(pdf()), provider, protocol);
        let name = "a.pdf".to_owned();
        assert_eq!(refused, Err(BuildError::Document { name }), "{provider:?}");
    }
}

#[test]
fn a_text_file_is_words_under_its_name_everywhere() {
    let text = Document::recognised("notes.md", Bytes::from_static(b"one\n```\ntwo"));
    let request = asking_about(text.expect("a text file"));
    let expected = json!("notes.md:\n````\none\n```\ntwo\n````\n").to_string();
    let expected = expected.trim_matches('"');
    for (provider, protocol) in ALL {
        let body = body(&request, provider, protocol).expect("a request");
        assert!(
            body.to_string().contains(expected),
            "{protocol:?} has the file in its frame: {body}"
        );
    }
}

#[test]
fn a_text_file_begins_a_line_where_words_are_joined() {
    let text = Document::recognised("a.txt", Bytes::from_static(b"one"));
    let mut request = ChatRequest::new("m", "read:", Tokens::new(100));
    let file = Part::Document(text.expect("a text file"));
    request.messages[0].parts.push(file);
    for (provider, protocol) in [
        (Provider::Ollama, Protocol::OllamaChat),
        (Provider::OpenAi, Protocol::ChatCompletions),
    ] {
        let body = body(&request, provider, protocol).expect("a request");
        assert_eq!(
            body["messages"][0]["content"],
            json!("read:\na.txt:\n```\none\n```\n"),
            "{protocol:?}"
        );
    }
}
