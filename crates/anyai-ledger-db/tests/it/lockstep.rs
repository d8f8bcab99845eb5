//! A store and the reference store given the same random commands: every answer is the
//! same, and the ledger is sound at the end.

use anyai_ledger::{
    Action, CostBasis, CostReport, EntryKind, EnvelopeScope, GrantKind, HoldRequest, MemoryError,
    MemoryStore, Placed, PlanTerms, Refusal, RoomQuery, TakeBackCause, WorkKind, hold_id,
};
use anyai_ledger_db::{Held, LedgerError};
use anyai_units::{ConversationId, MemberId, UtcMillis};
use uuid::Uuid;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, mc, on_every_store, order, plan, request, turn,
};

on_every_store![the_store_answers_as_the_reference_store_does,];

const DAY_MS: i64 = 24 * HOUR_MS;

/// SplitMix64: one number of state, so that a seed is the whole walk.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        i64::try_from(mixed % u64::try_from(limit).unwrap()).unwrap()
    }
}

fn refused<T>(answer: Result<T, LedgerError>) -> Result<T, Refusal> {
    answer.map_err(|error| match error {
        LedgerError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    })
}

fn expected<T>(answer: Result<T, MemoryError>) -> Result<T, Refusal> {
    answer.map_err(|error| match error {
        MemoryError::Refused(refusal) => refusal,
        MemoryError::Guard(rule) => panic!("{rule}"),
    })
}

struct Lockstep {
    dice: Dice,
    file: Fixture,
    memory: MemoryStore,
    now: UtcMillis,
    next_turn: u128,
    next_source: u32,
}

async fn the_store_answers_as_the_reference_store_does(store: Store) {
    let seed = std::env::var("ANYAI_WALK_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or(20_261_122);
    let file = Fixture::new(store).await;
    let mut memory = MemoryStore::new();
    anyai_ledger::ensure_pool(&mut memory, file.pool, plan("free", 100), NOW, NOW).unwrap();
    let dice = Dice(seed);
    let mut pair = Lockstep {
        dice,
        file,
        memory,
        now: NOW,
        next_turn: 1,
        next_source: 0,
    };
    for step in 0..1_500 {
        pair.step().await;
        if step % 100 == 99 {
            pair.compare().await;
        }
        if step % 500 == 499 {
            pair.file = pair.file.reopen();
        }
    }
    pair.file.verify();
    pair.assert_busy().await;
}

impl Lockstep {
    /// The walk went where there is something to disagree about.
    async fn assert_busy(&self) {
        let (ledger, pool) = (&self.file.ledger, self.file.pool);
        let orders = ledger.orders(pool).await.unwrap().len();
        let envelopes = ledger.envelopes(pool).await.unwrap().len();
        let members = ledger.members(pool).await.unwrap().len();
        let entries = self.memory.entries(pool);
        let settled = entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Settle);
        let reversed = entries.iter().filter(|entry| entry.reverses.is_some());
        let found = (
            orders,
            envelopes,
            members,
            settled.count(),
            reversed.count(),
        );
        let is_busy = orders > 100 && envelopes > 3 && members == 3 && found.3 > 40 && found.4 > 2;
        assert!(is_busy, "{found:?}");
    }

    fn some_turn(&mut self) -> u128 {
        let back = u128::try_from(self.dice.below(5)).unwrap();
        self.next_turn.saturating_sub(back).max(1)
    }

    async fn step(&mut self) {
        match self.dice.below(18) {
            0..3 => self.hold().await,
            3..6 => self.settle().await,
            6 => self.void().await,
            7..12 => self.dispatch().await,
            12 => self.mark_unknown().await,
            13 => self.pass_time(),
            14 | 15 => self.change_grants().await,
            16 => self.change_limits().await,
            _ => self.correct().await,
        }
    }

    fn some_member(&mut self) -> MemberId {
        let number = u128::try_from(77 + self.dice.below(3)).unwrap();
        MemberId::from_uuid(Uuid::from_u128(number))
    }

    fn some_conversation(&mut self) -> Option<ConversationId> {
        let number = u128::try_from(self.dice.below(3)).unwrap();
        (number > 0).then(|| ConversationId::from_uuid(Uuid::from_u128(number)))
    }

    fn some_kind(&mut self) -> WorkKind {
        let kinds = [WorkKind::Chat, WorkKind::Image, WorkKind::Video];
        kinds[usize::try_from(self.dice.below(3)).unwrap()]
    }

    fn some_request(&mut self, number: u128, below: i64) -> HoldRequest {
        HoldRequest {
            member: self.some_member(),
            conversation: self.some_conversation(),
            kind: self.some_kind(),
            ..request(self.file.pool, number, mc(self.dice.below(below)))
        }
    }

    async fn hold(&mut self) {
        let number = self.some_turn() + u128::try_from(self.dice.below(2)).unwrap();
        self.next_turn = self.next_turn.max(number + 1);
        let mut request = self.some_request(number, 30_000);
        request.fingerprint = [u8::try_from(self.dice.below(4) / 3).unwrap(); 32];
        let reference = expected(anyai_ledger::hold(&mut self.memory, &request, self.now));
        let answer = refused(self.file.ledger.hold(request, self.now).await);
        let answer = answer.map(|held| match held {
            Held::New(hold) => Placed::New(hold.record().clone()),
            Held::Existing(record) => Placed::Existing(record),
        });
        assert_eq!(answer, reference);
    }

    /// The handle dispatches only what it held itself, so a turn is held and dispatched at once.
    async fn dispatch(&mut self) {
        let (number, now) = (self.next_turn, self.now);
        self.next_turn += 1;
        let request = self.some_request(number, 9_000);
        let reference = expected(anyai_ledger::hold(&mut self.memory, &request, now));
        let Ok(Held::New(hold)) = refused(self.file.ledger.hold(request, now).await) else {
            assert!(!matches!(reference, Ok(Placed::New(_))), "{reference:?}");
            return;
        };
        let id = hold.id();
        let reference = anyai_ledger::dispatch(&mut self.memory, id, None, now).unwrap();
        let dispatch = self.file.ledger.dispatch(hold, None, now).await.unwrap();
        assert_eq!(*dispatch.record(), reference);
    }

    async fn settle(&mut self) {
        let id = hold_id(self.file.pool, turn(self.some_turn()));
        let report = CostReport {
            cost: mc(self.dice.below(9_000)),
            basis: CostBasis::Reported,
        };
        let reference = expected(anyai_ledger::settle(&mut self.memory, id, report, self.now));
        assert_eq!(
            refused(
                self.file
                    .ledger
                    .settle(self.file.at(id), report, self.now)
                    .await
            ),
            reference
        );
    }

    async fn void(&mut self) {
        let id = hold_id(self.file.pool, turn(self.some_turn()));
        let reference = expected(anyai_ledger::void(&mut self.memory, id, "stop", self.now));
        assert_eq!(
            refused(
                self.file
                    .ledger
                    .void(self.file.at(id), "stop", self.now)
                    .await
            ),
            reference
        );
    }

    async fn mark_unknown(&mut self) {
        let id = hold_id(self.file.pool, turn(self.some_turn()));
        let reference = expected(anyai_ledger::mark_unknown(&mut self.memory, id, self.now));
        assert_eq!(
            refused(
                self.file
                    .ledger
                    .mark_unknown(self.file.at(id), self.now)
                    .await
            ),
            reference
        );
    }

    fn pass_time(&mut self) {
        let span = if self.dice.below(4) == 0 {
            20 * DAY_MS
        } else {
            HOUR_MS
        };
        self.now = self.now.plus_millis(self.dice.below(span));
    }

    async fn change_grants(&mut self) {
        let now = self.now;
        if self.dice.below(2) == 0 {
            let plan = plan("any", self.dice.below(300));
            let is_budget = self.dice.below(2) == 0;
            let terms = if is_budget {
                PlanTerms::Budget
            } else {
                PlanTerms::Subscription
            };
            self.order(Action::ChangePlan { plan, terms }).await;
            return;
        }
        let grant = Action::Grant {
            kind: GrantKind::TopUp,
            amount: mc(1 + self.dice.below(20_000)),
            priority: 50 + u32::try_from(self.dice.below(100)).unwrap(),
            expires_at: Some(now.plus_millis(1 + self.dice.below(40 * DAY_MS))),
        };
        self.order(grant).await;
    }

    async fn change_limits(&mut self) {
        let member = self.some_member();
        let action = match self.dice.below(8) {
            0..3 => {
                let limit = self.dice.below(90_000);
                let limit = (limit > 30_000).then(|| mc(limit));
                Action::SetMember { member, limit }
            }
            3 => Action::RemoveMember { member },
            4 | 5 => {
                let scope = match self.dice.below(3) {
                    0 => EnvelopeScope::Day {
                        utc_offset_minutes: -330,
                    },
                    1 => EnvelopeScope::Modality(self.some_kind()),
                    _ => EnvelopeScope::Conversation(ConversationId::from_uuid(Uuid::from_u128(1))),
                };
                let member = (self.dice.below(2) == 0).then_some(member);
                let most = if self.dice.below(2) == 0 {
                    400_000
                } else {
                    5_000
                };
                let cap = mc(self.dice.below(most));
                Action::SetEnvelope { member, scope, cap }
            }
            _ => Action::RemoveEnvelope {
                no: u64::try_from(1 + self.dice.below(6)).unwrap(),
            },
        };
        self.order(action).await;
    }

    async fn correct(&mut self) {
        let last = self.memory.entries(self.file.pool).len();
        let action = match self.dice.below(6) {
            0 => Action::SetFrozen {
                frozen: self.dice.below(4) == 0,
            },
            1 | 2 => Action::Adjust {
                change: mc(self.dice.below(20_001) - 10_000),
                expires_at: None,
            },
            3 => Action::TakeBack {
                source: format!("order-{}", 1 + self.dice.below(40)),
                cause: TakeBackCause::Refund,
            },
            _ => {
                let back = usize::try_from(self.dice.below(30)).unwrap();
                Action::Reverse {
                    seq: u64::try_from(last.saturating_sub(back).max(1)).unwrap(),
                    amount: (self.dice.below(2) == 0).then(|| mc(1 + self.dice.below(3_000))),
                }
            }
        };
        self.order(action).await;
    }

    async fn order(&mut self, action: Action) {
        self.next_source += 1;
        let order = order(&format!("order-{}", self.next_source));
        let (pool, now) = (self.file.pool, self.now);
        let reference = anyai_ledger::carry_out(&mut self.memory, pool, &order, &action, now);
        let answer = self.file.ledger.order(pool, order, action, now).await;
        assert_eq!(refused(answer), expected(reference));
    }

    async fn compare(&mut self) {
        let pool = self.file.pool;
        let reference = anyai_ledger::balance(&mut self.memory, pool, self.now).unwrap();
        assert_eq!(
            self.file.ledger.balance(pool, self.now).await.unwrap(),
            reference
        );
        let query = RoomQuery {
            pool,
            member: self.some_member(),
            conversation: self.some_conversation(),
            kind: self.some_kind(),
        };
        let reference_room = anyai_ledger::room(&mut self.memory, &query, self.now).unwrap();
        let room = self.file.ledger.room(query, self.now).await.unwrap();
        assert_eq!(room, reference_room);
        let after = reference.head_seq.saturating_sub(500);
        let changes = self.file.ledger.changes(pool, after, 500).await.unwrap();
        let skip = usize::try_from(after).unwrap();
        assert_eq!(changes.entries, self.memory.entries(pool)[skip..]);
    }
}
