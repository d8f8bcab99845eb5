//! What a request carries, taken apart so that everything malformed answers with a sentence.

use anyai_wire::api::BODY_BYTES_MAX;
use anyai_wire::{Code, Detail, WireError};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::answer::Failure;

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// The body as it is.
pub(crate) struct RawBody(pub(crate) Bytes);

/// The id in the path.
pub(crate) struct PathId<T>(pub(crate) T);

/// The query string.
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let declared = request.headers().get(http::header::CONTENT_LENGTH);
        let declared = declared
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok());
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) => Err(unread(&rejection, declared)),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| bad_request(format!("the body was not understood: {error}")))
    }
}

impl<S: Send + Sync, T: std::str::FromStr + Send> FromRequestParts<S> for PathId<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let text = path.map_err(|_| bad_request("the address holds no id"))?.0;
        text.parse()
            .map(Self)
            .map_err(|_| bad_request("the address holds something that is no id"))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Self(query.0))
            .map_err(|error| bad_request(format!("the query was not understood: {error}")))
    }
}

fn bad_request(message: impl Into<String>) -> Failure {
    Failure::new(Code::BadRequest, message)
}

fn unread(rejection: &BytesRejection, declared: Option<u64>) -> Failure {
    if rejection.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return bad_request("the body broke off");
    }
    let limit = BODY_BYTES_MAX as u64;
    let message = format!("the body is larger than {limit} bytes");
    WireError::new(Code::DraftTooLarge, message)
        .with_detail(Detail::Limit {
            asked: declared.unwrap_or(limit + 1),
            limit,
        })
        .into()
}
