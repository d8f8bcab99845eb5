//! A response on its way out: its head, its body, and what the faults make of both.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::control::Control;
use crate::fault::Fault;
use crate::line::Line;
use crate::parcel::Parcel;
use crate::play::{Play, Source};
use crate::provider::Provider;
use crate::record::{Entry, Outcome};
use crate::tempo::Tempo;
use crate::trouble::Trouble;

const WEB_PAGE: &str = "text/html; charset=utf-8";

/// A response that is ready to be sent.
pub(crate) struct Reply {
    pub(crate) provider: Provider,
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) source: Box<dyn Source>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) pauses: Vec<u64>,
    pub(crate) tempo: Tempo,
}

impl Reply {
    /// A parcel as a reply.
    pub(crate) fn of(
        provider: Provider,
        mut parcel: Parcel,
        faults: Vec<Fault>,
        pauses: Vec<u64>,
        tempo: Tempo,
    ) -> Self {
        if faults.contains(&Fault::DoubleEnd) {
            parcel = parcel.ending_twice();
        }
        Self {
            provider,
            status: parcel.status,
            content_type: parcel.content_type,
            headers: std::mem::take(&mut parcel.headers),
            source: Box::new(parcel),
            faults,
            pauses,
            tempo,
        }
    }

    /// A parcel that comes at once and whole.
    pub(crate) fn at_once(provider: Provider, parcel: Parcel, faults: Vec<Fault>) -> Self {
        let tempo = Tempo::at_once(&faults);
        Self::of(provider, parcel, faults, Vec::new(), tempo)
    }

    /// Sends it, or what the faults leave of it.
    pub(crate) async fn send(
        self,
        control: &Arc<Control>,
        mut entry: Entry,
        line: &Line,
    ) -> Response {
        if let Some(response) = self.instead(control, &mut entry, line).await {
            return response;
        }
        let wrong_type = self.faults.contains(&Fault::WrongType);
        let content_type = if wrong_type {
            WEB_PAGE
        } else {
            self.content_type
        };
        let play = Play::new(
            self.source,
            Arc::clone(control),
            entry,
            self.faults,
            self.pauses,
            self.tempo,
        );
        let mut response = Response::new(Body::from_stream(play.into_body()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.extend(self.headers);
        response
    }

    /// The response that comes in place of this one, if a fault strikes before its head.
    async fn instead(&self, control: &Control, entry: &mut Entry, line: &Line) -> Option<Response> {
        let breaks = |fault: &Fault| matches!(fault, Fault::MidstreamError { .. });
        let response = if self.faults.contains(&Fault::Reset) {
            line.tear();
            Response::new(Body::empty())
        } else if self.faults.contains(&Fault::Silence) {
            control.closed().await;
            line.tear();
            Response::new(Body::empty())
        } else if self.faults.contains(&(Fault::Garbage { after_tokens: 0 })) {
            web_page()
        } else if !self.source.is_stream() && self.faults.iter().any(breaks) {
            Trouble::Server.response(self.provider)
        } else {
            return None;
        };
        entry.end(Outcome::Broken);
        Some(response)
    }
}

/// What a proxy in between would say.
fn web_page() -> Response {
    let mut response = Response::new(Body::from(
        "<!doctype html><title>Sign in</title><h1>Sign in to the network</h1>",
    ));
    let html = HeaderValue::from_static(WEB_PAGE);
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}
