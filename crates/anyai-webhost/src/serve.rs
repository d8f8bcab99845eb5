//! Binding and serving, on loopback only.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyai_wire::{AppEvent, Commands};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::guard::{Guard, Token};
use crate::{asset, call, events, files, upload};

/// Largest command, in bytes: a PDF of 32 MiB in base64, with room.
const COMMAND_BYTES_MAX: usize = 44 * 1024 * 1024;

/// What the handlers share.
pub(crate) struct Shared<C> {
    pub(crate) commands: Arc<C>,
    pub(crate) events: broadcast::Sender<AppEvent>,
    pub(crate) guard: Guard,
    policy: HeaderValue,
}

/// A studio's commands and events, and the token that opens them.
pub struct Webhost<C> {
    /// The app.
    pub commands: Arc<C>,
    /// Where it emits its events.
    pub events: broadcast::Sender<AppEvent>,
    /// What a page must hold.
    pub token: Token,
}

/// A webhost that holds its port and is ready to serve.
pub struct Bound {
    listener: TcpListener,
    router: Router,
    url: String,
}

impl<C: Commands + Send + Sync + 'static> Webhost<C> {
    /// Takes a loopback port (0 lets the system choose).
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn bind(self, port: u16) -> std::io::Result<Bound> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}/#token={}", self.token.expose());
        let router = self.router(address);
        Ok(Bound {
            listener,
            router,
            url,
        })
    }

    fn router(self, address: SocketAddr) -> Router {
        let shared = Arc::new(Shared {
            commands: self.commands,
            events: self.events,
            guard: Guard::new(self.token, address),
            policy: content_security_policy(address),
        });
        Router::new()
            .route("/call/{name}", post(call::call::<C>))
            .route("/upload", post(upload::upload::<C>))
            .route("/events", get(events::events::<C>))
            .route("/asset/{key}/{id}", get(asset::whole::<C>))
            .route("/asset/{key}/{id}/thumbnail", get(asset::thumbnail::<C>))
            .fallback(files::file)
            .layer(DefaultBodyLimit::max(COMMAND_BYTES_MAX))
            .layer(middleware::from_fn_with_state(
                Arc::clone(&shared),
                only_from_here::<C>,
            ))
            .with_state(shared)
    }
}

impl Bound {
    /// The address to open, token included. Print it once, never log it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until `stop` is done.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        axum::serve(self.listener, self.router.into_make_service())
            .with_graceful_shutdown(stop)
            .await
    }
}

/// Our own files and our own socket, and nothing else.
fn content_security_policy(address: SocketAddr) -> HeaderValue {
    let port = address.port();
    let policy = format!(
        "default-src 'self'; connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; \
         img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
         object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

async fn only_from_here<C>(
    State(shared): State<Arc<Shared<C>>>,
    request: Request,
    next: Next,
) -> Response {
    if !shared.guard.is_from_here(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, shared.policy.clone());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
