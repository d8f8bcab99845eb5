//! What the tests share: a client that knows nothing but HTTP, and a reader of events.

use std::sync::LazyLock;

use anyai_simulator::{Options, Provider, SIMULATED_KEY, Simulator};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// One client for all: making one reads the system's certificates. It keeps no connection, since
/// each test has a runtime of its own.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .expect("a client")
});

pub(crate) fn client() -> &'static Client {
    &CLIENT
}

/// A way to ask for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Messages,
    Responses(Provider),
    Chat(Provider),
    Gemini,
}

/// Every wire, with a provider of each dialect.
pub(crate) const WIRES: [Wire; 10] = [
    Wire::Messages,
    Wire::Responses(Provider::OpenAi),
    Wire::Responses(Provider::XAi),
    Wire::Chat(Provider::OpenAi),
    Wire::Chat(Provider::XAi),
    Wire::Chat(Provider::OpenRouter),
    Wire::Chat(Provider::Ollama),
    Wire::Chat(Provider::LlamaCpp),
    Wire::Chat(Provider::OpenAiCompatible),
    Wire::Gemini,
];

/// What an answer came to, whatever wire it came over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) refusal: String,
    pub(crate) stop: Option<String>,
    pub(crate) usage: Option<Value>,
    pub(crate) error: Option<Value>,
}

impl Wire {
    pub(crate) fn provider(self) -> Provider {
        match self {
            Self::Messages => Provider::Anthropic,
            Self::Gemini => Provider::Google,
            Self::Responses(provider) | Self::Chat(provider) => provider,
        }
    }

    pub(crate) fn model(self) -> &'static str {
        match self.provider() {
            Provider::Anthropic => "claude-sonnet-5",
            Provider::OpenAi => "gpt-6-sol",
            Provider::Google => "gemini-3.8-flash",
            Provider::XAi => "grok-4.3",
            Provider::OpenRouter => "anthropic/claude-sonnet-5",
            _ => "qwen3:8b",
        }
    }

    fn path(self, streaming: bool) -> String {
        match self {
            Self::Messages => "/v1/messages".to_owned(),
            Self::Responses(_) => "/responses".to_owned(),
            Self::Chat(_) => "/chat/completions".to_owned(),
            Self::Gemini if streaming => {
                format!("/models/{}:streamGenerateContent?alt=sse", self.model())
            }
            Self::Gemini => format!("/models/{}:generateContent", self.model()),
        }
    }

    /// A request for an answer, with thinking shown.
    pub(crate) fn body(self, prompt: &str, limit: u64, streaming: bool) -> Value {
        let said = json!([{"role": "user", "content": prompt}]);
        let mut body = match self {
            Self::Messages => json!({
                "max_tokens": limit, "messages": said, "thinking": {"type": "adaptive"},
            }),
            Self::Responses(_) => json!({
                "max_output_tokens": limit, "input": said,
                "reasoning": {"effort": "medium", "summary": "auto"},
                "include": ["reasoning.encrypted_content"],
            }),
            Self::Chat(_) => json!({
                "max_completion_tokens": limit, "messages": said, "reasoning_effort": "medium",
                "stream_options": {"include_usage": true},
            }),
            Self::Gemini => json!({
                "contents": [{"role": "user", "parts": [{"text": prompt}]}],
                "generationConfig": {
                    "maxOutputTokens": limit, "thinkingConfig": {"includeThoughts": true},
                },
            }),
        };
        if self != Self::Gemini {
            body["model"] = json!(self.model());
            body["stream"] = json!(streaming);
        }
        body
    }

    pub(crate) fn request(
        self,
        simulator: &Simulator,
        body: &Value,
        streaming: bool,
    ) -> RequestBuilder {
        let url = format!(
            "{}{}",
            simulator.base_url(self.provider()),
            self.path(streaming)
        );
        with_key(self.provider(), client().post(url), SIMULATED_KEY).json(body)
    }

    pub(crate) async fn send(
        self,
        simulator: &Simulator,
        prompt: &str,
        streaming: bool,
    ) -> Response {
        let body = self.body(prompt, 4_000, streaming);
        self.request(simulator, &body, streaming)
            .send()
            .await
            .expect("the simulator answers")
    }

    /// Asks by stream and reads the answer to its end.
    pub(crate) async fn ask(self, simulator: &Simulator, prompt: &str) -> Answer {
        let response = self.send(simulator, prompt, true).await;
        assert_eq!(response.status(), 200, "{self:?}");
        self.read(&response.bytes().await.expect("a whole body"))
    }

    /// Reads a stream's bytes.
    pub(crate) fn read(self, body: &[u8]) -> Answer {
        let mut answer = Answer::default();
        for (_, event) in events(body) {
            match self {
                Self::Messages => read_message_event(&event, &mut answer),
                Self::Responses(_) => read_response_event(&event, &mut answer),
                Self::Chat(_) => read_chunk(&event, &mut answer),
                Self::Gemini => read_candidate(&event, &mut answer),
            }
        }
        answer
    }

    /// Input, output (thinking included) and thinking of a usage record.
    pub(crate) fn counts(self, usage: &Value) -> (i128, i128, i128) {
        let at = |pointer: &str| number(usage.pointer(pointer));
        match self {
            Self::Messages => (
                at("/input_tokens")
                    + at("/cache_read_input_tokens")
                    + at("/cache_creation_input_tokens"),
                at("/output_tokens"),
                at("/output_tokens_details/thinking_tokens"),
            ),
            Self::Responses(_) => (
                at("/input_tokens"),
                at("/output_tokens"),
                at("/output_tokens_details/reasoning_tokens"),
            ),
            Self::Chat(provider) => {
                let thinking = at("/completion_tokens_details/reasoning_tokens");
                let apart = if provider == Provider::XAi {
                    thinking
                } else {
                    0
                };
                (
                    at("/prompt_tokens"),
                    at("/completion_tokens") + apart,
                    thinking,
                )
            }
            Self::Gemini => {
                let thinking = at("/thoughtsTokenCount");
                (
                    at("/promptTokenCount"),
                    at("/candidatesTokenCount") + thinking,
                    thinking,
                )
            }
        }
    }
}

fn number(value: Option<&Value>) -> i128 {
    let value = value.cloned().unwrap_or(json!(0));
    value
        .as_u64()
        .map(i128::from)
        .or(value.as_i64().map(i128::from))
        .expect("a whole number")
}

pub(crate) fn with_key(provider: Provider, request: RequestBuilder, key: &str) -> RequestBuilder {
    match provider {
        Provider::Anthropic => request
            .header("x-api-key", key)
            .header("anthropic-version", "2023-06-01"),
        Provider::Google => request.header("x-goog-api-key", key),
        _ => request.bearer_auth(key),
    }
}

pub(crate) async fn simulator() -> Simulator {
    start(Options::default()).await
}

pub(crate) async fn start(options: Options) -> Simulator {
    Simulator::start(options)
        .await
        .expect("a free port on loopback")
}

/// The events of a stream: their names and their data.
pub(crate) fn events(body: &[u8]) -> Vec<(String, Value)> {
    let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
    let mut events = Vec::new();
    for block in text.split("\n\n") {
        let mut name = String::new();
        let mut data = String::new();
        for line in block.lines() {
            if let Some(value) = line.strip_prefix("event: ") {
                value.clone_into(&mut name);
            } else if let Some(value) = line.strip_prefix("data: ") {
                data.push_str(value);
            }
        }
        if let Ok(value) = serde_json::from_str(&data) {
            events.push((name, value));
        }
    }
    events
}

fn string(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn read_message_event(event: &Value, answer: &mut Answer) {
    match event["type"].as_str() {
        Some("content_block_delta") => {
            answer.text += &string(event.pointer("/delta/text"));
            answer.thinking += &string(event.pointer("/delta/thinking"));
        }
        Some("message_delta") => {
            answer.stop = event
                .pointer("/delta/stop_reason")
                .and_then(Value::as_str)
                .map(str::to_owned);
            answer.refusal = string(event.pointer("/delta/stop_details/explanation"));
            answer.usage = event.get("usage").cloned();
        }
        Some("error") => answer.error = Some(event.clone()),
        _ => {}
    }
}

fn read_response_event(event: &Value, answer: &mut Answer) {
    match event["type"].as_str() {
        Some("response.output_text.delta") => answer.text += &string(event.get("delta")),
        Some("response.reasoning_summary_text.delta") => {
            answer.thinking += &string(event.get("delta"))
        }
        Some("response.refusal.delta") => answer.refusal += &string(event.get("delta")),
        Some("response.completed" | "response.incomplete") => {
            answer.stop = event
                .pointer("/response/status")
                .and_then(Value::as_str)
                .map(str::to_owned);
            answer.usage = event
                .pointer("/response/usage")
                .filter(|usage| !usage.is_null())
                .cloned();
        }
        Some("error") => answer.error = Some(event.clone()),
        _ => {}
    }
}

fn read_chunk(event: &Value, answer: &mut Answer) {
    answer.text += &string(event.pointer("/choices/0/delta/content"));
    answer.refusal += &string(event.pointer("/choices/0/delta/refusal"));
    answer.thinking += &string(event.pointer("/choices/0/delta/reasoning_content"));
    answer.thinking += &string(event.pointer("/choices/0/delta/reasoning"));
    if let Some(stop) = event
        .pointer("/choices/0/finish_reason")
        .and_then(Value::as_str)
    {
        answer.stop = Some(stop.to_owned());
    }
    if let Some(usage) = event.get("usage").filter(|usage| !usage.is_null()) {
        answer.usage = Some(usage.clone());
    }
    if event.get("error").is_some() {
        answer.error = Some(event.clone());
    }
}

fn read_candidate(event: &Value, answer: &mut Answer) {
    for part in event
        .pointer("/candidates/0/content/parts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if part.get("thought") == Some(&json!(true)) {
            answer.thinking += &string(part.get("text"));
        } else {
            answer.text += &string(part.get("text"));
        }
    }
    if let Some(stop) = event
        .pointer("/candidates/0/finishReason")
        .and_then(Value::as_str)
    {
        answer.stop = Some(stop.to_owned());
    }
    answer.refusal += &string(event.pointer("/promptFeedback/blockReason"));
    if let Some(usage) = event.get("usageMetadata") {
        answer.usage = Some(usage.clone());
    }
    if event.get("error").is_some() {
        answer.error = Some(event.clone());
    }
}
