//! First run, through each of the three doors.

use std::sync::Arc;

use anyai_testsupport::{
    AbsentKeychain, OWN_KEY, ServeProgram, TestStudio, Window, files_with, verify,
};
use anyai_wire::{
    Code, Connection, Door, DoorOpen, Empty, KeyKeeping, KeychainState, Phase, ProviderKeySet,
    ProviderKeyState, Providers,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{MODEL, NOWHERE, credits, refused};

async fn key_state(window: &Window, provider: &str) -> ProviderKeyState {
    let listed: Providers = window.must("provider_list", &Empty {}).await;
    let mut providers = listed.providers.into_iter();
    providers.find(|view| view.id == provider).unwrap().key
}

fn pasted(key: &str, keep: KeyKeeping) -> ProviderKeySet {
    ProviderKeySet {
        provider: "anthropic".to_owned(),
        key: key.to_owned(),
        keep,
    }
}

fn own_keys() -> DoorOpen {
    DoorOpen::OwnKeys {
        plan_id: "pro".to_owned(),
    }
}

#[tokio::test]
async fn trying_it_costs_nothing_and_says_so_everywhere() {
    let mut studio = TestStudio::fresh().await;
    assert_eq!(studio.session().await.phase, Phase::Welcome);
    studio
        .go_through(&DoorOpen::Simulated {
            plan_id: "free".to_owned(),
        })
        .await;
    assert_eq!(studio.balance().await.available, credits(100));
    assert_eq!(
        key_state(&studio, "anthropic").await,
        ProviderKeyState::Simulated
    );

    let turn = studio.turn(MODEL, "[[say:A first answer.]] Hello").await;
    assert!(turn.simulated, "the turn says that it was practice");
    assert!(
        studio.receipt(&turn).await.simulated,
        "and so does its receipt"
    );

    studio.restart().await;
    studio.until_online().await;
    let ready = studio.session().await.phase;
    assert!(
        matches!(
            ready,
            Phase::Ready {
                door: Door::Simulated,
                ..
            }
        ),
        "the same door is open: {ready:?}"
    );
    let again = studio.turn_now(&turn).await.unwrap();
    assert_eq!(again, turn, "a restart shows everything again");
    studio.finish().await;
}

#[tokio::test]
async fn my_own_key_is_verified_and_kept_in_the_keychain() {
    let mut studio = TestStudio::fresh().await;
    studio.go_through(&own_keys()).await;
    let early = refused(studio.send(MODEL, "Hello").await);
    assert_eq!(early.code, Code::ModelUnavailable, "no key yet: {early}");

    for garbage in ["wrong", "", "ключ\u{0}\n", &"x".repeat(100_000)] {
        let answer = refused(
            studio
                .paste_key(&pasted(garbage, KeyKeeping::Keychain))
                .await,
        );
        assert_eq!(
            answer.code,
            Code::ProviderKeyRejected,
            "{garbage:.10?}: {answer:?}"
        );
        assert_eq!(
            key_state(&studio, "anthropic").await,
            ProviderKeyState::None,
            "a key the provider refused is not kept"
        );
    }

    let line_from_a_page = format!("  {OWN_KEY}\n");
    let view = studio
        .paste_key(&pasted(&line_from_a_page, KeyKeeping::Keychain))
        .await
        .unwrap();
    let ProviderKeyState::Verified { kept, models } = view.key else {
        panic!("{view:?}");
    };
    assert_eq!(kept, Some(KeyKeeping::Keychain));
    assert!(models.unwrap() > 0, "it was verified by the list of models");

    let turn = studio.turn(MODEL, "[[say:Yes.]] Hello").await;
    assert_eq!(turn.text, "Yes.");
    assert!(!turn.simulated);

    studio.restart().await;
    studio.until_online().await;
    let turn = studio.turn(MODEL, "[[say:Still here.]] Hello").await;
    assert_eq!(turn.text, "Still here.", "the keychain had the key");
    assert_eq!(files_with(studio.folder(), OWN_KEY.as_bytes()), NOWHERE);
    studio.finish().await;
}

#[tokio::test]
async fn without_a_keychain_it_says_so_and_keeps_the_key_for_the_session_only() {
    let mut studio = TestStudio::with_keychain(Arc::new(AbsentKeychain)).await;
    studio.go_through(&own_keys()).await;
    assert_eq!(studio.session().await.keychain, KeychainState::Absent);

    let answer = refused(
        studio
            .paste_key(&pasted(OWN_KEY, KeyKeeping::Keychain))
            .await,
    );
    assert_eq!(answer.code, Code::KeychainAbsent, "{answer}");
    let unreadable = key_state(&studio, "anthropic").await;
    assert!(
        !matches!(unreadable, ProviderKeyState::Verified { .. }),
        "no silent fallback: {unreadable:?}"
    );
    let early = refused(studio.send(MODEL, "Hello").await);
    assert_eq!(early.code, Code::ModelUnavailable, "{early}");

    let view = studio
        .paste_key(&pasted(OWN_KEY, KeyKeeping::Session))
        .await
        .unwrap();
    let session_only = Some(KeyKeeping::Session);
    assert!(
        matches!(view.key, ProviderKeyState::Verified { kept, .. } if kept == session_only),
        "{view:?}"
    );
    let turn = studio.turn(MODEL, "[[say:Only for now.]] Hello").await;
    assert_eq!(turn.text, "Only for now.");
    assert_eq!(files_with(studio.folder(), OWN_KEY.as_bytes()), NOWHERE);

    studio.restart().await;
    studio.until_online().await;
    let gone = refused(studio.send(MODEL, "Hello").await);
    assert_eq!(
        gone.code,
        Code::ModelUnavailable,
        "the key went with the program"
    );
    assert_eq!(studio.turn_now(&turn).await.unwrap(), turn);
    studio.finish().await;
}

/// A web page that is no studio.
async fn a_page() -> (String, tokio::task::JoinSet<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = socket.read(&mut request).await;
            let page = "<!doctype html><title>Welcome to nginx!</title>";
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
                page.len()
            );
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (url, serving)
}

#[tokio::test]
async fn a_studio_elsewhere_is_entered_with_its_address_and_token() {
    let server_folder = tempfile::tempdir().unwrap();
    let data = server_folder.path().join("server");
    let server = ServeProgram::start(&data, None).await;
    let token = server.token.clone().unwrap();
    let (page, _serving) = a_page().await;
    let studio = TestStudio::fresh().await;
    let at = |url: &str, token: &str| DoorOpen::Remote {
        url: url.to_owned(),
        token: token.to_owned(),
        keep: KeyKeeping::Session,
    };
    let closed_port = "http://127.0.0.1:9";
    for (url, offered, code) in [
        (server.url.as_str(), "not the token", Code::TokenRejected),
        (&server.url, "", Code::TokenRejected),
        ("what is this", &token, Code::AddressInvalid),
        ("ftp://studio.example.org", &token, Code::AddressInvalid),
        ("http://", &token, Code::AddressInvalid),
        (closed_port, &token, Code::ServerUnreachable),
        (&page, &token, Code::ServerNotAStudio),
    ] {
        let answer = refused(studio.open(&at(url, offered)).await);
        assert_eq!(answer.code, code, "{url} with {offered:?}: {answer}");
        assert!(
            !answer.message.contains(&token),
            "a token is never repeated"
        );
        assert_eq!(studio.session().await.phase, Phase::Welcome, "{url}");
    }

    let in_keychain = DoorOpen::Remote {
        url: server.url.clone(),
        token: token.clone(),
        keep: KeyKeeping::Keychain,
    };
    let keyless = TestStudio::with_keychain(Arc::new(AbsentKeychain)).await;
    let answer = refused(keyless.open(&in_keychain).await);
    assert_eq!(
        answer.code,
        Code::KeychainAbsent,
        "never silently somewhere else"
    );
    assert_eq!(keyless.session().await.phase, Phase::Welcome);
    keyless.finish().await;

    let with_spaces = format!(" {token}\n");
    let session = studio.open(&at(&server.url, &with_spaces)).await.unwrap();
    assert!(!format!("{session:?}").contains(&token));
    studio.until_online().await;
    let ready = studio.session().await.phase;
    let Phase::Ready {
        door: Door::Remote { url },
        connection: Connection::Online,
    } = ready
    else {
        panic!("{ready:?}");
    };
    assert_eq!(url, server.url);
    let turn = studio.turn(MODEL, "[[say:From afar.]] Hello").await;
    assert_eq!(turn.text, "From afar.");
    assert_eq!(files_with(studio.folder(), token.as_bytes()), NOWHERE);
    assert_eq!(
        files_with(server_folder.path(), token.as_bytes()),
        NOWHERE,
        "the server keeps a hash"
    );
    studio.finish().await;
    server.quit().await;
    assert_eq!(verify(server_folder.path()).await.ledgers, 1);
}
