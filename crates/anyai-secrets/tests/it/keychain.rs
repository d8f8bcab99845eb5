//! The real keychain of this system, in each of its states.
//!
//! Each test starts this test binary again inside a session of its own (bus, home folder, keyring
//! daemon), because a process sees one keychain for its whole life.

#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyai_secrets::{
    KeySlot, KeyStore, KeyStoreError, Keychain, KeychainOptions, KeychainState, Secret,
};
use tempfile::TempDir;

/// Set in the inner process.
const INSIDE: &str = "ANYAI_SECRETS_TEST_INSIDE";
const INSIDE_LIMIT: Duration = Duration::from_secs(60);

const UNLOCKED: &str = r#"printf 'login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
exec "$0" "$@""#;
const LOCKED: &str = r#"gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
exec "$0" "$@""#;

fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

fn has(tool: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|folder| folder.join(tool).is_file())
}

/// Whether the tools are here; says so when they are not.
fn can_run(test: &str) -> bool {
    let missing: Vec<_> = ["dbus-run-session", "gnome-keyring-daemon"]
        .into_iter()
        .filter(|tool| !has(tool))
        .collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED {test}: {} not installed", missing.join(" and "));
    }
    missing.is_empty()
}

/// A home of its own, without the tester's bus.
fn homed(mut command: Command, home: &Path) -> Command {
    fs::set_permissions(home, fs::Permissions::from_mode(0o700)).unwrap();
    command
        .env(INSIDE, "1")
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("GNOME_KEYRING_CONTROL")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    command
}

/// This binary, to run one test.
fn itself(test: &str) -> Vec<std::ffi::OsString> {
    vec![
        env::current_exe().unwrap().into(),
        "--exact".into(),
        format!("keychain::{test}").into(),
        "--nocapture".into(),
    ]
}

fn in_session(script: &str, test: &str) -> Command {
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", script]).args(itself(test));
    command
}

/// Runs the inner process to its end, which must come in time and be good.
fn run(command: Command, home: &Path, test: &str) {
    let mut child = homed(command, home).stdin(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{test} failed inside its session");
            return;
        }
        if started.elapsed() > INSIDE_LIMIT {
            child.kill().unwrap();
            panic!("{test} did not end inside its session");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn keychain(profile: &str) -> Keychain {
    Keychain::new(
        "any-ai-studio-test",
        profile,
        KeychainOptions {
            timeout: Duration::from_secs(10),
        },
    )
    .unwrap()
}

fn slot(name: &str) -> KeySlot {
    KeySlot::new("embedded", name).unwrap()
}

#[tokio::test]
async fn an_unlocked_keychain_keeps_keys() {
    let test = "an_unlocked_keychain_keeps_keys";
    if !is_inside() {
        if can_run(test) {
            let home = TempDir::new().unwrap();
            run(in_session(UNLOCKED, test), home.path(), test);
            assert!(
                home.path().join("data/keyrings").is_dir(),
                "the daemon kept them in its home"
            );
        }
        return;
    }
    let keys = keychain("one");
    assert_eq!(keys.state().await, KeychainState::Available);
    assert!(keys.outlives_the_app());
    assert_eq!(keys.load(&slot("anthropic")).await.unwrap(), None);
    keys.save(&slot("anthropic"), &Secret::from("sk-ünï-1"))
        .await
        .unwrap();
    keys.save(&slot("anthropic"), &Secret::from("sk-ünï-2"))
        .await
        .unwrap();
    keys.save(&slot("openai"), &Secret::from("sk-other"))
        .await
        .unwrap();
    // Another handle, as after a restart.
    let again = keychain("one");
    assert_eq!(
        again.load(&slot("anthropic")).await.unwrap(),
        Some(Secret::from("sk-ünï-2"))
    );
    assert_eq!(
        keychain("two").load(&slot("anthropic")).await.unwrap(),
        None,
        "profiles are apart"
    );
    assert!(again.forget(&slot("anthropic")).await.unwrap());
    assert!(!again.forget(&slot("anthropic")).await.unwrap());
    assert_eq!(keys.load(&slot("anthropic")).await.unwrap(), None);
    assert_eq!(
        keys.load(&slot("openai")).await.unwrap(),
        Some(Secret::from("sk-other"))
    );
    let refused = keys.save(&slot("xai"), &Secret::from("")).await;
    assert!(matches!(refused, Err(KeyStoreError::Empty)));
}

#[tokio::test]
async fn a_locked_keychain_says_locked() {
    let test = "a_locked_keychain_says_locked";
    if !is_inside() {
        if can_run(test) {
            let home = TempDir::new().unwrap();
            run(in_session(LOCKED, test), home.path(), test);
        }
        return;
    }
    let keys = keychain("one");
    assert_eq!(keys.state().await, KeychainState::Locked);
    let refused = keys
        .save(&slot("anthropic"), &Secret::from("sk-1"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "keychain_locked");
    assert!(
        !refused.to_string().contains("org.freedesktop"),
        "{refused}"
    );
}

#[tokio::test]
async fn without_a_bus_the_keychain_is_absent() {
    let test = "without_a_bus_the_keychain_is_absent";
    if !is_inside() {
        let home = TempDir::new().unwrap();
        let mut command = Command::new(&itself(test)[0]);
        command.args(&itself(test)[1..]);
        run(command, home.path(), test);
        return;
    }
    assert_absent().await;
}

#[tokio::test]
async fn with_nobody_on_the_bus_the_keychain_is_absent() {
    let test = "with_nobody_on_the_bus_the_keychain_is_absent";
    if !is_inside() {
        if can_run(test) {
            let home = TempDir::new().unwrap();
            let config = home.path().join("bus.conf");
            // A bus that starts no services of its own accord.
            fs::write(
                &config,
                r#"<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
                <policy context="default"><allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#,
            )
            .unwrap();
            let mut command = Command::new("dbus-run-session");
            command
                .arg("--config-file")
                .arg(&config)
                .arg("--")
                .args(itself(test));
            run(command, home.path(), test);
        }
        return;
    }
    assert_absent().await;
}

async fn assert_absent() {
    let keys = keychain("one");
    assert_eq!(keys.state().await, KeychainState::Absent);
    for refused in [
        keys.load(&slot("anthropic")).await.map(drop),
        keys.save(&slot("anthropic"), &Secret::from("sk-1")).await,
        keys.forget(&slot("anthropic")).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().code(), "keychain_absent");
    }
    let home = env::var_os("HOME").unwrap();
    let kept = fs::read_dir(home).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name != "bus.conf" && !name.to_string_lossy().starts_with("dbus-")
    });
    assert_eq!(kept.count(), 0, "nothing was kept in a file instead");
}

#[tokio::test]
async fn a_hung_keychain_neither_hangs_the_app_nor_its_end() {
    let test = "a_hung_keychain_neither_hangs_the_app_nor_its_end";
    if !is_inside() {
        let home = TempDir::new().unwrap();
        let socket = home.path().join("bus");
        // It takes connections and never says a word.
        let _silent = UnixListener::bind(&socket).unwrap();
        let mut command = Command::new(&itself(test)[0]);
        command.args(&itself(test)[1..]);
        let started = Instant::now();
        run(command, home.path(), test);
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "the inner process ended at once"
        );
        return;
    }
    let options = KeychainOptions {
        timeout: Duration::from_millis(200),
    };
    let keys = Keychain::new("any-ai-studio-test", "one", options).unwrap();
    let timed_out = keys.load(&slot("anthropic")).await.unwrap_err();
    assert!(
        matches!(timed_out, KeyStoreError::TimedOut { waited_ms: 200 }),
        "{timed_out:?}"
    );
    assert_eq!(keys.state().await, KeychainState::Failed);
    // With enough of them waiting, the next does not even start.
    for _ in 0..8 {
        let _ = keys.load(&slot("anthropic")).await;
    }
    let started = Instant::now();
    assert!(keys.load(&slot("anthropic")).await.is_err());
    assert!(started.elapsed() < Duration::from_millis(150));
}
