//! Who answers, and by which prices.

use std::sync::Arc;

use anyai_wire::api::{API_VERSION, Hello, RateCardDocuments};
use axum::Json;
use axum::extract::State;

use crate::access::Caller;
use crate::studio::Studio;

/// GET `/v1/hello`
pub(super) async fn hello(State(studio): State<Arc<Studio>>, caller: Caller) -> Json<Hello> {
    Json(Hello {
        program: "any-ai-studio".to_owned(),
        api_version: API_VERSION,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        pool_id: studio.identity.pool,
        simulated: studio.keys.simulated(),
        member: caller.member,
        owner: caller.owner,
        rate_card_version: studio.prices.get().catalogue().rate_card().id.version,
    })
}

/// GET `/v1/rate-card`
pub(super) async fn rate_card(State(studio): State<Arc<Studio>>) -> Json<RateCardDocuments> {
    let documents = studio.prices.get().catalogue().documents().clone();
    Json(RateCardDocuments {
        models: documents.models,
        rate_card: documents.rate_card,
        plans: documents.plans,
    })
}
