//! A server elsewhere, over real HTTP on loopback.

use std::sync::Arc;

use anyai_app::{Delivery, RemoteTransport, Transport};
use anyai_secrets::{KeySlot, KeyStore, KeyStoreError, KeychainState, Secret};
use anyai_wire::{Code, Connection, Door, DraftSave, Empty, Phase, Session};
use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::fake::{TOKEN, member};
use crate::loopback::{Answer, serve};
use crate::studio::{Running, World, until};

fn remote(url: &str, keep: &str) -> serde_json::Value {
    with_token(TOKEN, url, keep)
}

fn with_token(token: &str, url: &str, keep: &str) -> serde_json::Value {
    json!({"kind": "remote", "url": url, "token": format!(" {token}\n"), "keep": keep})
}

const ANOTHERS_TOKEN: &str = "anyai_anothers_token";

async fn sign_in(running: &Running, token: &str, url: &str) {
    let door = with_token(token, url, "keychain");
    running.run::<Session>("door_open", door).await;
    running.online().await;
}

async fn save_draft(running: &Running, text: &str) {
    let draft = json!({"conversation_id": null, "text": text});
    running.run::<Empty>("draft_save", draft).await;
}

async fn draft(running: &Running) -> String {
    running.run::<DraftSave>("draft_new", json!({})).await.text
}

/// Two persons with tokens of one studio, on one machine.
#[tokio::test]
async fn who_signs_in_on_anothers_machine_sees_and_sends_nothing_of_theirs() {
    let world = World::new();
    let another = (ANOTHERS_TOKEN.to_owned(), member(2));
    world.server.state().tokens.push(another);
    let loopback = serve(Answer::Studio(world.server.clone())).await;
    let running = world.start().await;
    sign_in(&running, TOKEN, &loopback.address).await;
    save_draft(&running, "what only A knows").await;
    let vanish = std::iter::repeat_n(crate::fake::PostFault::Vanished, 10_000);
    world.server.state().post_faults.extend(vanish);
    running.send("never sent").await;
    save_draft(&running, "what only A knows").await;
    running.run::<Session>("door_close", json!({})).await;
    world.server.state().post_faults.clear();
    sign_in(&running, ANOTHERS_TOKEN, &loopback.address).await;
    assert_eq!(draft(&running).await, "");
    assert_eq!(running.titles().await, [""; 0]);
    running.send("a question of B").await;
    let posted = world.server.posted();
    assert_eq!(posted.len(), 1, "nothing of A is charged to B");
    running.app.shutdown().await;
    let running = world.start().await;
    running.online().await;
    assert_eq!(draft(&running).await, "", "at the next start too");
    sign_in(&running, TOKEN, &loopback.address).await;
    assert_eq!(draft(&running).await, "what only A knows");
    let sent = || async { world.server.posted().len() == 2 };
    until("A's turn is sent as A's", sent).await;
}

/// As an older program left it: one folder for the address, and a door without its member.
async fn left_by_an_older_program(world: &World, url: &str) {
    let running = world.start().await;
    sign_in(&running, TOKEN, url).await;
    save_draft(&running, "what only A knows").await;
    running.app.shutdown().await;
    drop(running);
    let folders = world.folder.path().join("remote");
    let own = std::fs::read_dir(&folders)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let name = own.file_name().into_string().unwrap();
    let older = name.strip_suffix(&format!("-{}", member(1))).unwrap();
    std::fs::rename(own.path(), folders.join(older)).unwrap();
    let door = world.folder.path().join("door.json");
    let mut saved: serde_json::Map<_, _> =
        serde_json::from_slice(&std::fs::read(&door).unwrap()).unwrap();
    saved.remove("member").expect("the door names its member");
    std::fs::write(&door, serde_json::to_vec(&saved).unwrap()).unwrap();
}

fn folders(world: &World) -> Vec<String> {
    let found = std::fs::read_dir(world.folder.path().join("remote")).unwrap();
    let mut names: Vec<String> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_older_programs_folder_becomes_its_members_at_the_next_start() {
    let world = World::new();
    let loopback = serve(Answer::Studio(world.server.clone())).await;
    left_by_an_older_program(&world, &loopback.address).await;
    let running = world.start().await;
    running.online().await;
    assert_eq!(draft(&running).await, "what only A knows");
    let door = world.folder.path().join("door.json");
    let named = || async { std::fs::read_to_string(&door).unwrap().contains("member") };
    until("the member is noted", named).await;
    running.app.shutdown().await;
    drop(running);
    let running = world.start().await;
    assert_eq!(draft(&running).await, "what only A knows");
    let names = folders(&world);
    assert_eq!(names.len(), 1);
    assert!(names[0].ends_with(&member(1).to_string()), "{names:?}");
}

#[tokio::test]
async fn an_older_programs_folder_is_not_anothers_who_signs_in() {
    let world = World::new();
    let another = (ANOTHERS_TOKEN.to_owned(), member(2));
    world.server.state().tokens.push(another);
    let loopback = serve(Answer::Studio(world.server.clone())).await;
    left_by_an_older_program(&world, &loopback.address).await;
    std::fs::remove_file(world.folder.path().join("door.json")).unwrap();
    let running = world.start().await;
    sign_in(&running, ANOTHERS_TOKEN, &loopback.address).await;
    assert_eq!(draft(&running).await, "");
    sign_in(&running, TOKEN, &loopback.address).await;
    assert_eq!(draft(&running).await, "what only A knows");
    assert_eq!(folders(&world).len(), 2, "one each");
}

#[tokio::test]
async fn the_same_studio_over_http_and_offline_after_it_went() {
    let world = World::new();
    let loopback = serve(Answer::Studio(world.server.clone())).await;
    let running = world.start().await;
    let session: Session = running
        .run("door_open", remote(&loopback.address, "keychain"))
        .await;
    let url = loopback.address.clone();
    assert!(
        matches!(&session.phase, Phase::Ready { door: Door::Remote { url: shown }, .. } if *shown == url)
    );
    running.online().await;
    let view = running.send("over the wire").await;
    world.server.say(view.id, "it works");
    world.server.settle(view.id, 3);
    running.hears_the_end(view.id).await;
    running.app.shutdown().await;
    let session = serde_json::to_string(&running.session().await).unwrap();
    assert!(!session.contains(TOKEN));
    let door = std::fs::read_to_string(world.folder.path().join("door.json")).unwrap();
    assert!(
        !door.contains(TOKEN),
        "the token is in the keychain, not in a file"
    );

    drop(loopback);
    let running = world.start().await;
    running.offline().await;
    assert_eq!(
        running.turn(&view).await.text,
        "it works",
        "read without the server"
    );
}

#[tokio::test]
async fn a_session_token_is_gone_after_the_program_and_the_history_is_not() {
    let world = World::new();
    let loopback = serve(Answer::Studio(world.server.clone())).await;
    let running = world.start().await;
    running
        .run::<Session>("door_open", remote(&loopback.address, "session"))
        .await;
    running.online().await;
    let view = running.send("over the wire").await;
    world.server.settle(view.id, 3);
    running.hears_the_end(view.id).await;
    running.app.shutdown().await;
    let running = world.start().await;
    running.offline().await;
    let Some(Connection::Offline { error, .. }) = running.connection().await else {
        panic!("it is offline")
    };
    assert_eq!(error.code, Code::TokenRejected);
    assert_eq!(running.titles().await.len(), 1);
    running
        .run::<Session>("door_open", remote(&loopback.address, "session"))
        .await;
    running.online().await;
}

#[tokio::test]
async fn what_is_no_studio_is_said_and_nothing_is_opened() {
    let world = World::new();
    let running = world.start().await;
    let refuse = async |url: &str| {
        running
            .refused("door_open", remote(url, "session"))
            .await
            .code
    };
    let web_page = serve(Answer::Fixed(
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
    ))
    .await;
    assert_eq!(refuse(&web_page.address).await, Code::ServerNotAStudio);
    let missing = serve(Answer::Fixed(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    assert_eq!(refuse(&missing.address).await, Code::ServerNotAStudio);
    let gate = serve(Answer::Fixed(
        "HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    assert_eq!(refuse(&gate.address).await, Code::TokenRejected);
    let broken = serve(Answer::Fixed("SSH-2.0-OpenSSH\r\n")).await;
    assert_eq!(refuse(&broken.address).await, Code::ServerUnreachable);
    assert_eq!(refuse("http://127.0.0.1:1").await, Code::ServerUnreachable);
    for address in [
        "",
        "not an address",
        "ftp://x.example",
        "https://me:pw@x.example",
        "https://",
    ] {
        assert_eq!(refuse(address).await, Code::AddressInvalid, "{address:?}");
    }
    assert_eq!(running.session().await.phase, Phase::Welcome);
    assert!(!world.folder.path().join("door.json").exists());
}

/// The token goes to the host the person named and to no other.
#[tokio::test]
async fn a_redirect_does_not_carry_the_token_away() {
    let thief = serve(Answer::Fixed(
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    ))
    .await;
    let redirect = format!(
        "HTTP/1.1 307 Moved\r\nlocation: {}/v1/hello\r\ncontent-length: 0\r\n\r\n",
        thief.address
    );
    let sly = serve(Answer::Fixed(Box::leak(redirect.into_boxed_str()))).await;
    let world = World::new();
    let running = world.start().await;
    let error = running
        .refused("door_open", remote(&sly.address, "session"))
        .await;
    assert_eq!(error.code, Code::ServerNotAStudio);
    assert_eq!(thief.heads.lock().unwrap().len(), 0, "nobody went there");
    let head = sly.heads.lock().unwrap()[0].clone();
    assert!(
        head.contains(&format!("Bearer {TOKEN}")),
        "the named host was shown it: {head}"
    );
}

#[tokio::test]
async fn tells_what_was_not_sent_from_what_may_have_been() {
    let nobody = RemoteTransport::new("127.0.0.1:1").unwrap();
    assert_eq!(
        nobody.address(),
        "http://127.0.0.1:1",
        "this machine is reached without TLS"
    );
    assert_eq!(
        RemoteTransport::new("studio.example.org/")
            .unwrap()
            .address(),
        "https://studio.example.org"
    );
    let request = || {
        Request::builder()
            .uri("/v1/hello")
            .body(Bytes::new())
            .unwrap()
    };
    let error = nobody.send(request()).await.err().unwrap();
    assert_eq!(error.delivery, Delivery::NotSent);
    let mute = serve(Answer::Fixed("")).await;
    let error = RemoteTransport::new(&mute.address)
        .unwrap()
        .send(request())
        .await
        .err()
        .unwrap();
    assert_eq!(error.delivery, Delivery::MaybeSent);
}

/// A system without a keychain.
#[derive(Debug)]
struct NoKeychain;

#[async_trait]
impl KeyStore for NoKeychain {
    fn outlives_the_app(&self) -> bool {
        true
    }
    async fn state(&self) -> KeychainState {
        KeychainState::Absent
    }
    async fn load(&self, _: &KeySlot) -> Result<Option<Secret>, KeyStoreError> {
        Err(KeyStoreError::Unavailable {
            state: KeychainState::Absent,
        })
    }
    async fn save(&self, _: &KeySlot, _: &Secret) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable {
            state: KeychainState::Absent,
        })
    }
    async fn forget(&self, _: &KeySlot) -> Result<bool, KeyStoreError> {
        Ok(false)
    }
}

#[tokio::test]
async fn without_a_keychain_the_person_is_asked_and_no_file_is_written() {
    let mut world = World::new();
    world.keychain = Arc::new(NoKeychain);
    let loopback = serve(Answer::Studio(world.server.clone())).await;
    let running = world.start().await;
    let error = running
        .refused("door_open", remote(&loopback.address, "keychain"))
        .await;
    assert_eq!(error.code, Code::KeychainAbsent);
    let session = running.session().await;
    assert_eq!(session.phase, Phase::Welcome, "nothing was opened");
    assert_eq!(
        session.keychain,
        anyai_wire::KeychainState::Absent,
        "and the window can say why"
    );
    running
        .run::<Session>("door_open", remote(&loopback.address, "session"))
        .await;
    let online = || async { running.connection().await == Some(Connection::Online) };
    until("it is online", online).await;
}

/// Set in the program that plays the app behind a proxy.
const BEHIND_PROXY: &str = "ANYAI_TEST_SERVER";

/// The proxy of the environment gets nothing that goes to this machine: it would read the token.
#[tokio::test]
async fn a_proxy_never_sees_what_goes_to_this_machine() {
    if let Ok(address) = std::env::var(BEHIND_PROXY) {
        let transport = RemoteTransport::new(&address).unwrap();
        let request = Request::builder()
            .uri("/v1/hello")
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Bytes::new())
            .unwrap();
        let answer = transport.send(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        return;
    }
    let proxy = serve(Answer::Fixed("HTTP/1.1 502 X\r\n\r\n")).await;
    let server = serve(Answer::Fixed(
        "HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    let name = "remote::a_proxy_never_sees_what_goes_to_this_machine";
    let port = server.address.rsplit(':').next().unwrap();
    for address in [server.address.clone(), format!("http://localhost:{port}")] {
        let mut app = tokio::process::Command::new(std::env::current_exe().unwrap());
        app.args(["--exact", name, "--nocapture"]);
        app.env(BEHIND_PROXY, &address);
        for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            app.env(variable, &proxy.address);
        }
        app.env_remove("NO_PROXY").env_remove("no_proxy");
        app.env_remove("REQUEST_METHOD");
        let ended = app.output().await.unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(
            ended.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }
    assert_eq!(*proxy.heads.lock().unwrap(), [""; 0]);
    assert_eq!(server.heads.lock().unwrap().len(), 2);
}
