//! The disk is full: a command is refused by name, and nothing of before is lost.

use anyai_ledger::{HoldState, Resolution};
use anyai_ledger_db::{Held, Ledger, LedgerError, LedgerOptions, verify_file};
use anyai_units::PoolId;

use crate::fixture::{Fixture, NOW, budget, mc, order, plan, pool_id, reported, request, turn};

const KIB: u64 = 1_024;
/// Turns of a script: enough to outgrow the file's first pages.
const TURNS: u128 = 60;

fn within(kib: u64) -> LedgerOptions {
    LedgerOptions {
        max_file_bytes: Some(kib * KIB),
        ..LedgerOptions::default()
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let f = Fixture::on_file().await;
    let dispatch = f.dispatch(0, mc(10)).await;
    let pool = f.pool;
    let place = f.close();
    let path = place.path();
    let small = Ledger::open_with(path, within(160)).unwrap();
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
    assert!(verify_file(path).unwrap().sound);
    drop(small);

    let roomy = Ledger::open(path).unwrap();
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
    assert!(verify_file(path).unwrap().sound);
}

/// What a script of commands did before the disk was full: turns by how far they got.
#[derive(Debug, Default, PartialEq, Eq)]
struct Done {
    made: bool,
    settled: u128,
    voided: u128,
    budget: i64,
}

/// Commands of every kind, until one is refused.
async fn script(ledger: &Ledger, pool: PoolId, done: &mut Done) -> Result<(), LedgerError> {
    ledger
        .ensure_pool(pool, plan("free", 100), NOW, NOW)
        .await?;
    (done.made, done.budget) = (true, 100);
    for number in 0..TURNS {
        if let Held::New(hold) = ledger.hold(request(pool, number, mc(100)), NOW).await? {
            if number % 3 == 0 {
                ledger.void(&hold, "no", NOW).await?;
                done.voided += 1;
            } else {
                let dispatch = ledger.dispatch(hold, Some("op".to_owned()), NOW).await?;
                ledger.settle(&dispatch, reported(mc(60)), NOW).await?;
                done.settled += 1;
            }
        }
        if number % 10 == 9 {
            let credits = done.budget + 1;
            let more = budget(plan("more", credits));
            let order = order(&format!("budget-{credits}"));
            ledger.order(pool, order, more, NOW).await?;
            done.budget = credits;
        }
    }
    Ok(())
}

/// The disk fills earlier and later: while the tables are made, then at every sort of command.
#[tokio::test]
async fn wherever_the_disk_fills_what_was_answered_is_there_and_nothing_else() {
    let mut refused = 0;
    for kib in (4..120).step_by(8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let mut done = Done::default();
        let outcome = match Ledger::open_with(&path, within(kib)) {
            Ok(ledger) => script(&ledger, pool_id(1), &mut done).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            assert!(
                matches!(error, LedgerError::DiskFull),
                "{kib} KiB: {error:?}"
            );
            refused += 1;
        }
        let roomy = Ledger::open(&path).unwrap();
        assert_eq!(verify_file(&path).unwrap().first_problem, None, "{kib} KiB");
        if !done.made {
            continue;
        }
        let balance = roomy.balance(pool_id(1), NOW).await.unwrap();
        let settled = i64::try_from(done.settled).unwrap();
        assert_eq!(
            balance.period.posted,
            mc(60 * settled),
            "{kib} KiB: {done:?}"
        );
        assert_eq!(
            balance.plan.amount,
            mc(1_000 * done.budget),
            "{kib} KiB: {done:?}"
        );
        let open = roomy.open_holds().await.unwrap().len();
        assert!(open <= 1, "only the refused turn can be unfinished");
        let mut rest = Done::default();
        script(&roomy, pool_id(1), &mut rest).await.unwrap();
        let turns = done.settled + done.voided + rest.settled + rest.voided;
        assert_eq!(
            turns + u128::try_from(open).unwrap(),
            TURNS,
            "{kib} KiB: {done:?} {rest:?}"
        );
    }
    assert!(refused > 10, "the disk was full {refused} times only");
}
