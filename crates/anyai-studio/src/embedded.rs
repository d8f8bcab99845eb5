//! Starts the studio server inside the app, behind the two doors that need no other machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyai_app::{EmbeddedDoor, OpenedStudio, StudioFactory};
use anyai_catalog::Catalogue;
use anyai_secrets::ServerKeys;
use anyai_server::{
    Clock, Database, Endpoints, KeySources, LocalServers, Manners, OwnerAccess, RateCardError,
    ServerOptions, StudioServer, Upkeep, catalogue_in,
};
use anyai_simulator::{Provider, SIMULATED_KEY, Simulator};
use anyai_wire::{Code, WireError};
use async_trait::async_trait;

use crate::in_process::InProcess;
use crate::options::StudioOptions;

/// How long turns under way may go on when the person quits.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// The folder in the practice studio's own in which its providers keep their jobs.
const JOBS: &str = "practice-jobs";

/// A new studio's plan when none was chosen.
const PLAN_DEFAULT: &str = "free";

/// Opens embedded studios in folders beside each other.
pub(crate) struct Embedded(pub(crate) StudioOptions);

#[async_trait]
impl StudioFactory for Embedded {
    fn folder(&self, door: EmbeddedDoor) -> PathBuf {
        self.0.folder.join(match door {
            EmbeddedDoor::Simulated => "simulated",
            EmbeddedDoor::OwnKeys => "own",
        })
    }

    async fn open(
        &self,
        door: EmbeddedDoor,
        plan_id: Option<&str>,
    ) -> Result<OpenedStudio, WireError> {
        let (endpoints, simulator) = self.endpoints(door).await?;
        let options = ServerOptions {
            catalogue: Arc::new(catalogue(&self.folder(door))?),
            data_folder: self.folder(door),
            database: Database::Folder,
            assets: anyai_server::AssetPlace::Folder,
            endpoints,
            keys: self.keys(),
            plan_id: plan_id.unwrap_or(PLAN_DEFAULT).to_owned(),
            owner_access: OwnerAccess::ThisRun,
            clock: Clock::system(),
            shutdown_grace: SHUTDOWN_GRACE,
            upkeep: Upkeep::default(),
            manners: Manners::default(),
            local_servers: match door {
                EmbeddedDoor::OwnKeys => self.0.local_servers.clone(),
                EmbeddedDoor::Simulated => LocalServers::none(),
            },
        };
        let server = StudioServer::open(options)
            .await
            .map_err(|error| WireError::from(&error))?;
        let token = server.owner_token().cloned().ok_or_else(|| {
            WireError::new(
                Code::Internal,
                "the embedded server made no token for its owner",
            )
        })?;
        Ok(OpenedStudio {
            transport: Arc::new(InProcess(server.router())),
            token,
            close: Box::pin(async move {
                server.shutdown().await;
                drop(simulator);
            }),
        })
    }
}

impl Embedded {
    async fn endpoints(
        &self,
        door: EmbeddedDoor,
    ) -> Result<(Endpoints, Option<Simulator>), WireError> {
        match door {
            EmbeddedDoor::OwnKeys => {
                let base_urls = self.0.provider_urls.clone();
                Ok((
                    Endpoints {
                        base_urls,
                        simulated_key: None,
                    },
                    None,
                ))
            }
            EmbeddedDoor::Simulated => {
                let options = anyai_simulator::Options {
                    kept_in: Some(self.folder(door).join(JOBS)),
                    ..self.0.simulator.clone()
                };
                let started = simulated_providers(options).await;
                let (endpoints, simulator) = started.map_err(|error| {
                    WireError::new(
                        Code::Internal,
                        format!("the simulated providers could not start: {error}"),
                    )
                })?;
                Ok((endpoints, Some(simulator)))
            }
        }
    }

    fn keys(&self) -> KeySources {
        KeySources {
            operator: ServerKeys::default(),
            session: Arc::clone(&self.0.session_keys),
            keychain: Some(Arc::clone(&self.0.keychain)),
            studio: "embedded".to_owned(),
        }
    }
}

/// Starts simulated providers and says where a studio server finds them. They end with the handle.
///
/// # Errors
/// When no loopback port can be had.
pub async fn simulated_providers(
    options: anyai_simulator::Options,
) -> std::io::Result<(Endpoints, Simulator)> {
    let simulator = Simulator::start(options).await?;
    let base_urls: BTreeMap<String, String> = Provider::ALL
        .into_iter()
        .map(|provider| (provider.as_str().to_owned(), simulator.base_url(provider)))
        .collect();
    let simulated_key = Some(SIMULATED_KEY.to_owned());
    Ok((
        Endpoints {
            base_urls,
            simulated_key,
        },
        simulator,
    ))
}

fn catalogue(folder: &Path) -> Result<Catalogue, WireError> {
    catalogue_in(folder).map_err(|error| {
        let code = match error {
            RateCardError::Embedded(_) => Code::Internal,
            _ => Code::DataDamaged,
        };
        WireError::new(code, error.to_string())
    })
}
