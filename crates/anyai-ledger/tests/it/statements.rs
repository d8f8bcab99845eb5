//! The monthly statement adds up, whatever the month had in it.

use anyai_ledger::{
    Action, CostBasis, GrantKind, Head, MemberTotals, PlanTerms, Refusal, Statement, StatementRows,
    StatementTotals, statement,
};
use anyai_units::Credits;

use crate::book::Book;
use crate::fixture::{DAY_MS, World, mc, member, top_up};
use crate::forgeries::full_world;

/// The statement of a period, out of every row there is.
fn of_period(book: &Book, at: usize) -> Result<Statement, Refusal> {
    statement(&StatementRows {
        as_of: book.pool.last_at,
        head: Head {
            seq: book.pool.seq,
            hash: book.pool.head_hash,
        },
        pool: &book.pool,
        period: &book.periods[at],
        entries: &book.entries,
        grants: &book.grants,
        holds: &book.holds,
        checkpoint: book.checkpoints.last().copied(),
    })
}

/// Of every period, each with all its sums.
pub(crate) fn assert_all_add_up(book: &Book) {
    let mut opening = 0;
    for at in 0..book.periods.len() {
        let statement = of_period(book, at).unwrap();
        let totals = &statement.totals;
        let amount = |credits: Credits| credits.millicredits();
        let granted: i64 = totals.granted.values().copied().map(amount).sum();
        let came =
            amount(totals.opening) + granted + amount(totals.refunded) + amount(totals.returned);
        let gone = [totals.revoked, totals.expired, totals.carried];
        let gone: i64 = gone.into_iter().map(amount).sum();
        let kept = [totals.charged, totals.held, totals.closing];
        let kept: i64 = kept.into_iter().map(amount).sum();
        assert_eq!(came, gone + kept, "{totals:?}");
        let lines = statement.lines.iter().map(|line| amount(line.charged));
        assert_eq!(lines.sum::<i64>(), amount(totals.charged));
        let of_members = statement.members.values();
        let of_members = of_members.map(|part| (amount(part.charged), amount(part.held)));
        let of_members = of_members.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        assert_eq!(of_members, (amount(totals.charged), amount(totals.held)));
        opening += amount(totals.opening) + amount(totals.returned);
        opening -= amount(totals.carried);
        let is_last = at + 1 == book.periods.len();
        assert!(
            is_last || totals.closing == mc(0),
            "a past month has nothing left"
        );
    }
    assert_eq!(opening, 0, "what one month carries on, another receives");
}

#[test]
fn a_statement_says_all_that_came_and_went() {
    let book = full_world().book();
    let first = of_period(&book, 0).unwrap();
    assert_eq!(first.bounds, book.periods[0].bounds);
    let expected = StatementTotals {
        opening: mc(0),
        granted: [
            (GrantKind::Plan, mc(100_000)),
            (GrantKind::TopUp, mc(50_000)),
        ]
        .into(),
        refunded: mc(7_000),
        returned: mc(0),
        revoked: mc(42_000),
        expired: mc(6_000),
        carried: mc(55_000),
        charged: mc(34_000),
        held: mc(20_000),
        closing: mc(0),
    };
    assert_eq!(first.totals, expected);
    let second = of_period(&book, 1).unwrap();
    assert_eq!(second.totals.opening, mc(55_000));
    assert_eq!(
        second.totals.granted,
        [(GrantKind::Plan, mc(10_000))].into()
    );
    assert_eq!(
        (second.totals.charged, second.totals.held),
        (mc(1_000), mc(2_000))
    );
    assert_eq!(second.totals.closing, mc(62_000));
    assert_all_add_up(&book);
}

#[test]
fn a_line_says_what_a_turn_was_and_how_it_ended() {
    let book = full_world().book();
    let first = of_period(&book, 0).unwrap();
    let turns: Vec<_> = first.lines.iter().map(|line| line.turn).collect();
    let turn = crate::fixture::turn;
    assert_eq!(
        turns,
        [turn(1), turn(2), turn(3)],
        "open holds have no line"
    );
    let (settled, voided) = (&first.lines[1], &first.lines[2]);
    let hold = book.holds.iter().find(|hold| hold.turn == turn(2)).unwrap();
    assert_eq!(
        (settled.charged, settled.ceiling, settled.estimate),
        (mc(4_000), mc(10_000), mc(5_000))
    );
    assert_eq!(settled.basis, Some(CostBasis::Reported));
    assert_eq!(settled.reason, None);
    assert_eq!((settled.member, &settled.model), (hold.member, &hold.model));
    assert_eq!(Some(settled.entries), hold.resolved_by);
    assert_eq!(
        (Some(settled.at), settled.kind),
        (hold.resolved_at, hold.kind)
    );
    assert_eq!((voided.charged, voided.basis), (mc(0), None));
    assert_eq!(voided.reason.as_deref(), Some("stopped"));
    let totals = MemberTotals {
        charged: mc(34_000),
        held: mc(20_000),
    };
    assert_eq!(first.members, [(member(77), totals)].into());
}

#[test]
fn a_statement_carries_the_head_it_was_made_at() {
    let book = full_world().book();
    let made = of_period(&book, 0).unwrap();
    assert_eq!((made.pool, made.epoch), (book.pool.id, book.pool.epoch));
    let head = Head {
        seq: book.pool.seq,
        hash: book.pool.head_hash,
    };
    assert_eq!(made.head, head);
    assert_eq!(made.checkpoint, Some(book.checkpoints[0]));
}

/// Credits that were out when their month ended come back to the next, as a line of its own.
#[test]
fn what_comes_back_from_an_older_month_is_told_apart() {
    let mut world = World::new(0);
    world.grant(&top_up("bought", 10_000)).unwrap();
    let id = world.send(1, 6_000);
    world.now = world.now.plus_millis(30 * DAY_MS);
    world.balance();
    world.settle(id, 1_000).unwrap();
    let book = world.book();
    let (first, second) = (of_period(&book, 0).unwrap(), of_period(&book, 1).unwrap());
    assert_eq!(
        (first.totals.carried, first.totals.charged),
        (mc(9_000), mc(1_000))
    );
    assert_eq!(
        (second.totals.opening, second.totals.returned),
        (mc(4_000), mc(5_000))
    );
    assert_eq!((second.totals.closing, second.lines.len()), (mc(9_000), 0));
    assert_all_add_up(&book);
}

#[test]
fn rows_that_do_not_add_up_are_not_stated() {
    let book = full_world().book();
    let disagree = Refusal::BooksDisagree { pool: book.pool.id };
    let more = |amount: Credits| mc(amount.millicredits() + 1);
    type Forge = fn(&mut Book, fn(Credits) -> Credits);
    let forge: [Forge; 8] = [
        |book, more| book.periods[0].posted = more(book.periods[0].posted),
        |book, more| book.periods[0].pending = more(book.periods[0].pending),
        |book, more| book.periods[0].expired = more(book.periods[0].expired),
        |book, more| book.periods[0].granted = more(book.periods[0].granted),
        |book, more| {
            let mut holds = book.holds.iter_mut();
            let settled = holds.find(|hold| hold.charged.is_some() && hold.period == 0);
            let charged = &mut settled.unwrap().charged;
            *charged = charged.map(more);
        },
        |book, more| {
            let open = book
                .holds
                .iter_mut()
                .find(|hold| hold.state.is_open() && hold.period == 0);
            let open = open.unwrap();
            open.ceiling = more(open.ceiling);
        },
        |book, _| {
            let mut holds = book.holds.iter_mut();
            let ended = holds.find(|hold| !hold.state.is_open() && hold.period == 0);
            ended.unwrap().resolved_at = None;
        },
        |book, _| book.grants.clear(),
    ];
    for (number, forge) in forge.into_iter().enumerate() {
        let mut forged = book.clone();
        forge(&mut forged, more);
        assert_eq!(
            of_period(&forged, 0),
            Err(disagree.clone()),
            "forgery {number}"
        );
    }
}

#[test]
fn an_adjustment_is_a_grant_of_its_kind() {
    let mut world = World::new(1_000);
    let plus = Action::Adjust {
        change: mc(500),
        expires_at: None,
    };
    world.order(&plus).unwrap();
    world.change_plan(1_300, PlanTerms::Budget);
    let made = of_period(&world.book(), 0).unwrap();
    let expected = [(GrantKind::Plan, mc(1_300)), (GrantKind::Admin, mc(500))];
    assert_eq!(made.totals.granted, expected.into());
}
