//! Turns under way: every event once and in order, whatever the connection does.

use anyai_units::{ConversationId, TurnId};
use anyai_wire::api::HistoryChanges;
use anyai_wire::{Conversations, Empty, Receipt, StopReason, TurnEvent, TurnPhase, TurnView};
use serde_json::json;
use uuid::Uuid;

use crate::studio::{Running, World, until};

const WORDS: [&str; 6] = ["Es ", "war ", "einmal ", "東京 ", "🦀 ", "end."];

fn speak(world: &World, id: TurnId) {
    world.server.think(id, "Let me see. ");
    for word in WORDS {
        world.server.say(id, word);
    }
    world.server.settle(id, 1_234);
}

/// Started, thinking, six words, settled.
const LAST: u64 = 9;

async fn heard_exactly(running: &Running, view: &TurnView) {
    running.hears_the_end(view.id).await;
    let heard = running.host.sequences(view.id);
    // The first event may be in the turn that sending answered already.
    assert!(
        (1..=view.sequence + 1).contains(&heard[0]),
        "{heard:?} after {}",
        view.sequence
    );
    let expected: Vec<u64> = (heard[0]..=LAST).collect();
    assert_eq!(heard, expected, "each event once and in order");
    let text: String = running
        .host
        .frames(view.id)
        .into_iter()
        .filter_map(|frame| match frame.event {
            TurnEvent::Text { text } => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(text, WORDS.concat());
    let settled = || async { matches!(running.turn(view).await.phase, TurnPhase::Settled { .. }) };
    until("the turn is settled in the mirror", settled).await;
    let turn = running.turn(view).await;
    assert_eq!(
        (turn.text, turn.thinking.as_str(), turn.sequence),
        (WORDS.concat(), "Let me see. ", LAST)
    );
}

#[tokio::test]
async fn a_turn_streams_from_sending_to_its_receipt() {
    let world = World::new();
    let running = world.open().await;
    let view = running.send("Tell me a story").await;
    assert!(
        matches!(view.phase, TurnPhase::Running { .. } | TurnPhase::Sending),
        "{view:?}"
    );
    speak(&world, view.id);
    heard_exactly(&running, &view).await;
    let posted = world.server.posted();
    assert_eq!(posted.len(), 1);
    assert_eq!((posted[0].id, posted[0].estimate), (view.id, view.estimate));
    let charged = || async {
        let listed: Conversations = running.run("conversation_list", json!({"limit": 5})).await;
        let line = &listed.conversations[0];
        !line.running && line.charged.millicredits() == 1_234
    };
    until("the list shows the charge", charged).await;
    let receipt: Receipt = running
        .run("receipt_get", json!({"turn_id": view.id}))
        .await;
    assert_eq!(
        receipt.charged.map(|charged| charged.millicredits()),
        Some(1_234)
    );
    let conversation = running.open_conversation(view.conversation_id).await;
    assert_eq!(conversation.selected_leaf, Some(view.id));
}

#[tokio::test]
async fn the_stream_survives_a_cut_after_any_event() {
    for frames in 0..=usize::try_from(LAST).unwrap() {
        let world = World::new();
        let running = world.open().await;
        // A connection that brings nothing at all would never end: the first one may.
        world
            .server
            .change(|state| state.frames_per_connection = Some(frames));
        let view = running.send("Tell me a story").await;
        speak(&world, view.id);
        if frames == 0 {
            let first = || async {
                world
                    .server
                    .state()
                    .requests
                    .iter()
                    .any(|l| l.contains("/events"))
            };
            until("the first connection broke", first).await;
            world
                .server
                .change(|state| state.frames_per_connection = None);
        }
        heard_exactly(&running, &view).await;
    }
}

#[tokio::test]
async fn repeated_and_missing_events_do_not_show() {
    for repeats in [1, 3, 100] {
        let world = World::new();
        let running = world.open().await;
        world.server.change(|state| {
            state.repeats = repeats;
            state.frames_per_connection = Some(usize::try_from(repeats).unwrap() + 2);
            state.skip_once = vec![2, 4, 5, 7];
        });
        let view = running.send("Tell me a story").await;
        speak(&world, view.id);
        heard_exactly(&running, &view).await;
        assert!(
            world.server.state().skip_once.len() < 4,
            "events were left out on the way"
        );
    }
}

#[tokio::test]
async fn the_line_goes_dead_in_the_middle_and_comes_back() {
    let world = World::new();
    let running = world.open().await;
    let view = running.send("Tell me a story").await;
    world.server.think(view.id, "Let me see. ");
    world.server.say(view.id, WORDS[0]);
    let heard = || async { running.host.sequences(view.id).last() == Some(&3) };
    until("the start is heard", heard).await;
    world.server.set_offline(true);
    running.offline().await;
    for word in &WORDS[1..] {
        world.server.say(view.id, word);
    }
    let shown = running.turn(&view).await;
    assert_eq!(
        (shown.text.as_str(), shown.sequence),
        (WORDS[0], 3),
        "what came stays readable"
    );
    world.server.settle(view.id, 1_234);
    world.server.set_offline(false);
    heard_exactly(&running, &view).await;
    running.online().await;
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_and_repeats_nothing() {
    let world = World::new();
    let running = world.open().await;
    let view = running.send("Tell me a story").await;
    world.server.think(view.id, "Let me see. ");
    world.server.say(view.id, WORDS[0]);
    let heard = || async { running.host.sequences(view.id).last() == Some(&3) };
    until("the start is heard", heard).await;
    // The app dies without a word.
    drop(running);
    for word in &WORDS[1..4] {
        world.server.say(view.id, word);
    }
    let running = world.start().await;
    for word in &WORDS[4..] {
        world.server.say(view.id, word);
    }
    world.server.settle(view.id, 1_234);
    running.hears_the_end(view.id).await;
    let heard = running.host.sequences(view.id);
    let first = heard[0];
    assert_eq!(
        heard,
        (first..=LAST).collect::<Vec<u64>>(),
        "from where it was, without a gap"
    );
    let settled = || async { running.turn(&view).await.sequence == LAST };
    until("all of it is shown", settled).await;
    assert_eq!(running.turn(&view).await.text, WORDS.concat());
}

#[tokio::test]
async fn attaching_replays_from_any_event_while_it_runs_and_afterwards() {
    let world = World::new();
    let running = world.open().await;
    let view = running.send("Tell me a story").await;
    world.server.think(view.id, "Let me see. ");
    let heard = || async { running.host.sequences(view.id).last() == Some(&2) };
    until("the start is heard", heard).await;
    running.host.forget_events();
    let attach = |after: u64| {
        running.run::<Empty>("turn_attach", json!({"turn_id": view.id, "after": after}))
    };
    attach(0).await;
    assert_eq!(running.host.sequences(view.id), [1, 2]);
    running.host.forget_events();
    attach(2).await;
    assert_eq!(running.host.sequences(view.id), [0; 0], "nothing is newer");
    for word in WORDS {
        world.server.say(view.id, word);
    }
    world.server.settle(view.id, 1_234);
    running.hears_the_end(view.id).await;
    assert_eq!(
        running.host.sequences(view.id),
        (3..=LAST).collect::<Vec<u64>>()
    );
    let settled = || async { matches!(running.turn(&view).await.phase, TurnPhase::Settled { .. }) };
    until("the end is in the mirror", settled).await;
    for after in 0..=LAST {
        running.host.forget_events();
        attach(after).await;
        let expected: Vec<u64> = (after + 1..=LAST).collect();
        let replayed = || async { running.host.sequences(view.id) == expected };
        if after < LAST {
            until("the events are sent again", replayed).await;
        }
    }
    let unknown = json!({"turn_id": Uuid::nil(), "after": 0});
    assert_eq!(
        running.refused("turn_attach", unknown).await.code,
        anyai_wire::Code::TurnNotFound
    );
}

/// A page of the history that was on its way when the turn ended must not begin it again.
#[tokio::test]
async fn a_page_older_than_a_turns_end_does_not_repeat_it() {
    let world = World::new();
    let running = world.open().await;
    let view = running.send("Tell me a story").await;
    let stale = {
        let state = world.server.state();
        HistoryChanges {
            epoch: state.history_epoch.clone(),
            conversations: Vec::new(),
            turns: vec![state.turns[&view.id].clone()],
            revision: 1_000,
            more: false,
        }
    };
    speak(&world, view.id);
    heard_exactly(&running, &view).await;
    world
        .server
        .change(|state| state.stale_history = Some(stale));
    let given = || async { world.server.state().stale_history.is_none() };
    until("the stale page was given", given).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    heard_exactly(&running, &view).await;
}

#[tokio::test]
async fn a_turn_from_another_device_is_followed_here_too() {
    let world = World::new();
    let running = world.open().await;
    let other = world.start_elsewhere().await;
    let view = other.send("Tell me a story").await;
    let known = || async { !running.titles().await.is_empty() };
    until("the conversation is here", known).await;
    speak(&world, view.id);
    heard_exactly(&other, &view).await;
    running.hears_the_end(view.id).await;
    // The record that came with the history may hold the first events already.
    let heard = running.host.sequences(view.id);
    assert!(heard[0] <= 2, "{heard:?}");
    assert_eq!(
        heard,
        (heard[0]..=LAST).collect::<Vec<u64>>(),
        "then each once and in order"
    );
    let whole = || async { running.turn(&view).await.text == WORDS.concat() };
    until("the whole text is here", whole).await;
}

#[tokio::test]
async fn stopping_ends_the_turn_with_what_was_written() {
    let world = World::new();
    let running = world.open().await;
    let view = running.send("Tell me a story").await;
    world.server.say(view.id, "Once");
    running
        .run::<Empty>("turn_stop", json!({"turn_id": view.id}))
        .await;
    running.hears_the_end(view.id).await;
    let stopped = || async {
        matches!(
            running.turn(&view).await.phase,
            TurnPhase::Settled {
                stop_reason: StopReason::Stopped,
                ..
            }
        )
    };
    until("it is shown as stopped", stopped).await;
    assert_eq!(running.turn(&view).await.text, "Once");
}

#[tokio::test]
async fn turns_in_one_conversation_run_side_by_side() {
    let world = World::new();
    let running = world.open().await;
    let first = running.send("Tell me a story").await;
    speak(&world, first.id);
    running.hears_the_end(first.id).await;
    let follow = |model: &str| {
        json!({
            "conversation_id": first.conversation_id, "parent_id": first.id, "model_id": model,
            "effort": null, "parts": [{"kind": "text", "text": "another"}],
        })
    };
    let left: TurnView = running.run("turn_send", follow("gpt-5.4")).await;
    let right: TurnView = running.run("turn_send", follow("claude-haiku-4-5")).await;
    speak(&world, right.id);
    speak(&world, left.id);
    heard_exactly(&running, &left).await;
    heard_exactly(&running, &right).await;
    let conversation = running.open_conversation(first.conversation_id).await;
    let ids: Vec<TurnId> = conversation.turns.iter().map(|turn| turn.id).collect();
    assert_eq!(ids[0], first.id);
    assert_eq!(conversation.turns.len(), 3);
    let unknown = ConversationId::from_uuid(Uuid::from_u128(5));
    let error = running
        .refused("conversation_open", json!({"conversation_id": unknown}))
        .await;
    assert_eq!(error.code, anyai_wire::Code::ConversationNotFound);
}
