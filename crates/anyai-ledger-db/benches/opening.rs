//! How long the ledger takes to open: everything in it is derived again before the first command.
//!
//! Each turn that is held, sent and settled below its ceiling makes three entries.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::path::Path;
use std::time::Instant;

use anyai_ledger::{CostBasis, CostReport, HoldRequest, PlanGrant, WorkKind};
use anyai_ledger_db::{Ledger, Sent, verify_file};
use anyai_units::{Credits, MemberId, PoolId, TurnId, UtcMillis};
use futures_util::future::join_all;
use uuid::Uuid;

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const CALLERS: u64 = 256;
const ENTRIES_A_TURN: u64 = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let sizes = std::env::args().filter_map(|word| word.parse().ok());
    let mut sizes: Vec<u64> = sizes.collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000];
    }
    for entries in sizes {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        runtime.block_on(fill(&path, entries));
        let verified = spent(|| assert!(verify_file(&path).unwrap().sound));
        let opened = spent(|| drop(Ledger::open(&path).unwrap()));
        println!("{entries} entries: verified in {verified:.3} s, opened in {opened:.3} s");
    }
}

fn spent(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

async fn fill(path: &Path, entries: u64) {
    let ledger = Ledger::open(path).unwrap();
    let pool = PoolId::from_uuid(Uuid::now_v7());
    let plan = PlanGrant {
        plan: "max".to_owned(),
        amount: Credits::from_whole(1_000_000_000).unwrap(),
    };
    ledger.ensure_pool(pool, plan, NOW, NOW).await.unwrap();
    let turns = entries / ENTRIES_A_TURN;
    let ledger = &ledger;
    let callers = (0..CALLERS).map(|caller| async move {
        for _ in (caller..turns).step_by(usize::try_from(CALLERS).unwrap()) {
            turn(ledger, pool).await;
        }
    });
    join_all(callers).await;
}

async fn turn(ledger: &Ledger, pool: PoolId) {
    let request = HoldRequest {
        pool,
        member: MemberId::from_uuid(Uuid::from_u128(7)),
        turn: TurnId::from_uuid(Uuid::now_v7()),
        fingerprint: [7; 32],
        estimate: Credits::from_millicredits(10),
        ceiling: Credits::from_millicredits(20),
        price_version: 1,
        model: "anthropic/opus".to_owned(),
        kind: WorkKind::Chat,
        conversation: None,
        expires_at: NOW.plus_millis(1),
    };
    let Sent::New(dispatch) = ledger.hold_dispatched(request, NOW).await.unwrap() else {
        return;
    };
    let report = CostReport {
        cost: Credits::from_millicredits(15),
        basis: CostBasis::Reported,
    };
    ledger.settle(&dispatch, report, NOW).await.unwrap();
}
