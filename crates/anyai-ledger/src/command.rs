//! Commands as values: what a writer queues, and the state machine's one entrance.

use anyai_units::{HoldId, PoolId, UtcMillis};

use crate::{
    Action, Balance, Checkpoint, CostReport, HoldRecord, HoldRequest, Lapse, Order, Ordered,
    Placed, PlanGrant, Refusal, Resolution, Store,
};

/// Something to do to one pool. Every command may be sent again: a turn's by its ids, the others by
/// their key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// [`crate::ensure_pool`]
    EnsurePool {
        /// The pool.
        pool: PoolId,
        /// Its plan, when it is made.
        plan: PlanGrant,
        /// What its periods are counted from.
        anchor: UtcMillis,
    },
    /// [`crate::balance`]
    Balance {
        /// The pool.
        pool: PoolId,
    },
    /// [`crate::carry_out`]
    Order {
        /// The pool.
        pool: PoolId,
        /// Who wants it, and why.
        order: Order,
        /// What is wanted.
        action: Action,
    },
    /// [`crate::hold`]
    Hold(HoldRequest),
    /// [`crate::hold_dispatched`]
    HoldDispatched(HoldRequest),
    /// What is done to a hold.
    OnHold {
        /// The pool that pays.
        pool: PoolId,
        /// The hold.
        hold: HoldId,
        /// What.
        step: HoldStep,
    },
    /// [`crate::put_checkpoint`]
    Checkpoint(Checkpoint),
}

/// Something to do to one hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldStep {
    /// [`crate::dispatch`]
    Dispatch {
        /// The provider's name for the work, when it is known already.
        provider_op: Option<String>,
    },
    /// [`crate::note_provider_op`]
    NoteProviderOp {
        /// The provider's name for the work.
        provider_op: String,
    },
    /// [`crate::renew`]
    Renew {
        /// Until when it may stay unresolved.
        expires_at: UtcMillis,
    },
    /// [`crate::mark_unknown`]
    MarkUnknown,
    /// [`crate::settle`]
    Settle(CostReport),
    /// [`crate::void`]
    Void {
        /// Why.
        reason: String,
    },
    /// [`crate::expire`]
    Expire,
}

/// What a command answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Where the pool stands.
    Balance(Box<Balance>),
    /// The order is carried out.
    Ordered(Box<Ordered>),
    /// The hold that was asked for.
    Placed(Box<Placed>),
    /// The hold as it is now.
    Hold(Box<HoldRecord>),
    /// How the hold ended.
    Resolution(Box<Resolution>),
    /// What time did to the hold.
    Lapse(Lapse),
    /// It is done.
    Done,
}

impl Command {
    /// The pool it is about. All commands of one pool go through one writer.
    #[must_use]
    pub const fn pool(&self) -> PoolId {
        match self {
            Self::EnsurePool { pool, .. }
            | Self::Balance { pool }
            | Self::Order { pool, .. }
            | Self::OnHold { pool, .. } => *pool,
            Self::Hold(request) | Self::HoldDispatched(request) => request.pool,
            Self::Checkpoint(checkpoint) => checkpoint.pool,
        }
    }

    /// The hold it reads, so that a store can fetch the holds of a whole batch at once.
    #[must_use]
    pub fn hold(&self) -> Option<HoldId> {
        match self {
            Self::Hold(request) | Self::HoldDispatched(request) => {
                Some(crate::hold_id(request.pool, request.turn))
            }
            Self::OnHold { hold, .. } => Some(*hold),
            _ => None,
        }
    }

    /// Whether it needs a transaction of its own: it asks for more than a batch keeps copies of.
    #[must_use]
    pub const fn runs_alone(&self) -> bool {
        matches!(
            self,
            Self::EnsurePool { .. } | Self::Order { .. } | Self::Checkpoint(_)
        )
    }

    /// Carries it out.
    ///
    /// # Errors
    /// What the command's own function says.
    pub fn run<S: Store>(&self, store: &mut S, now: UtcMillis) -> Result<Answer, S::Error> {
        let balance = match self {
            Self::EnsurePool { pool, plan, anchor } => {
                crate::ensure_pool(store, *pool, plan.clone(), *anchor, now)?
            }
            Self::Balance { pool } => crate::balance(store, *pool, now)?,
            Self::Order {
                pool,
                order,
                action,
            } => {
                let ordered = crate::carry_out(store, *pool, order, action, now)?;
                return Ok(Answer::Ordered(Box::new(ordered)));
            }
            Self::Hold(request) => return placed(crate::hold(store, request, now)?),
            Self::HoldDispatched(request) => {
                return placed(crate::hold_dispatched(store, request, now)?);
            }
            Self::OnHold { pool, hold, step } => return step.run(store, *pool, *hold, now),
            Self::Checkpoint(checkpoint) => {
                crate::put_checkpoint(store, *checkpoint)?;
                return Ok(Answer::Done);
            }
        };
        Ok(Answer::Balance(Box::new(balance)))
    }
}

impl HoldStep {
    fn run<S: Store>(
        &self,
        store: &mut S,
        pool: PoolId,
        hold: HoldId,
        now: UtcMillis,
    ) -> Result<Answer, S::Error> {
        let is_its = store.hold(hold)?.is_some_and(|record| record.pool == pool);
        if !is_its {
            return Err(Refusal::UnknownHold { hold }.into());
        }
        let record = match self {
            Self::Dispatch { provider_op } => {
                crate::dispatch(store, hold, provider_op.clone(), now)?
            }
            Self::NoteProviderOp { provider_op } => {
                crate::note_provider_op(store, hold, provider_op.clone())?;
                return Ok(Answer::Done);
            }
            Self::Renew { expires_at } => crate::renew(store, hold, *expires_at)?,
            Self::MarkUnknown => crate::mark_unknown(store, hold, now)?,
            Self::Settle(report) => return resolved(crate::settle(store, hold, *report, now)?),
            Self::Void { reason } => return resolved(crate::void(store, hold, reason, now)?),
            Self::Expire => return Ok(Answer::Lapse(crate::expire(store, hold, now)?)),
        };
        Ok(Answer::Hold(Box::new(record)))
    }
}

fn placed<E>(placed: Placed) -> Result<Answer, E> {
    Ok(Answer::Placed(Box::new(placed)))
}

fn resolved<E>(resolution: Resolution) -> Result<Answer, E> {
    Ok(Answer::Resolution(Box::new(resolution)))
}
