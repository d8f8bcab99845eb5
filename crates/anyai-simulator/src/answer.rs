//! Answers in words: reads the request, composes the turn, and tells it in its dialect.

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::ask::{Ask, Speaker};
use crate::composer;
use crate::dialect::{Dialect, Whole, anthropic, chat, gemini, interactions, ollama, responses};
use crate::fault::{Fault, Stage};
use crate::performance::Performance;
use crate::provider::Provider;
use crate::record::Entry;
use crate::reply::Reply;
use crate::route::Asked;
use crate::script::{self, Script};
use crate::server::{Request, now_s};
use crate::tempo::Tempo;
use crate::trouble::Trouble;
use crate::turn::{Making, Turn};

/// Replies to a request for an answer in words.
pub(crate) fn reply(
    request: &Request<'_>,
    body: &Value,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    if request.provider == Provider::Anthropic && !request.headers.contains_key("anthropic-version")
    {
        return Err(Trouble::bad_request(
            "anthropic-version: header is required",
            "anthropic-version",
        ));
    }
    let ask = read(request, body)?;
    let ready = ready(request, ask, entry)?;
    let dialect = dialect_of(&request.asked, &ready.turn.ask);
    Ok(told(request, ready, dialect))
}

/// A turn ready to be told.
pub(crate) struct Ready {
    pub(crate) turn: Turn,
    faults: Vec<Fault>,
    script: Script,
}

/// Tells a turn in a dialect.
fn told(request: &Request<'_>, ready: Ready, dialect: Box<dyn Dialect>) -> Reply {
    let Ready {
        turn,
        faults,
        script,
    } = ready;
    let provider = request.provider;
    let id_header = if provider == Provider::Anthropic {
        "request-id"
    } else {
        "x-request-id"
    };
    let id = HeaderValue::from_str(&turn.id("req_")).ok();
    let content_type = match (turn.ask.streaming, &request.asked) {
        (true, Asked::OllamaChat) => "application/x-ndjson",
        (true, _) => "text/event-stream",
        (false, _) => "application/json",
    };
    let tempo = Tempo::of(&turn, request.control.options.pace, &faults);
    let ends_twice = faults.contains(&Fault::DoubleEnd);
    Reply {
        provider,
        status: http::StatusCode::OK,
        content_type,
        headers: id
            .map(|id| (HeaderName::from_static(id_header), id))
            .into_iter()
            .collect(),
        source: Box::new(Performance::new(turn, dialect, ends_twice)),
        faults,
        pauses: script.pauses,
        tempo,
    }
}

fn read(request: &Request<'_>, body: &Value) -> Result<Ask, Trouble> {
    let provider = request.provider;
    match &request.asked {
        Asked::Messages => anthropic::read(body),
        Asked::Responses => responses::read(provider, body),
        Asked::Chat => chat::read(provider, body),
        Asked::OllamaChat => ollama::read(body),
        Asked::Generate { model, framing } => gemini::read(model, framing.is_some(), body),
        Asked::Interactions { streaming } => interactions::read(body, *streaming),
        _ => Err(Trouble::UnknownPath),
    }
}

/// Composes the answer to a request that can be answered.
pub(crate) fn ready(
    request: &Request<'_>,
    mut ask: Ask,
    entry: &mut Entry,
) -> Result<Ready, Trouble> {
    let control = request.control;
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
    let faults = control.faults_of(&script, Stage::Answer, mark, entry.number());
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
    let making = Making {
        seed: control.options.seed,
        number: entry.number(),
        created_s: now_s(),
        script: &script,
        faults: &faults,
        input,
    };
    let turn = Turn::compose(ask, &making);
    match request.asked {
        _ if !control.options.keep_answers => {}
        Asked::Responses => control.keep_answer(turn.id("resp_"), responses::whole(&turn)),
        Asked::Chat => control.keep_answer(turn.id("chatcmpl-"), chat::generation(&turn)),
        _ => {}
    }
    Ok(Ready {
        turn,
        faults,
        script,
    })
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
        (Asked::OllamaChat, true) => Box::new(ollama::Lines),
        (Asked::OllamaChat, false) => Box::new(Whole::new(ollama::whole)),
        (Asked::Interactions { .. }, true) => Box::new(interactions::Steps::default()),
        (Asked::Interactions { .. }, false) => Box::new(Whole::new(interactions::whole)),
        (_, true) => Box::new(chat::Chunks),
        (_, false) => Box::new(Whole::new(chat::whole)),
    }
}
