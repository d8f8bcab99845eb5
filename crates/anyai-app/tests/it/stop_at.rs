//! A turn is stopped where its person said, by the app, once.

use anyai_units::Credits;
use anyai_wire::{Empty, StopAt, StopReason, TurnPhase, TurnView};
use serde_json::json;

use crate::studio::{Running, World, turn, until};

const LIMIT: i64 = 3_000;

async fn send_with_limit(running: &Running) -> TurnView {
    let mut request = turn("Tell me a long story");
    request["stop_at"] = json!(LIMIT);
    running.run("turn_send", request).await
}

async fn stopped(running: &Running, view: &TurnView) -> bool {
    let phase = running.turn(view).await.phase;
    matches!(
        phase,
        TurnPhase::Settled {
            stop_reason: StopReason::Stopped,
            ..
        }
    )
}

const fn limit(reached: bool) -> Option<StopAt> {
    Some(StopAt {
        credits: Credits::from_millicredits(LIMIT),
        reached,
    })
}

#[tokio::test]
async fn a_turn_ends_when_it_has_cost_what_it_may() {
    let world = World::new();
    let running = world.open().await;
    let view = send_with_limit(&running).await;
    assert_eq!(view.stop_at, limit(false));
    world.server.say(view.id, "Once ");
    world.server.spend(view.id, LIMIT - 1);
    world.server.say(view.id, "upon ");
    let heard = || async { running.turn(&view).await.text.ends_with("upon ") };
    until("the words below the limit are shown", heard).await;
    assert!(!stopped(&running, &view).await, "below its limit it runs");
    world.server.spend(view.id, LIMIT);
    until("it is stopped", || stopped(&running, &view)).await;
    let reached = || async { running.turn(&view).await.stop_at == limit(true) };
    until("and told so", reached).await;
}

#[tokio::test]
async fn a_limit_is_set_and_taken_away_while_the_turn_runs() {
    let world = World::new();
    let running = world.open().await;
    let view = send_with_limit(&running).await;
    let set = |credits: Option<i64>| json!({"turn_id": view.id, "credits": credits});
    running.run::<Empty>("turn_stop_at", set(None)).await;
    world.server.spend(view.id, LIMIT * 2);
    world.server.say(view.id, "On and on");
    let heard = || async { running.turn(&view).await.text == "On and on" };
    until("it goes on without a limit", heard).await;
    assert_eq!(running.turn(&view).await.stop_at, None);
    running.run::<Empty>("turn_stop_at", set(Some(LIMIT))).await;
    until("a limit that is passed already stops it", || {
        stopped(&running, &view)
    })
    .await;
}

#[tokio::test]
async fn a_limit_holds_after_a_restart() {
    let world = World::new();
    let running = world.open().await;
    let view = send_with_limit(&running).await;
    running.app.shutdown().await;
    drop(running);
    let running = world.start().await;
    running.online().await;
    world.server.spend(view.id, LIMIT);
    until("it is stopped", || stopped(&running, &view)).await;
}

#[tokio::test]
async fn a_limit_holds_when_the_call_that_stops_is_lost() {
    let world = World::new();
    let running = world.open().await;
    let view = send_with_limit(&running).await;
    world
        .server
        .change(|state| state.stop_faults.extend([(), ()]));
    world.server.spend(view.id, LIMIT);
    let lost = || async { world.server.state().stop_faults.len() < 2 };
    until("the first call is lost", lost).await;
    let shown = running.turn(&view).await;
    if matches!(shown.phase, TurnPhase::Running { .. }) {
        assert_eq!(shown.stop_at, limit(false), "nothing says it was stopped");
    }
    until("it is stopped", || stopped(&running, &view)).await;
    let reached = || async { running.turn(&view).await.stop_at == limit(true) };
    until("and told so", reached).await;
}
