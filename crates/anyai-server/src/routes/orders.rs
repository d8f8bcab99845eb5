//! `/v1/orders`: what people with authority have the ledger do.

use std::collections::HashMap;
use std::sync::Arc;

use anyai_ledger::{self as ledger, Action, Order, PlanGrant};
use anyai_wire::admin::{
    APPROVAL_HEADER, EnvelopeScope, EnvelopeView, Envelopes, GrantKind, OrderAction, OrderDone,
    OrderPost, OrderView, Orders, PlanTerms, TakeBackCause,
};
use anyai_wire::{Code, WireError};
use axum::Json;
use axum::extract::State;
use http::HeaderMap;

use crate::access::{Caller, Owner};
use crate::answer::Failure;
use crate::credits::{wire_balance, wire_entry};
use crate::extract::JsonBody;
use crate::studio::Studio;

/// A plan's month has 100. A gift is used up before it, what was bought after it.
const PROMO_PRIORITY: u32 = 50;
const TOPUP_PRIORITY: u32 = 200;

pub(super) async fn post(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(post): JsonBody<OrderPost>,
) -> Result<Json<OrderDone>, Failure> {
    if post.key.trim().is_empty() || post.reason.trim().is_empty() {
        let message = "an order needs a key and a reason (`--reason`); nothing was changed";
        return Err(Failure::new(Code::OrderRefused, message));
    }
    check_caller(&studio, caller, &post.action).await?;
    if post.action
        == (OrderAction::RemoveMember {
            member_id: caller.member,
        })
    {
        let message = "nobody takes themselves out of the pool; nothing was changed";
        return Err(Failure::new(Code::OrderRefused, message));
    }
    let order = Order {
        key: post.key,
        actor: caller.member.to_string(),
        reason: post.reason,
        approved_by: approval(&studio, caller, &headers)?,
    };
    let now = studio.clock.now();
    let pool = studio.identity.pool;
    let done = match post.action {
        OrderAction::RemoveMember { member_id } => {
            let removed = studio.ledger.remove_member(pool, member_id, order, now);
            let done = removed.await?.ordered;
            studio.history.forget_tokens(member_id).await?;
            studio.access.dismiss(member_id);
            done
        }
        other => {
            let action = action(&studio, other)?;
            studio.ledger.order(pool, order, action, now).await?
        }
    };
    let turns = HashMap::new();
    Ok(Json(OrderDone {
        granted: done.granted(),
        revoked: done.revoked(),
        envelope: done.envelope(),
        balance: wire_balance(&done.balance, now),
        entries: done
            .entries
            .into_iter()
            .map(|entry| wire_entry(entry, &turns))
            .collect(),
    }))
}

/// GET `/v1/orders`: the audit trail, from the first.
pub(super) async fn list(
    State(studio): State<Arc<Studio>>,
    _: Owner,
) -> Result<Json<Orders>, Failure> {
    let records = studio.ledger.orders(studio.identity.pool).await?;
    let view = |record: ledger::OrderRecord| OrderView {
        key: record.order.key,
        actor: record.order.actor,
        reason: record.order.reason,
        approved_by: record.order.approved_by,
        first_sequence: record.entries.first,
        last_sequence: record.entries.last,
    };
    Ok(Json(Orders {
        orders: records.into_iter().map(view).collect(),
    }))
}

/// GET `/v1/envelopes`: everybody's, and the caller's own; an owner sees all.
pub(super) async fn envelopes(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
) -> Result<Json<Envelopes>, Failure> {
    let all = studio.ledger.envelopes(studio.identity.pool).await?;
    let is_theirs = |envelope: &ledger::Envelope| {
        let member = envelope.member.unwrap_or(caller.member);
        !envelope.is_removed && (caller.owner || member == caller.member)
    };
    let view = |envelope: ledger::Envelope| EnvelopeView {
        envelope: envelope.no,
        member_id: envelope.member,
        scope: wire_scope(envelope.scope),
        cap: envelope.cap,
    };
    let envelopes = all.into_iter().filter(is_theirs).map(view).collect();
    Ok(Json(Envelopes { envelopes }))
}

/// Members order their own envelopes; all else is an owner's.
async fn check_caller(
    studio: &Studio,
    caller: Caller,
    action: &OrderAction,
) -> Result<(), Failure> {
    let is_own = match action {
        OrderAction::SetEnvelope { member_id, .. } => *member_id == Some(caller.member),
        OrderAction::RemoveEnvelope { envelope } => {
            let envelopes = studio.ledger.envelopes(studio.identity.pool).await?;
            let found = envelopes.iter().find(|known| known.no == *envelope);
            found.is_some_and(|known| known.member == Some(caller.member))
        }
        _ => false,
    };
    if caller.owner || is_own {
        return Ok(());
    }
    let message = "only the studio's owner may order that; nothing was changed";
    Err(Failure::new(Code::NotAllowed, message))
}

/// Who agreed, by an owner's token of their own.
pub(super) fn approval(
    studio: &Studio,
    caller: Caller,
    headers: &HeaderMap,
) -> Result<Option<String>, Failure> {
    let Some(token) = headers.get(APPROVAL_HEADER) else {
        return Ok(None);
    };
    let second = token
        .to_str()
        .ok()
        .and_then(|token| studio.access.caller(token.trim()));
    match second {
        Some(second) if second.owner && second.member != caller.member => {
            Ok(Some(second.member.to_string()))
        }
        _ => {
            let message = "an approval is the token of another owner; nothing was changed";
            Err(Failure::new(Code::OrderRefused, message))
        }
    }
}

fn action(studio: &Studio, action: OrderAction) -> Result<Action, WireError> {
    Ok(match action {
        OrderAction::Grant {
            grant,
            amount,
            expires_at,
        } => {
            let (kind, priority) = match grant {
                GrantKind::Topup => (ledger::GrantKind::TopUp, TOPUP_PRIORITY),
                GrantKind::Promo => (ledger::GrantKind::Promo, PROMO_PRIORITY),
            };
            Action::Grant {
                kind,
                amount,
                priority,
                expires_at,
            }
        }
        OrderAction::Adjust { change, expires_at } => Action::Adjust { change, expires_at },
        OrderAction::Reverse { sequence, amount } => Action::Reverse {
            seq: sequence,
            amount,
        },
        OrderAction::TakeBack { source, cause } => Action::TakeBack {
            source,
            cause: match cause {
                TakeBackCause::Refund => ledger::TakeBackCause::Refund,
                TakeBackCause::Chargeback => ledger::TakeBackCause::Chargeback,
            },
        },
        OrderAction::SetFrozen { frozen } => Action::SetFrozen { frozen },
        OrderAction::ChangePlan { plan_id, terms } => Action::ChangePlan {
            plan: plan(studio, &plan_id)?,
            terms: match terms {
                PlanTerms::Budget => ledger::PlanTerms::Budget,
                PlanTerms::Subscription => ledger::PlanTerms::Subscription,
            },
        },
        OrderAction::SetMember { member_id, limit } => Action::SetMember {
            member: member_id,
            limit,
        },
        OrderAction::RemoveMember { member_id } => Action::RemoveMember { member: member_id },
        OrderAction::SetEnvelope {
            member_id,
            scope,
            cap,
        } => Action::SetEnvelope {
            member: member_id,
            scope: envelope_scope(&scope)?,
            cap,
        },
        OrderAction::RemoveEnvelope { envelope } => Action::RemoveEnvelope { no: envelope },
    })
}

/// The plan of the catalogue, with what it grants.
pub(super) fn plan(studio: &Studio, plan_id: &str) -> Result<PlanGrant, WireError> {
    let prices = studio.prices.get();
    let Some(plan) = prices.catalogue().plan(plan_id) else {
        let message = format!("there is no plan {plan_id:?}");
        return Err(WireError::new(Code::PlanUnknown, message));
    };
    Ok(PlanGrant {
        plan: plan.id.clone(),
        amount: plan.monthly_allowance,
    })
}

fn wire_scope(scope: ledger::EnvelopeScope) -> EnvelopeScope {
    match scope {
        ledger::EnvelopeScope::Day { utc_offset_minutes } => {
            EnvelopeScope::Day { utc_offset_minutes }
        }
        ledger::EnvelopeScope::Conversation(conversation_id) => {
            EnvelopeScope::Conversation { conversation_id }
        }
        ledger::EnvelopeScope::Modality(kind) => EnvelopeScope::Modality {
            work: kind.as_str().to_owned(),
        },
    }
}

fn envelope_scope(scope: &EnvelopeScope) -> Result<ledger::EnvelopeScope, WireError> {
    Ok(match scope {
        EnvelopeScope::Day { utc_offset_minutes } => ledger::EnvelopeScope::Day {
            utc_offset_minutes: *utc_offset_minutes,
        },
        EnvelopeScope::Conversation { conversation_id } => {
            ledger::EnvelopeScope::Conversation(*conversation_id)
        }
        EnvelopeScope::Modality { work } => {
            let kind = ledger::WorkKind::parse(work).ok_or_else(|| {
                let message = format!("{work:?} is no kind of work: chat, image or video");
                WireError::new(Code::OrderRefused, message)
            })?;
            ledger::EnvelopeScope::Modality(kind)
        }
    })
}
