//! Two hundred commands of every kind, and what a ledger looks like from outside.

use std::collections::HashMap;

use anyai_ledger::{
    Action, Checkpoint, CostBasis, CostReport, EnvelopeScope, GrantKind, HoldRequest, Order,
    PlanGrant, PlanTerms, Resolution, TakeBackCause, WorkKind,
};
use anyai_ledger_db::{
    Changes, CheckpointKey, CommittedHold, Dispatch, Held, Ledger, LedgerError, Sent,
};
use anyai_units::{Credits, MemberId, PoolId, TurnId, UtcMillis};
use uuid::Uuid;

pub(crate) const COMMANDS: usize = 200;
/// 2026-11-22T12:00:00Z.
const BEGIN: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// From this command on it is the next month.
const NEXT_MONTH: usize = 140;
const CEILING: i64 = 100;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    Ensure,
    Hold(u128),
    Dispatch(u128),
    NoteProviderOp(u128),
    Renew(u128),
    HoldDispatched(u128),
    Settle(u128, i64),
    Void(u128),
    MarkUnknown(u128),
    TopUp(i64),
    /// Of the last top-up's payment.
    TakeBack,
    Adjust(i64),
    /// Part of what a turn was charged.
    Refund(u128),
    Budget(i64),
    Freeze(bool),
    MemberLimit(i64),
    Envelope(i64),
    Balance,
    ExpireStale,
    Checkpoint,
}

impl Command {
    /// The turn it is about.
    pub(crate) fn turn(self) -> Option<u128> {
        match self {
            Self::Hold(turn)
            | Self::HoldDispatched(turn)
            | Self::Dispatch(turn)
            | Self::NoteProviderOp(turn)
            | Self::Renew(turn)
            | Self::Settle(turn, _)
            | Self::Void(turn)
            | Self::Refund(turn)
            | Self::MarkUnknown(turn) => Some(turn),
            _ => None,
        }
    }
}

/// The commands in order. Those of one group are sent at once, before any is answered.
pub(crate) fn script() -> Vec<Vec<Command>> {
    use Command::{
        Adjust, Balance, Budget, Checkpoint, Dispatch, Envelope, ExpireStale, Freeze, Hold,
        HoldDispatched, MarkUnknown, MemberLimit, NoteProviderOp, Refund, Renew, Settle, TakeBack,
        TopUp, Void,
    };
    let mut groups = vec![vec![Command::Ensure]];
    let mut turn = 0;
    while groups.iter().map(Vec::len).sum::<usize>() < COMMANDS {
        turn += 8;
        let (a, b, c, d) = (turn, turn + 1, turn + 2, turn + 3);
        groups.push(vec![Hold(a), Hold(b), Hold(c), Hold(d)]);
        let alone = [
            Dispatch(a),
            Settle(a, 60),
            Refund(a),
            Void(b),
            Dispatch(c),
            NoteProviderOp(c),
            Settle(c, CEILING + 7),
            TopUp(1_000),
            Adjust(500),
            TakeBack,
            Adjust(-200),
            Dispatch(d),
            MarkUnknown(d),
            Settle(d, 0),
            Hold(turn + 4),
            Budget(20_000 + 100 * i64::try_from(turn).unwrap()),
            Freeze(true),
            Freeze(false),
            MemberLimit(15_000),
            Envelope(12_000),
            Checkpoint,
            Balance,
            HoldDispatched(turn + 5),
            Renew(turn + 5),
            Settle(turn + 5, 33),
            HoldDispatched(turn + 6),
            ExpireStale,
        ];
        groups.extend(alone.map(|command| vec![command]));
    }
    let mut left = COMMANDS;
    groups.retain_mut(|group| {
        group.truncate(left);
        left -= group.len();
        !group.is_empty()
    });
    groups
}

fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

fn pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(1))
}

fn member() -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(77))
}

fn turn_id(number: u128) -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(number))
}

/// A minute passes between two commands, and once the rest of a month.
pub(crate) fn now(command: usize) -> UtcMillis {
    let months = i64::from(command >= NEXT_MONTH);
    let minutes = i64::try_from(command).unwrap();
    BEGIN.plus_millis(minutes * MINUTE_MS + months * 31 * DAY_MS)
}

/// One program that carries the script out.
pub(crate) struct Client {
    ledger: Ledger,
    held: HashMap<u128, CommittedHold>,
    sent: HashMap<u128, Dispatch>,
    /// The entry that charged a turn.
    charged: HashMap<u128, u64>,
    /// The order of the last top-up.
    bought: String,
}

fn request(turn: u128, now: UtcMillis) -> HoldRequest {
    HoldRequest {
        pool: pool(),
        member: member(),
        turn: turn_id(turn),
        conversation: None,
        fingerprint: [7; 32],
        estimate: mc(CEILING / 2),
        ceiling: mc(CEILING),
        price_version: 1,
        model: "anthropic/opus".to_owned(),
        kind: WorkKind::Chat,
        expires_at: now.plus_millis(10 * MINUTE_MS),
    }
}

fn reported(millicredits: i64) -> CostReport {
    CostReport {
        cost: mc(millicredits),
        basis: CostBasis::Reported,
    }
}

impl Client {
    pub(crate) fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            held: HashMap::new(),
            sent: HashMap::new(),
            charged: HashMap::new(),
            bought: String::new(),
        }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Sends the commands of a group at once; the first of them is the script's number `first`.
    pub(crate) async fn send(
        &mut self,
        first: usize,
        group: &[Command],
    ) -> Vec<Result<(), LedgerError>> {
        if let [command] = group {
            return vec![self.send_one(first, *command).await];
        }
        let ledger = &self.ledger;
        let hold = |(place, command): (usize, &Command)| {
            let Command::Hold(turn) = *command else {
                panic!("only holds are sent together")
            };
            async move {
                let now = now(first + place);
                (turn, ledger.hold(request(turn, now), now).await)
            }
        };
        let answers = futures_util::future::join_all(group.iter().enumerate().map(hold)).await;
        let mut outcomes = Vec::new();
        for (turn, answer) in answers {
            outcomes.push(answer.map(|held| self.keep(turn, held)));
        }
        outcomes
    }

    /// A turn that is held already was not refused whole.
    fn keep(&mut self, turn: u128, held: Held) {
        let Held::New(hold) = held else {
            panic!("turn {turn} was held before")
        };
        self.held.insert(turn, hold);
    }

    async fn send_one(&mut self, number: usize, command: Command) -> Result<(), LedgerError> {
        let (ledger, now) = (self.ledger.clone(), now(number));
        match command {
            Command::Ensure => {
                let plan = plan("studio", 20_000);
                ledger.ensure_pool(pool(), plan, BEGIN, now).await?;
            }
            Command::Hold(turn) => {
                let held = ledger.hold(request(turn, now), now).await?;
                self.keep(turn, held);
            }
            Command::Dispatch(turn) => {
                let hold = self.held.remove(&turn).unwrap();
                let sent = ledger.dispatch(hold, None, now).await?;
                self.sent.insert(turn, sent);
            }
            Command::NoteProviderOp(turn) => {
                let op = format!("op-{turn}");
                ledger.note_provider_op(&self.sent[&turn], op, now).await?;
            }
            Command::Renew(turn) => {
                let later = now.plus_millis(DAY_MS);
                ledger.renew(&self.sent[&turn], later, now).await?;
            }
            Command::HoldDispatched(turn) => {
                let sent = ledger.hold_dispatched(request(turn, now), now).await?;
                let Sent::New(sent) = sent else {
                    panic!("turn {turn} was held before")
                };
                self.sent.insert(turn, sent);
            }
            Command::Settle(turn, cost) => {
                let dispatch = &self.sent[&turn];
                let settled = ledger.settle(dispatch, reported(cost), now).await?;
                let (Resolution::Settled(charge) | Resolution::AlreadySettled(charge)) = settled
                else {
                    panic!("turn {turn} was given back: {settled:?}")
                };
                self.charged.insert(turn, charge.entries.first);
            }
            Command::Void(turn) => {
                ledger.void(&self.held[&turn], "stopped", now).await?;
            }
            Command::MarkUnknown(turn) => {
                ledger.mark_unknown(&self.sent[&turn], now).await?;
            }
            Command::Balance => {
                ledger.balance(pool(), now).await?;
            }
            Command::ExpireStale => {
                ledger.expire_stale(now).await?;
            }
            Command::Checkpoint => {
                ledger.checkpoint(pool(), &key(), now).await?;
            }
            order => self.order(number, order).await?,
        }
        Ok(())
    }

    async fn order(&mut self, number: usize, command: Command) -> Result<(), LedgerError> {
        let action = self.action(command);
        let order = Order {
            key: format!("order-{number}"),
            actor: "admin".to_owned(),
            reason: "a drill".to_owned(),
            approved_by: None,
        };
        let key = order.key.clone();
        let ordered = self.ledger.order(pool(), order, action, now(number));
        ordered.await?;
        if matches!(command, Command::TopUp(_)) {
            self.bought = key;
        }
        Ok(())
    }

    fn action(&self, command: Command) -> Action {
        match command {
            Command::TopUp(amount) => Action::Grant {
                kind: GrantKind::TopUp,
                amount: mc(amount),
                priority: 200,
                expires_at: None,
            },
            Command::TakeBack => Action::TakeBack {
                source: self.bought.clone(),
                cause: TakeBackCause::Refund,
            },
            Command::Adjust(change) => Action::Adjust {
                change: mc(change),
                expires_at: None,
            },
            Command::Refund(turn) => Action::Reverse {
                seq: self.charged[&turn],
                amount: Some(mc(20)),
            },
            Command::Budget(amount) => Action::ChangePlan {
                plan: plan("studio", amount),
                terms: PlanTerms::Budget,
            },
            Command::Freeze(frozen) => Action::SetFrozen { frozen },
            Command::MemberLimit(limit) => Action::SetMember {
                member: member(),
                limit: Some(mc(limit)),
            },
            Command::Envelope(cap) => Action::SetEnvelope {
                member: Some(member()),
                scope: EnvelopeScope::Modality(WorkKind::Chat),
                cap: mc(cap),
            },
            other => panic!("{other:?} is no order"),
        }
    }

    /// What a start has to be able to do: end what is open, and take a turn from hold to charge.
    pub(crate) async fn drill(&mut self) -> Result<(), LedgerError> {
        let (number, turn) = (COMMANDS, 1_000_000);
        for hold in self.ledger.open_holds().await? {
            self.ledger
                .void(&hold, "the power was cut", now(number))
                .await?;
        }
        self.send_one(0, Command::Ensure).await?;
        self.send_one(number, Command::Freeze(false)).await?;
        self.send_one(number, Command::Hold(turn)).await?;
        self.send_one(number, Command::Dispatch(turn)).await?;
        self.send_one(number, Command::Settle(turn, 60)).await?;
        let balance = self.ledger.balance(pool(), now(number)).await?;
        assert_eq!(balance.period.pending, mc(0));
        Ok(())
    }
}

fn plan(name: &str, millicredits: i64) -> PlanGrant {
    PlanGrant {
        plan: name.to_owned(),
        amount: mc(millicredits),
    }
}

fn key() -> CheckpointKey {
    CheckpointKey::from_secret(&[5; 32])
}

/// A ledger as its readers see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// All entries, all holds and the balance.
    pub(crate) changes: Changes,
    /// All signed heads.
    pub(crate) checkpoints: Vec<Checkpoint>,
}

/// What is there to see; nothing before there is a pool.
pub(crate) async fn observe(ledger: &Ledger) -> Result<Option<Seen>, LedgerError> {
    if ledger.pools().await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Seen {
        changes: ledger.changes(pool(), 0, 1_000).await?,
        checkpoints: ledger.checkpoints(pool()).await?,
    }))
}
