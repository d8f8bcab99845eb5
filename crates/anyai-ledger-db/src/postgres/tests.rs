//! The guards of PostgreSQL's writes.
#![cfg(unix)]

use anyai_ledger::{
    Action, Batch, Changes, Command, CostBasis, CostReport, EnvelopeScope, HoldStep, Order,
    PlanGrant, WorkKind, hold_id,
};
use anyai_testpostgres::PostgresCluster;

use super::address::Address;
use super::writing::PostgresBacking;
use super::{PostgresOptions, session::Session};
use crate::LedgerError;
use crate::backing::Backing as _;
use crate::backing::tests::{NOW, Shelf, guards_hold_on, mc, member, pool, request, run, turn};

const UNGUARD: &str = "DO $$ DECLARE found record; BEGIN \
    FOR found IN SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint \
      WHERE contype IN ('c','f') AND conrelid<>0 AND connamespace='public'::regnamespace \
      ORDER BY contype DESC \
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.of, found.name); END LOOP; \
    FOR found IN SELECT contypid::regtype AS of, conname AS name FROM pg_constraint \
      WHERE contypid<>0 AND connamespace='public'::regnamespace \
    LOOP EXECUTE format('ALTER DOMAIN %s DROP CONSTRAINT %I', found.of, found.name); END LOOP; \
    FOR found IN SELECT tgrelid::regclass AS of, tgname AS name FROM pg_trigger WHERE NOT tgisinternal \
    LOOP EXECUTE format('DROP TRIGGER %I ON %s', found.name, found.of); END LOOP; END $$";

struct Database {
    address: String,
    backing: PostgresBacking,
}

guards_hold_on!(Database);

impl Shelf for Database {
    type Backing = PostgresBacking;

    fn new() -> Self {
        let address = PostgresCluster::shared().database();
        let options = PostgresOptions::default();
        let parsed = Address::parse(&address).unwrap();
        let mut session = Session::new(parsed.clone(), options).unwrap();
        session.make_tables().unwrap();
        Self {
            address,
            backing: PostgresBacking::new(parsed, options).unwrap(),
        }
    }

    fn backing(&mut self) -> &mut PostgresBacking {
        &mut self.backing
    }

    fn unguard(&mut self) {
        self.execute(UNGUARD);
    }

    fn execute(&mut self, sql: &str) {
        PostgresCluster::shared().run_sql(&self.address, sql);
    }

    /// Another program may have made the pool meanwhile; nobody else makes the rows of one.
    fn is_made_twice(changes: &Changes, error: &LedgerError) -> bool {
        match error {
            LedgerError::Conflict => !changes.pools.is_empty(),
            LedgerError::GuardBroken { .. } => changes.pools.is_empty(),
            _ => false,
        }
    }
}

/// A batch is three round trips: whatever a turn reads comes with the locks. Once they are taken, the
/// session ends, and everything else is answered all the same.
#[test]
fn what_a_turn_reads_comes_with_the_locks() {
    let mut database = Database::new();
    let plan = PlanGrant {
        plan: "free".to_owned(),
        amount: mc(100_000),
    };
    let (pool, anchor) = (pool(), NOW);
    run(
        &mut database.backing,
        &Command::EnsurePool { pool, plan, anchor },
    );
    let limit = Action::SetMember {
        member: member(),
        limit: Some(mc(90_000)),
    };
    let envelope = |scope| Action::SetEnvelope {
        member: None,
        scope,
        cap: mc(80_000),
    };
    let orders = [
        limit,
        envelope(EnvelopeScope::Modality(WorkKind::Chat)),
        envelope(EnvelopeScope::Day {
            utc_offset_minutes: 60,
        }),
    ];
    for (number, action) in orders.into_iter().enumerate() {
        let order = Order {
            key: number.to_string(),
            actor: "me".to_owned(),
            reason: "why".to_owned(),
            approved_by: None,
        };
        let command = Command::Order {
            pool,
            order,
            action,
        };
        run(&mut database.backing, &command);
    }
    let of = |number, step| Command::OnHold {
        pool,
        hold: hold_id(pool, turn(number)),
        step,
    };
    let settled = HoldStep::Settle(CostReport {
        cost: mc(3),
        basis: CostBasis::Reported,
    });
    for command in [
        Command::Hold(request(1, mc(10))),
        Command::HoldDispatched(request(2, mc(10))),
        of(1, HoldStep::Dispatch { provider_op: None }),
        Command::Balance { pool },
        of(1, settled),
        of(
            2,
            HoldStep::Void {
                reason: "no".to_owned(),
            },
        ),
        Command::Hold(request(3, mc(10))),
    ] {
        let mut open = database.backing.begin(&[&command]).unwrap();
        let ended = PostgresCluster::shared().terminate_sessions(&database.address);
        assert!(ended > 0);
        let answer = Batch::new(&mut open).run(&command, NOW);
        assert!(answer.is_ok(), "{command:?}: {answer:?}");
        drop(open);
        run(&mut database.backing, &command);
    }
}
