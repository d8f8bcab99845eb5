//! The way to a server: a transport and a token, which may come later than the studio's window.

use std::sync::Arc;

use anyai_secrets::Secret;
use anyai_wire::{Code, WireError};
use http::HeaderValue;
use tokio::sync::watch;

use super::CallError;
use crate::transport::Transport;

/// A transport with the token it is used with.
pub(crate) struct Link {
    transport: Arc<dyn Transport>,
    token: Secret,
}

impl Link {
    pub(crate) fn new(transport: Arc<dyn Transport>, token: Secret) -> Self {
        Self { transport, token }
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    pub(super) fn bearer(&self) -> Result<HeaderValue, CallError> {
        let text = Secret::new(format!("Bearer {}", self.token.expose()));
        let mut value = HeaderValue::from_str(text.expose()).map_err(|_| {
            let why = "the access token holds characters no token has";
            CallError::NoLink(WireError::new(Code::TokenRejected, why))
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Whether there is a way to the server.
#[derive(Clone)]
pub(crate) enum LinkState {
    /// The server is being started, or its token fetched.
    Opening,
    /// Yes.
    Open(Arc<Link>),
    /// There will be none.
    Failed(WireError),
}

/// Where the client finds the link once it is there.
#[derive(Clone)]
pub(crate) struct Links(watch::Receiver<LinkState>);

impl Links {
    /// A link that will come, and where to put it.
    pub(crate) fn awaited() -> (watch::Sender<LinkState>, Self) {
        let (sender, receiver) = watch::channel(LinkState::Opening);
        (sender, Self(receiver))
    }

    pub(crate) fn state(&self) -> LinkState {
        self.0.borrow().clone()
    }

    /// The link, as soon as it is decided.
    pub(crate) async fn link(&self) -> Result<Arc<Link>, CallError> {
        let mut decided = self.0.clone();
        let state = decided
            .wait_for(|state| !matches!(state, LinkState::Opening))
            .await
            .map(|state| state.clone());
        match state {
            Ok(LinkState::Open(link)) => Ok(link),
            Ok(LinkState::Failed(error)) => Err(CallError::NoLink(error)),
            Ok(LinkState::Opening) | Err(_) => Err(CallError::NoLink(WireError::new(
                Code::NoStudio,
                "the studio was closed",
            ))),
        }
    }
}
