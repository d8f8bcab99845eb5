//! Orders, carried out by both ledgers.

use anyai_ledger::{
    Account, Action, Answer, Command, GrantKind, MemoryError, Order, PlanTerms, Refusal,
};
use anyai_units::{Credits, UtcMillis};

use super::{Met, Pair};
use crate::fixture::{mc, order, plan, refusal};
use crate::judge::Reversed;

impl Pair {
    pub(crate) fn change_plan(&mut self, amount: i64, terms: PlanTerms) -> Met {
        let plan = plan("any", amount);
        self.order(&Action::ChangePlan { plan, terms })
    }

    /// The same top-up, sent this many times.
    pub(crate) fn top_up(
        &mut self,
        amount: i64,
        priority: u32,
        lasts_millis: Option<i64>,
        times: i64,
    ) -> Met {
        let clock = self.judge_now().oracle.now;
        let expires_at = lasts_millis.map(|millis| UtcMillis::from_millis(clock + millis));
        self.sources += 1;
        let order = order(&format!("order-{}", self.sources));
        let action = Action::Grant {
            kind: GrantKind::TopUp,
            amount: mc(amount),
            priority,
            expires_at,
        };
        let mut met = Met::Other;
        for _ in 0..times {
            met = self.carry_out(&order, &action);
        }
        met
    }

    /// An order nobody gave before.
    pub(crate) fn order(&mut self, action: &Action) -> Met {
        self.sources += 1;
        let order = order(&format!("order-{}", self.sources));
        self.carry_out(&order, action)
    }

    pub(crate) fn carry_out(&mut self, order: &Order, action: &Action) -> Met {
        let mut next = self.judge_now();
        let entry = match action {
            Action::Reverse { seq, .. } => self.reversed(*seq),
            _ => None,
        };
        let answer = self.run(Command::Order {
            pool: self.world.pool,
            order: order.clone(),
            action: action.clone(),
        });
        if let Some((known, what, moved)) = self.orders.get(&order.key) {
            if (known, what) != (order, action) {
                let key = order.key.clone();
                assert_eq!(refusal(answer), Refusal::OrderConflict { key });
                return Met::OrderConflict;
            }
            assert_eq!(moved_by(answer), *moved, "the first answer again");
            self.judge = next;
            return Met::OrderedTwice;
        }
        let before = next.moved();
        let is_approved = order.approved_by.is_some();
        if let Err(expected) = next.order(&order.key, is_approved, action, entry) {
            let refusal = refusal(answer);
            assert_eq!(refusal, expected, "{action:?}");
            return met_by(&refusal);
        }
        let after = next.moved();
        let moved = (after.0 - before.0, after.1 - before.1);
        assert_eq!(moved_by(answer), moved, "{action:?}");
        let carried_out = (order.clone(), action.clone(), moved);
        self.orders.insert(order.key.clone(), carried_out);
        self.judge = next;
        Met::Ordered
    }

    fn reversed(&self, seq: u64) -> Option<Reversed> {
        let mut entries = self.world.store.entries(self.world.pool).iter();
        let entry = entries.find(|entry| entry.seq == seq)?;
        Some(Reversed {
            kind: entry.kind,
            turn: entry.hold.map(|hold| self.numbers[&hold]),
            source: entry.reason.clone().unwrap_or_default(),
            is_reversal: entry.reverses.is_some(),
            month: match entry.debit {
                Account::Available(no) => Some(no),
                _ => None,
            },
            amount: entry.amount.millicredits(),
        })
    }
}

/// What an order granted and revoked.
#[track_caller]
fn moved_by(answer: Result<Answer, MemoryError>) -> (i64, i64) {
    let Ok(Answer::Ordered(ordered)) = answer else {
        panic!("not carried out: {answer:?}")
    };
    let moved = [ordered.granted(), ordered.revoked()];
    moved.map(Credits::millicredits).into()
}

fn met_by(refusal: &Refusal) -> Met {
    match refusal {
        Refusal::NeedsApproval { .. } => Met::NeedsApproval,
        Refusal::NotUnused { .. } => Met::NotUnused,
        Refusal::NotReversible { .. } => Met::NotReversible,
        Refusal::AlreadyReversed { .. } => Met::AlreadyReversed,
        Refusal::InvalidGrant { .. } => Met::InvalidGrant,
        Refusal::UnknownGrant { .. } => Met::UnknownGrant,
        Refusal::UnknownEnvelope { .. } => Met::UnknownEnvelope,
        _ => Met::Other,
    }
}
