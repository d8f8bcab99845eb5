//! Who shares the pool: members with tokens of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyai_ledger::{Action, Order, WorkKind, owner_key, owner_of};
use anyai_units::MemberId;
use anyai_wire::Code;
use anyai_wire::admin::{MemberMint, MemberMinted, MemberView, Members};
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use uuid::Uuid;

use super::orders;
use crate::access::{self, Caller, Owner};
use crate::answer::Failure;
use crate::extract::JsonBody;
use crate::studio::Studio;
use crate::turns::room;

/// GET `/v1/members`
pub(super) async fn list(
    State(studio): State<Arc<Studio>>,
    _: Owner,
) -> Result<Json<Members>, Failure> {
    let mut known: BTreeMap<MemberId, (u32, bool)> = BTreeMap::new();
    for caller in studio.access.callers() {
        let (tokens, owner) = known.entry(caller.member).or_default();
        *tokens += 1;
        *owner |= caller.owner;
    }
    for member in studio.ledger.members(studio.identity.pool).await? {
        known.entry(member.member).or_default();
    }
    let now = studio.clock.now();
    let mut members = Vec::with_capacity(known.len());
    for (member_id, (tokens, owner)) in known {
        members.push(MemberView {
            member_id,
            tokens,
            owner,
            room: room(&studio, member_id, None, WorkKind::Chat, now).await?,
        });
    }
    Ok(Json(Members { members }))
}

/// POST `/v1/members`
pub(super) async fn mint(
    State(studio): State<Arc<Studio>>,
    Owner(caller): Owner,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<MemberMint>,
) -> Result<Json<MemberMinted>, Failure> {
    let member_id = match wanted.member_id {
        Some(known) => known,
        None => MemberId::from_uuid(Uuid::now_v7()),
    };
    if member_id != caller.member {
        let approved_by = orders::approval(&studio, caller, &headers)?;
        let owners = owners(&studio).await?;
        check_mint(&owners, member_id, &wanted, approved_by.is_some())?;
        if wanted.owner {
            make_owner(&studio, caller, member_id, wanted.reason, approved_by).await?;
        }
    }
    let minted = access::mint(member_id, wanted.owner, studio.clock.now());
    let (token, row) = minted.map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
    studio.history.add_token(row.clone()).await?;
    studio.access.admit(row);
    Ok(Json(MemberMinted {
        member_id,
        token: token.expose().clone(),
    }))
}

/// The owners this ledger knows of: the first, those it was told of, and those who sign in here.
async fn owners(studio: &Studio) -> Result<BTreeSet<MemberId>, Failure> {
    let pool = studio.identity.pool;
    let mut owners = BTreeSet::from([studio.identity.owner]);
    let callers = studio.access.callers().into_iter();
    owners.extend(
        callers
            .filter(|known| known.owner)
            .map(|known| known.member),
    );
    let orders = studio.ledger.orders(pool).await?;
    owners.extend(orders.iter().filter_map(|made| owner_of(&made.order.key)));
    for member in studio.ledger.members(pool).await? {
        if member.is_removed {
            owners.remove(&member.member);
        }
    }
    Ok(owners)
}

/// An owner's token is theirs alone: whoever had it could agree with himself. One owner makes the second;
/// from then on another one agrees.
fn check_mint(
    owners: &BTreeSet<MemberId>,
    member: MemberId,
    wanted: &MemberMint,
    is_approved: bool,
) -> Result<(), Failure> {
    let refused = |message| Err(Failure::new(Code::OrderRefused, message));
    if owners.contains(&member) {
        return refused("an owner's tokens are minted by that owner alone; nothing was changed");
    }
    if wanted.owner && wanted.reason.trim().is_empty() {
        return refused("making an owner needs a reason (`--reason`); nothing was changed");
    }
    if wanted.owner && owners.len() > 1 && !is_approved {
        return refused(
            "there are two owners already, and another of them has to agree to a new one; nothing was changed",
        );
    }
    Ok(())
}

async fn make_owner(
    studio: &Studio,
    caller: Caller,
    member: MemberId,
    reason: String,
    approved_by: Option<String>,
) -> Result<(), Failure> {
    let order = Order {
        key: owner_key(member),
        actor: caller.member.to_string(),
        reason,
        approved_by,
    };
    let action = Action::MakeOwner { member };
    let (pool, now) = (studio.identity.pool, studio.clock.now());
    studio.ledger.order(pool, order, action, now).await?;
    Ok(())
}
