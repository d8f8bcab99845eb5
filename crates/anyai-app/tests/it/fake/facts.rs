//! What the server in memory says of itself, and how its answers look.

use anyai_app::BodyStream;
use anyai_catalog::{Catalogue, Documents};
use anyai_units::{Credits, MemberId, PoolId};
use anyai_wire::api::{API_VERSION, Hello, RateCardDocuments};
use anyai_wire::{ProviderKeyState, ProviderView, Providers, WireError};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Response, StatusCode};
use serde::Serialize;
use uuid::Uuid;

pub(crate) fn pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(0x900d))
}

pub(crate) fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(0x3e3b_0000 + number))
}

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

pub(crate) fn estimate() -> anyai_wire::EstimateShown {
    let mc = Credits::from_millicredits;
    anyai_wire::EstimateShown {
        low: mc(1),
        likely: mc(2),
        high: mc(3),
        ceiling: mc(4),
    }
}

pub(crate) fn hello(member: MemberId) -> Hello {
    Hello {
        program: "any-ai-studio".to_owned(),
        api_version: API_VERSION,
        program_version: "0.0.0".to_owned(),
        pool_id: pool(),
        simulated: true,
        member,
        owner: true,
        rate_card_version: 1,
    }
}

pub(crate) fn documents() -> RateCardDocuments {
    let documents = Documents::embedded();
    RateCardDocuments {
        models: documents.models,
        rate_card: documents.rate_card,
        plans: documents.plans,
    }
}

pub(super) fn providers() -> Providers {
    let view = |id: &str| ProviderView {
        id: id.to_owned(),
        label: id.to_uppercase(),
        keys_url: String::new(),
        key: ProviderKeyState::Simulated,
    };
    Providers {
        providers: ["anthropic", "openai"].map(view).to_vec(),
    }
}

pub(super) fn json(value: &impl Serialize) -> Response<BodyStream> {
    let bytes = serde_json::to_vec(value).unwrap();
    // In two pieces, as a network would.
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let pieces = [
        Ok(Bytes::copy_from_slice(first)),
        Ok(Bytes::copy_from_slice(second)),
    ];
    Response::new(stream::iter(pieces).boxed())
}

pub(super) fn proxys_page(status: StatusCode) -> Response<BodyStream> {
    let mut response = json(&"<html>the proxy is sorry</html>");
    *response.status_mut() = status;
    response
}

pub(super) fn refused(status: StatusCode, error: &WireError) -> Response<BodyStream> {
    let mut response = json(error);
    *response.status_mut() = status;
    response
}
