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

/// A person who was shown far more than the turns cost.
fn request(models: &[&str]) -> Value {
    let ceilings = models.iter().map(|model| (*model, Some(1_000_000)));
    shown(&ceilings.collect::<Vec<_>>(), 4_000_000)
}

fn shown(lanes: &[(&str, Option<i64>)], total: i64) -> Value {
    let lanes: Vec<Value> = lanes
        .iter()
        .map(|(model, ceiling)| json!({"model_id": model, "effort": null, "ceiling": ceiling}))
        .collect();
    json!({
        "conversation_id": null, "parent_id": null, "lanes": lanes, "ceiling": total,
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

fn ceiling_of(total: &CompareQuote, lane: usize) -> i64 {
    total.lanes[lane].ceiling.millicredits()
}

#[tokio::test]
async fn a_comparison_is_sent_as_it_was_shown() {
    let world = World::new();
    let running = world.open().await;
    let total = compare_quote(&running, &MODELS).await;
    let lanes = [0, 1].map(|lane| (MODELS[lane], Some(ceiling_of(&total, lane))));
    let request = shown(&lanes, total.ceiling.millicredits());
    let compared: Compared = running.run("compare_send", request).await;
    assert_eq!(compared.refused, []);
    assert_eq!(compared.sent.len(), 2);
}

/// The second has what the first leaves, although the balance has not heard of the first yet.
#[tokio::test]
async fn a_lane_that_is_limited_by_the_others_is_sent_as_limited() {
    let world = World::new();
    let running = world.open().await;
    let whole = compare_quote(&running, &MODELS).await;
    let available = whole.ceiling.millicredits() - 1_000;
    world.server.change(|state| {
        state.balance.available = Credits::from_millicredits(available);
        state.add_entries(1);
    });
    let arrived = || async {
        compare_quote(&running, &MODELS)
            .await
            .available
            .millicredits()
            == available
    };
    until("the balance has arrived", arrived).await;
    let total = compare_quote(&running, &MODELS).await;
    assert!(matches!(total.lanes[1].fit, Fit::Limited { .. }));
    let lanes = [0, 1].map(|lane| (MODELS[lane], Some(ceiling_of(&total, lane))));
    let request = shown(&lanes, total.ceiling.millicredits());
    let compared: Compared = running.run("compare_send", request).await;
    assert_eq!(compared.refused, []);
    let posted = world.server.posted();
    assert_eq!(posted[1].estimate.ceiling, total.lanes[1].ceiling);
}

#[tokio::test]
async fn a_lane_that_may_cost_more_than_it_was_shown_is_not_sent() {
    let world = World::new();
    let running = world.open().await;
    let total = compare_quote(&running, &MODELS).await;
    let all = total.ceiling.millicredits();
    let (first, second) = (ceiling_of(&total, 0), ceiling_of(&total, 1));
    let dearer = [(MODELS[0], Some(first - 1)), (MODELS[1], Some(second))];
    let beyond = [(MODELS[0], Some(first)), (MODELS[1], Some(second))];
    let unfit = [(MODELS[0], None), (MODELS[1], Some(second))];
    for (lanes, total, refused, code) in [
        (dearer, all, MODELS[0], Code::RateCardChanged),
        (beyond, all - 1, MODELS[1], Code::RateCardChanged),
        (unfit, all, MODELS[0], Code::InsufficientCredits),
    ] {
        let compared: Compared = running.run("compare_send", shown(&lanes, total)).await;
        assert_eq!(compared.sent.len(), 1, "{lanes:?}");
        assert_eq!(compared.refused[0].model_id, refused);
        assert_eq!(compared.refused[0].error.code, code);
    }
    assert_eq!(world.server.posted().len(), 3);
}
