//! How the server is: GET `/v1/health` for owners, and GET `/healthz`, which needs no token and
//! says no more than that somebody is there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyai_ledger::hold_id;
use anyai_ledger_db::{HoldRef, LedgerError};
use anyai_units::{TurnId, UtcMillis};
use anyai_wire::health::{Health, Liveness, StoreHealth};
use anyai_wire::{Code, WireError};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use uuid::Uuid;

use super::providers::providers;
use crate::access::Owner;
use crate::answer::{Failure, history_failure, ledger_failure};
use crate::clocks;
use crate::extract::PathId;
use crate::studio::Studio;

/// How long a store may take before it counts as not writable.
const STORE_TIME_MAX: Duration = Duration::from_secs(2);

pub(super) async fn alive() -> Json<Liveness> {
    Json(Liveness {
        ok: true,
        version: version(),
    })
}

pub(super) async fn health(State(studio): State<Arc<Studio>>, _: Owner) -> Json<Health> {
    let now = studio.clock.now();
    let pool = studio.identity.pool;
    let (dated_ahead, ledger, history, disk_free_bytes) = tokio::join!(
        clocks::dated_ahead(&studio.ledger, pool, now),
        store(ledger_writes(&studio, now)),
        store(history_writes(&studio)),
        disk_free_bytes(studio.data_folder.clone()),
    );
    Json(Health {
        version: version(),
        at: now,
        providers: studio.gateway.health(providers(&studio)),
        switched_off: studio.overruns.switched_off(now),
        ledger,
        ledger_dated_ahead: dated_ahead.ok().flatten(),
        history,
        disk_free_bytes,
    })
}

/// POST `/v1/models/{id}/switch-on`: offers a model again that cost the house too much.
pub(super) async fn switch_on(
    State(studio): State<Arc<Studio>>,
    _: Owner,
    PathId(model): PathId<String>,
) -> Result<StatusCode, Failure> {
    match studio.overruns.switch_on(&model) {
        true => Ok(StatusCode::NO_CONTENT),
        false => {
            let message = format!("{model} is not switched off");
            Err(Failure::new(Code::ModelUnknown, message))
        }
    }
}

fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

async fn store(writes: impl Future<Output = Result<(), WireError>>) -> StoreHealth {
    let written = tokio::time::timeout(STORE_TIME_MAX, writes).await;
    let code = match written {
        Ok(written) => written.err().map(|error| error.code),
        Err(_) => Some(Code::DataUnavailable),
    };
    StoreHealth {
        is_writable: code.is_none(),
        code,
    }
}

/// Has the ledger refuse to renew a hold that never was: only whoever may write finds that out.
async fn ledger_writes(studio: &Studio, now: UtcMillis) -> Result<(), WireError> {
    let pool = studio.identity.pool;
    let nobodys = HoldRef {
        pool,
        id: hold_id(pool, TurnId::from_uuid(Uuid::nil())),
    };
    match studio.ledger.renew(nobodys, now, now).await {
        Ok(_) | Err(LedgerError::Refused(_)) => Ok(()),
        Err(error) => Err(ledger_failure(&error)),
    }
}

async fn history_writes(studio: &Studio) -> Result<(), WireError> {
    let written = studio.history.rewrite().await;
    written.map_err(|error| history_failure(&error))
}

async fn disk_free_bytes(folder: PathBuf) -> Option<u64> {
    let asked = tokio::task::spawn_blocking(move || fs4::available_space(folder));
    asked.await.ok()?.ok()
}
