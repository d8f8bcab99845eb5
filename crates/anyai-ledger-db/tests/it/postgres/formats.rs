//! A database that an older program made: opened, brought to today's tables, and carried on.

use anyai_ledger_db::{Ledger, verify_postgres};
use anyai_testpostgres::PostgresCluster;

use super::house::{CEILING, COST, database, hold_of, open, pool, room_for, settle_at_last, sound};
use crate::fixture::{NOW, mc, pool_id, request};

const FIRST: &str = include_str!("../fixtures/postgres_1.sql");
const COPIED: [&str; 11] = [
    "pool",
    "period",
    "grant_",
    "member",
    "member_use",
    "envelope",
    "envelope_use",
    "hold",
    "entry",
    "order_",
    "checkpoint",
];

/// Everything that guards the rows, as the server says it.
const GUARDS: &str = "
SELECT line FROM (
  SELECT format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid,a.atttypmod), a.attnotnull) AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid=c.oid
    WHERE c.relkind='r' AND c.relnamespace='public'::regnamespace AND a.attnum>0 AND NOT a.attisdropped
  UNION ALL SELECT format('%s %s', c.relname, array_to_string(c.reloptions, ',')) FROM pg_class c
    WHERE c.relkind='r' AND c.relnamespace='public'::regnamespace
  UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace='public'::regnamespace
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname='public'
  UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
  UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace='public'::regnamespace
  UNION ALL SELECT format('format %s', format) FROM ledger_format
) AS guards ORDER BY line";

fn sql(address: &str, sql: &str) -> String {
    PostgresCluster::shared().run_sql(address, sql)
}

/// A ledger with a turn that was settled and one that is open.
async fn used() -> String {
    let address = database();
    let ledger = open(&address);
    let pool = pool(&ledger, 1, room_for(10)).await;
    settle_at_last(&ledger, pool, 1).await;
    let _open = ledger.hold(request(pool, 2, CEILING), NOW).await.unwrap();
    address
}

/// The same rows in the tables of the first program.
async fn of_the_first_program() -> String {
    let address = used().await;
    let copies = COPIED.map(|table| format!("INSERT INTO {table} SELECT * FROM today.{table};"));
    let copies = copies.concat();
    let aside = "ALTER SCHEMA public RENAME TO today; CREATE SCHEMA public;";
    sql(
        &address,
        &format!("{aside} {FIRST} {copies} DROP SCHEMA today CASCADE;"),
    );
    address
}

/// The same of the last program of format 1: the tables of format 2 but for one trigger.
async fn of_the_second_program() -> String {
    let address = of_format_2().await;
    let before = "DROP TRIGGER writer_kept ON writer; UPDATE ledger_format SET format=1";
    sql(&address, before);
    address
}

/// The same of format 2: today's tables without the rate cards.
async fn of_format_2() -> String {
    let address = used().await;
    let before = "DROP TABLE price_card; UPDATE ledger_format SET format=2";
    sql(&address, before);
    address
}

/// The same of the program before the newest: today's tables.
async fn of_format_3() -> String {
    let address = used().await;
    sql(&address, "UPDATE ledger_format SET format=3");
    address
}

async fn is_carried_on(ledger: &Ledger, address: &str) {
    let pool = pool_id(1);
    let settled = hold_of(ledger, pool, 1).await;
    assert_eq!(settled.charged, Some(COST));
    let before = ledger.balance(pool, NOW).await.unwrap();
    let sums = (before.period.posted, before.period.pending);
    assert_eq!(sums, (COST, CEILING));
    settle_at_last(ledger, pool, 3).await;
    let after = ledger.balance(pool, NOW).await.unwrap();
    assert_eq!(after.period.posted, mc(2 * COST.millicredits()));
    sound(address);
}

#[tokio::test]
async fn an_older_database_gets_todays_guards_and_keeps_its_rows() {
    let new = database();
    drop(open(&new));
    let todays = sql(&new, GUARDS);
    for address in [
        of_the_first_program().await,
        of_the_second_program().await,
        of_format_2().await,
        of_format_3().await,
    ] {
        assert_ne!(sql(&address, GUARDS), todays);
        let ledger = open(&address);
        assert_eq!(sql(&address, GUARDS), todays);
        is_carried_on(&ledger, &address).await;
        drop(ledger);
        drop(open(&address));
        assert_eq!(sql(&address, GUARDS), todays, "opened a second time");
    }
}

#[tokio::test]
async fn an_older_database_is_read_as_it_is() {
    let old = [
        of_the_first_program().await,
        of_format_2().await,
        of_format_3().await,
    ];
    for address in old {
        let before = sql(&address, GUARDS);
        let report = verify_postgres(&address).unwrap();
        assert_eq!((report.pools, report.sound), (1, true));
        assert_eq!(sql(&address, GUARDS), before);
    }
}

/// Rows that today's tables would not have: nothing of the move stays.
#[tokio::test]
async fn an_older_database_that_breaks_todays_guards_is_left_alone() {
    let address = of_the_first_program().await;
    let older = "ALTER TABLE member_use DROP CONSTRAINT member_use_pending_check; \
                 UPDATE member_use SET pending=-1";
    sql(&address, older);
    let before = sql(&address, GUARDS);
    let opened = Ledger::open_postgres(&address, anyai_ledger_db::PostgresOptions::default());
    let error = opened.map(drop).unwrap_err();
    assert!(error.to_string().contains("not_negative_check"), "{error}");
    assert_eq!(sql(&address, GUARDS), before);
}
