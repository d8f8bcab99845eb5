//! Providers that fail, lie, break off or say too much.

use anyai_units::Credits;
use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, ReceiptLineKind, StopReason, TurnPhase};

use axum::body::Body;
use futures_util::StreamExt;

use crate::harness::TestStudio;

#[tokio::test]
async fn a_failure_midway_keeps_the_text_and_never_charges_more_than_the_hold() {
    let studio = TestStudio::new().await;
    for model in [
        "gpt-6-luna",
        "claude-haiku-5-5",
        "gemini-3.8-flash",
        "grok-4.3",
    ] {
        for fault in ["midstream_error", "cut", "eof", "garbage", "invalid_utf8"] {
            let prompt = format!("[[fault:{fault} after=20]][[length:tokens=60]] Hello");
            let turn = studio.complete(&studio.draft(model, &prompt).await).await;
            let receipt = studio.receipt(turn.id).await;
            match &turn.phase {
                TurnPhase::Failed { charged, .. } => {
                    assert!(!turn.text.is_empty(), "{model} {fault}: the text is kept");
                    assert!(*charged < receipt.held, "{model} {fault}");
                }
                // Text that is no text is read leniently where the answer goes on after it.
                TurnPhase::Settled { .. } if fault == "invalid_utf8" => {}
                // Without its last events, an answer whose end was said already is whole.
                TurnPhase::Settled { .. } if fault == "eof" => {}
                other => panic!("{model} {fault}: {other:?}"),
            }
        }
    }
    studio.finish().await;
}

#[tokio::test]
async fn a_broken_connection_is_charged_as_counted_and_a_provider_that_owns_up_is_not() {
    let studio = TestStudio::new().await;
    let cut = "[[fault:cut after=20]][[length:tokens=60]] Hello";
    let turn = studio
        .complete(&studio.draft("gpt-6-luna", cut).await)
        .await;
    let TurnPhase::Failed { charged, error } = turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(error.code, Code::ProviderUnreachable);
    assert!(charged > Credits::ZERO, "the provider billed what it began");
    assert!(studio.receipt(turn.id).await.counted_here);

    let error = "[[fault:midstream_error after=20]][[length:tokens=60]] Hello";
    let turn = studio
        .complete(&studio.draft("gpt-6-luna", error).await)
        .await;
    let TurnPhase::Failed { charged, .. } = turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(
        charged,
        Credits::ZERO,
        "it said itself that it failed, and reported no usage"
    );
    studio.finish().await;
}

#[tokio::test]
async fn an_answer_that_breaks_midway_is_not_charged_by_the_usage_it_opened_with() {
    let studio = TestStudio::new().await;
    for fault in ["cut", "hang"] {
        // Anthropic opens every answer with its input and a token of output.
        let prompt =
            format!("[[fault:{fault} after=80]][[think:tokens=5]][[length:tokens=200]] Hi");
        let post = studio.draft("claude-haiku-5-5", &prompt).await;
        let _: TurnRecord = studio.post(&post).await.ok();
        if fault == "hang" {
            studio.until_tokens(post.id, 80).await;
            let _: TurnRecord = studio.stop(post.id).await.ok();
        }
        studio.events(post.id, 0).await;
        let receipt = studio.receipt(post.id).await;
        let answer = receipt.lines.iter();
        let answer = answer.filter(|line| line.kind == ReceiptLineKind::Answer);
        let tokens: u64 = answer.map(|line| line.quantity).sum();
        let counted = anyai_simulator::count_tokens(&studio.record(post.id).await.text);
        assert!(receipt.counted_here, "{fault}: {receipt:?}");
        assert!(
            counted > 10 && tokens >= counted / 2,
            "{fault}: {tokens} tokens for about {counted}"
        );
    }
    studio.finish().await;
}

#[tokio::test]
async fn missing_zero_negative_and_impossible_usage_is_counted_here() {
    let studio = TestStudio::new().await;
    for model in ["gpt-6-luna", "claude-haiku-5-5", "gemini-3.8-flash"] {
        for fault in ["no_usage", "negative_usage", "huge_usage"] {
            let prompt = format!("[[fault:{fault}]][[say:One two three four five.]] Count");
            let turn = studio.complete(&studio.draft(model, &prompt).await).await;
            let TurnPhase::Settled {
                charged,
                stop_reason,
            } = turn.phase
            else {
                panic!("{model} {fault}: {:?}", turn.phase);
            };
            assert_eq!(stop_reason, StopReason::Complete, "{model} {fault}");
            let receipt = studio.receipt(turn.id).await;
            assert!(receipt.counted_here, "{model} {fault}: {receipt:?}");
            assert!(
                charged > Credits::ZERO && charged < receipt.held,
                "{model} {fault}"
            );
            assert_eq!(receipt.overrun, Credits::ZERO, "{model} {fault}");
        }
    }
    studio.finish().await;
}

#[tokio::test]
async fn what_is_reported_above_the_hold_is_paid_by_the_house() {
    let studio = TestStudio::with_plan("free").await;
    let prompt = "[[fault:overrun by=300000]][[say:Short.]] Overrun";
    let turn = studio
        .complete(&studio.draft("claude-opus-5-5", prompt).await)
        .await;
    let receipt = studio.receipt(turn.id).await;
    let TurnPhase::Settled { charged, .. } = turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(charged, receipt.held, "the person pays the hold");
    assert!(
        receipt.overrun > Credits::ZERO,
        "the house pays the rest: {receipt:?}"
    );
    assert!(receipt.entries.iter().any(|entry| entry.kind == "overrun"));
    studio.finish().await;
}

/// Words without end, as they are said and as they are thought.
const TALKING: [&str; 2] = [
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"on and on and on "}}"#,
];
const THINKING: [&str; 2] = [
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"on and on and on "}}"#,
];

/// A provider that ignores the limit it was given and never stops.
async fn endless_provider(
    [open, words]: [&'static str; 2],
) -> (String, tokio::task::JoinHandle<()>) {
    let body = move || {
        let start = r#"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":10,"output_tokens":1}}}"#;
        let head = futures_util::stream::iter([start, open]);
        let events = head
            .chain(futures_util::stream::repeat(words))
            .then(move |data| async move {
                tokio::task::yield_now().await;
                Ok::<_, std::convert::Infallible>(format!("data: {data}\n\n"))
            });
        Body::from_stream(events)
    };
    provider(body).await
}

/// A provider that answers everything in this way.
async fn provider(
    body: impl Fn() -> Body + Clone + Send + Sync + 'static,
) -> (String, tokio::task::JoinHandle<()>) {
    let answer = move || std::future::ready(([("content-type", "text/event-stream")], body()));
    let router = axum::Router::new().fallback(answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio_util::task::TaskTracker::new().spawn(async move {
        axum::serve(listener, router).await.unwrap();
    });
    (format!("http://{address}"), serving)
}

#[tokio::test]
async fn a_provider_that_ignores_its_limit_is_cut_off_at_the_ceiling() {
    cut_off_at_the_ceiling(TALKING).await;
}

#[tokio::test]
async fn a_provider_that_thinks_without_end_is_cut_off_at_the_ceiling() {
    cut_off_at_the_ceiling(THINKING).await;
}

async fn in_front_of(url: String) -> TestStudio {
    let mut studio = TestStudio::with_plan("free").await;
    studio.crash();
    let mut options = studio.options();
    options
        .endpoints
        .base_urls
        .insert("anthropic".to_owned(), url);
    studio.open_with(options).await.unwrap();
    studio
}

#[tokio::test]
async fn the_sources_of_an_answer_are_kept_under_it() {
    let events = [
        r#"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":10,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Cats sleep."}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://cats.example/sleep","title":"Sleep","cited_text":"all day"}}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let body = move || Body::from(events.map(|event| format!("data: {event}\n\n")).concat());
    let (url, serving) = provider(body).await;
    let studio = in_front_of(url).await;
    let post = studio.draft("claude-haiku-4-5", "What do cats do?").await;
    let turn = studio.complete(&post).await;
    serving.abort();
    let expected = "Cats sleep.\n\n---\n\n1. [Sleep](<https://cats.example/sleep>)";
    assert_eq!(turn.text, expected, "{:?}", turn.phase);
    studio.finish().await;
}

async fn cut_off_at_the_ceiling(words: [&'static str; 2]) {
    let (url, serving) = endless_provider(words).await;
    let studio = in_front_of(url).await;
    let post = studio.draft("claude-haiku-4-5", "Talk").await;
    let turn = studio.complete(&post).await;
    serving.abort();
    let receipt = studio.receipt(post.id).await;
    let TurnPhase::Settled {
        charged,
        stop_reason,
    } = turn.phase
    else {
        panic!("{:?}", turn.phase);
    };
    assert_eq!(stop_reason, StopReason::Length);
    assert_eq!(
        charged, receipt.held,
        "the person pays the ceiling, no more"
    );
    assert_eq!(receipt.overrun, Credits::ZERO);
    studio.finish().await;
}

#[tokio::test]
async fn a_refusal_is_shown_and_charged_as_reported() {
    let studio = TestStudio::new().await;
    for model in ["gpt-6-luna", "claude-haiku-5-5"] {
        let turn = studio
            .complete(&studio.draft(model, "[[fault:refuse]] Hello").await)
            .await;
        let receipt = studio.receipt(turn.id).await;
        assert!(!receipt.counted_here, "{model}: {:?}", turn.phase);
        match turn.phase {
            TurnPhase::Settled { stop_reason, .. } => {
                assert_eq!(stop_reason, StopReason::Declined, "{model}");
            }
            TurnPhase::Failed { error, .. } => assert_eq!(error.code, Code::ContentRefused),
            other => panic!("{model}: {other:?}"),
        }
    }
    studio.finish().await;
}

#[tokio::test]
async fn all_thinking_and_no_answer_is_charged_as_thinking() {
    let studio = TestStudio::new().await;
    let post = studio.draft("gpt-6-luna", "[[fault:empty]] Hello").await;
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
    let receipt = studio.receipt(post.id).await;
    let kinds: Vec<_> = receipt.lines.iter().map(|line| line.kind).collect();
    assert!(kinds.contains(&ReceiptLineKind::Thinking), "{kinds:?}");
    studio.finish().await;
}
