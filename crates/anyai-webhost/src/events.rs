//! `GET /events`: the app's events as WebSocket text frames, in order.

use std::sync::Arc;

use anyai_wire::{AppEvent, Commands};
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::serve::Shared;

/// The subprotocol the server accepts; the token travels beside it as `anyai.token.…`.
const SUBPROTOCOL: &str = "anyai";

pub(crate) async fn events<C: Commands + Send + Sync + 'static>(
    State(shared): State<Arc<Shared<C>>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !shared.guard.has_subprotocol(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let receiver = shared.events.subscribe();
    upgrade
        .protocols([SUBPROTOCOL])
        .on_upgrade(|socket| forward(socket, receiver))
}

/// Forwards until either side goes. A window that fell too far behind is told to come back, and
/// then asks for the whole state.
async fn forward(mut socket: WebSocket, mut receiver: broadcast::Receiver<AppEvent>) {
    loop {
        tokio::select! {
            event = receiver.recv() => {
                let sent = match event {
                    Ok(event) => match serde_json::to_string(&event) {
                        Ok(text) => socket.send(Message::Text(text.into())).await,
                        Err(error) => {
                            tracing::error!(%error, "an event could not be written as JSON");
                            return;
                        }
                    },
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "a window fell behind and is asked to reconnect");
                        let frame = CloseFrame { code: close_code::AGAIN, reason: "fell behind".into() };
                        let _ = socket.send(Message::Close(Some(frame))).await;
                        return;
                    }
                    Err(RecvError::Closed) => return,
                };
                if sent.is_err() {
                    return;
                }
            }
            received = socket.recv() => {
                match received {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                }
            }
        }
    }
}
