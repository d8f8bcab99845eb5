//! One prompt on several models: one total, sibling turns, and what does not fit is not sent.

use anyai_units::Credits;
use anyai_wire::{Code, CompareQuote, Compared, Fit, Quote, WireError};
use serde_json::{Value, json};

use crate::studio::{Running, World, not_enough, until};

const MODELS: [&str; 2] = ["gpt-5.4", "claude-haiku-4-5"];

fn draft(text: &str) -> Value {
    json!({
        "revision": 3, "conversation_id": null, "parent_id": null,
        "parts": [{"kind": "text", "text": text}], "effort_by_model": {},
    })
}

async fn compare_quote(running: &Running, models: &[&str]) -> CompareQuote {
    let request = json!({"draft": draft("How do tides work?"), "model_ids": models});
    running.run("compare_quote", request).await
}

fn request(models: &[&str]) -> Value {
    let lanes: Vec<Value> = models
        .iter()
        .map(|model| json!({"model_id": model, "effort": null}))
        .collect();
    json!({
        "conversation_id": null, "parent_id": null, "lanes": lanes,
        "parts": [{"kind": "text", "text": "How do tides work?"}],
    })
}

#[tokio::test]
async fn the_total_is_the_sum_of_the_lanes_each_within_what_is_left() {
    let world = World::new();
    let running = world.open().await;
    let alone: Quote = running.run("quote", draft("How do tides work?")).await;
    let single = |id: &str| {
        let found = alone.models.iter().find(|model| model.model_id == id);
        found.unwrap().clone()
    };
    let total = compare_quote(&running, &MODELS).await;
    assert_eq!(total.revision, 3);
    assert_eq!(total.lanes[0], single(MODELS[0]), "the first has the pool");
    let sum = |of: fn(&anyai_wire::ModelQuote) -> Credits| {
        let amounts = total.lanes.iter().map(|lane| of(lane).millicredits());
        Credits::from_millicredits(amounts.sum())
    };
    assert_eq!(total.likely, sum(|lane| lane.likely));
    assert_eq!(total.ceiling, sum(|lane| lane.ceiling));
    assert!(total.ceiling <= total.available);
}

#[tokio::test]
async fn a_lane_the_others_leave_nothing_for_says_so_and_costs_nothing() {
    let world = World::new();
    let running = world.open().await;
    let alone: Quote = running.run("quote", draft("How do tides work?")).await;
    let first = alone
        .models
        .iter()
        .find(|model| model.model_id == MODELS[0]);
    let ceiling = first.unwrap().ceiling;
    world.server.change(|state| {
        state.balance.available = ceiling;
        state.add_entries(1);
    });
    let left = || async { compare_quote(&running, &MODELS).await.available == ceiling };
    until("the balance has arrived", left).await;
    let total = compare_quote(&running, &MODELS).await;
    assert!(matches!(total.lanes[1].fit, Fit::DoesNotFit { .. }));
    assert_eq!(
        (total.likely, total.ceiling),
        (total.lanes[0].likely, ceiling)
    );
}

#[tokio::test]
async fn lanes_are_siblings_in_one_conversation() {
    let world = World::new();
    let running = world.open().await;
    let compared: Compared = running.run("compare_send", request(&MODELS)).await;
    assert_eq!(compared.refused, []);
    let [first, second] = compared.sent.as_slice() else {
        panic!("two turns: {compared:?}");
    };
    assert_eq!(first.conversation_id, second.conversation_id);
    assert_eq!((first.parent_id, second.parent_id), (None, None));
    let models: Vec<_> = world
        .server
        .posted()
        .into_iter()
        .map(|post| post.model_id)
        .collect();
    assert_eq!(models, MODELS);
}

#[tokio::test]
async fn what_is_not_offered_is_told_and_the_rest_is_sent() {
    let world = World::new();
    let running = world.open().await;
    let compared: Compared = running
        .run("compare_send", request(&["no-such-model", MODELS[1]]))
        .await;
    assert_eq!(compared.sent.len(), 1);
    assert_eq!(compared.refused[0].model_id, "no-such-model");
    assert_eq!(compared.refused[0].error.code, Code::ModelUnknown);
}

#[tokio::test]
async fn nothing_sent_is_a_refusal_and_one_to_four_are_compared() {
    let world = World::new();
    let running = world.open().await;
    let status = http::StatusCode::PAYMENT_REQUIRED;
    world.server.state().refuse_all = Some((status, not_enough()));
    let error: WireError = running.refused("compare_send", request(&MODELS)).await;
    assert_eq!(error.code, Code::InsufficientCredits);
    world.server.state().refuse_all = None;
    for models in [&[][..], &["gpt-5.4"; 5][..]] {
        let error = running.refused("compare_send", request(models)).await;
        assert_eq!(error.code, Code::BadRequest);
    }
}
