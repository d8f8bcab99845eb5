//! A request's JSON body, in which a provider's own state stands as the provider wrote it.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::endpoint::Protocol;
use crate::error::BuildError;
use crate::request::OpaqueState;

/// A piece of a conversation on the wire.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Block {
    /// Written here.
    Made(Value),
    /// What the provider gave, byte for byte.
    Kept(Box<RawValue>),
}

/// Every field of a request, and its turns, each made of blocks.
pub(crate) struct Body<T> {
    pub(crate) fields: Map<String, Value>,
    /// What the protocol calls the conversation.
    pub(crate) turns_key: &'static str,
    pub(crate) turns: Vec<T>,
}

impl<T: Serialize> Serialize for Body<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry(self.turns_key, &self.turns)?;
        map.end()
    }
}

/// The stored state, when it is this protocol's.
pub(crate) fn kept(
    state: &OpaqueState,
    protocol: Protocol,
) -> Result<Option<Box<RawValue>>, BuildError> {
    if state.protocol != protocol {
        return Ok(None);
    }
    serde_json::from_slice(&state.bytes)
        .map(Some)
        .map_err(|_| BuildError::OpaqueState)
}
