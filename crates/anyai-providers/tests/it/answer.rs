//! Small tools for the decoder tests: one short answer in every protocol, and what came of it.

use anyai_providers::{
    Decoder, Protocol, Provider, ProviderError, ProviderEvent, StopReason, Usage,
};
use serde_json::{Value, json};

pub(crate) const ALL: [(Provider, Protocol); 9] = [
    (Provider::Anthropic, Protocol::Messages),
    (Provider::OpenAi, Protocol::Responses),
    (Provider::XAi, Protocol::Responses),
    (Provider::OpenAi, Protocol::ChatCompletions),
    (Provider::OpenRouter, Protocol::ChatCompletions),
    (Provider::LlamaCpp, Protocol::ChatCompletions),
    (Provider::Google, Protocol::GenerateContent),
    (Provider::Google, Protocol::Interactions),
    (Provider::Ollama, Protocol::OllamaChat),
];

pub(crate) fn decode(provider: Provider, protocol: Protocol, body: &[u8]) -> Vec<ProviderEvent> {
    let mut decoder = Decoder::new(provider, protocol);
    let mut events = decoder.push(body);
    events.extend(decoder.finish());
    assert_eq!(ends(&events), 1, "one end in {events:?}");
    assert!(
        decoder.push(b"data: {}\n\n").is_empty() && decoder.finish().is_empty(),
        "nothing follows the end"
    );
    events
}

pub(crate) fn ends(events: &[ProviderEvent]) -> usize {
    events
        .iter()
        .filter(|event| {
            matches!(
                event,
                ProviderEvent::Finished { .. } | ProviderEvent::Failed(_)
            )
        })
        .count()
}

pub(crate) fn sse(events: &[Value]) -> Vec<u8> {
    events
        .iter()
        .flat_map(|event| format!("data: {event}\n\n").into_bytes())
        .collect()
}

pub(crate) fn text(events: &[ProviderEvent]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        ProviderEvent::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

pub(crate) fn usage(events: &[ProviderEvent]) -> Usage {
    let usages = events.iter().filter_map(|event| match event {
        ProviderEvent::Usage(usage) => Some(*usage),
        _ => None,
    });
    usages.last().expect("usage")
}

pub(crate) fn failure(events: &[ProviderEvent]) -> &ProviderError {
    match events.last() {
        Some(ProviderEvent::Failed(error)) => error,
        other => panic!("ended with {other:?}"),
    }
}

pub(crate) fn stop(events: &[ProviderEvent]) -> (StopReason, &str) {
    match events.last() {
        Some(ProviderEvent::Finished { stop_reason, raw }) => (*stop_reason, raw),
        other => panic!("ended with {other:?}"),
    }
}

/// A short answer, "Grüße, 🦀!", in each protocol.
pub(crate) fn greeting(protocol: Protocol) -> Vec<u8> {
    match protocol {
        Protocol::Messages => sse(&[
            json!({"type": "message_start", "message": {"id": "m1", "model": "m", "usage": {"input_tokens": 3,
                "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "ping"}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Grüße, "}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "🦀!"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}),
            json!({"type": "message_stop"}),
        ]),
        Protocol::Responses => sse(&[
            json!({"type": "response.created", "response": {"id": "r1", "model": "m", "usage": null}}),
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "Grüße, "}),
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "🦀!"}),
            json!({"type": "response.output_text.done", "output_index": 0, "text": "Grüße, 🦀!"}),
            json!({"type": "response.completed", "response": {"id": "r1", "model": "m", "status": "completed",
                "error": null,
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "Grüße, 🦀!"}]}],
                "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}}}),
        ]),
        Protocol::ChatCompletions => [
            sse(&[
                json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"role": "assistant",
                    "content": "Grüße, "}}], "usage": null}),
                json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"content": "🦀!"},
                    "finish_reason": null}]}),
                json!({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
                json!({"id": "c1", "model": "m", "choices": [], "usage": {"prompt_tokens": 3,
                    "completion_tokens": 5, "total_tokens": 8}}),
            ]),
            b"data: [DONE]\n\n".to_vec(),
        ]
        .concat(),
        Protocol::GenerateContent => sse(&[
            json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "Grüße, "}]}}],
                "modelVersion": "m", "responseId": "g1", "usageMetadata": {"promptTokenCount": 3}}),
            json!({"candidates": [{"content": {"parts": [{"text": "🦀!"}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}}),
        ]),
        Protocol::Interactions => sse(&[
            json!({"event_type": "interaction.created", "interaction": {"id": "i1", "model": "m"}}),
            json!({"event_type": "step.start", "index": 0, "step": {"type": "thought"}}),
            json!({"event_type": "step.delta", "index": 0, "delta": {"type": "thought_signature", "signature": "c2ln"}}),
            json!({"event_type": "step.stop", "index": 0}),
            json!({"event_type": "step.start", "index": 1, "step": {"type": "model_output"}}),
            json!({"event_type": "step.delta", "index": 1, "delta": {"type": "text", "text": "Grüße, "}}),
            json!({"event_type": "step.delta", "index": 1, "delta": {"type": "text", "text": "🦀!"}}),
            json!({"event_type": "step.stop", "index": 1}),
            json!({"event_type": "interaction.completed", "interaction": {"id": "i1", "status": "completed",
                "usage": {"total_input_tokens": 3, "total_output_tokens": 4, "total_thought_tokens": 1}}}),
        ]),
        Protocol::Images | Protocol::Videos | Protocol::PredictLongRunning => Vec::new(),
        Protocol::OllamaChat => [
            json!({"model": "m", "message": {"role": "assistant", "content": "Grüße, "}, "done": false}),
            json!({"model": "m", "message": {"role": "assistant", "content": "🦀!"}, "done": false}),
            json!({"model": "m", "message": {"role": "assistant", "content": ""}, "done": true,
                "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 5}),
        ]
        .iter()
        .flat_map(|line| format!("{line}\n").into_bytes())
        .collect(),
    }
}
