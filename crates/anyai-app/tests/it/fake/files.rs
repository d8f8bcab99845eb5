//! What of the server in memory is kept, and changed: files, conversations, the plan.

use std::collections::HashMap;

use anyai_app::{BodyStream, TransportError};
use anyai_units::{AssetId, ConversationId};
use anyai_wire::api::ConversationPatch;
use anyai_wire::{Attachment, Code, WireError};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Response, StatusCode};

use super::FakeServer;
use super::facts::{json, refused};

impl FakeServer {
    pub(super) fn patch(&self, id: ConversationId, body: &Bytes) -> Response<BodyStream> {
        let patch: ConversationPatch = serde_json::from_slice(body).unwrap();
        self.change(|state| {
            state.revision += 1;
            let revision = state.revision;
            let Some(conversation) = state.conversations.get_mut(&id) else {
                let error = WireError::new(Code::ConversationNotFound, "no such conversation");
                return refused(StatusCode::NOT_FOUND, &error);
            };
            conversation.revision = revision;
            if let Some(title) = patch.title {
                conversation.title = title;
            }
            if let Some(deleted) = patch.deleted {
                conversation.deleted = deleted;
            }
            json(conversation)
        })
    }

    pub(super) fn put_asset(
        &self,
        id: AssetId,
        query: &HashMap<String, String>,
        bytes: &Bytes,
    ) -> Response<BodyStream> {
        let mime = "image/png".to_owned();
        self.state()
            .assets
            .insert(id, (mime.clone(), bytes.clone()));
        json(&Attachment {
            asset_id: id,
            mime,
            width: 640,
            height: 480,
            duration_ms: None,
            pages: None,
            text_tokens_max: None,
            bytes: bytes.len() as u64,
            name: query["name"].clone(),
        })
    }

    pub(super) fn put_plan(&self, body: &Bytes) -> Response<BodyStream> {
        let chosen: anyai_wire::PlanChoose = serde_json::from_slice(body).unwrap();
        self.change(|state| {
            state.balance.plan_id = chosen.plan_id;
            state.add_entries(1);
            json(&state.balance)
        })
    }

    /// Its files are small: a part of one is all of it.
    pub(super) async fn asset(
        &self,
        id: AssetId,
        in_parts: bool,
    ) -> Result<Response<BodyStream>, TransportError> {
        let mut changes = self.changes.subscribe();
        while self.state().silent_assets {
            changes.changed().await.unwrap();
        }
        let Some((mime, bytes)) = self.state().assets.get(&id).cloned() else {
            let error = WireError::new(Code::AttachmentGone, "no such file");
            return Ok(refused(StatusCode::NOT_FOUND, &error));
        };
        let mut response = Response::builder().header("content-type", mime);
        if in_parts {
            let range = format!("bytes 0-{}/{}", bytes.len() - 1, bytes.len());
            response = response
                .status(StatusCode::PARTIAL_CONTENT)
                .header("content-range", range);
        }
        let body: BodyStream = stream::iter([Ok(bytes)]).boxed();
        Ok(response.body(body).unwrap())
    }
}
