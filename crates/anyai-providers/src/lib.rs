//! The providers' wire protocols: build a request, decode an answer.
//!
//! One module per protocol, each without I/O: [`build`] turns a [`ChatRequest`] into an
//! [`HttpRequest`], a [`Decoder`] turns bytes into [`ProviderEvent`]s. [`Client`] is the thin part
//! that moves the bytes. This room does not know credits, users, or where a key came from.

mod address;
mod aftermath;
mod answered;
mod body;
mod build;
mod build_media;
mod chat_completions;
mod citation;
mod classify;
mod client;
mod content;
mod cost;
mod decimal;
mod decode;
mod document;
mod download;
mod endpoint;
mod error;
mod event;
mod generate_content;
mod http_request;
mod image_request;
mod images;
mod interactions;
mod jobs;
mod json;
mod local;
mod media_type;
mod media_usage;
mod messages;
mod models;
mod ollama_chat;
mod outbox;
mod predict_long_running;
mod request;
mod responses;
mod retry;
mod secret;
mod sse;
mod stop;
mod transport;
mod video_job;
mod video_request;
mod videos;
mod wait;

pub use aftermath::Aftermath;
pub use build::build;
pub use build_media::{build_images, build_video};
pub use citation::Citation;
pub use classify::from_response as error_from_response;
pub use client::{Client, EventStream};
pub use decode::Decoder;
pub use document::Document;
pub use download::Download;
pub use endpoint::{Endpoint, Protocol, Provider};
pub use error::{BuildError, ErrorClass, ProviderError};
pub use event::{ProviderEvent, StopReason, ToolCall, Usage};
pub use http_request::HttpRequest;
pub use image_request::ImageRequest;
pub use local::LocalModel;
pub use media_type::media_type_of;
pub use models::ListModelsError;
pub use request::{ChatRequest, Effort, Image, Message, OpaqueState, Part, Role, Thinking};
pub use retry::{Failure, RetryPolicy};
pub use sse::{SseParser, TooLong};
pub use transport::Limits;
pub use video_job::{Clip, ClipAt, SubmitError, VideoJobId, VideoStatus};
pub use video_request::{VideoRequest, VideoSource, VideoTask};
