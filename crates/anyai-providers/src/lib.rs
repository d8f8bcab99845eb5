//! The providers' wire protocols: build a request, decode an answer.
//!
//! One module per protocol, each without I/O: `build` turns a [`ChatRequest`] into an HTTP request,
//! a decoder turns bytes into [`ProviderEvent`]s. [`Client`] is the thin part that moves the bytes.
//! This room does not know credits, users, or where a key came from.

mod client;
mod endpoint;
mod error;
mod event;
mod request;

pub use client::{Client, EventStream, ListModelsError};
pub use endpoint::{Endpoint, Protocol, Provider};
pub use error::{BuildError, ErrorClass, ProviderError};
pub use event::{ProviderEvent, StopReason, ToolCall, Usage};
pub use request::{ChatRequest, Effort, Image, Message, OpaqueState, Part, Role, Thinking};
