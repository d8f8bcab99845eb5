//! The server signs its ledger's heads, with a key that is minted once and readable by nobody else.

use std::time::Duration;

use anyai_ledger_db::{VerifyOptions, verify_file_with};
use anyai_wire::admin::Checkpoints;

use crate::harness::TestStudio;
use crate::upkeep::brisk;

async fn signed(studio: &TestStudio) -> Checkpoints {
    let path = "/v1/ledger/checkpoints";
    let signed =
        async |studio: &TestStudio| !studio.get::<Checkpoints>(path).await.checkpoints.is_empty();
    studio.until("the head is signed", signed).await;
    studio.get(path).await
}

fn key(hex: &str) -> [u8; 32] {
    let mut key = [0; 32];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    }
    key
}

#[tokio::test]
async fn heads_are_signed_with_one_key_over_restarts() {
    let mut studio = brisk().await;
    let first = signed(&studio).await;
    assert!(
        first
            .checkpoints
            .iter()
            .all(|signed| signed.key == first.public_key)
    );
    let file = studio.folder().join("checkpoint.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    studio.crash();
    let mut options = studio.options();
    options.upkeep.reconcile_every = Duration::from_millis(20);
    studio.open_with(options).await.unwrap();
    let again = signed(&studio).await;
    assert_eq!(again.public_key, first.public_key);
    let ledger = studio.ledger_path();
    let options = |key| VerifyOptions { keys: vec![key] };
    let right = verify_file_with(&ledger, &options(key(&first.public_key))).unwrap();
    assert!(right.sound && right.checkpoints > 0, "{right:?}");
    let wrong = verify_file_with(&ledger, &options([7; 32])).unwrap();
    assert!(!wrong.sound, "another key is noticed");
    studio.finish().await;
}
