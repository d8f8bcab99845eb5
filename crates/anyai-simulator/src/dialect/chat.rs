//! OpenAI-compatible chat completions, with the dialects of those who speak it.

use serde_json::{Value, json};

use super::{Beat, Dialect, data, opaque, read};
use crate::ask::{Ask, Effort, Said, Speaker, Thinking};
use crate::model;
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::{Stop, Turn};

pub(crate) fn read(provider: Provider, body: &Value) -> Result<Ask, Trouble> {
    let model = read::model(body)?;
    let known = model::find(provider, &model).ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    let mut system = String::new();
    let mut said = Vec::new();
    for message in read::list(body, "messages")? {
        read_message(message, &mut system, &mut said)?;
    }
    Ok(Ask {
        provider,
        known,
        system,
        said,
        output_tokens_max: read_limit(provider, body, known.output_tokens_max)?,
        effort: read_effort(body).map(Effort::from_word).unwrap_or_default(),
        thinking: read_thinking(provider, body, &model),
        streaming: read::flag(body, "stream"),
        include_usage: includes_usage(provider, body),
        wants_reasoning: false,
        stop_sequences: read::strings(body.get("stop")),
        marks_cache: false,
        model,
    })
}

fn read_limit(provider: Provider, body: &Value, most: u64) -> Result<Option<u64>, Trouble> {
    let old = read::limit(body, "/max_tokens", "max_tokens", 1..=most)?;
    if provider == Provider::OpenAi && old.is_some() {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        return Err(Trouble::bad_request(message, "max_tokens"));
    }
    let new = read::limit(
        body,
        "/max_completion_tokens",
        "max_completion_tokens",
        1..=most,
    )?;
    Ok(new.or(old))
}

fn read_effort(body: &Value) -> Option<&str> {
    read::word(body, "/reasoning_effort").or_else(|| read::word(body, "/reasoning/effort"))
}

fn read_thinking(provider: Provider, body: &Value, model: &str) -> Thinking {
    let effort = read_effort(body);
    let tokens_max = body
        .pointer("/reasoning/max_tokens")
        .and_then(Value::as_u64);
    let asked = effort.is_some()
        || tokens_max.is_some()
        || body.pointer("/reasoning/enabled") == Some(&Value::Bool(true));
    let excluded = body.pointer("/reasoning/exclude") == Some(&Value::Bool(true));
    if effort == Some("none") || model.contains("non-reasoning") {
        return Thinking::Off;
    }
    match provider {
        Provider::OpenAi => Thinking::Hidden { tokens_max: None },
        Provider::XAi => Thinking::Shown { tokens_max: None },
        _ if !asked => Thinking::Off,
        _ if excluded => Thinking::Hidden { tokens_max },
        _ => Thinking::Shown { tokens_max },
    }
}

fn includes_usage(provider: Provider, body: &Value) -> bool {
    matches!(provider, Provider::OpenRouter | Provider::XAi)
        || body.pointer("/stream_options/include_usage") == Some(&Value::Bool(true))
}

fn read_message(message: &Value, system: &mut String, said: &mut Vec<Said>) -> Result<(), Trouble> {
    let mut read = Said::default();
    match message.get("content") {
        Some(Value::String(text)) => read.text.clone_from(text),
        Some(Value::Array(parts)) => {
            for part in parts {
                read_part(part, &mut read)?;
            }
        }
        Some(Value::Null) | None if message.get("role") == Some(&json!("assistant")) => {}
        _ => {
            return Err(Trouble::bad_request(
                "messages: content must be text or parts",
                "messages",
            ));
        }
    }
    match message.get("role").and_then(Value::as_str) {
        Some("user" | "tool") => said.push(read),
        Some("assistant") => said.push(Said {
            by: Speaker::Model,
            ..read
        }),
        Some("system" | "developer") => system.push_str(&read.text),
        _ => return Err(Trouble::bad_request("messages: unknown role", "messages")),
    }
    Ok(())
}

fn read_part(part: &Value, message: &mut Said) -> Result<(), Trouble> {
    match part.get("type").and_then(Value::as_str) {
        Some("text") => {
            message
                .text
                .push_str(part.get("text").and_then(Value::as_str).unwrap_or_default());
        }
        Some("image_url") => {
            let url = read::word(part, "/image_url/url").unwrap_or_default();
            message.images.push(read::image(url, "messages")?);
        }
        _ => {
            return Err(Trouble::bad_request(
                "messages: unknown content part",
                "messages",
            ));
        }
    }
    Ok(())
}

/// The answer as a stream.
pub(crate) struct Chunks;

impl Chunks {
    fn chunk(turn: &Turn, choices: Value) -> Value {
        let mut chunk = json!({
            "id": turn.id("chatcmpl-"),
            "object": "chat.completion.chunk",
            "created": turn.created_s,
            "model": turn.ask.model,
            "choices": choices,
        });
        match turn.ask.provider {
            Provider::OpenRouter => chunk["provider"] = json!("Simulator"),
            Provider::OpenAi => chunk["service_tier"] = json!("default"),
            _ => {}
        }
        if turn.ask.include_usage && turn.ask.provider == Provider::OpenAi {
            chunk["usage"] = Value::Null;
        }
        chunk
    }

    fn delta(turn: &Turn, delta: Value, finish: Option<&str>) -> Vec<u8> {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        data(&Self::chunk(turn, json!([choice])))
    }

    fn finish(turn: &Turn) -> Vec<u8> {
        let mut end = Self::delta(turn, json!({}), Some(finish_reason(turn)));
        if turn.ask.include_usage && turn.usage.is_reported() {
            let mut last = match turn.ask.provider {
                // Here the record rides on a chunk with a choice, and the finish is said twice.
                Provider::OpenRouter => {
                    let delta = json!({"role": "assistant", "content": ""});
                    let finish = finish_reason(turn);
                    Self::chunk(
                        turn,
                        json!([{"index": 0, "delta": delta, "finish_reason": finish}]),
                    )
                }
                _ => Self::chunk(turn, json!([])),
            };
            last["usage"] = usage(turn);
            if turn.ask.provider == Provider::LlamaCpp {
                last["timings"] = timings(turn);
            }
            end.extend(data(&last));
        }
        end.extend_from_slice(b"data: [DONE]\n\n");
        end
    }
}

impl Dialect for Chunks {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open => {
                let mut open = Vec::new();
                if turn.ask.provider == Provider::OpenRouter {
                    open.extend_from_slice(b": OPENROUTER PROCESSING\n\n");
                }
                open.extend(Self::delta(
                    turn,
                    json!({"role": "assistant", "content": ""}),
                    None,
                ));
                open
            }
            Beat::Thinking(_) if !turn.ask.thinking.is_shown() => Vec::new(),
            Beat::Thinking(thought) => Self::delta(turn, thinking_fields(turn, thought), None),
            Beat::Text(text) => Self::delta(turn, json!({"content": text}), None),
            Beat::Refusal if turn.ask.provider == Provider::OpenAi => {
                Self::delta(turn, json!({"refusal": turn.text()}), None)
            }
            Beat::Finish => Self::finish(turn),
            Beat::Refusal
            | Beat::ThinkingStart
            | Beat::ThinkingEnd
            | Beat::TextStart
            | Beat::TextEnd => Vec::new(),
        }
    }

    fn midstream_error(&mut self, turn: &Turn) -> Vec<u8> {
        let error = match turn.ask.provider {
            Provider::OpenRouter => {
                let choice =
                    json!({"index": 0, "delta": {"content": ""}, "finish_reason": "error"});
                let mut chunk = Self::chunk(turn, json!([choice]));
                chunk["error"] = json!({"code": 502, "message": "Provider disconnected"});
                chunk
            }
            _ => json!({"error": {
                "message": "The server had an error while processing your request.",
                "type": "server_error", "param": null, "code": "server_error",
            }}),
        };
        data(&error)
    }
}

/// The answer in one piece.
pub(crate) fn whole(turn: &Turn) -> Value {
    let declined = turn.stop == Stop::Refusal;
    let mut message = json!({
        "role": "assistant",
        "content": if declined { Value::Null } else { json!(turn.text()) },
        "refusal": null,
    });
    if declined && turn.ask.provider == Provider::OpenAi {
        message["refusal"] = json!(turn.text());
    }
    if turn.ask.thinking.is_shown() && !turn.thinking.is_empty() {
        let fields = thinking_fields(turn, &turn.thinking_text());
        for (name, value) in fields.as_object().into_iter().flatten() {
            if name != "content" {
                message[name] = value.clone();
            }
        }
    }
    let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason(turn)});
    let mut answer = Chunks::chunk(turn, json!([choice]));
    answer["object"] = json!("chat.completion");
    if turn.usage.is_reported() {
        answer["usage"] = usage(turn);
    }
    answer
}

/// OpenRouter's record of an answer, by its id.
pub(crate) fn generation(turn: &Turn) -> Value {
    let usage = &turn.usage;
    json!({"data": {
        "id": turn.id("chatcmpl-"),
        "model": turn.ask.model,
        "streamed": turn.ask.streaming,
        "cancelled": false,
        "finish_reason": finish_reason(turn),
        "is_byok": false,
        "total_cost": turn.cost_usd(),
        "native_tokens_prompt": usage.count(usage.input.total),
        "native_tokens_cached": usage.count(usage.input.read),
        "native_tokens_completion": usage.count(usage.output),
        "native_tokens_reasoning": usage.count(usage.thinking),
    }})
}

fn thinking_fields(turn: &Turn, thought: &str) -> Value {
    match turn.ask.provider {
        Provider::OpenRouter => json!({
            "content": "",
            "reasoning": thought,
            "reasoning_details": [{
                "type": "reasoning.text", "text": thought, "index": 0,
                "signature": opaque("signature", thought),
            }],
        }),
        Provider::Ollama => json!({"content": "", "reasoning": thought}),
        _ => json!({"reasoning_content": thought}),
    }
}

fn finish_reason(turn: &Turn) -> &'static str {
    match turn.stop {
        Stop::OutputLimit => "length",
        Stop::Refusal if turn.ask.provider != Provider::OpenAi => "content_filter",
        Stop::End | Stop::Sequence(_) | Stop::Refusal => "stop",
    }
}

fn usage(turn: &Turn) -> Value {
    let usage = &turn.usage;
    let provider = turn.ask.provider;
    // xAI alone leaves thinking out of the completion.
    let apart = if provider == Provider::XAi {
        usage.thinking
    } else {
        0
    };
    let mut record = json!({
        "prompt_tokens": usage.count(usage.input.total),
        "completion_tokens": usage.count(usage.output - apart),
        "total_tokens": usage.count(usage.input.total + usage.output),
    });
    if provider != Provider::Ollama {
        record["prompt_tokens_details"] = json!({"cached_tokens": usage.count(usage.input.read)});
    }
    if !provider.is_local() {
        record["completion_tokens_details"] =
            json!({"reasoning_tokens": usage.count(usage.thinking)});
    }
    match provider {
        Provider::OpenRouter => {
            record["prompt_tokens_details"]["cache_write_tokens"] = usage.count(usage.input.write);
            record["cost"] = turn.cost_usd();
            record["is_byok"] = json!(false);
            record["cost_details"] = json!({"upstream_inference_cost": turn.cost_usd()});
        }
        Provider::OpenAi => {
            record["prompt_tokens_details"]["cache_write_tokens"] = usage.count(usage.input.write);
        }
        Provider::XAi => record["cost_in_usd_ticks"] = usage.count(turn.cost_ticks()),
        _ => {}
    }
    record
}

fn timings(turn: &Turn) -> Value {
    let usage = &turn.usage;
    json!({
        "prompt_n": usage.input.total - usage.input.read,
        "cache_n": usage.input.read,
        "predicted_n": usage.output,
    })
}
