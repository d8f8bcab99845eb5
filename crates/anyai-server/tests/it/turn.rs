//! A turn that goes well, and turns that do not fit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use anyai_units::{Credits, TurnId};
use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, Detail, PromptPart, ReceiptLineKind, StopReason, TurnEvent, TurnPhase};
use uuid::Uuid;

use crate::harness::{MODEL, TestStudio};

#[tokio::test]
async fn a_turn_is_held_streamed_settled_and_accounted_for() {
    let studio = TestStudio::new().await;
    let post = studio
        .draft(
            "claude-opus-5-5",
            "[[think:tokens=40]][[say:Forty-two.]] What is it?",
        )
        .await;
    let before = studio.available().await;
    let record: TurnRecord = studio.post(&post).await.ok();
    let TurnPhase::Running { held, .. } = record.phase else {
        panic!("{:?}", record.phase);
    };
    let frames = studio.events(post.id, 0).await;
    assert_eq!(frames[0].event, TurnEvent::Started { held });

    let turn = studio.record(post.id).await;
    assert_eq!(turn.text, "Forty-two.");
    assert!(!turn.thinking.is_empty(), "thinking is shown");
    assert!(turn.simulated);
    let TurnPhase::Settled {
        charged,
        stop_reason,
    } = turn.phase
    else {
        panic!("{:?}", turn.phase);
    };
    assert_eq!(stop_reason, StopReason::Complete);

    let receipt = studio.receipt(post.id).await;
    assert!(!receipt.counted_here, "the provider reported usage");
    assert!(receipt.provider_request_id.is_some());
    assert_eq!(receipt.returned, held.checked_sub(charged));
    let kinds: Vec<&str> = receipt
        .entries
        .iter()
        .map(|entry| entry.kind.as_str())
        .collect();
    assert_eq!(kinds, ["hold", "settle", "release"]);
    let microcredits: i64 = receipt.lines.iter().map(|line| line.microcredits).sum();
    assert_eq!(
        charged.millicredits(),
        (microcredits + 999) / 1_000,
        "the charge is the lines' sum, rounded up once"
    );
    assert!(
        receipt
            .lines
            .iter()
            .any(|line| line.kind == ReceiptLineKind::Thinking)
    );
    assert_eq!(
        studio.available().await,
        before.checked_sub(charged).unwrap()
    );
    studio.finish().await;
}

#[tokio::test]
async fn every_protocol_of_the_catalogue_answers() {
    let studio = TestStudio::new().await;
    for model in [
        "gpt-6-luna",
        "claude-haiku-5-5",
        "gemini-3.8-flash",
        "grok-4.3",
    ] {
        let post = studio.draft(model, "[[say:Yes.]] Are you there?").await;
        let turn = studio.complete(&post).await;
        assert_eq!(turn.text, "Yes.", "{model}: {:?}", turn.phase);
        assert!(
            matches!(turn.phase, TurnPhase::Settled { .. }),
            "{model}: {:?}",
            turn.phase
        );
        assert!(
            !studio.receipt(post.id).await.counted_here,
            "{model} reports usage"
        );
    }
    studio.finish().await;
}

#[tokio::test]
async fn the_limit_that_is_held_is_the_limit_that_is_sent() {
    let studio = TestStudio::new().await;
    let post = studio
        .draft("gpt-6-luna", "[[length:tokens=900000]] Go on for ever.")
        .await;
    let turn = studio.complete(&post).await;
    assert!(
        matches!(
            turn.phase,
            TurnPhase::Settled {
                stop_reason: StopReason::Length,
                ..
            }
        ),
        "{:?}",
        turn.phase
    );
    let sent = studio.simulator.requests().pop().unwrap();
    let limit = sent.output_tokens_max.expect("a limit is always sent");
    assert!(sent.sent_tokens <= limit);
    let receipt = studio.receipt(post.id).await;
    assert_eq!(receipt.overrun, Credits::ZERO);
    studio.finish().await;
}

#[tokio::test]
async fn the_path_of_parents_is_sent_and_siblings_are_not() {
    let studio = TestStudio::new().await;
    let first = studio
        .draft("gpt-6-luna", "[[say:Alpha answer.]] Alpha question")
        .await;
    studio.complete(&first).await;
    let mut second = studio
        .draft("gpt-6-luna", "[[say:Beta answer.]] Beta question")
        .await;
    second.conversation_id = first.conversation_id;
    second.parent_id = Some(first.id);
    studio.complete(&second).await;
    let mut sibling = studio
        .draft("gpt-6-luna", "[[say:Gamma answer.]] Gamma question")
        .await;
    sibling.conversation_id = first.conversation_id;
    sibling.parent_id = Some(first.id);
    studio.complete(&sibling).await;

    let sent = studio.simulator.requests().pop().unwrap();
    let body = sent.body.unwrap().to_string();
    for there in ["Alpha question", "Alpha answer.", "Gamma question"] {
        assert!(body.contains(there), "{there} is on the path: {body}");
    }
    assert!(!body.contains("Beta"), "a sibling is not on the path");
    studio.finish().await;
}

#[tokio::test]
async fn a_long_conversation_is_remembered_by_the_provider_and_costs_less() {
    let studio = TestStudio::new().await;
    let long = "Rain in Spain stays mainly in the plain. ".repeat(2_000);
    let first = studio
        .draft("claude-haiku-5-5", &format!("{long}[[say:Yes.]]"))
        .await;
    studio.complete(&first).await;
    let mut next = studio
        .draft("claude-haiku-5-5", "[[say:Still.]] And now?")
        .await;
    next.conversation_id = first.conversation_id;
    next.parent_id = Some(first.id);
    studio.complete(&next).await;
    let (first, next) = (
        studio.receipt(first.id).await,
        studio.receipt(next.id).await,
    );
    let tokens = |receipt: &anyai_wire::Receipt, kind| {
        let lines = receipt.lines.iter().filter(|line| line.kind == kind);
        lines.map(|line| line.quantity).sum::<u64>()
    };
    assert!(
        tokens(&first, ReceiptLineKind::Remembering) > 10_000,
        "{first:?}"
    );
    assert!(
        tokens(&next, ReceiptLineKind::RememberedReading) > 10_000,
        "{next:?}"
    );
    assert!(next.charged.unwrap().millicredits() * 4 < first.charged.unwrap().millicredits());
    studio.finish().await;
}

#[tokio::test]
async fn provider_state_goes_back_to_the_same_provider_unchanged_and_to_no_other() {
    let studio = TestStudio::new().await;
    let first = studio
        .draft(
            "claude-opus-5-5",
            "[[think:tokens=30]][[say:Thought.]] Think",
        )
        .await;
    studio.complete(&first).await;
    let mut again = studio
        .draft("claude-sonnet-5-5", "[[say:More.]] Go on")
        .await;
    again.conversation_id = first.conversation_id;
    again.parent_id = Some(first.id);
    studio.complete(&again).await;
    let body = studio.simulator.requests().pop().unwrap().body.unwrap();
    let blocks = body["messages"][1]["content"].as_array().unwrap().clone();
    assert_eq!(blocks[0]["type"], "thinking", "{blocks:?}");
    assert!(!blocks[0]["signature"].as_str().unwrap().is_empty());
    assert_eq!(blocks[1]["text"], "Thought.");

    let mut elsewhere = studio.draft("gpt-6-luna", "[[say:Else.]] And you?").await;
    elsewhere.conversation_id = first.conversation_id;
    elsewhere.parent_id = Some(first.id);
    studio.complete(&elsewhere).await;
    let body = studio
        .simulator
        .requests()
        .pop()
        .unwrap()
        .body
        .unwrap()
        .to_string();
    assert!(body.contains("Thought."), "words go everywhere");
    assert!(!body.contains("signature"), "state does not: {body}");
    studio.finish().await;
}

#[tokio::test]
async fn two_providers_of_one_protocol_do_not_see_each_others_state() {
    let studio = TestStudio::new().await;
    let first = studio
        .draft("gpt-6-luna", "[[think:tokens=30]][[say:Thought.]] Think")
        .await;
    studio.complete(&first).await;
    for (model, goes_back) in [("gpt-6-sol", true), ("grok-4.3", false)] {
        let mut next = studio.draft(model, "[[say:More.]] Go on").await;
        next.conversation_id = first.conversation_id;
        next.parent_id = Some(first.id);
        studio.complete(&next).await;
        let body = studio.simulator.requests().pop().unwrap().body.unwrap();
        let items = body["input"].as_array().unwrap();
        let reasoning = items.iter().any(|item| item["type"] == "reasoning");
        assert_eq!(reasoning, goes_back, "{model}: {items:?}");
    }
    studio.finish().await;
}

#[tokio::test]
async fn five_posts_of_one_turn_are_one_turn() {
    let studio = TestStudio::new().await;
    let post = studio.draft(MODEL, "[[pause:after=1]] Once").await;
    let answers = tokio::join!(
        studio.post(&post),
        studio.post(&post),
        studio.post(&post),
        studio.post(&post),
        studio.post(&post),
    );
    let (a, b, c, d, e) = answers;
    for answer in [a, b, c, d, e] {
        let record: TurnRecord = answer.ok();
        assert_eq!(record.id, post.id);
        assert!(
            matches!(record.phase, TurnPhase::Running { .. }),
            "{:?}",
            record.phase
        );
    }
    studio.simulator.until_paused(1).await;
    studio.simulator.resume();
    studio.events(post.id, 0).await;
    assert_eq!(
        studio.simulator.requests().len(),
        1,
        "the provider was asked once"
    );
    let again: TurnRecord = studio.post(&post).await.ok();
    assert_eq!(
        again,
        studio.record(post.id).await,
        "a late repeat gets the ended turn"
    );
    let mut other = post.clone();
    other.prompt = vec![PromptPart::Text {
        text: "Twice".to_owned(),
    }];
    assert_eq!(studio.post(&other).await.error().code, Code::TurnConflict);
    studio.finish().await;
}

#[tokio::test]
async fn a_turn_that_does_not_fit_is_refused_with_the_numbers_and_leaves_nothing() {
    let studio = TestStudio::with_plan("free").await;
    // 100 credits buy no opus turn whose input alone costs more.
    let long = "Rain in Spain stays mainly in the plain. ".repeat(40_000);
    let post = studio.draft("claude-opus-5-5", &long).await;
    let error = studio.post(&post).await.error();
    assert_eq!(error.code, Code::InsufficientCredits, "{error:?}");
    let Some(Detail::Shortfall {
        needed,
        available,
        resets_at,
        fitting_models,
        ..
    }) = error.detail
    else {
        panic!("{:?}", error.detail);
    };
    assert!(needed > available);
    assert_eq!(available, studio.available().await);
    assert!(resets_at > Some(anyai_units::UtcMillis::from_millis(crate::harness::START)));
    assert!(!fitting_models.is_empty(), "cheaper models fit");
    assert!(!fitting_models.contains(&"claude-opus-5-5".to_owned()));
    assert!(studio.simulator.requests().is_empty(), "nothing was sent");

    // The id was not used up: the same turn on a model that fits goes through.
    let mut cheaper = post.clone();
    cheaper.model_id = fitting_models[0].clone();
    let turn = studio.complete(&cheaper).await;
    assert!(
        matches!(turn.phase, TurnPhase::Settled { .. }),
        "{:?}",
        turn.phase
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_short_pool_limits_the_answer_instead_of_refusing_it() {
    let studio = TestStudio::with_plan("free").await;
    let all = studio.available().await;
    let post = studio
        .draft("claude-sonnet-5-5", "[[pause:after=1]] Hello")
        .await;
    // Hold after hold until the next one no longer fits whole.
    let mut limits = Vec::new();
    let mut posts = Vec::new();
    for _ in 0..40 {
        let mut next = post.clone();
        next.id = TurnId::from_uuid(Uuid::now_v7());
        let answer = studio.post(&next).await;
        if !answer.status.is_success() {
            assert_eq!(answer.error().code, Code::InsufficientCredits);
            break;
        }
        let record: TurnRecord = answer.ok();
        let TurnPhase::Running { held, .. } = record.phase else {
            panic!("{:?}", record.phase);
        };
        limits.push(held);
        posts.push(next.id);
    }
    assert!(
        limits.windows(2).any(|pair| pair[1] < pair[0]),
        "the last was limited: {limits:?}"
    );
    let held = limits
        .iter()
        .fold(Credits::ZERO, |sum, held| sum.checked_add(*held).unwrap());
    assert!(held <= all, "holds never pass the pool");
    studio.simulator.until_paused(posts.len()).await;
    studio.simulator.resume();
    for turn in posts {
        studio.events(turn, 0).await;
    }
    studio.finish().await;
}

#[tokio::test]
async fn of_two_turns_with_room_for_one_exactly_one_succeeds() {
    for round in 0..10 {
        let studio = TestStudio::with_plan("free").await;
        let long = "Rain in Spain stays mainly in the plain. ".repeat(20_000);
        let first = studio.draft("claude-sonnet-5-5", &long).await;
        let mut second = first.clone();
        second.id = TurnId::from_uuid(Uuid::now_v7());
        let (one, two) = tokio::join!(studio.post(&first), studio.post(&second));
        let succeeded = [&one, &two]
            .iter()
            .filter(|answer| answer.status.is_success())
            .count();
        assert_eq!(
            succeeded,
            1,
            "round {round}: {} / {}",
            one.text(),
            two.text()
        );
        let (winner, loser) = if one.status.is_success() {
            (first.id, two)
        } else {
            (second.id, one)
        };
        assert_eq!(loser.error().code, Code::InsufficientCredits);
        studio.events(winner, 0).await;
        studio.finish().await;
    }
}

#[tokio::test]
async fn a_turn_is_charged_by_the_price_it_was_held_for() {
    // 2026-12-01T00:00:00Z, when this model's price doubles.
    const CHANGE: i64 = 1_796_083_200_000;
    let held_and_charged = async |early: usize| {
        let mut studio = TestStudio::new().await;
        studio.crash();
        let mut options = studio.options();
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let counted = Arc::clone(&left);
        options.clock = anyai_server::Clock::new(move || {
            let more = counted.fetch_update(SeqCst, SeqCst, |left| match left {
                usize::MAX => Some(left),
                left => left.checked_sub(1),
            });
            let now = if more.is_ok() { CHANGE - 1 } else { CHANGE };
            anyai_units::UtcMillis::from_millis(now)
        });
        studio.open_with(options).await.unwrap();
        let draft = studio.draft("gemini-4-argon", "[[say:Yes.]] Hi").await;
        left.store(early, SeqCst);
        studio.complete(&draft).await;
        let receipt = studio.receipt(draft.id).await;
        let lines = receipt.lines.iter();
        let mut answers = lines.filter(|line| line.kind == ReceiptLineKind::Answer);
        let answer = answers.next().unwrap().price;
        studio.finish_across_months().await;
        (receipt.held, answer)
    };
    let before = held_and_charged(1_000).await;
    let after = held_and_charged(0).await;
    assert!(before.0 < after.0 && before.1 < after.1, "it doubles");
    let mut mixed = Vec::new();
    for early in 1..6 {
        mixed.push(held_and_charged(early).await);
    }
    for (at, pair) in mixed.iter().enumerate() {
        assert!(*pair == before || *pair == after, "{at}: {pair:?}");
    }
}
