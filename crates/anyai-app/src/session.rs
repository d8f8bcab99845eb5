//! Doors: opening and closing a studio, and finding the last one again at start.

use std::sync::Arc;
use std::time::Duration;

use anyai_secrets::{KeySlot, KeyStore, Secret};
use anyai_units::MemberId;
use anyai_wire::api::API_VERSION;
use anyai_wire::api::Hello;
use anyai_wire::{Code, Door, DoorOpen, KeyKeeping, PlanChoose, Session, WireError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::{Link, LinkState, Links, ServerClient};
use crate::desk::{Desk, Place};
use crate::door::EmbeddedDoor;
use crate::error::{from_key_store, internal};
use crate::studio::Studio;
use crate::transport::RemoteTransport;
use crate::{draft_files, learning, live, model, outbox, quote, settings, sync};

/// The door that is opened again at start.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum SavedDoor {
    Simulated,
    OwnKeys,
    Remote {
        url: String,
        keep: KeyKeeping,
        /// Whose studio it is; not known to older programs.
        #[serde(default)]
        member: Option<MemberId>,
    },
}

/// Reads the settings and opens the last door. What goes wrong is shown by the session.
pub(crate) async fn start(desk: &Arc<Desk>) {
    let now = desk.host.now();
    settings::load(desk);
    let saved = match desk.door_file.read(now) {
        Ok(saved) if saved.is_empty() => return,
        Ok(saved) => saved,
        Err(error) => {
            desk.move_to(Place::Blocked(error));
            return;
        }
    };
    match serde_json::from_value(Value::Object(saved)) {
        Ok(saved) => {
            if let Err(error) = reopen(desk, saved).await {
                tracing::error!(code = ?error.code, %error, "the last studio cannot be opened");
                desk.move_to(Place::Blocked(error));
            }
        }
        Err(_) => {
            if let Err(error) = desk.door_file.set_aside(now) {
                tracing::warn!(%error, "an unreadable door file stays where it is");
            }
        }
    }
}

/// Opens a saved door: its mirror now, its server in the background.
async fn reopen(desk: &Arc<Desk>, saved: SavedDoor) -> Result<(), WireError> {
    match saved {
        SavedDoor::Simulated => reopen_embedded(desk, EmbeddedDoor::Simulated).await,
        SavedDoor::OwnKeys => reopen_embedded(desk, EmbeddedDoor::OwnKeys).await,
        SavedDoor::Remote { url, keep, member } => {
            let transport = RemoteTransport::new(&url)?;
            if let Some(member) = member {
                take_over_folder(desk, &transport, member);
            }
            let folder = remote_folder(desk, &transport, member);
            let studio = open_mirror(desk, remote_door(&transport), folder).await?;
            desk.move_to(Place::Open(Arc::clone(&studio)));
            let connecting = Arc::clone(&studio);
            studio.tasks.start(async move {
                match load_token(&connecting.desk, &transport, keep).await {
                    Ok(token) => {
                        let link = Link::new(Arc::new(transport), token);
                        connecting.connect(link, None);
                        if member.is_none() {
                            name_the_member(&connecting, url, keep).await;
                        }
                    }
                    Err(error) => connecting.cannot_connect(error),
                }
            });
            begin(&studio).await;
            Ok(())
        }
    }
}

async fn reopen_embedded(desk: &Arc<Desk>, door: EmbeddedDoor) -> Result<(), WireError> {
    let studio = open_mirror(desk, shown(door), desk.factory.folder(door)).await?;
    desk.move_to(Place::Open(Arc::clone(&studio)));
    let connecting = Arc::clone(&studio);
    studio.tasks.start(async move {
        match connecting.desk.factory.open(door, None).await {
            Ok(opened) => {
                let link = Link::new(opened.transport, opened.token);
                connecting.connect(link, Some(opened.close));
            }
            Err(error) => connecting.cannot_connect(error),
        }
    });
    begin(&studio).await;
    Ok(())
}

/// Starts what runs for a studio. Everything waits for the link by itself.
async fn begin(studio: &Arc<Studio>) {
    studio.tasks.start(quote::warm_up());
    live::resume(studio).await;
    sync::start(studio);
    outbox::start(studio);
    model::start(studio);
    learning::start(studio);
    draft_files::start(studio);
    studio.desk.emit_session();
}

/// Opens a door by hand: the person waits for the server to answer.
pub(crate) async fn door_open(desk: &Arc<Desk>, door: DoorOpen) -> Result<Session, WireError> {
    let _one_at_a_time = desk.doorway.lock().await;
    match door {
        DoorOpen::Simulated { plan_id } => {
            open_embedded(
                desk,
                EmbeddedDoor::Simulated,
                &plan_id,
                &SavedDoor::Simulated,
            )
            .await?;
        }
        DoorOpen::OwnKeys { plan_id } => {
            open_embedded(desk, EmbeddedDoor::OwnKeys, &plan_id, &SavedDoor::OwnKeys).await?;
            desk.probe_keychain().await;
        }
        DoorOpen::Remote { url, token, keep } => {
            open_remote(desk, &url, Secret::from_pasted(token), keep).await?;
        }
    }
    Ok(desk.session())
}

async fn open_embedded(
    desk: &Arc<Desk>,
    door: EmbeddedDoor,
    plan_id: &str,
    saved: &SavedDoor,
) -> Result<(), WireError> {
    // The same studio may be open: its files are free only when it is closed.
    leave(desk, Place::Welcome).await;
    let opened = async {
        let opened = desk.factory.open(door, Some(plan_id)).await?;
        let studio = open_mirror(desk, shown(door), desk.factory.folder(door)).await;
        match studio {
            Ok(studio) => Ok((studio, opened)),
            Err(error) => {
                opened.close.await;
                Err(error)
            }
        }
    };
    let (studio, opened) = opened.await?;
    studio.connect(
        Link::new(opened.transport, opened.token),
        Some(opened.close),
    );
    if let Err(error) = choose_plan(&studio, plan_id).await {
        studio.close().await;
        return Err(error);
    }
    enter(desk, studio, saved).await
}

/// A studio that was there before has the budget it had; the person just chose one.
async fn choose_plan(studio: &Studio, plan_id: &str) -> Result<(), WireError> {
    let head = studio.mirror.read(|mirror| mirror.ledger_head()).await?;
    let after = head.map_or(0, |head| head.sequence);
    let feed = studio.client.ledger_changes(after, Duration::ZERO).await;
    if feed.map_err(WireError::from)?.balance.plan_id != plan_id {
        let plan_id = plan_id.to_owned();
        let chosen = studio.client.put_plan(&PlanChoose { plan_id }).await;
        chosen.map_err(WireError::from)?;
    }
    Ok(())
}

async fn open_remote(
    desk: &Arc<Desk>,
    address: &str,
    token: Secret,
    keep: KeyKeeping,
) -> Result<(), WireError> {
    let transport = Arc::new(RemoteTransport::new(address)?);
    if token.is_empty() {
        return Err(WireError::new(
            Code::TokenRejected,
            "paste the access token",
        ));
    }
    let hello = greet(Link::new(Arc::clone(&transport) as _, token.clone())).await?;
    let before = member_before(desk, &transport).await;
    save_token(desk, &transport, &token, keep).await?;
    leave(desk, Place::Welcome).await;
    if let Some(member) = before {
        take_over_folder(desk, &transport, member);
    }
    let member = Some(hello.member);
    let folder = remote_folder(desk, &transport, member);
    let studio = open_mirror(desk, remote_door(&transport), folder).await?;
    let url = transport.address().to_owned();
    studio.connect(Link::new(transport, token), None);
    enter(desk, studio, &SavedDoor::Remote { url, keep, member }).await
}

/// Asks who answers at an address, before anything there is trusted.
async fn greet(link: Link) -> Result<Hello, WireError> {
    let (sender, links) = Links::awaited();
    sender.send_replace(LinkState::Open(Arc::new(link)));
    let hello = ServerClient::new(links)
        .hello()
        .await
        .map_err(WireError::from)?;
    if hello.program != "any-ai-studio" || hello.api_version != API_VERSION {
        let message = format!(
            "the server speaks version {} of the studio's language, this program version {API_VERSION}",
            hello.api_version
        );
        return Err(WireError::new(Code::ServerNotAStudio, message));
    }
    Ok(hello)
}

async fn enter(desk: &Arc<Desk>, studio: Arc<Studio>, saved: &SavedDoor) -> Result<(), WireError> {
    // First on disk: a door that is open must be found again at the next start.
    if let Err(error) = save_door(desk, saved) {
        studio.close().await;
        return Err(error);
    }
    desk.move_to(Place::Open(Arc::clone(&studio)));
    first_prices(&studio).await;
    begin(&studio).await;
    Ok(())
}

/// A window asks for models and balance as soon as the door is open, so they come first.
async fn first_prices(studio: &Arc<Studio>) {
    if let Err(error) = model::refresh(studio).await {
        tracing::warn!(code = ?error.code, "prices come later");
    }
}

/// Goes back to the welcome screen.
pub(crate) async fn door_close(desk: &Arc<Desk>) -> Result<Session, WireError> {
    let _one_at_a_time = desk.doorway.lock().await;
    desk.door_file.remove()?;
    leave(desk, Place::Welcome).await;
    desk.emit_session();
    Ok(desk.session())
}

/// Closes what is open and goes to `place`.
pub(crate) async fn leave(desk: &Desk, place: Place) {
    if let Some(studio) = desk.move_to(place) {
        studio.close().await;
    }
}

async fn open_mirror(
    desk: &Arc<Desk>,
    door: Door,
    folder: std::path::PathBuf,
) -> Result<Arc<Studio>, WireError> {
    Studio::open(Arc::clone(desk), door, folder).await
}

fn save_door(desk: &Desk, saved: &SavedDoor) -> Result<(), WireError> {
    match serde_json::to_value(saved).map_err(internal)? {
        Value::Object(object) => desk.door_file.write(&object),
        _ => desk.door_file.write(&Map::new()),
    }
}

const fn shown(door: EmbeddedDoor) -> Door {
    match door {
        EmbeddedDoor::Simulated => Door::Simulated,
        EmbeddedDoor::OwnKeys => Door::OwnKeys,
    }
}

fn remote_door(transport: &RemoteTransport) -> Door {
    let url = transport.address().to_owned();
    Door::Remote { url }
}

/// Each member of a studio has a mirror of their own on this machine; older programs had one for
/// whoever signed in.
fn remote_folder(
    desk: &Desk,
    transport: &RemoteTransport,
    member: Option<MemberId>,
) -> std::path::PathBuf {
    let address = slug(transport.address());
    let name = match member {
        Some(member) => format!("{address}-{member}"),
        None => address,
    };
    desk.data_folder.join("remote").join(name)
}

/// Gives an older program's folder to the member whose it is.
fn take_over_folder(desk: &Desk, transport: &RemoteTransport, member: MemberId) {
    let older = remote_folder(desk, transport, None);
    let own = remote_folder(desk, transport, Some(member));
    if own.exists() || !older.exists() {
        return;
    }
    if let Err(error) = std::fs::rename(&older, &own) {
        tracing::warn!(folder = %older.display(), %error, "an older local copy stays where it is");
    }
}

/// Whose an older program's folder is: theirs whose token was kept with it. `None` where there is no
/// such folder, or its token opens nothing any more.
async fn member_before(desk: &Desk, transport: &Arc<RemoteTransport>) -> Option<MemberId> {
    if !remote_folder(desk, transport, None).exists() {
        return None;
    }
    for keep in [KeyKeeping::Keychain, KeyKeeping::Session] {
        if let Ok(token) = load_token(desk, transport, keep).await {
            let link = Link::new(Arc::clone(transport) as _, token);
            return greet(link).await.ok().map(|hello| hello.member);
        }
    }
    None
}

/// Notes whose an older program's studio is; from the next start on its folder is theirs.
async fn name_the_member(studio: &Arc<Studio>, url: String, keep: KeyKeeping) {
    let Ok(hello) = studio.client.hello().await else {
        return;
    };
    let desk = &studio.desk;
    let _one_at_a_time = desk.doorway.lock().await;
    let is_open = desk.studio().is_ok_and(|open| Arc::ptr_eq(&open, studio));
    if is_open {
        let member = Some(hello.member);
        if let Err(error) = save_door(desk, &SavedDoor::Remote { url, keep, member }) {
            tracing::warn!(%error, "whose studio it is was not noted");
        }
    }
}

/// An address as a name for a folder and a keychain entry: readable, and different for every
/// address by the digits of its hash.
fn slug(address: &str) -> String {
    let plain = address.split_once("://").map_or(address, |(_, rest)| rest);
    let readable: String = plain
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    format!("{readable}-{:016x}", fnv1a(address.as_bytes()))
}

/// FNV-1a: stable across versions, and it guards nothing but the name.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn token_slot(transport: &RemoteTransport) -> Result<KeySlot, WireError> {
    KeySlot::new("remote", &slug(transport.address())).map_err(internal)
}

async fn save_token(
    desk: &Desk,
    transport: &RemoteTransport,
    token: &Secret,
    keep: KeyKeeping,
) -> Result<(), WireError> {
    let slot = token_slot(transport)?;
    let saved = match keep {
        KeyKeeping::Keychain => desk.keychain.save(&slot, token).await,
        KeyKeeping::Session => desk.session_keys.save(&slot, token).await,
    };
    if let Err(error) = saved {
        desk.probe_keychain().await;
        return Err(from_key_store(&error));
    }
    Ok(())
}

async fn load_token(
    desk: &Desk,
    transport: &RemoteTransport,
    keep: KeyKeeping,
) -> Result<Secret, WireError> {
    let slot = token_slot(transport)?;
    let loaded = match keep {
        KeyKeeping::Keychain => desk.keychain.load(&slot).await,
        KeyKeeping::Session => desk.session_keys.load(&slot).await,
    };
    match loaded {
        Ok(Some(token)) => Ok(token),
        Ok(None) => Err(WireError::new(
            Code::TokenRejected,
            "the access token was kept until the program ended; connect again with it",
        )),
        Err(error) => Err(from_key_store(&error)),
    }
}
