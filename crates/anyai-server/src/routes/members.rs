//! Who shares the pool: members with tokens of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyai_ledger::WorkKind;
use anyai_units::MemberId;
use anyai_wire::Code;
use anyai_wire::admin::{MemberMint, MemberMinted, MemberView, Members};
use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::access::{self, Owner};
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
    _: Owner,
    JsonBody(wanted): JsonBody<MemberMint>,
) -> Result<Json<MemberMinted>, Failure> {
    let member_id = match wanted.member_id {
        Some(known) => known,
        None => MemberId::from_uuid(Uuid::now_v7()),
    };
    let minted = access::mint(member_id, wanted.owner, studio.clock.now());
    let (token, row) = minted.map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
    studio.history.add_token(row.clone()).await?;
    studio.access.admit(row);
    Ok(Json(MemberMinted {
        member_id,
        token: token.expose().clone(),
    }))
}
