//! Keys and tokens leave no trace: in no file of the data folder, in no log line, in no answer.

use std::io::Write;
use std::sync::{Arc, Mutex};

use anyai_simulator::Outcome;
use anyai_testsupport::{OWN_KEY, TestServer, TestStudio, files_with};
use anyai_wire::{DoorOpen, KeyKeeping, ProviderKeySet};

use crate::{MODEL, NOWHERE, OTHER_MODEL};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn keys_and_tokens_are_in_no_file_no_log_and_no_event() {
    let log = Log::default();
    let written = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || written.clone())
        .init();

    let mut studio = TestStudio::own_keys("pro").await;
    let mistyped = "sim-mistyped but secret all the same";
    for (provider, key) in [
        ("anthropic", mistyped),
        ("openai", "sk-not-this-one-either"),
    ] {
        let key = ProviderKeySet {
            provider: provider.to_owned(),
            key: key.to_owned(),
            keep: KeyKeeping::Session,
        };
        let _refused_or_not = studio.paste_key(&key).await;
    }
    studio.turn(MODEL, "[[length:tokens=30]] Hello").await;
    studio.turn(OTHER_MODEL, "[[fault:auth]] Hello").await;
    studio
        .turn(MODEL, "[[fault:midstream_error after=3]] Hello")
        .await;
    let asked = studio.simulator().requests();
    assert!(
        asked
            .iter()
            .any(|request| request.outcome == Outcome::Finished),
        "a key was used"
    );

    let server = TestServer::start("free").await;
    studio.go_through(&server.door()).await;
    studio.turn(MODEL, "[[say:Far.]] Hello").await;
    let stranger = DoorOpen::Remote {
        url: server.url(),
        token: "a-token-of-somebody-else".to_owned(),
        keep: KeyKeeping::Keychain,
    };
    studio.open(&stranger).await.unwrap_err();
    let token = server.token().to_owned();
    studio.quit().await;

    let told = format!("{:?}", studio.ears().events());
    let log = log.text();
    assert!(
        log.contains("was charged"),
        "the log was heard: {} bytes",
        log.len()
    );
    let secrets = [
        OWN_KEY,
        mistyped,
        "sk-not-this-one-either",
        &token,
        "a-token-of-somebody-else",
    ];
    for secret in secrets {
        for folder in [studio.folder(), server.folder()] {
            assert_eq!(
                files_with(folder, secret.as_bytes()),
                NOWHERE,
                "{secret} on disk"
            );
        }
        assert!(!log.contains(secret), "{secret} in the log");
        assert!(!told.contains(secret), "{secret} in an event");
    }
    studio.start().await;
    studio.finish().await;
    server.finish().await;
}
