//! The listener's one handler: whose path it is, whose key, and who answers.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

use crate::control::Control;
use crate::dialect;
use crate::form;
use crate::line::Line;
use crate::options::SIMULATED_KEY_PREFIX;
use crate::parcel::Parcel;
use crate::provider::Provider;
use crate::record::{Entry, Outcome};
use crate::reply::Reply;
use crate::route::{Asked, asked, provider_of};
use crate::trouble::Trouble;
use crate::{answer, clips, pictures};

/// The largest request taken: images travel inside it.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(crate) fn router(control: Arc<Control>) -> Router {
    Router::new()
        .fallback(handle)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(control)
}

async fn handle(
    State(control): State<Arc<Control>>,
    ConnectInfo(line): ConnectInfo<Line>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((provider, rest)) = provider_of(uri.path()) else {
        return Trouble::UnknownPath.response(Provider::OpenAiCompatible);
    };
    let mut entry = control.recorder.open(provider, uri.path());
    let replied = match asked(provider, &method, rest, uri.query()) {
        Some(asked) => {
            entry.note(|received| received.purpose = asked.purpose());
            let request = Request {
                control: &control,
                provider,
                asked,
                path: uri.path(),
                headers: &headers,
                query: uri.query().unwrap_or_default(),
                body: &body,
            };
            request.reply(&mut entry).await
        }
        None => Err(Trouble::UnknownPath),
    };
    match replied {
        Ok(reply) => reply.send(&control, entry, &line).await,
        Err(trouble) => {
            let response = trouble.response(provider);
            entry.end(Outcome::Refused {
                status: response.status().as_u16(),
            });
            response
        }
    }
}

/// A request with an address that exists.
pub(crate) struct Request<'a> {
    pub(crate) control: &'a Arc<Control>,
    pub(crate) provider: Provider,
    pub(crate) asked: Asked<'a>,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: &'a str,
    body: &'a Bytes,
}

impl Request<'_> {
    async fn reply(&self, entry: &mut Entry) -> Result<Reply, Trouble> {
        let is_public = match self.asked {
            // OpenRouter's list is public; its key is checked at /key.
            Asked::Models => self.provider == Provider::OpenRouter,
            Asked::PublicFile { .. } => true,
            _ => false,
        };
        if !is_public {
            check_key(self.control, self.provider, self.headers)?;
        }
        match self.asked {
            Asked::Models => Ok(self.value(&dialect::models::list(self.provider))),
            Asked::Tags => Ok(self.value(&dialect::models::tags())),
            Asked::Shown => {
                let body = form::body(self.headers, self.body).await?;
                let name = body.json["model"].as_str().unwrap_or_default();
                let shown = dialect::models::shown(name).ok_or(Trouble::UnknownPath)?;
                Ok(self.value(&shown))
            }
            Asked::Version => Ok(self.value(&json!({"version": "0.12.6"}))),
            Asked::KeyInfo => {
                let data = json!({"label": "simulated", "limit": null, "limit_remaining": null, "usage": 0});
                Ok(self.value(&json!({"data": data})))
            }
            Asked::Answer { id } => {
                let kept = self.control.kept_answer(id).ok_or(Trouble::UnknownPath)?;
                Ok(self.value(&kept))
            }
            Asked::Job { id } => clips::poll(self, id, entry).await,
            Asked::CancelJob { id } => clips::cancel(self, id).await,
            Asked::DeleteJob { id } => clips::delete(self, id).await,
            Asked::File { id, moved } => clips::file(self, id, moved, entry).await,
            Asked::PublicFile { name } => clips::public_file(self, name, entry).await,
            _ => self.paid(entry).await,
        }
    }

    /// What is paid: words, pictures and clips.
    async fn paid(&self, entry: &mut Entry) -> Result<Reply, Trouble> {
        let body = form::body(self.headers, self.body).await?;
        entry.note(|received| {
            let model = body.json.get("model").and_then(Value::as_str);
            received.model = model.map(str::to_owned);
            received.body = self.control.options.keep_bodies.then(|| body.json.clone());
        });
        match self.asked {
            Asked::Pictures { .. } => pictures::reply(self, &body, entry).await,
            Asked::Videos(_) | Asked::Veo { .. } => clips::submit(self, &body.json, entry).await,
            Asked::Interactions { .. } => crate::interaction::reply(self, &body.json, entry).await,
            Asked::Generate { model, .. } if pictures::are_asked(model) => {
                pictures::reply(self, &body, entry).await
            }
            _ => answer::reply(self, &body.json, entry),
        }
    }

    /// An answer that is there at once.
    pub(crate) fn value(&self, value: &Value) -> Reply {
        Reply::at_once(self.provider, Parcel::whole(value), Vec::new())
    }
}

fn check_key(control: &Control, provider: Provider, headers: &HeaderMap) -> Result<(), Trouble> {
    let plain = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = || plain("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = match provider {
        Provider::Anthropic => plain("x-api-key").or_else(bearer),
        Provider::Google => plain("x-goog-api-key"),
        _ => bearer(),
    };
    match key {
        Some("") | None if provider.is_local() => Ok(()),
        Some("") | None => Err(Trouble::MissingKey),
        Some(key) if key.starts_with(SIMULATED_KEY_PREFIX) => Ok(()),
        Some(key) if control.options.keys.iter().any(|known| known == key) => Ok(()),
        Some(_) => Err(Trouble::WrongKey),
    }
}

pub(crate) fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
