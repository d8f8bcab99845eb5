//! Providers and their keys. Keys go to the studio server, which keeps them; never here.

use std::sync::Arc;

use anyai_wire::api::KeyPut;
use anyai_wire::{
    KeyKeeping, ProviderKeyForget, ProviderKeySet, ProviderView, Providers, WireError,
};

use crate::model;
use crate::studio::{KEPT_PROVIDERS, Studio};

/// As the server says; offline, as it last said.
pub(crate) async fn list(studio: &Arc<Studio>) -> Result<Providers, WireError> {
    match studio.client.providers().await {
        Ok(providers) => {
            studio.keep(KEPT_PROVIDERS.to_owned(), &providers).await;
            Ok(providers)
        }
        Err(error) if error.is_offline() => {
            let kept = studio.kept(KEPT_PROVIDERS.to_owned()).await;
            kept.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn key_set(
    studio: &Arc<Studio>,
    request: ProviderKeySet,
) -> Result<ProviderView, WireError> {
    let ProviderKeySet {
        provider,
        key,
        keep,
    } = request;
    let put = KeyPut { key, keep };
    let answer = studio.client.put_key(&provider, &put).await;
    if keep == KeyKeeping::Keychain && answer.is_err() {
        // The refusal may be the keychain's: then the window must offer the session instead.
        studio.desk.probe_keychain().await;
    }
    let view = answer.map_err(WireError::from)?;
    model::refresh_and_tell(studio).await;
    Ok(view)
}

pub(crate) async fn key_forget(
    studio: &Arc<Studio>,
    request: ProviderKeyForget,
) -> Result<ProviderView, WireError> {
    let view = studio
        .client
        .delete_key(&request.provider)
        .await
        .map_err(WireError::from)?;
    model::refresh_and_tell(studio).await;
    Ok(view)
}
