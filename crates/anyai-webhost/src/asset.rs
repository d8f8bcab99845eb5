//! `GET /asset/{key}/{id}` and `/asset/{key}/{id}/thumbnail`: stored files for `<img>` and `<video>`,
//! which cannot carry a bearer. The key is made of the token, and opens nothing but files.

use std::sync::Arc;

use anyai_wire::{AssetForm, AssetPart, AssetRead, Code, Commands, WireError};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;

use crate::serve::Shared;

/// Bytes that are read at once.
const PART_BYTES: u64 = 1_000_000;

pub(crate) async fn whole<C: Commands + Send + Sync + 'static>(
    State(shared): State<Arc<Shared<C>>>,
    Path((key, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &key, &id, AssetForm::Whole, &headers).await
}

pub(crate) async fn thumbnail<C: Commands + Send + Sync + 'static>(
    State(shared): State<Arc<Shared<C>>>,
    Path((key, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &key, &id, AssetForm::Thumbnail, &headers).await
}

async fn answer<C: Commands + Send + Sync + 'static>(
    shared: &Arc<Shared<C>>,
    key: &str,
    id: &str,
    form: AssetForm,
    headers: &HeaderMap,
) -> Response {
    let Some(asset_id) = id.parse().ok().filter(|_| shared.guard.has_asset_key(key)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let asked = Asked::of(headers);
    let first = AssetRead {
        asset_id,
        form,
        from: asked.from,
        length: asked.length.min(PART_BYTES),
    };
    let part = match part(&*shared.commands, first).await {
        Ok(part) => part,
        Err(error) => return failed(&error),
    };
    let end = asked.from.saturating_add(asked.length).min(part.total);
    let mut response = Response::new(rest(Arc::clone(shared), first, end, part.bytes));
    let answer = response.headers_mut();
    if let Ok(mime) = HeaderValue::try_from(&part.mime) {
        answer.insert(header::CONTENT_TYPE, mime);
    }
    answer.insert(
        header::CONTENT_LENGTH,
        end.saturating_sub(asked.from).into(),
    );
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    if asked.is_part
        && let Some(last) = end.checked_sub(1)
        && let Ok(range) =
            HeaderValue::try_from(format!("bytes {}-{last}/{}", asked.from, part.total))
    {
        answer.insert(header::CONTENT_RANGE, range);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// The bytes from the first part to `end`, read as they are taken.
fn rest<C: Commands + Send + Sync + 'static>(
    shared: Arc<Shared<C>>,
    first: AssetRead,
    end: u64,
    bytes: Vec<u8>,
) -> Body {
    let read = first.from.saturating_add(bytes.len() as u64);
    let parts = stream::unfold((Some(bytes), read), move |(ready, from)| {
        let shared = Arc::clone(&shared);
        async move {
            if let Some(bytes) = ready {
                return Some((Ok::<_, WireError>(bytes), (None, from)));
            }
            let length = end.checked_sub(from).filter(|left| *left > 0)?;
            let next = AssetRead {
                from,
                length: length.min(PART_BYTES),
                ..first
            };
            match part(&*shared.commands, next).await {
                Ok(part) if part.bytes.is_empty() => None,
                Ok(part) => {
                    let from = from.saturating_add(part.bytes.len() as u64);
                    Some((Ok(part.bytes), (None, from)))
                }
                // The connection breaks off, and the browser asks for the rest.
                Err(error) => Some((Err(error), (None, end))),
            }
        }
    });
    Body::from_stream(parts)
}

struct Part {
    mime: String,
    total: u64,
    bytes: Vec<u8>,
}

async fn part<C: Commands>(commands: &C, read: AssetRead) -> Result<Part, WireError> {
    let AssetPart {
        mime,
        total,
        base64,
    } = commands.asset_read(read).await?;
    let bytes = STANDARD.decode(base64).map_err(|_| {
        let message = "a part of a file did not arrive whole";
        WireError::new(Code::Internal, message)
    })?;
    Ok(Part { mime, total, bytes })
}

fn failed(error: &WireError) -> Response {
    let status = match error.code {
        Code::BadRequest => StatusCode::RANGE_NOT_SATISFIABLE,
        Code::AttachmentRejected | Code::AttachmentGone => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_GATEWAY,
    };
    (status, axum::Json(error)).into_response()
}

/// What a browser asks for: everything, or one range from a byte on.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    from: u64,
    length: u64,
    is_part: bool,
}

impl Asked {
    fn of(headers: &HeaderMap) -> Self {
        let everything = Self {
            from: 0,
            length: u64::MAX,
            is_part: false,
        };
        let range = headers
            .get(header::RANGE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("bytes="))
            .and_then(|range| range.split_once('-'));
        let Some((Ok(from), last)) = range.map(|(from, last)| (from.parse::<u64>(), last)) else {
            return everything;
        };
        match last.parse::<u64>() {
            Ok(last) if last >= from => Self {
                from,
                length: (last - from).saturating_add(1),
                is_part: true,
            },
            Err(_) if last.is_empty() => Self {
                from,
                length: u64::MAX,
                is_part: true,
            },
            _ => everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &'static str) -> (u64, u64, bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(range));
        let Asked {
            from,
            length,
            is_part,
        } = Asked::of(&headers);
        (from, length, is_part)
    }

    #[test]
    fn a_browsers_ranges_are_read() {
        assert_eq!(of("bytes=0-"), (0, u64::MAX, true));
        assert_eq!(of("bytes=10-19"), (10, 10, true));
        for everything in ["bytes=-5", "bytes=9-3", "lines=1-2", "bytes=0-1,4-5"] {
            assert_eq!(of(everything), (0, u64::MAX, false), "{everything}");
        }
    }
}
