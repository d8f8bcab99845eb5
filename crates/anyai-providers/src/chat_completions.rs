//! OpenAI-compatible chat completions: OpenAI, xAI, OpenRouter, Ollama, LM Studio, llama.cpp.

mod build;
mod decode;
mod reasoning;
mod usage;
mod words;

pub(crate) use build::build;
pub(crate) use decode::ChatCompletionsDecoder;
