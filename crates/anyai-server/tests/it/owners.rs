//! Owners: made by an order, two persons after a day, and their tokens their own.

use std::sync::atomic::Ordering;

use anyai_ledger::OWNER_COUNTS_AFTER_MS;
use anyai_units::{Credits, MemberId};
use anyai_wire::Code;
use anyai_wire::admin::{
    APPROVAL_HEADER, MemberMint, MemberMinted, Members, OrderAction, OrderDone, Orders,
};
use axum::body::Body;
use http::{Method, Request};

use crate::harness::{Answer, TestStudio};
use crate::orders::{mint, order, send, send_as};

/// Asks for an owner's token, with a token of one's own and perhaps somebody's approval.
async fn mint_as(
    studio: &TestStudio,
    token: &str,
    approval: Option<&str>,
    wanted: &MemberMint,
) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri("/v1/members")
        .header("authorization", format!("Bearer {token}"));
    if let Some(approval) = approval {
        request = request.header(APPROVAL_HEADER, approval);
    }
    let body = Body::from(serde_json::to_vec(wanted).unwrap());
    studio.call(request.body(body).unwrap()).await
}

fn owner(member_id: Option<MemberId>, reason: &str) -> MemberMint {
    MemberMint {
        member_id,
        owner: true,
        reason: reason.to_owned(),
    }
}

fn much(key: &str) -> anyai_wire::admin::OrderPost {
    let change = Credits::from_whole(10_001).unwrap();
    let adjust = OrderAction::Adjust {
        change,
        expires_at: None,
    };
    order(key, adjust)
}

#[tokio::test]
async fn who_makes_an_owner_does_not_agree_with_himself_through_him() {
    let studio = TestStudio::new().await;
    let own = studio.token.clone();
    let second = mint(&studio, true).await;
    for (who, agrees) in [(&own, &second.token), (&second.token, &own)] {
        let answer = send_as(&studio, who, Some(agrees), &much("large")).await;
        assert_eq!(answer.error().code, Code::OrderRefused);
    }
    let trail: Orders = studio.get("/v1/orders").await;
    let made = &trail.orders[0];
    assert_eq!(made.key, format!("owner:{}", second.member_id));
    assert_eq!(made.reason, "a test wants it");
    studio
        .now
        .fetch_add(OWNER_COUNTS_AFTER_MS, Ordering::SeqCst);
    let answer = send_as(&studio, &own, Some(&second.token), &much("large")).await;
    let _: OrderDone = answer.ok();
    studio.finish().await;
}

#[tokio::test]
async fn a_third_owner_is_made_by_two() {
    let studio = TestStudio::new().await;
    let own = studio.token.clone();
    let nothing_said = mint_as(&studio, &own, None, &owner(None, " ")).await;
    assert_eq!(nothing_said.error().code, Code::OrderRefused);
    let second = mint(&studio, true).await;
    studio
        .now
        .fetch_add(OWNER_COUNTS_AFTER_MS, Ordering::SeqCst);
    let third = owner(None, "a third");
    let alone = mint_as(&studio, &own, None, &third).await;
    assert_eq!(alone.error().code, Code::OrderRefused);
    let agreed = mint_as(&studio, &own, Some(&second.token), &third).await;
    let third: MemberMinted = agreed.ok();
    studio.members.lock().unwrap().push(third.token);
    let trail: Orders = studio.get("/v1/orders").await;
    let last = trail.orders.last().unwrap();
    assert_eq!(last.approved_by, Some(second.member_id.to_string()));

    // Two are one again when the others have gone.
    for member_id in [second.member_id, third.member_id] {
        let out = OrderAction::RemoveMember { member_id };
        let _: OrderDone = send(&studio, &order(&member_id.to_string(), out))
            .await
            .ok();
    }
    mint(&studio, true).await;
    studio.finish().await;
}

#[tokio::test]
async fn an_owners_tokens_are_minted_by_that_owner_alone() {
    let studio = TestStudio::new().await;
    let own = studio.token.clone();
    let second = mint(&studio, true).await;
    let members: Members = studio.get("/v1/members").await;
    let of_owners = members.members.iter().filter(|member| member.owner);
    assert_eq!(of_owners.count(), 2);
    for is_owner in [true, false] {
        let wanted = MemberMint {
            owner: is_owner,
            ..owner(Some(second.member_id), "lost")
        };
        let refused = mint_as(&studio, &own, None, &wanted).await;
        assert_eq!(refused.error().code, Code::OrderRefused);
        let another: MemberMinted = mint_as(&studio, &second.token, None, &wanted).await.ok();
        assert_eq!(another.member_id, second.member_id);
    }
    let planted = order(
        &format!("owner:{}", second.member_id),
        OrderAction::SetFrozen { frozen: true },
    );
    assert_eq!(
        send(&studio, &planted).await.error().code,
        Code::OrderRefused
    );
    studio.finish().await;
}
