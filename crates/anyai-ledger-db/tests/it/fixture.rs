//! A ledger in a temporary folder, and the requests every test begins with.

use std::path::PathBuf;

use anyai_ledger::{
    Balance, CostBasis, CostReport, HoldRequest, PlanGrant, Refusal, Resolution, Settlement,
    WorkKind,
};
use anyai_ledger_db::{
    CommittedHold, Dispatch, Held, HoldRef, Ledger, LedgerError, Report, verify_file,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use tempfile::TempDir;
use uuid::Uuid;

/// 2026-11-22T12:00:00Z.
pub(crate) const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
pub(crate) const HOUR_MS: i64 = 3_600_000;

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) ledger: Ledger,
    pub(crate) pool: PoolId,
}

pub(crate) fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

pub(crate) fn plan(name: &str, credits: i64) -> PlanGrant {
    PlanGrant {
        plan: name.to_owned(),
        amount: Credits::from_whole(credits).unwrap(),
    }
}

pub(crate) fn pool_id(number: u128) -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn turn(number: u128) -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn request(pool: PoolId, number: u128, ceiling: Credits) -> HoldRequest {
    HoldRequest {
        pool,
        member: MemberId::from_uuid(Uuid::from_u128(77)),
        turn: turn(number),
        fingerprint: [7; 32],
        estimate: mc(ceiling.millicredits() / 2),
        ceiling,
        price_version: 1,
        model: "anthropic/opus".to_owned(),
        kind: WorkKind::Chat,
        conversation: None,
        expires_at: NOW.plus_millis(HOUR_MS),
    }
}

pub(crate) fn reported(cost: Credits) -> CostReport {
    CostReport {
        cost,
        basis: CostBasis::Reported,
    }
}

impl Fixture {
    /// A hold of this pool.
    pub(crate) fn at(&self, id: HoldId) -> HoldRef {
        HoldRef {
            pool: self.pool,
            id,
        }
    }

    /// A pool of 100 credits that began at [`NOW`].
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let ledger = Ledger::open(&path).unwrap();
        let pool = pool_id(1);
        ledger
            .ensure_pool(pool, plan("free", 100), NOW, NOW)
            .await
            .unwrap();
        Self {
            folder,
            path,
            ledger,
            pool,
        }
    }

    pub(crate) async fn hold(&self, number: u128, ceiling: Credits) -> CommittedHold {
        match self
            .ledger
            .hold(request(self.pool, number, ceiling), NOW)
            .await
            .unwrap()
        {
            Held::New(hold) => hold,
            Held::Existing(record) => panic!("turn {number} was held before: {record:?}"),
        }
    }

    pub(crate) async fn dispatch(&self, number: u128, ceiling: Credits) -> Dispatch {
        let hold = self.hold(number, ceiling).await;
        self.ledger.dispatch(hold, None, NOW).await.unwrap()
    }

    pub(crate) async fn balance(&self) -> Balance {
        self.ledger.balance(self.pool, NOW).await.unwrap()
    }

    /// What is available, posted and pending now, in millicredits.
    pub(crate) async fn sums(&self) -> (i64, i64, i64) {
        let balance = self.balance().await;
        let parts = [
            balance.available,
            balance.period.posted,
            balance.period.pending,
        ];
        parts.map(Credits::millicredits).into()
    }

    /// Verifies the file, which must be sound.
    pub(crate) fn verify(&self) -> Report {
        let report = verify_file(&self.path).unwrap();
        assert_eq!(report.first_problem, None);
        assert!(report.sound);
        report
    }

    /// Closes the ledger and opens the file again.
    pub(crate) fn reopen(self) -> Self {
        let Self {
            folder,
            path,
            ledger,
            pool,
        } = self;
        drop(ledger);
        let ledger = Ledger::open(&path).unwrap();
        Self {
            folder,
            path,
            ledger,
            pool,
        }
    }
}

pub(crate) fn settlement(resolution: &Resolution) -> Settlement {
    match resolution {
        Resolution::Settled(settlement) | Resolution::AlreadySettled(settlement) => *settlement,
        other => panic!("not settled: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> Refusal {
    match result {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}
