//! The listener's one handler: whose path it is, whose key, and which answer.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use serde_json::{Value, json};

use crate::ask::{Ask, Speaker};
use crate::composer;
use crate::dialect::{self, Dialect, Whole, anthropic, chat, gemini, responses};
use crate::fault::Fault;
use crate::options::SIMULATED_KEY_PREFIX;
use crate::play::Play;
use crate::provider::Provider;
use crate::record::{Entry, Outcome};
use crate::script::{self, Script};
use crate::simulator::Control;
use crate::trouble::Trouble;
use crate::turn::{Making, Turn};

/// The largest request taken: images travel inside it.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(crate) fn router(control: Arc<Control>) -> Router {
    Router::new()
        .fallback(handle)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(control)
}

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Models,
    KeyInfo,
    Messages,
    Responses,
    /// What became of an answer.
    Answer {
        id: &'a str,
    },
    Chat,
    Generate {
        model: &'a str,
        framing: Option<gemini::Framing>,
    },
}

async fn handle(
    State(control): State<Arc<Control>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((provider, rest)) = provider_of(uri.path()) else {
        return Trouble::UnknownPath.response(Provider::OpenAiCompatible);
    };
    let mut entry = control.recorder.open(provider, uri.path());
    let answered = match asked(provider, &method, rest, uri.query()) {
        Some(asked) => answer(&control, provider, &asked, &headers, &body, &mut entry),
        None => Err(Trouble::UnknownPath),
    };
    match answered {
        Ok(Answered::Value(value)) => {
            entry.end(Outcome::Finished);
            json_response(value.to_string().into())
        }
        Ok(Answered::Turn(ready)) => play(&control, *ready, entry),
        Err(trouble) => {
            let response = trouble.response(provider);
            entry.end(Outcome::Refused {
                status: response.status().as_u16(),
            });
            response
        }
    }
}

fn provider_of(path: &str) -> Option<(Provider, &str)> {
    Provider::ALL.into_iter().find_map(|provider| {
        let rest = path.strip_prefix(provider.base_path())?;
        rest.starts_with('/').then_some((provider, rest))
    })
}

fn asked<'a>(
    provider: Provider,
    method: &Method,
    rest: &'a str,
    query: Option<&str>,
) -> Option<Asked<'a>> {
    let post = method == Method::POST;
    match (provider, rest) {
        (Provider::Anthropic, "/v1/models") => (!post).then_some(Asked::Models),
        (Provider::Anthropic, "/v1/messages") => post.then_some(Asked::Messages),
        (Provider::Anthropic, _) => None,
        (_, "/models") => (!post).then_some(Asked::Models),
        (Provider::Google, _) => {
            let (model, verb) = rest.strip_prefix("/models/")?.split_once(':')?;
            let events = query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
            let framing = match verb {
                "generateContent" => None,
                "streamGenerateContent" if events => Some(gemini::Framing::Events),
                "streamGenerateContent" => Some(gemini::Framing::Array),
                _ => return None,
            };
            post.then_some(Asked::Generate { model, framing })
        }
        (Provider::OpenRouter, "/key") => (!post).then_some(Asked::KeyInfo),
        (Provider::OpenAi | Provider::XAi | Provider::OpenRouter, "/responses") => {
            post.then_some(Asked::Responses)
        }
        (Provider::OpenAi | Provider::XAi, _) if rest.starts_with("/responses/") => {
            let id = rest.strip_prefix("/responses/")?;
            (!post).then_some(Asked::Answer { id })
        }
        (_, "/chat/completions") => post.then_some(Asked::Chat),
        _ => None,
    }
}

enum Answered {
    Value(Value),
    Turn(Box<Ready>),
}

/// A turn ready to be played.
struct Ready {
    turn: Turn,
    dialect: Box<dyn Dialect>,
    faults: Vec<Fault>,
    script: Script,
}

fn answer(
    control: &Control,
    provider: Provider,
    asked: &Asked<'_>,
    headers: &HeaderMap,
    body: &[u8],
    entry: &mut Entry,
) -> Result<Answered, Trouble> {
    // OpenRouter's list is public; its key is checked at /key.
    if !(provider == Provider::OpenRouter && *asked == Asked::Models) {
        check_key(control, provider, headers)?;
    }
    match asked {
        Asked::Models => return Ok(Answered::Value(dialect::models::list(provider))),
        Asked::KeyInfo => {
            let data =
                json!({"label": "simulated", "limit": null, "limit_remaining": null, "usage": 0});
            return Ok(Answered::Value(json!({"data": data})));
        }
        Asked::Answer { id } => {
            let kept = control.kept_answer(id).ok_or(Trouble::UnknownPath);
            return kept.map(Answered::Value);
        }
        _ => {}
    }
    let bad_json = |_| Trouble::BadRequest {
        message: "We could not parse the JSON body of your request.".to_owned(),
        param: None,
    };
    let body: Value = serde_json::from_slice(body).map_err(bad_json)?;
    entry.note(|received| {
        received.model = body.get("model").and_then(Value::as_str).map(str::to_owned);
        received.body = control.options.keep_bodies.then(|| body.clone());
    });
    if provider == Provider::Anthropic && !headers.contains_key("anthropic-version") {
        return Err(Trouble::bad_request(
            "anthropic-version: header is required",
            "anthropic-version",
        ));
    }
    let ask = read_ask(provider, asked, &body)?;
    ready(control, asked, ask, entry).map(|ready| Answered::Turn(Box::new(ready)))
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

fn read_ask(provider: Provider, asked: &Asked<'_>, body: &Value) -> Result<Ask, Trouble> {
    match asked {
        Asked::Messages => anthropic::read(body),
        Asked::Responses => responses::read(provider, body),
        Asked::Chat => chat::read(provider, body),
        Asked::Generate { model, framing } => gemini::read(model, framing.is_some(), body),
        Asked::Models | Asked::KeyInfo | Asked::Answer { .. } => Err(Trouble::UnknownPath),
    }
}

/// Composes the answer to a request that can be answered.
fn ready(
    control: &Control,
    asked: &Asked<'_>,
    mut ask: Ask,
    entry: &mut Entry,
) -> Result<Ready, Trouble> {
    let mark = composer::mark(&format!("{} {}", ask.provider, ask.prompt()));
    let (_, script) = script::read(ask.prompt());
    // Also in what was said before: a prefix must stay the same when the conversation goes on.
    for said in ask.said.iter_mut().filter(|said| said.by == Speaker::User) {
        said.text = script::read(&said.text).0;
    }
    let input = control.cache.split(&ask);
    entry.note(|received| {
        received.model = Some(ask.model.clone());
        received.streaming = ask.streaming;
        received.output_tokens_max = ask.output_tokens_max;
        received.input_tokens = input.total;
    });
    let faults = faults_of(control, &script, mark, entry.number());
    let refused = faults
        .iter()
        .find_map(|fault| Trouble::from_fault(*fault, &ask.model, input.total));
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    control
        .take_place(ask.provider)
        .map_err(|retry_after_s| Trouble::RateLimited { retry_after_s })?;
    if input.total > ask.known.context_tokens {
        return Err(Trouble::ContextOverflow {
            tokens: input.total,
            limit: ask.known.context_tokens,
        });
    }
    let dialect = dialect_of(asked, &ask);
    let making = Making {
        seed: control.options.seed,
        number: entry.number(),
        created_s: now_s(),
        script: &script,
        faults: &faults,
        input,
    };
    let turn = Turn::compose(ask, &making);
    if control.options.keep_answers && *asked == Asked::Responses {
        control.keep_answer(turn.id("resp_"), responses::whole(&turn));
    }
    Ok(Ready {
        turn,
        dialect,
        faults,
        script,
    })
}

/// The faults of a request: those its prompt asks for, and one queued or drawn.
fn faults_of(control: &Control, script: &Script, mark: u64, number: u64) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !script.faults.is_empty() {
        let asked = control.count_asked(mark);
        if script.times.is_none_or(|times| asked <= times) {
            faults.extend(&script.faults);
        }
    }
    let mut draws = composer::Draws::new(control.options.seed ^ number.rotate_left(32));
    faults.extend(control.take_fault(draws.next(), draws.next()));
    faults
}

fn dialect_of(asked: &Asked<'_>, ask: &Ask) -> Box<dyn Dialect> {
    match (asked, ask.streaming) {
        (Asked::Messages, true) => Box::new(anthropic::Messages::default()),
        (Asked::Messages, false) => Box::new(Whole::new(anthropic::whole)),
        (Asked::Responses, true) => Box::new(responses::Responses::default()),
        (Asked::Responses, false) => Box::new(Whole::new(responses::whole)),
        (
            Asked::Generate {
                framing: Some(framing),
                ..
            },
            _,
        ) => Box::new(gemini::Candidates::new(*framing)),
        (Asked::Generate { framing: None, .. }, _) => Box::new(Whole::new(gemini::whole)),
        (_, true) => Box::new(chat::Chunks),
        (_, false) => Box::new(Whole::new(chat::whole)),
    }
}

fn play(control: &Arc<Control>, ready: Ready, mut entry: Entry) -> Response {
    let Ready {
        turn,
        dialect,
        faults,
        script,
    } = ready;
    let provider = turn.ask.provider;
    if faults.contains(&Fault::Garbage { after_tokens: 0 }) {
        entry.end(Outcome::Broken);
        return web_page();
    }
    let is_stream = turn.ask.streaming;
    let breaks = |fault: &Fault| matches!(fault, Fault::MidstreamError { .. });
    if !is_stream && faults.iter().any(breaks) {
        entry.end(Outcome::Broken);
        return Trouble::Server.response(provider);
    }
    let request_id = turn.id("req_");
    let play = Play::new(
        turn,
        dialect,
        Arc::clone(control),
        entry,
        faults,
        script.pauses,
    );
    let mut response = json_response(Body::from_stream(play.into_body()));
    let headers = response.headers_mut();
    if is_stream {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        );
    }
    let id_header = if provider == Provider::Anthropic {
        "request-id"
    } else {
        "x-request-id"
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(id_header, value);
    }
    response
}

fn json_response(body: Body) -> Response {
    let mut response = Response::new(body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// What a proxy in between would say.
fn web_page() -> Response {
    let mut response = Response::new(Body::from(
        "<!doctype html><title>Sign in</title><h1>Sign in to the network</h1>",
    ));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
