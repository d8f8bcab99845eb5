//! Rows and entries changed behind the ledger's back: whatever lies is named, and nothing is served
//! from it.

use anyai_ledger_db::LedgerError;

use crate::fixture::{Fixture, NOW, Store, mc, on_every_store, reported};

on_every_store![a_lying_entry_is_named, a_lying_row_is_named,];

/// Three turns that were paid, and one that is held.
pub(crate) async fn some_turns(store: Store) -> Fixture {
    let f = Fixture::new(store).await;
    for number in 0..3 {
        let dispatch = f.dispatch(number, mc(1_000)).await;
        f.ledger
            .settle(&dispatch, reported(mc(400)), NOW)
            .await
            .unwrap();
    }
    let _open = f.hold(9, mc(7_000)).await;
    f
}

/// What verification says after these changes; opening must say it too.
async fn problem_after(store: Store, lie: &str) -> anyai_ledger_db::Problem {
    let place = some_turns(store).await.close();
    place.tamper(lie);
    let report = place.verify().unwrap();
    assert!(!report.sound, "{lie}");
    let error = place.open().unwrap_err();
    assert!(
        matches!(error, LedgerError::Damaged { .. }),
        "{lie}: {error}"
    );
    let problem = report.first_problem.unwrap();
    assert!(error.to_string().contains(&problem.what), "{lie}: {error}");
    problem
}

async fn a_lying_entry_is_named(store: Store) {
    let lies = [
        "UPDATE entry SET amount=amount+1 WHERE seq=3",
        "UPDATE entry SET reason='x' WHERE seq=3",
        "UPDATE entry SET at=at-1 WHERE seq=3",
        "UPDATE entry SET hash=prev_hash WHERE seq=3",
        "UPDATE entry SET prev_hash=hash WHERE seq=3",
        "UPDATE entry SET kind='gift' WHERE seq=3",
        "UPDATE entry SET debit='held:00' WHERE seq=3",
        "DELETE FROM entry WHERE seq=3",
    ];
    for lie in lies {
        let problem = problem_after(store, lie).await;
        assert_eq!(
            (problem.pool, problem.seq),
            (Some(crate::fixture::pool_id(1)), Some(3)),
            "{lie}: {problem:?}"
        );
        assert!(problem.what.contains("entry 3"), "{lie}: {problem:?}");
    }
}

async fn a_lying_row_is_named(store: Store) {
    let lies = [
        ("UPDATE period SET posted=posted-1", "period 0: posted"),
        ("UPDATE period SET pending=0", "period 0: pending"),
        ("UPDATE period SET granted=granted+1", "period 0: granted"),
        ("UPDATE period SET expired=1", "period 0: expired"),
        ("UPDATE period SET ends_at=ends_at+1", "period 0: range"),
        ("UPDATE grant_ SET used=used-1", "grant 1: used"),
        ("UPDATE grant_ SET held=0", "grant 1: held"),
        ("UPDATE grant_ SET amount=amount+1", "grant 1: amount"),
        (
            "UPDATE hold SET charged=charged-1 WHERE charged IS NOT NULL",
            "charge",
        ),
        ("UPDATE hold SET model='cheap'", "terms"),
        ("UPDATE hold SET ceiling=1 WHERE state='held'", "terms"),
        ("UPDATE hold SET allocations=allocations||';1:5:0'", "terms"),
        (
            "UPDATE hold SET allocations='2:'||substr(allocations,3)",
            "terms",
        ),
        ("UPDATE pool SET seq=seq-1", "pool's seq"),
        ("UPDATE pool SET head_hash=epoch", "pool's head_hash"),
        ("UPDATE pool SET frozen=TRUE", "pool's frozen"),
        ("UPDATE pool SET plan_amount=-1", "pool's plan"),
        (
            "UPDATE hold SET state='dispatched', charged=NULL WHERE charged IS NOT NULL",
            "state",
        ),
    ];
    for (lie, expected) in lies {
        let problem = problem_after(store, lie).await;
        assert!(problem.what.contains(expected), "{lie}: {problem:?}");
    }
}
