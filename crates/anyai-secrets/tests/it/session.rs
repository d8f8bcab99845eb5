//! Keys that live as long as the app.

use anyai_secrets::{
    KeySlot, KeyStore, KeyStoreError, KeychainState, ParseSlotError, Secret, SessionKeys,
};

#[tokio::test]
async fn a_session_keeps_one_key_per_provider_and_studio() {
    let keys = SessionKeys::new();
    let ours = KeySlot::new("embedded", "anthropic").unwrap();
    let other_provider = KeySlot::new("embedded", "openai").unwrap();
    let other_studio = KeySlot::new("studio.example.org:8443", "anthropic").unwrap();
    assert_eq!(keys.state().await, KeychainState::Available);
    assert!(!keys.outlives_the_app());
    keys.save(&ours, &Secret::from("first")).await.unwrap();
    keys.save(&ours, &Secret::from("second")).await.unwrap();
    keys.save(&other_provider, &Secret::from("third"))
        .await
        .unwrap();
    assert_eq!(
        keys.load(&ours).await.unwrap(),
        Some(Secret::from("second"))
    );
    assert_eq!(keys.load(&other_studio).await.unwrap(), None);
    assert!(keys.forget(&ours).await.unwrap());
    assert!(!keys.forget(&ours).await.unwrap());
    assert_eq!(keys.load(&ours).await.unwrap(), None);
    assert_eq!(
        keys.load(&other_provider).await.unwrap(),
        Some(Secret::from("third"))
    );
    let refused = keys.save(&ours, &Secret::from("")).await;
    assert!(matches!(refused, Err(KeyStoreError::Empty)));
    assert!(
        !format!("{keys:?}").contains("third"),
        "the store prints no key either"
    );
}

#[test]
fn a_slot_cannot_be_forged() {
    assert_eq!(KeySlot::new("", "openai"), Err(ParseSlotError::Length));
    assert_eq!(
        KeySlot::new("a", &"x".repeat(101)),
        Err(ParseSlotError::Length)
    );
    for forged in ["a/b", "A", "a b", "a\0", "ä"] {
        assert_eq!(
            KeySlot::new(forged, "openai"),
            Err(ParseSlotError::Character),
            "{forged:?}"
        );
        assert_eq!(
            KeySlot::new("embedded", forged),
            Err(ParseSlotError::Character),
            "{forged:?}"
        );
    }
}
