//! What an answer leans on comes out in one shape, with the bytes of the text it stands for.

use anyai_providers::{Citation, Protocol, Provider, ProviderEvent};
use serde_json::json;

use crate::answer::{decode, sse, text};

/// The sources of an answer, each with the words that lean on it.
fn cited(provider: Provider, protocol: Protocol, body: &[u8]) -> Vec<(Citation, Option<String>)> {
    let events = decode(provider, protocol, body);
    let text = text(&events);
    let citations = events.into_iter().filter_map(|event| match event {
        ProviderEvent::Citation(citation) => Some(citation),
        _ => None,
    });
    citations
        .map(|citation| {
            let range = citation.text_range.clone();
            let words = range.map(|range| text.get(range).expect("whole characters").to_owned());
            (
                Citation {
                    text_range: None,
                    ..citation
                },
                words,
            )
        })
        .collect()
}

fn source(url: &str, title: Option<&str>, quoted: Option<&str>) -> Citation {
    Citation {
        url: Some(url.to_owned()),
        title: title.map(str::to_owned),
        quoted: quoted.map(str::to_owned),
        text_range: None,
    }
}

fn words(words: &str) -> Option<String> {
    Some(words.to_owned())
}

#[test]
fn anthropic_cites_for_a_whole_block() {
    let place = json!({"type": "web_search_result_location", "url": "https://a", "title": "A",
        "cited_text": "blue", "encrypted_index": "x"});
    let page = json!({"type": "page_location", "document_title": "D", "cited_text": "deep",
        "start_page_number": 1});
    let block = |index, text: &str, citations| {
        json!({"type": "content_block_start", "index": index,
            "content_block": {"type": "text", "text": text, "citations": citations}})
    };
    let cite = |citation| {
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "citations_delta",
            "citation": citation}})
    };
    let more = |text: &str| json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": text}});
    let stop = |index| json!({"type": "content_block_stop", "index": index});
    let stream = sse(&[
        block(0, "Grüße. ", json!([])),
        stop(0),
        block(1, "", json!([])),
        cite(place.clone()),
        more("It is "),
        more("blü."),
        cite(page.clone()),
        stop(1),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
        json!({"type": "message_stop"}),
    ]);
    let whole = json!({"type": "message", "stop_reason": "end_turn", "content": [
        {"type": "text", "text": "Grüße. "},
        {"type": "text", "text": "It is blü.", "citations": [place, page]},
    ]});
    let document = Citation {
        url: None,
        ..source("", Some("D"), Some("deep"))
    };
    let expected = [
        (
            source("https://a", Some("A"), Some("blue")),
            words("It is blü."),
        ),
        (document, words("It is blü.")),
    ];
    for body in [stream, whole.to_string().into_bytes()] {
        let found = cited(Provider::Anthropic, Protocol::Messages, &body);
        assert_eq!(found, expected);
    }
}

#[test]
fn openai_counts_characters_of_a_part() {
    let annotation = json!({"type": "url_citation", "url": "https://a", "title": "A",
        "start_index": 2, "end_index": 5});
    let response = json!({"status": "completed", "object": "response", "output": [
        {"type": "message", "content": [{"type": "output_text", "text": "Grüße. ", "annotations": []}]},
        {"type": "message", "content": [{"type": "output_text", "text": "🦀 so.", "annotations": [annotation]}]},
    ], "citations": ["https://b"]});
    let delta = |text: &str| json!({"type": "response.output_text.delta", "delta": text});
    let done = |text: &str| json!({"type": "response.output_text.done", "text": text});
    let stream = sse(&[
        delta("Grüße. "),
        done("Grüße. "),
        delta("🦀 "),
        delta("so."),
        done("🦀 so."),
        json!({"type": "response.output_text.annotation.added", "annotation": annotation}),
        json!({"type": "response.completed", "response": response}),
    ]);
    let expected = [
        (source("https://a", Some("A"), None), words("so.")),
        (source("https://b", None, None), None),
    ];
    for body in [stream, response.to_string().into_bytes()] {
        let found = cited(Provider::OpenAi, Protocol::Responses, &body);
        assert_eq!(found, expected, "said once");
    }
}

#[test]
fn sources_beyond_the_most_are_left_out() {
    let annotations: Vec<_> = (0..1_500)
        .map(|number| json!({"type": "url_citation", "url": format!("https://{number}")}))
        .collect();
    let body = json!({"choices": [{"message": {"content": "so", "annotations": annotations},
        "finish_reason": "stop"}]});
    let body = body.to_string();
    let found = cited(Provider::OpenAi, Protocol::ChatCompletions, body.as_bytes());
    assert_eq!(found.len(), 1_000);
}

#[test]
fn chat_completions_nest_theirs_or_list_addresses() {
    let body = json!({"choices": [{"message": {"content": "ü so", "annotations": [{"type": "url_citation",
        "url_citation": {"url": "https://a", "title": "A", "content": "c", "start_index": 2, "end_index": 4}}]},
        "finish_reason": "stop"}], "citations": ["https://b"]});
    let found = cited(
        Provider::OpenRouter,
        Protocol::ChatCompletions,
        body.to_string().as_bytes(),
    );
    let expected = [
        (source("https://a", Some("A"), Some("c")), words("so")),
        (source("https://b", None, None), None),
    ];
    assert_eq!(found, expected);
}

#[test]
fn gemini_joins_sources_with_the_segments_they_support() {
    let chunk = |text: &str, more: serde_json::Value| {
        let mut candidate = json!({"content": {"parts": [{"text": text}]}});
        candidate
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        json!({"candidates": [candidate]})
    };
    let grounding = json!({"groundingChunks": [{"web": {"uri": "https://a", "title": "A"}},
        {"retrievedContext": {"uri": "https://b", "title": "B", "text": "q"}}],
        "groundingSupports": [{"segment": {"endIndex": 3, "text": "ü,"}, "groundingChunkIndices": [0, 9]},
            {"segment": {"startIndex": 4, "endIndex": 99}, "groundingChunkIndices": [0]}]});
    let repeated =
        json!({"citationSources": [{"startIndex": 4, "endIndex": 6, "uri": "https://c"}]});
    let stream = sse(&[
        chunk("ü, ", json!({})),
        chunk(
            "so",
            json!({"finishReason": "STOP", "groundingMetadata": grounding,
            "citationMetadata": repeated}),
        ),
    ]);
    let expected = [
        (source("https://a", Some("A"), None), words("ü,")),
        (source("https://a", Some("A"), None), None),
        (source("https://b", Some("B"), Some("q")), None),
        (source("https://c", None, None), words("so")),
    ];
    let found = cited(Provider::Google, Protocol::GenerateContent, &stream);
    assert_eq!(found, expected, "a range beyond the text is none");
}

#[test]
fn interactions_count_bytes_of_a_step() {
    let annotations = json!([{"type": "url_citation", "url": "https://a", "title": "A",
        "start_index": 3, "end_index": 5}, {"type": "url_citation", "url": "https://b",
        "start_index": 0, "end_index": u64::MAX}]);
    let step = |index, step| json!({"event_type": "step.start", "index": index, "step": step});
    let delta = |delta| json!({"event_type": "step.delta", "index": 1, "delta": delta});
    let stream = sse(&[
        step(
            0,
            json!({"type": "model_output", "content": [{"type": "text", "text": "Grüße. "}]}),
        ),
        step(1, json!({"type": "model_output"})),
        delta(json!({"type": "text", "text": "ü so"})),
        delta(json!({"type": "text_annotation_delta", "annotations": annotations})),
        json!({"event_type": "interaction.completed", "interaction": {"status": "completed"}}),
    ]);
    let whole = json!({"object": "interaction", "status": "completed", "steps": [
        {"type": "model_output", "content": [{"type": "text", "text": "Grüße. "},
            {"type": "text", "text": "ü so", "annotations": annotations}]},
    ]});
    for body in [stream, whole.to_string().into_bytes()] {
        let found = cited(Provider::Google, Protocol::Interactions, &body);
        let expected = [
            (source("https://a", Some("A"), None), words("so")),
            (source("https://b", None, None), None),
        ];
        assert_eq!(found, expected);
    }
}
