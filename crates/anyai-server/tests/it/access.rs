//! Tokens: who comes in, and who may do what.

use anyai_server::OwnerAccess;
use anyai_wire::api::Hello;
use anyai_wire::{Balance, Code, PlanChoose};
use axum::body::Body;
use http::{Method, Request, StatusCode};

use crate::harness::TestStudio;

#[tokio::test]
async fn only_a_whole_right_token_opens() {
    let studio = TestStudio::new().await;
    let right = studio.token.clone();
    assert_eq!(right.len(), "anyai_".len() + 64, "256 bits");
    let half = right[..right.len() - 1].to_owned();
    for presented in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Basic {right}")),
        Some(format!("Bearer {half}")),
        Some(format!("Bearer {right}0")),
        Some(format!("Bearer {}", right.to_uppercase())),
    ] {
        let mut request = Request::builder().uri("/v1/hello");
        if let Some(presented) = &presented {
            request = request.header("authorization", presented);
        }
        let answer = studio.call(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{presented:?}");
        assert_eq!(answer.error().code, Code::TokenRejected);
    }
    let hello: Hello = studio.get("/v1/hello").await;
    assert_eq!(hello.program, "any-ai-studio");
    assert!(hello.owner && hello.simulated);
    studio.finish().await;
}

#[tokio::test]
async fn a_kept_token_is_shown_once_stored_as_a_hash_and_works_after_a_restart() {
    let mut studio = TestStudio::new().await;
    studio.crash();
    let kept = || OwnerAccess::Kept;
    let mut options = studio.options();
    options.owner_access = kept();
    studio.open_with(options).await.unwrap();
    let token = studio.token.clone();
    assert!(
        studio.server().owner_token().is_some(),
        "minted in this run"
    );
    studio.close_files().await;
    for entry in std::fs::read_dir(studio.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let there = bytes
                .windows(token.len())
                .any(|bytes| bytes == token.as_bytes());
            assert!(!there, "{} holds the token", path.display());
        }
    }
    let mut options = studio.options();
    options.owner_access = kept();
    studio.open_with(options).await.unwrap();
    assert!(studio.server().owner_token().is_none(), "it is shown once");
    let hello: Hello = studio.get("/v1/hello").await;
    assert!(hello.owner);
    studio.finish().await;
}

#[tokio::test]
async fn a_token_of_this_run_is_worth_nothing_in_the_next() {
    let mut studio = TestStudio::new().await;
    let old = studio.token.clone();
    studio.crash();
    studio.open().await.unwrap();
    let new = std::mem::replace(&mut studio.token, old);
    let answer = studio.raw(Method::GET, "/v1/hello", Vec::new()).await;
    assert_eq!(answer.error().code, Code::TokenRejected);
    studio.token = new;
    studio.finish().await;
}

#[tokio::test]
async fn a_member_may_use_the_studio_but_not_change_plan_or_keys() {
    let mut studio = TestStudio::new().await;
    let member = studio.server().mint_token(false).await.unwrap();
    let owner = std::mem::replace(&mut studio.token, member.expose().clone());
    let hello: Hello = studio.get("/v1/hello").await;
    assert!(!hello.owner);
    let plan = PlanChoose {
        plan_id: "max".to_owned(),
    };
    let key = serde_json::json!({"key": "sk-x", "keep": "session"});
    for answer in [
        studio.json(Method::PUT, "/v1/plan", &plan).await,
        studio
            .json(Method::PUT, "/v1/providers/anthropic/key", &key)
            .await,
        studio
            .raw(Method::DELETE, "/v1/providers/anthropic/key", Vec::new())
            .await,
    ] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.error().code, Code::NotAllowed);
    }
    let turn = studio
        .complete(&studio.draft(crate::harness::MODEL, "[[say:Hi.]] Hi").await)
        .await;
    assert_eq!(turn.text, "Hi.");
    studio.token = owner;
    studio.finish().await;
}

#[tokio::test]
async fn the_owner_chooses_the_plan_and_less_never_takes_what_is_spent() {
    let studio = TestStudio::with_plan("free").await;
    studio
        .complete(&studio.draft(crate::harness::MODEL, "[[say:Hi.]] Hi").await)
        .await;
    let spent = studio.balance().await.posted;
    let choose = |plan_id: &str| PlanChoose {
        plan_id: plan_id.to_owned(),
    };
    let more: Balance = studio
        .json(Method::PUT, "/v1/plan", &choose("pro"))
        .await
        .ok();
    assert_eq!(more.granted.millicredits(), 2_000_000);
    assert_eq!(more.posted, spent);
    let less: Balance = studio
        .json(Method::PUT, "/v1/plan", &choose("free"))
        .await
        .ok();
    assert_eq!(less.granted.millicredits(), 100_000);
    assert_eq!(less.available, less.granted.checked_sub(spent).unwrap());
    let unknown = studio.json(Method::PUT, "/v1/plan", &choose("gold")).await;
    assert_eq!(unknown.error().code, Code::PlanUnknown);
    studio.finish().await;
}
