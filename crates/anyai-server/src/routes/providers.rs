//! Providers, their keys, and which models they let us call.

use std::sync::Arc;

use anyai_catalog::{Api, Provider};
use anyai_secrets::Secret;
use anyai_wire::api::{KeyPut, Offers};
use anyai_wire::{Code, ProviderView, Providers};
use axum::Json;
use axum::extract::State;

use crate::access::Owner;
use crate::answer::Failure;
use crate::extract::{JsonBody, PathId};
use crate::gateway::Route;
use crate::studio::Studio;

/// GET `/v1/offers`
pub(super) async fn offers(State(studio): State<Arc<Studio>>) -> Json<Offers> {
    let mut by_provider = std::collections::BTreeMap::new();
    for provider in providers(&studio) {
        let offer = studio.keys.offer(provider).await;
        by_provider.insert(provider.as_str().to_owned(), offer);
    }
    Json(Offers {
        rate_card_version: studio.prices.get().catalogue().rate_card().id.version,
        by_provider,
        switched_off: studio
            .overruns
            .switched_off(studio.clock.now())
            .into_iter()
            .map(|off| off.model_id)
            .collect(),
    })
}

/// GET `/v1/providers`
pub(super) async fn list(State(studio): State<Arc<Studio>>) -> Json<Providers> {
    studio.keys.ask_again().await;
    let mut views = Vec::new();
    for provider in providers(&studio) {
        views.push(view(&studio, provider).await);
    }
    Json(Providers { providers: views })
}

/// PUT `/v1/providers/{id}/key`: kept only when the provider accepts it.
pub(super) async fn set_key(
    State(studio): State<Arc<Studio>>,
    _owner: Owner,
    PathId(name): PathId<String>,
    JsonBody(put): JsonBody<KeyPut>,
) -> Result<Json<ProviderView>, Failure> {
    let provider = changeable(&studio, &name)?;
    let key = Secret::from_pasted(put.key);
    if key.is_empty() {
        return Err(Failure::new(Code::ProviderKeyRejected, "the key is empty"));
    }
    let route = Route {
        provider,
        api: listing_api(provider),
        base_url: studio.keys.base_url(provider).map(str::to_owned),
        key: Some(key.clone()),
    };
    let models = studio.gateway.count_models(&route).await?;
    studio.keys.keep(provider, key, put.keep, models).await?;
    tracing::info!(
        provider = provider.as_str(),
        models,
        "a key of {provider} was accepted"
    );
    Ok(Json(view(&studio, provider).await))
}

/// DELETE `/v1/providers/{id}/key`
pub(super) async fn forget_key(
    State(studio): State<Arc<Studio>>,
    _owner: Owner,
    PathId(name): PathId<String>,
) -> Result<Json<ProviderView>, Failure> {
    let provider = changeable(&studio, &name)?;
    studio.keys.forget(provider).await?;
    Ok(Json(view(&studio, provider).await))
}

/// The providers that have models here, in catalogue order.
pub(super) fn providers(studio: &Studio) -> impl Iterator<Item = Provider> {
    let prices = studio.prices.get();
    let models = prices.catalogue().models();
    let has_models = |provider: &Provider| models.iter().any(|model| model.provider == *provider);
    let all = Provider::ALL.iter().copied();
    all.filter(has_models).collect::<Vec<_>>().into_iter()
}

fn changeable(studio: &Studio, name: &str) -> Result<Provider, Failure> {
    let Some(provider) = Provider::from_text(name) else {
        let message = format!("there is no provider {name:?}");
        return Err(Failure::new(Code::BadRequest, message));
    };
    match studio.keys.fixed(provider) {
        Some(error) => Err(error.into()),
        None => Ok(provider),
    }
}

async fn view(studio: &Studio, provider: Provider) -> ProviderView {
    ProviderView {
        id: provider.as_str().to_owned(),
        label: label(provider).to_owned(),
        keys_url: keys_url(provider).to_owned(),
        key: studio.keys.state(provider).await,
    }
}

const fn label(provider: Provider) -> &'static str {
    match provider {
        Provider::OpenAi => "OpenAI",
        Provider::Anthropic => "Anthropic",
        Provider::Google => "Google",
        Provider::Xai => "xAI",
        Provider::OpenRouter => "OpenRouter",
        Provider::Local => "Own server",
    }
}

const fn keys_url(provider: Provider) -> &'static str {
    match provider {
        Provider::OpenAi => "https://platform.openai.com/api-keys",
        Provider::Anthropic => "https://platform.claude.com/settings/keys",
        Provider::Google => "https://aistudio.google.com/apikey",
        Provider::Xai => "https://console.x.ai",
        Provider::OpenRouter => "https://openrouter.ai/settings/keys",
        Provider::Local => "",
    }
}

const fn listing_api(provider: Provider) -> Api {
    match provider {
        Provider::Anthropic => Api::Messages,
        Provider::OpenAi | Provider::Xai => Api::Responses,
        Provider::Google => Api::GenerateContent,
        Provider::OpenRouter | Provider::Local => Api::ChatCompletions,
    }
}
