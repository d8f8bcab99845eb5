//! Monthly statements: what they add up to, and the files they become.

use anyai_ledger::{Action, EnvelopeScope, GrantKind, Refusal, Statement, WorkKind};
use anyai_ledger_db::{CheckpointKey, LedgerError, write_statement_csv, write_statement_json};
use anyai_units::{Credits, UtcMillis};
use serde_json::Value;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, mc, on_every_store, order, plan, pool_id, refusal, reported,
    request, turn,
};

on_every_store![
    a_statement_adds_up_and_says_where_the_ledger_stood,
    a_statement_of_an_earlier_month_has_what_came_later,
    a_statement_after_many_entries_is_whole,
    a_statement_begins_at_its_first_entry,
    there_is_no_statement_of_a_month_nobody_used,
    a_statement_counts_what_time_alone_has_done,
    a_statement_without_a_server_is_the_same,
    a_ledger_that_lies_is_not_stated,
];

async fn stated(f: &Fixture, no: u32, now: UtcMillis) -> Statement {
    let statement = f.ledger.statement(f.pool, no, now).await.unwrap();
    statement.unwrap()
}

/// A month with everything: a top-up, a charge, a refund, a void, an open hold, a signed head.
async fn a_month(store: Store) -> (Fixture, Statement) {
    let f = Fixture::new(store).await;
    let top_up = Action::Grant {
        kind: GrantKind::TopUp,
        amount: mc(50_000),
        priority: 200,
        expires_at: None,
    };
    f.ledger
        .order(f.pool, order("shop"), top_up, NOW)
        .await
        .unwrap();
    let scope = EnvelopeScope::Modality(WorkKind::Chat);
    let (member, cap) = (None, mc(90_000));
    let envelope = Action::SetEnvelope { member, scope, cap };
    f.ledger
        .order(f.pool, order("chats"), envelope, NOW)
        .await
        .unwrap();
    let dispatch = f.dispatch(1, mc(30_000)).await;
    let settled = f.ledger.settle(&dispatch, reported(mc(12_345)), NOW).await;
    let seq = crate::fixture::settlement(&settled.unwrap()).entries.first;
    let amount = Some(mc(345));
    let reverse = Action::Reverse { seq, amount };
    f.ledger
        .order(f.pool, order("sorry"), reverse, NOW)
        .await
        .unwrap();
    let refused = f.dispatch(2, mc(5_000)).await;
    f.ledger.void(&refused, "=cmd()", NOW).await.unwrap();
    let _open = f.hold(3, mc(7_000)).await;
    let key = CheckpointKey::from_secret(&[5; 32]);
    f.ledger.checkpoint(f.pool, &key, NOW).await.unwrap();
    let statement = stated(&f, 0, NOW).await;
    (f, statement)
}

async fn a_statement_adds_up_and_says_where_the_ledger_stood(store: Store) {
    let (f, statement) = a_month(store).await;
    let totals = &statement.totals;
    assert_eq!(totals.opening, mc(0));
    let granted: Vec<_> = totals
        .granted
        .iter()
        .map(|(kind, sum)| (*kind, *sum))
        .collect();
    assert_eq!(
        granted,
        [
            (GrantKind::Plan, mc(100_000)),
            (GrantKind::TopUp, mc(50_000))
        ]
    );
    assert_eq!(
        (totals.charged, totals.refunded, totals.held),
        (mc(12_345), mc(345), mc(7_000))
    );
    assert_eq!(totals.closing, mc(150_000 - 12_345 + 345 - 7_000));
    let turns: Vec<_> = statement
        .lines
        .iter()
        .map(|line| (line.turn, line.charged))
        .collect();
    assert_eq!(turns, [(turn(1), mc(12_345)), (turn(2), mc(0))]);
    let (_, member) = statement.members.first_key_value().unwrap();
    assert_eq!((member.charged, member.held), (mc(12_345), mc(7_000)));
    let balance = f.balance().await;
    let head = (statement.head.seq, statement.head.hash);
    assert_eq!(head, (balance.head_seq, balance.head_hash));
    assert_eq!(statement.checkpoint.unwrap().hash, balance.head_hash);
    assert_eq!(totals.closing, balance.available);
}

async fn a_statement_of_an_earlier_month_has_what_came_later(store: Store) {
    let (f, _) = a_month(store).await;
    let reset = f.balance().await.period.bounds.ends_at;
    let late = f.ledger.open_holds().await.unwrap().remove(0);
    let mut next = request(f.pool, 4, mc(9_000));
    next.expires_at = reset.plus_millis(HOUR_MS);
    f.ledger.balance(f.pool, reset).await.unwrap();
    let sent = f.ledger.hold_dispatched(next, reset).await.unwrap();
    let anyai_ledger_db::Sent::New(dispatch) = sent else {
        panic!("held before")
    };
    f.ledger
        .settle(&dispatch, reported(mc(8_000)), reset)
        .await
        .unwrap();
    f.ledger.void(&late, "too late", reset).await.unwrap();
    let first = stated(&f, 0, reset).await;
    assert_eq!(
        first.lines.len(),
        3,
        "its last hold ended in the month after"
    );
    assert_eq!((first.totals.held, first.totals.closing), (mc(0), mc(0)));
    assert!(first.totals.carried > mc(0) && first.totals.expired > mc(0));
    let second = stated(&f, 1, reset).await;
    assert_eq!((second.bounds.no, second.bounds.starts_at), (1, reset));
    assert_eq!(second.totals.opening, first.totals.carried);
    let charged: Vec<_> = second.lines.iter().map(|line| line.charged).collect();
    assert_eq!(charged, [mc(8_000)]);
    assert_eq!(second.head, first.head);
    let balance = f.ledger.balance(f.pool, reset).await.unwrap();
    assert_eq!(second.totals.closing, balance.available);
    f.verify();
}

/// More entries before the month, and in it, than are read at a time.
async fn a_statement_after_many_entries_is_whole(store: Store) {
    let f = Fixture::new(store).await;
    let reset = f.balance().await.period.bounds.ends_at;
    for at in [NOW, reset] {
        let mut turns = tokio::task::JoinSet::new();
        for number in 0..1_500 {
            let number = u128::try_from(at.millis()).unwrap() * 10_000 + number;
            let mut request = request(f.pool, number, mc(3));
            request.expires_at = at.plus_millis(HOUR_MS);
            let ledger = f.ledger.clone();
            turns.spawn(async move {
                let sent = ledger.hold_dispatched(request, at).await.unwrap();
                let anyai_ledger_db::Sent::New(dispatch) = sent else {
                    panic!("held before")
                };
                ledger.settle(&dispatch, reported(mc(2)), at).await.unwrap();
            });
        }
        turns.join_all().await;
    }
    for no in [0, 1] {
        let statement = stated(&f, no, reset).await;
        assert_eq!(statement.lines.len(), 1_500);
        assert_eq!(statement.totals.charged, mc(3_000));
        assert_eq!(statement.head.seq, f.balance().await.head_seq);
    }
    assert_eq!(f.balance().await.period.bounds.no, 1);
}

/// However many entries are before it.
async fn a_statement_begins_at_its_first_entry(store: Store) {
    let f = Fixture::new(store).await;
    for month in 1..8 {
        let ends_at = f.balance().await.period.bounds.ends_at;
        let _hold = f.hold(u128::from(month), mc(1)).await;
        f.ledger.balance(f.pool, ends_at).await.unwrap();
        let statement = stated(&f, month, ends_at).await;
        assert_eq!(statement.bounds.starts_at, ends_at);
        assert_eq!(statement.totals.closing, mc(100_000));
    }
}

async fn there_is_no_statement_of_a_month_nobody_used(store: Store) {
    let f = Fixture::new(store).await;
    assert_eq!(f.ledger.statement(f.pool, 1, NOW).await.unwrap(), None);
    let pool = pool_id(9);
    let nobodys = f.ledger.statement(pool, 0, NOW).await;
    assert_eq!(refusal(nobodys), Refusal::UnknownPool { pool });
    let empty = pool_id(2);
    f.ledger
        .ensure_pool(empty, plan("none", 0), NOW, NOW)
        .await
        .unwrap();
    let statement = f.ledger.statement(empty, 0, NOW).await;
    let statement = statement.unwrap().unwrap();
    assert_eq!(statement.totals.closing, mc(0));
    assert_eq!((statement.lines.len(), statement.checkpoint), (0, None));
}

/// A top-up that ends, and then the month: each is counted from its instant on, and written only by the
/// pool's next command.
async fn a_statement_counts_what_time_alone_has_done(store: Store) {
    let f = Fixture::new(store).await;
    let ends_at = NOW.plus_millis(HOUR_MS);
    let top_up = Action::Grant {
        kind: GrantKind::TopUp,
        amount: mc(50_000),
        priority: 200,
        expires_at: Some(ends_at),
    };
    let ordered = f.ledger.order(f.pool, order("shop"), top_up, NOW).await;
    ordered.unwrap();
    let written = f.balance().await;
    let reset = written.period.bounds.ends_at;
    let early = NOW.plus_millis(-1);
    for (now, expired, closing) in [
        (early, 0, 150_000),
        (NOW, 0, 150_000),
        (ends_at, 50_000, 100_000),
    ] {
        let statement = stated(&f, 0, now).await;
        let totals = &statement.totals;
        assert_eq!((totals.expired, totals.closing), (mc(expired), mc(closing)));
        assert_eq!(statement.head.seq, written.head_seq);
        assert_eq!(statement.head.hash, written.head_hash);
        assert_eq!(statement.as_of, now.max(NOW), "not before its last command");
        assert_eq!(statement.unwritten > 0, expired > 0);
    }
    let (before, next) = (stated(&f, 0, reset).await, stated(&f, 1, reset).await);
    assert_eq!(before.totals.closing, mc(0));
    assert_eq!(next.totals.closing, mc(100_000));
    assert_eq!(f.verify().entries, written.head_seq, "nothing was written");

    let balance = f.ledger.balance(f.pool, reset).await.unwrap();
    for unwritten in [before, next] {
        let statement = stated(&f, unwritten.bounds.no, reset).await;
        assert_eq!(statement.totals, unwritten.totals);
        assert_eq!(statement.head.seq, unwritten.head.seq + unwritten.unwritten);
        assert_eq!(
            (statement.head.seq, statement.unwritten),
            (balance.head_seq, 0)
        );
    }
    assert_eq!(stated(&f, 1, reset).await.totals.closing, balance.available);
}

/// What the server says at an instant, a program without it says too: of every pool whose month it is.
async fn a_statement_without_a_server_is_the_same(store: Store) {
    let (f, _) = a_month(store).await;
    let bounds = f.balance().await.period.bounds;
    let month = bounds.starts_at..bounds.ends_at;
    let later = bounds
        .ends_at
        .plus_millis(bounds.ends_at.millis() - bounds.starts_at.millis());
    let other = pool_id(2);
    let made = f
        .ledger
        .ensure_pool(other, plan("pro", 2_000), NOW, NOW)
        .await;
    made.unwrap();
    for now in [NOW, bounds.ends_at, later] {
        let of_month = |pool| f.place.statements(pool, &month, now).unwrap();
        let here = stated(&f, 0, now).await;
        assert_eq!(of_month(Some(f.pool)), std::slice::from_ref(&here));
        let others = f.ledger.statement(other, 0, now).await.unwrap();
        assert_eq!(of_month(None), [here, others.unwrap()]);
        assert_eq!(of_month(Some(pool_id(3))), []);
    }
    let next = bounds.ends_at..later;
    let before = f
        .place
        .statements(Some(f.pool), &next, bounds.ends_at.plus_millis(-1));
    assert_eq!(before.unwrap(), [], "its month has not begun");
    let begun = f
        .place
        .statements(Some(f.pool), &next, bounds.ends_at)
        .unwrap();
    assert_eq!(begun, [stated(&f, 1, bounds.ends_at).await]);
}

async fn a_ledger_that_lies_is_not_stated(store: Store) {
    let (f, _) = a_month(store).await;
    let bounds = f.balance().await.period.bounds;
    let place = f.close();
    place.tamper("UPDATE member_use SET posted=posted+1");
    let refused = place.statements(None, &(bounds.starts_at..bounds.ends_at), NOW);
    match refused.unwrap_err() {
        LedgerError::Damaged { problem, .. } => assert!(problem.contains("member"), "{problem}"),
        other => panic!("{other}"),
    }
}

fn csv_of(statement: &Statement) -> Vec<Vec<String>> {
    let mut file = Vec::new();
    write_statement_csv(statement, &mut file).unwrap();
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = { reader.has_headers(false) }.from_reader(file.as_slice());
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

/// The rows of a sort, as the values of these columns.
fn columns<const N: usize>(csv: &[Vec<String>], row: &str, names: [&str; N]) -> Vec<[String; N]> {
    let place = |name: &str| csv[0].iter().position(|column| column == name).unwrap();
    let of_row = csv.iter().skip(1).filter(|record| record[0] == row);
    of_row
        .map(|record| names.map(|name| record[place(name)].clone()))
        .collect()
}

#[tokio::test]
async fn a_csv_statement_says_everything_once() {
    let (_f, statement) = a_month(Store::Sqlite).await;
    let csv = csv_of(&statement);
    assert!(csv.iter().all(|record| record.len() == csv[0].len()));
    let totals = columns(&csv, "total", ["name", "credits"]);
    let totals: Vec<_> = totals.iter().map(|[name, sum]| (&**name, &**sum)).collect();
    assert_eq!(
        totals,
        [
            ("opening", "0.000"),
            ("granted_plan", "100.000"),
            ("granted_topup", "50.000"),
            ("refunded", "0.345"),
            ("returned", "0.000"),
            ("revoked", "0.000"),
            ("expired", "0.000"),
            ("carried", "0.000"),
            ("charged", "12.345"),
            ("held", "7.000"),
            ("closing", "131.000"),
        ]
    );
    let lines = columns(
        &csv,
        "line",
        ["turn", "estimate", "ceiling", "credits", "basis"],
    );
    let line = |number, rest: [&str; 4]| {
        let [estimate, ceiling, charged, basis] = rest.map(str::to_owned);
        [turn(number).to_string(), estimate, ceiling, charged, basis]
    };
    let settled = line(1, ["15.000", "30.000", "12.345", "reported"]);
    let voided = line(2, ["2.500", "5.000", "0.000", ""]);
    assert_eq!(lines, [settled, voided]);
    let members = columns(&csv, "member", ["name", "credits"]);
    assert_eq!(members, [["charged", "12.345"], ["held", "7.000"]]);
    let as_of = columns(&csv, "as_of", ["name", "value"]);
    let instant = NOW.millis().to_string();
    assert_eq!(as_of[0], ["at_ms".to_owned(), instant]);
    assert_eq!(as_of[1], ["unwritten_entries", "0"]);
    let head = columns(&csv, "head", ["name", "value"]);
    let hash = statement.head.hash.to_string();
    assert_eq!(head[1], ["hash".to_owned(), hash.clone()]);
    let checkpoint = columns(&csv, "checkpoint", ["name", "value"]);
    assert_eq!(checkpoint[1], ["hash".to_owned(), hash]);
    assert_eq!((checkpoint[3][1].len(), checkpoint[4][1].len()), (64, 128));
}

/// A spreadsheet runs what begins like a formula; nobody but the ledger may write formulas here.
#[tokio::test]
async fn a_csv_statement_is_no_program() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
        let (_f, mut statement) = a_month(Store::Sqlite).await;
        statement.lines[1].reason = Some(text.to_owned());
        statement.lines[1].model = text.to_owned();
        let lines = columns(&csv_of(&statement), "line", ["model", "reason"]);
        let safe = format!("'{text}");
        assert_eq!(lines[1], [safe.clone(), safe]);
    }
    let (_f, mut statement) = a_month(Store::Sqlite).await;
    let words = "a \"word\", another\nand a = in the middle";
    statement.lines[0].reason = Some(words.to_owned());
    let lines = columns(&csv_of(&statement), "line", ["reason"]);
    assert_eq!(lines[0], [words]);
    assert_eq!(lines[1], ["'=cmd()"], "as the ledger stored it");
}

fn json_of(statement: &Statement) -> Value {
    let mut file = Vec::new();
    write_statement_json(statement, &mut file).unwrap();
    serde_json::from_slice(&file).unwrap()
}

#[tokio::test]
async fn a_json_statement_says_amounts_twice() {
    let (_f, statement) = a_month(Store::Sqlite).await;
    let json = json_of(&statement);
    assert_eq!(json["format"], "anyai.statement.1");
    assert_eq!(json["pool"], statement.pool.to_string());
    let total = |name: &str| {
        let totals = json["totals"].as_array().unwrap();
        let found = totals.iter().find(|total| total["name"] == name).unwrap();
        found["amount"].clone()
    };
    assert_eq!(total("closing")["credits"], "131.000");
    assert_eq!(total("closing")["millicredits"], 131_000);
    assert_eq!(total("refunded")["credits"], "0.345");
    let line = &json["lines"][0];
    assert_eq!(line["charged"]["millicredits"], 12_345);
    assert_eq!(line["charged"]["credits"], "12.345");
    assert_eq!(
        json["lines"][1]["reason"], "=cmd()",
        "only CSV is for spreadsheets"
    );
    assert_eq!(json["head"]["hash"], statement.head.hash.to_string());
    assert_eq!(json["head"]["seq"], statement.head.seq);
    assert_eq!(json["as_of"]["at_ms"], NOW.millis());
    assert_eq!(json["as_of"]["unwritten_entries"], 0);
    assert_eq!(json["checkpoint"]["hash"], statement.head.hash.to_string());
    assert_eq!(
        json["period"]["ends_at_ms"],
        statement.bounds.ends_at.millis()
    );
    let members = json["members"].as_array().unwrap();
    assert_eq!(members[0]["held"]["millicredits"], 7_000);
}

/// Whatever the amount, both forms say the same.
#[tokio::test]
async fn every_amount_keeps_its_three_decimals() {
    let (_f, mut statement) = a_month(Store::Sqlite).await;
    for (millicredits, expected) in [
        (0, "0.000"),
        (1, "0.001"),
        (-1, "-0.001"),
        (999, "0.999"),
        (1_000, "1.000"),
        (-12_050, "-12.050"),
        (i64::MAX, "9223372036854775.807"),
        (i64::MIN, "-9223372036854775.808"),
    ] {
        statement.totals.closing = Credits::from_millicredits(millicredits);
        let totals = columns(&csv_of(&statement), "total", ["credits"]);
        assert_eq!(totals.last().unwrap(), &[expected]);
        let json = json_of(&statement);
        let closing = json["totals"].as_array().unwrap().last().unwrap();
        assert_eq!(closing["amount"]["credits"], expected);
        assert_eq!(closing["amount"]["millicredits"], millicredits);
    }
}
