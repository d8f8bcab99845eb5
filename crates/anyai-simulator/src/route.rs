//! Which path is whose, and what it asks for.

use http::Method;

use crate::dialect::gemini::Framing;
use crate::provider::Provider;
use crate::record::Purpose;

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    Models,
    KeyInfo,
    /// Ollama's own list and its version.
    Tags,
    /// What an Ollama model says of itself.
    Shown,
    Version,
    Messages,
    Responses,
    /// What became of an answer.
    Answer {
        id: &'a str,
    },
    Chat,
    /// Ollama's own chat.
    OllamaChat,
    Generate {
        model: &'a str,
        framing: Option<Framing>,
    },
    Pictures {
        edits: bool,
    },
    Videos(Made),
    Veo {
        model: &'a str,
    },
    Interactions {
        streaming: bool,
    },
    /// How a job is doing.
    Job {
        id: &'a str,
    },
    CancelJob {
        id: &'a str,
    },
    DeleteJob {
        id: &'a str,
    },
    /// A file of a job, or the address it is really at.
    File {
        id: &'a str,
        moved: bool,
    },
    /// A file anyone may fetch who knows its name.
    PublicFile {
        name: &'a str,
    },
}

/// What a clip is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    New,
    Edited,
    Extended,
}

impl Asked<'_> {
    pub(crate) const fn purpose(&self) -> Purpose {
        match self {
            Self::Models | Self::KeyInfo | Self::Tags | Self::Shown | Self::Version => {
                Purpose::Other
            }
            Self::Messages
            | Self::Responses
            | Self::Chat
            | Self::OllamaChat
            | Self::Generate { .. }
            | Self::Interactions { .. } => Purpose::Chat,
            Self::Pictures { .. } => Purpose::Pictures,
            Self::Videos(_) | Self::Veo { .. } => Purpose::Job,
            Self::Answer { .. } | Self::Job { .. } => Purpose::Poll,
            Self::CancelJob { .. } | Self::DeleteJob { .. } => Purpose::Cancel,
            Self::File { .. } | Self::PublicFile { .. } => Purpose::Download,
        }
    }
}

/// Whose path it is, and what follows the base; also for the few that lie beside the base.
pub(crate) fn provider_of(path: &str) -> Option<(Provider, &str)> {
    let based = Provider::ALL.into_iter().find_map(|provider| {
        let rest = path.strip_prefix(provider.base_path())?;
        rest.starts_with('/').then_some((provider, rest))
    });
    let beside = || {
        [
            (Provider::Google, "/google", "/download/"),
            (Provider::Ollama, "/ollama", "/api/"),
            (Provider::XAi, "/xai", "/files/"),
        ]
        .into_iter()
        .find_map(|(provider, base, starts)| {
            let rest = path.strip_prefix(base)?;
            rest.starts_with(starts).then_some((provider, rest))
        })
    };
    based.or_else(beside)
}

/// What a request asks of a provider.
pub(crate) fn asked<'a>(
    provider: Provider,
    method: &Method,
    rest: &'a str,
    query: Option<&'a str>,
) -> Option<Asked<'a>> {
    let has = |wanted: &str| query.is_some_and(|query| query.split('&').any(|pair| pair == wanted));
    let asked = match provider {
        Provider::Anthropic => anthropic(rest),
        Provider::Google => google(method, rest, has("alt=sse")),
        Provider::Ollama => ollama(rest).or_else(|| open(provider, rest)),
        Provider::OpenRouter if rest == "/generation" => {
            let mut pairs = query.unwrap_or_default().split('&');
            let id = pairs.find_map(|pair| pair.strip_prefix("id="))?;
            Some(Asked::Answer { id })
        }
        _ => open(provider, rest),
    }?;
    let wanted = match asked.purpose() {
        _ if matches!(asked, Asked::DeleteJob { .. }) => Method::DELETE,
        _ if matches!(asked, Asked::Shown) => Method::POST,
        Purpose::Chat | Purpose::Pictures | Purpose::Job | Purpose::Cancel => Method::POST,
        Purpose::Other | Purpose::Poll | Purpose::Download => Method::GET,
    };
    (*method == wanted).then_some(asked)
}

fn anthropic(rest: &str) -> Option<Asked<'_>> {
    match rest {
        "/v1/models" => Some(Asked::Models),
        "/v1/messages" => Some(Asked::Messages),
        _ => None,
    }
}

fn google<'a>(method: &Method, rest: &'a str, events: bool) -> Option<Asked<'a>> {
    match rest {
        "/models" => return Some(Asked::Models),
        "/interactions" => return Some(Asked::Interactions { streaming: events }),
        _ => {}
    }
    if let Some(rest) = rest.strip_prefix("/interactions/") {
        return Some(match rest.strip_suffix("/cancel") {
            Some(id) => Asked::CancelJob { id },
            None if *method == Method::DELETE => Asked::DeleteJob { id: rest },
            None => Asked::Job { id: rest },
        });
    }
    let file = |path: &'a str, moved| {
        let id = path.strip_suffix(":download")?;
        Some(Asked::File { id, moved })
    };
    if let Some(path) = rest.strip_prefix("/download/v1beta/files/") {
        return file(path, true);
    }
    if let Some(path) = rest.strip_prefix("/files/") {
        return file(path, false);
    }
    let rest = rest.strip_prefix("/models/")?;
    if let Some((_, id)) = rest.split_once("/operations/") {
        return Some(Asked::Job { id });
    }
    let (model, verb) = rest.split_once(':')?;
    let framing = match verb {
        "predictLongRunning" => return Some(Asked::Veo { model }),
        "generateContent" => None,
        "streamGenerateContent" if events => Some(Framing::Events),
        "streamGenerateContent" => Some(Framing::Array),
        _ => return None,
    };
    Some(Asked::Generate { model, framing })
}

fn ollama(rest: &str) -> Option<Asked<'_>> {
    match rest {
        "/api/tags" => Some(Asked::Tags),
        "/api/show" => Some(Asked::Shown),
        "/api/version" => Some(Asked::Version),
        "/api/chat" => Some(Asked::OllamaChat),
        _ => None,
    }
}

/// The paths of those who speak as OpenAI does.
fn open(provider: Provider, rest: &str) -> Option<Asked<'_>> {
    use Provider::{OpenAi, OpenRouter, XAi};
    match (provider, rest) {
        (_, "/models") => Some(Asked::Models),
        (_, "/chat/completions") => Some(Asked::Chat),
        (OpenRouter, "/key") => Some(Asked::KeyInfo),
        (OpenAi | XAi | OpenRouter, "/responses") => Some(Asked::Responses),
        (OpenAi | XAi, "/images/generations") => Some(Asked::Pictures { edits: false }),
        (OpenAi | XAi, "/images/edits") => Some(Asked::Pictures { edits: true }),
        (OpenRouter, "/images") => Some(Asked::Pictures { edits: false }),
        (XAi, "/videos/generations") | (OpenRouter, "/videos") => Some(Asked::Videos(Made::New)),
        (XAi, "/videos/edits") => Some(Asked::Videos(Made::Edited)),
        (XAi, "/videos/extensions") => Some(Asked::Videos(Made::Extended)),
        (XAi, _) if rest.starts_with("/files/") => {
            let name = rest.strip_prefix("/files/")?;
            Some(Asked::PublicFile { name })
        }
        (XAi | OpenRouter, _) if rest.starts_with("/videos/") => {
            let rest = rest.strip_prefix("/videos/")?;
            Some(match rest.strip_suffix("/content") {
                Some(id) => Asked::File { id, moved: true },
                None => Asked::Job { id: rest },
            })
        }
        (OpenAi | XAi, _) => {
            let id = rest.strip_prefix("/responses/")?;
            Some(Asked::Answer { id })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(method: &Method, path: &str, expected: Option<Asked<'_>>) {
        let (provider, rest) = provider_of(path).unwrap();
        assert_eq!(
            asked(provider, method, rest, None),
            expected,
            "{method} {path}"
        );
    }

    #[test]
    fn paths_of_jobs_are_understood_with_their_method() {
        let (get, post, delete) = (&Method::GET, &Method::POST, &Method::DELETE);
        let job = |id| Some(Asked::Job { id });
        is(get, "/google/v1beta/models/veo/operations/abc", job("abc"));
        is(get, "/google/v1beta/interactions/v1", job("v1"));
        is(get, "/xai/v1/videos/r", job("r"));
        let interaction = "/google/v1beta/interactions/v1";
        is(delete, interaction, Some(Asked::DeleteJob { id: "v1" }));
        is(post, interaction, None);
        let cancel = Some(Asked::CancelJob { id: "v1" });
        is(post, "/google/v1beta/interactions/v1/cancel", cancel);
        let edits = Some(Asked::Videos(Made::Edited));
        is(post, "/xai/v1/videos/edits", edits);
        is(get, "/xai/v1/videos/generations", None);
        is(post, "/openai/v1/videos", None);
    }

    #[test]
    fn paths_of_files_and_lists_are_understood_with_their_method() {
        let get = &Method::GET;
        let file = |id, moved| Some(Asked::File { id, moved });
        is(get, "/google/v1beta/files/f:download", file("f", false));
        is(
            get,
            "/google/download/v1beta/files/f:download",
            file("f", true),
        );
        is(get, "/openrouter/api/v1/videos/j/content", file("j", true));
        let public = Some(Asked::PublicFile { name: "p.jpeg" });
        is(get, "/xai/files/p.jpeg", public);
        is(get, "/ollama/api/tags", Some(Asked::Tags));
        is(get, "/lmstudio/v1/models", Some(Asked::Models));
        is(get, "/openai/v1/images/generations", None);
    }
}
