//! Provider keys: verified before they are kept, forgotten when asked, never shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyai_secrets::{
    KeySlot, KeyStore, KeyStoreError, KeychainState, Secret, ServerKeys, SessionKeys,
};
use anyai_server::ServerOptions;
use anyai_wire::api::{Offers, TurnRecord};
use anyai_wire::{Code, KeyKeeping, Offer, ProviderKeyState, ProviderView, Providers, TurnPhase};
use async_trait::async_trait;
use http::Method;
use serde_json::json;

use crate::harness::{MODEL, TestStudio};

/// A keychain that is there, or is not.
#[derive(Debug)]
struct FakeKeychain {
    keys: SessionKeys,
    state: KeychainState,
    asked: AtomicUsize,
}

#[async_trait]
impl KeyStore for FakeKeychain {
    fn outlives_the_app(&self) -> bool {
        true
    }
    async fn state(&self) -> KeychainState {
        self.state
    }
    async fn load(&self, slot: &KeySlot) -> Result<Option<Secret>, KeyStoreError> {
        self.check()?;
        self.keys.load(slot).await
    }
    async fn save(&self, slot: &KeySlot, key: &Secret) -> Result<(), KeyStoreError> {
        self.check()?;
        self.keys.save(slot, key).await
    }
    async fn forget(&self, slot: &KeySlot) -> Result<bool, KeyStoreError> {
        self.check()?;
        self.keys.forget(slot).await
    }
}

impl FakeKeychain {
    fn new(state: KeychainState) -> Self {
        Self {
            keys: SessionKeys::new(),
            state,
            asked: AtomicUsize::new(0),
        }
    }

    fn check(&self) -> Result<(), KeyStoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.state.is_available() {
            return Ok(());
        }
        Err(KeyStoreError::Unavailable { state: self.state })
    }
}

/// A studio on its owner's own keys; the simulator stands in for the providers.
async fn own_keys(change: impl FnOnce(&mut ServerOptions)) -> TestStudio {
    let mut studio = TestStudio::new().await;
    studio.crash();
    let mut options = studio.options();
    options.endpoints.simulated_key = None;
    change(&mut options);
    studio.open_with(options).await.unwrap();
    studio
}

async fn set(studio: &TestStudio, key: &str, keep: &str) -> crate::harness::Answer {
    let body = json!({"key": key, "keep": keep});
    studio
        .json(Method::PUT, "/v1/providers/anthropic/key", &body)
        .await
}

async fn offer(studio: &TestStudio) -> Offer {
    let offers: Offers = studio.get("/v1/offers").await;
    offers.by_provider["anthropic"]
}

#[tokio::test]
async fn a_key_is_verified_kept_used_and_forgotten() {
    let studio = own_keys(|_| {}).await;
    assert_eq!(offer(&studio).await, Offer::NoKey);
    let post = studio.draft(MODEL, "[[say:Paid.]] Hi").await;
    assert_eq!(
        studio.post(&post).await.error().code,
        Code::ModelUnavailable
    );

    let refused = set(&studio, "sk-wrong", "session").await;
    assert_eq!(refused.error().code, Code::ProviderKeyRejected);
    assert_eq!(
        offer(&studio).await,
        Offer::NoKey,
        "a refused key is not kept"
    );

    let view: ProviderView = set(&studio, "  sim-mine\n", "session").await.ok();
    let ProviderKeyState::Verified { kept, models } = view.key else {
        panic!("{view:?}")
    };
    assert_eq!(kept, Some(KeyKeeping::Session));
    assert!(models.unwrap() > 0);
    assert_eq!(offer(&studio).await, Offer::Offered);
    let turn = studio.complete(&post).await;
    assert_eq!(turn.text, "Paid.");
    assert!(!turn.simulated, "the owner's own keys are no simulation");
    let listed = studio.raw(Method::GET, "/v1/providers", Vec::new()).await;
    assert!(!listed.text().contains("sim-mine"), "a key is never shown");

    let path = "/v1/providers/anthropic/key";
    let view: ProviderView = studio.raw(Method::DELETE, path, Vec::new()).await.ok();
    assert_eq!(view.key, ProviderKeyState::None);
    assert_eq!(offer(&studio).await, Offer::NoKey);
    studio.finish().await;
}

#[tokio::test]
async fn a_key_in_the_keychain_is_found_again_by_the_next_run() {
    let keychain = Arc::new(FakeKeychain::new(KeychainState::Available));
    let shared = Arc::clone(&keychain);
    let mut studio = own_keys(|options| options.keys.keychain = Some(shared)).await;
    let view: ProviderView = set(&studio, "sim-mine", "keychain").await.ok();
    assert!(matches!(
        view.key,
        ProviderKeyState::Verified {
            kept: Some(KeyKeeping::Keychain),
            ..
        }
    ));
    studio.crash();
    let mut options = studio.options();
    options.endpoints.simulated_key = None;
    options.keys.keychain = Some(keychain);
    studio.open_with(options).await.unwrap();
    let providers: Providers = studio.get("/v1/providers").await;
    let anthropic = providers
        .providers
        .iter()
        .find(|view| view.id == "anthropic")
        .unwrap();
    assert_eq!(
        anthropic.key,
        ProviderKeyState::Unverified {
            kept: Some(KeyKeeping::Keychain),
            reason: None
        }
    );
    assert_eq!(
        studio
            .complete(&studio.draft(MODEL, "[[say:Yes.]] Hi").await)
            .await
            .text,
        "Yes."
    );
    studio.finish().await;
}

#[tokio::test]
async fn without_a_usable_keychain_a_key_is_never_put_elsewhere() {
    for (state, code) in [
        (None, Code::KeychainAbsent),
        (Some(KeychainState::Absent), Code::KeychainAbsent),
        (Some(KeychainState::Locked), Code::KeychainLocked),
        (Some(KeychainState::Failed), Code::KeychainFailed),
    ] {
        let studio = own_keys(|options| {
            options.keys.keychain =
                state.map(|state| Arc::new(FakeKeychain::new(state)) as Arc<dyn KeyStore>);
        })
        .await;
        assert_eq!(
            set(&studio, "sim-mine", "keychain").await.error().code,
            code
        );
        assert_eq!(
            offer(&studio).await,
            Offer::NoKey,
            "{state:?}: no silent fallback"
        );
        let view: ProviderView = set(&studio, "sim-mine", "session").await.ok();
        assert!(
            matches!(view.key, ProviderKeyState::Verified { .. }),
            "{state:?}"
        );
        studio.finish().await;
    }
}

#[tokio::test]
async fn the_operators_keys_come_first_and_no_request_changes_them() {
    let studio = own_keys(|options| {
        let variables = [("ANYAI_KEY_ANTHROPIC".into(), "sim-operator".into())];
        options.keys.operator = ServerKeys::load(variables, None).unwrap();
    })
    .await;
    assert_eq!(offer(&studio).await, Offer::Offered);
    assert_eq!(
        set(&studio, "sim-mine", "session").await.error().code,
        Code::NotAllowed
    );
    let path = "/v1/providers/anthropic/key";
    let forgotten = studio.raw(Method::DELETE, path, Vec::new()).await;
    assert_eq!(forgotten.error().code, Code::NotAllowed);
    let post = studio.draft(MODEL, "[[say:Yes.]] Hi").await;
    assert_eq!(studio.complete(&post).await.text, "Yes.");
    studio.finish().await;
}

#[tokio::test]
async fn a_key_the_provider_drops_later_fails_the_turn_at_no_cost() {
    let studio = own_keys(|options| {
        let variables = [("ANYAI_KEY_ANTHROPIC".into(), "sk-revoked".into())];
        options.keys.operator = ServerKeys::load(variables, None).unwrap();
    })
    .await;
    let post = studio.draft(MODEL, "Hi").await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.events(post.id, 0).await;
    let TurnPhase::Failed { charged, error } = studio.record(post.id).await.phase else {
        panic!()
    };
    assert_eq!(error.code, Code::ProviderKeyRejected);
    assert_eq!(charged, anyai_units::Credits::ZERO);
    studio.finish().await;
}

#[tokio::test]
async fn garbage_and_unknown_providers_are_refused() {
    let studio = own_keys(|_| {}).await;
    for key in ["", "   ", "sk\nwith a line", "\u{0}\u{1}"] {
        let error = set(&studio, key, "session").await.error();
        assert_eq!(error.code, Code::ProviderKeyRejected, "{key:?}: {error:?}");
        assert!(
            key.trim().is_empty() || !error.message.contains(key),
            "{error:?}"
        );
    }
    let body = json!({"key": "k", "keep": "session"});
    let unknown = studio
        .json(Method::PUT, "/v1/providers/nobody/key", &body)
        .await;
    assert_eq!(unknown.error().code, Code::BadRequest);
    studio.finish().await;
}

#[tokio::test]
async fn a_locked_keychain_is_asked_once_for_all_offers_and_again_when_it_matters() {
    let keychain = Arc::new(FakeKeychain::new(KeychainState::Locked));
    let shared = Arc::clone(&keychain);
    let studio = own_keys(|options| options.keys.keychain = Some(shared)).await;
    for _ in 0..3 {
        assert_eq!(offer(&studio).await, Offer::NoKey);
    }
    assert_eq!(
        keychain.asked.load(Ordering::SeqCst),
        1,
        "nobody waits four times"
    );
    let error = studio.post(&studio.draft(MODEL, "Hi").await).await.error();
    assert_eq!(
        error.code,
        Code::KeychainLocked,
        "the turn says why it cannot be sent"
    );
    assert_eq!(keychain.asked.load(Ordering::SeqCst), 2);
    let providers: Providers = studio.get("/v1/providers").await;
    for view in providers.providers {
        let reason = Some(Code::KeychainLocked);
        let kept = Some(KeyKeeping::Keychain);
        assert_eq!(
            view.key,
            ProviderKeyState::Unverified { kept, reason },
            "{}",
            view.id
        );
    }
    assert_eq!(
        keychain.asked.load(Ordering::SeqCst),
        3,
        "the settings ask once"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_session_key_is_forgotten_where_there_is_no_keychain_or_a_locked_one() {
    for state in [
        KeychainState::Absent,
        KeychainState::Locked,
        KeychainState::Failed,
    ] {
        let studio = own_keys(|options| {
            options.keys.keychain = Some(Arc::new(FakeKeychain::new(state)));
        })
        .await;
        let _: ProviderView = set(&studio, "sim-mine", "session").await.ok();
        let path = "/v1/providers/anthropic/key";
        let forgotten = studio.raw(Method::DELETE, path, Vec::new()).await;
        let _: ProviderView = forgotten.ok();
        assert_eq!(offer(&studio).await, Offer::NoKey, "{state:?}");

        let again = studio.raw(Method::DELETE, path, Vec::new()).await;
        match state {
            KeychainState::Absent => {
                let view: ProviderView = again.ok();
                assert_eq!(view.key, ProviderKeyState::None, "nothing to forget");
            }
            KeychainState::Locked => assert_eq!(again.error().code, Code::KeychainLocked),
            _ => assert_eq!(again.error().code, Code::KeychainFailed),
        }
        studio.finish().await;
    }
}
