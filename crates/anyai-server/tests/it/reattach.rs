//! Listening again: from every number, early or late, the whole turn and nothing twice.

use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, EventFrame, TurnPhase};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::harness::{MODEL, TestStudio, assert_whole, frames};

#[tokio::test]
async fn from_every_number_the_rest_follows() {
    let studio = TestStudio::new().await;
    let prompt = "[[think:tokens=30]][[length:tokens=300]][[fault:slow tps=400]] Tell me";
    let post = studio.draft("claude-opus-5-5", prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    let live = studio.events(post.id, 0).await;
    assert!(live.len() > 5, "several events: {}", live.len());
    assert_whole(&studio.record(post.id).await, &live);
    for after in 0..=live.len() {
        let again = studio.events(post.id, after as u64).await;
        assert_eq!(again, live[after..], "after {after}");
    }
    studio.finish().await;
}

#[tokio::test]
async fn twenty_listeners_joining_at_any_time_hear_the_same() {
    let studio = TestStudio::new().await;
    let prompt = "[[length:tokens=300]][[fault:slow tps=500]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    let listeners = (0..20_u64).map(|at| {
        let studio = &studio;
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(at * 30)).await;
            studio.events(post.id, at % 3).await
        }
    });
    let heard: Vec<Vec<EventFrame>> = futures_util::future::join_all(listeners).await;
    let whole = studio.events(post.id, 0).await;
    for (at, heard) in heard.into_iter().enumerate() {
        assert_eq!(heard, whole[at % 3..], "listener {at}");
    }
    studio.finish().await;
}

#[tokio::test]
async fn a_client_that_goes_away_loses_nothing() {
    let studio = TestStudio::new().await;
    let prompt = "[[pause:after=20]][[length:tokens=120]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    let request = Request::builder()
        .method(Method::GET)
        .uri(format!("/v1/turns/{}/events", post.id))
        .header("authorization", format!("Bearer {}", studio.token))
        .body(Body::empty())
        .unwrap();
    let response = studio.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let seen = frames(std::str::from_utf8(&first).unwrap());
    drop(body);
    studio.simulator.until_paused(1).await;
    studio.simulator.resume();
    let rest = studio.events(post.id, seen.len() as u64).await;
    let turn = studio.record(post.id).await;
    assert!(
        matches!(turn.phase, TurnPhase::Settled { .. }),
        "{:?}",
        turn.phase
    );
    assert_whole(&turn, &[seen, rest].concat());
    studio.finish().await;
}

#[tokio::test]
async fn a_listener_that_falls_far_behind_reads_the_log_instead() {
    let studio = TestStudio::new().await;
    let prompt = "[[think:tokens=5]][[length:tokens=1000]][[fault:slow tps=120]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    let request = Request::builder()
        .uri(format!("/v1/turns/{}/events", post.id))
        .header("authorization", format!("Bearer {}", studio.token))
        .body(Body::empty())
        .unwrap();
    let response = studio.router.clone().oneshot(request).await.unwrap();
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let mut heard = frames(std::str::from_utf8(&first).unwrap());
    let whole = studio.events(post.id, 0).await;
    assert!(whole.len() > 260, "more than a backlog: {}", whole.len());
    let rest = body.collect().await.unwrap().to_bytes();
    heard.extend(frames(std::str::from_utf8(&rest).unwrap()));
    assert_eq!(heard, whole);
    studio.finish().await;
}

#[tokio::test]
async fn the_browsers_own_header_says_where_to_go_on() {
    let studio = TestStudio::new().await;
    let turn = studio
        .complete(&studio.draft(MODEL, "[[say:Hello.]] Hi").await)
        .await;
    let whole = studio.events(turn.id, 0).await;
    let request = Request::builder()
        .uri(format!("/v1/turns/{}/events", turn.id))
        .header("authorization", format!("Bearer {}", studio.token))
        .header("last-event-id", "1")
        .body(Body::empty())
        .unwrap();
    let answer = studio.call(request).await;
    assert_eq!(frames(&answer.text()), whole[1..]);
    let path = format!("/v1/turns/{}/events", uuid::Uuid::now_v7());
    let unknown = studio.raw(Method::GET, &path, Vec::new()).await;
    assert_eq!(unknown.error().code, Code::TurnNotFound);
    studio.finish().await;
}

#[tokio::test]
async fn whoever_heard_the_end_is_answered_as_after_it() {
    let studio = TestStudio::new().await;
    let mut last = studio.draft(MODEL, "[[say:One.]] Hi").await;
    let _: TurnRecord = studio.post(&last).await.ok();
    for _ in 0..8 {
        studio.events(last.id, 0).await;
        // At once: its end may still be on its way to the disk.
        let mut next = studio.draft(MODEL, "[[say:Another.]] And?").await;
        (next.conversation_id, next.parent_id) = (last.conversation_id, Some(last.id));
        let _: TurnRecord = studio.post(&next).await.ok();
        studio.events(next.id, 0).await;
        let turn = studio.record(next.id).await;
        assert!(
            matches!(turn.phase, TurnPhase::Settled { .. }),
            "{:?}",
            turn.phase
        );
        last = next;
    }
    studio.finish().await;
}
