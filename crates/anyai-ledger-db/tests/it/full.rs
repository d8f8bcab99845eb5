//! The disk is full: a command is refused by name, and nothing of before is lost.

use anyai_ledger::{HoldState, Resolution};
use anyai_ledger_db::{Held, Ledger, LedgerError, LedgerOptions, verify_file};

use crate::fixture::{Fixture, NOW, mc, reported, request, turn};

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let f = Fixture::new().await;
    let dispatch = f.dispatch(0, mc(10)).await;
    let Fixture {
        folder: _folder,
        path,
        ledger,
        pool,
    } = f;
    drop(ledger);
    let options = LedgerOptions {
        max_file_bytes: Some(160 * 1_024),
        ..LedgerOptions::default()
    };
    let small = Ledger::open_with(&path, options).unwrap();
    let mut held = 0;
    let error = loop {
        match small.hold(request(pool, held + 1, mc(1)), NOW).await {
            Ok(Held::New(_)) => held += 1,
            Ok(Held::Existing(record)) => panic!("{record:?}"),
            Err(error) => break error,
        }
        assert!(held < 10_000, "the file never filled");
    };
    assert!(matches!(error, LedgerError::DiskFull), "{error:?}");
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert!(held > 10, "only {held} fitted");

    let refused = small.hold_of(pool, turn(held + 1)).await.unwrap();
    assert_eq!(refused, None, "nothing of the refused command is there");
    let balance = small.balance(pool, NOW).await.unwrap();
    let pending = 10 + i64::try_from(held).unwrap();
    assert_eq!(
        balance.period.pending,
        mc(pending),
        "everything answered is there"
    );
    assert!(verify_file(&path).unwrap().sound);
    drop(small);

    let roomy = Ledger::open(&path).unwrap();
    assert_eq!(
        roomy.open_holds().await.unwrap().len(),
        usize::try_from(held + 1).unwrap()
    );
    let done = roomy.settle(&dispatch, reported(mc(5)), NOW).await.unwrap();
    assert!(matches!(done, Resolution::Settled(_)));
    let hold = roomy
        .hold(request(pool, held + 1, mc(1)), NOW)
        .await
        .unwrap();
    assert!(matches!(hold, Held::New(hold) if hold.record().state == HoldState::Held));
    assert!(verify_file(&path).unwrap().sound);
}
