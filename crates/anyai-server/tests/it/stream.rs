//! The ledger's pages as they are pushed: dense, resumed, started over, and never held up.

use std::time::Duration;

use anyai_wire::api::{LedgerChanges, TurnRecord};
use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::{Request, StatusCode};
use tower::ServiceExt;

use crate::harness::{MODEL, TestStudio};

/// A reader of the stream.
struct Pushed {
    body: BodyDataStream,
    text: String,
}

impl Pushed {
    async fn open(studio: &TestStudio, query: &str, last_id: Option<&str>) -> Self {
        let mut request = Request::builder()
            .uri(format!("/v1/ledger/stream{query}"))
            .header("authorization", format!("Bearer {}", studio.token));
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = studio.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next page and its id.
    async fn next(&mut self) -> (String, LedgerChanges) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let page = field("data: ").map(|data| serde_json::from_str(data).unwrap());
                let id = field("id: ").map(str::to_owned);
                self.text = rest.to_owned();
                if let Some(page) = page {
                    return (id.unwrap(), page);
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(10), self.body.next()).await;
            let more = more.expect("a page is pushed").expect("the stream goes on");
            self.text
                .push_str(std::str::from_utf8(&more.unwrap()).unwrap());
        }
    }

    /// Sequences up to this one, from the pages that come; the last id.
    async fn until(&mut self, sequence: u64) -> (Vec<u64>, String) {
        let mut seen = Vec::new();
        loop {
            let (id, page) = self.next().await;
            seen.extend(page.entries.iter().map(|entry| entry.sequence));
            if seen.last() >= Some(&sequence) {
                return (seen, id);
            }
        }
    }
}

async fn one_turn(studio: &TestStudio) -> u64 {
    studio
        .complete(&studio.draft(MODEL, "[[say:Hi.]] Hi").await)
        .await;
    studio.balance().await.sequence
}

#[tokio::test]
async fn pages_are_pushed_as_they_are_written_and_taken_up_where_they_were_left() {
    let studio = TestStudio::new().await;
    let mut reader = Pushed::open(&studio, "", None).await;
    let (_, first) = reader.next().await;
    assert_eq!(first.entries.first().map(|entry| entry.sequence), Some(1));
    let known = first.head_sequence;
    let head = one_turn(&studio).await;
    let (seen, id) = reader.until(head).await;
    assert_eq!(seen, (known + 1..=head).collect::<Vec<_>>(), "dense");
    assert_eq!(id, format!("{}.{head}", first.epoch));
    drop(reader);
    let later = one_turn(&studio).await;
    let mut resumed = Pushed::open(&studio, "", Some(&id)).await;
    let (seen, _) = resumed.until(later).await;
    assert_eq!(seen, (head + 1..=later).collect::<Vec<_>>());
    let mut asked = Pushed::open(&studio, &format!("?after={later}"), None).await;
    let (_, page) = asked.next().await;
    assert!(page.entries.is_empty(), "the balance comes at once");
    assert_eq!(page.balance.sequence, later);
    studio.finish().await;
}

#[tokio::test]
async fn a_reader_of_another_ledger_starts_over() {
    let studio = TestStudio::new().await;
    let head = one_turn(&studio).await;
    let (_, page) = Pushed::open(&studio, "", None).await.next().await;
    for id in [
        format!("{}.{head}", "ab".repeat(32)),
        format!("{}.{}", page.epoch, head + 5),
    ] {
        let mut reader = Pushed::open(&studio, "", Some(&id)).await;
        let (seen, _) = reader.until(head).await;
        assert_eq!(seen.first(), Some(&1), "{id}");
    }
    studio.finish().await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_up_nobody() {
    let studio = TestStudio::new().await;
    let mut slow = Pushed::open(&studio, "", None).await;
    let mut quick = Pushed::open(&studio, "", None).await;
    for _ in 0..5 {
        let head = one_turn(&studio).await;
        quick.until(head).await;
    }
    let head = studio.balance().await.sequence;
    let (seen, _) = slow.until(head).await;
    assert_eq!(seen, (1..=head).collect::<Vec<_>>(), "and misses nothing");
    let post = studio.draft(MODEL, "[[say:Bye.]] Bye").await;
    let _: TurnRecord = studio.complete(&post).await;
    studio.finish().await;
}
