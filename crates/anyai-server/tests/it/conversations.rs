//! Conversations: made by their first turn, renamed, deleted, brought back.

use anyai_wire::Code;
use anyai_wire::api::{ConversationPatch, ConversationRecord, HistoryChanges};
use http::Method;

use crate::harness::{MODEL, TestStudio};

pub(crate) async fn patch(
    studio: &TestStudio,
    id: impl std::fmt::Display,
    title: Option<&str>,
    deleted: Option<bool>,
) -> crate::harness::Answer {
    let patch = ConversationPatch {
        title: title.map(str::to_owned),
        deleted,
    };
    let path = format!("/v1/conversations/{id}");
    studio.json(Method::PATCH, &path, &patch).await
}

#[tokio::test]
async fn the_first_turn_names_it_and_its_owner_renames_it() {
    let studio = TestStudio::new().await;
    let turn = studio
        .complete(
            &studio
                .draft(MODEL, "\n  A first line [[say:Hi.]]\nand more")
                .await,
        )
        .await;
    let page: HistoryChanges = studio.get("/v1/history/changes").await;
    assert_eq!(page.conversations.len(), 1);
    assert_eq!(page.conversations[0].title, "A first line [[say:Hi.]]");
    let id = turn.conversation_id;
    let renamed: ConversationRecord = patch(&studio, id, Some("  New name "), None).await.ok();
    assert_eq!(renamed.title, "New name");
    assert!(renamed.revision > page.revision);
    for bad in ["", "  ", "two\nlines", &"x".repeat(201)] {
        assert_eq!(
            patch(&studio, id, Some(bad), None).await.error().code,
            Code::BadRequest
        );
    }
    studio
        .complete(&{
            let mut next = studio.draft(MODEL, "[[say:Hi.]] Another").await;
            next.conversation_id = id;
            next.parent_id = Some(turn.id);
            next
        })
        .await;
    let page: HistoryChanges = studio.get("/v1/history/changes").await;
    assert_eq!(
        page.conversations[0].title, "New name",
        "later turns leave the title alone"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_deleted_one_takes_no_turns_until_it_is_brought_back() {
    let studio = TestStudio::new().await;
    let turn = studio
        .complete(&studio.draft(MODEL, "[[say:Hi.]] Hi").await)
        .await;
    let id = turn.conversation_id;
    let gone: ConversationRecord = patch(&studio, id, None, Some(true)).await.ok();
    assert!(gone.deleted);
    let mut next = studio.draft(MODEL, "[[say:Hi.]] Again").await;
    next.conversation_id = id;
    next.parent_id = Some(turn.id);
    assert_eq!(
        studio.post(&next).await.error().code,
        Code::ConversationNotFound
    );
    let back: ConversationRecord = patch(&studio, id, None, Some(false)).await.ok();
    assert!(!back.deleted);
    studio.complete(&next).await;
    studio.finish().await;
}

#[tokio::test]
async fn an_unknown_one_cannot_be_changed() {
    let studio = TestStudio::new().await;
    let answer = patch(&studio, uuid::Uuid::now_v7(), Some("x"), None).await;
    assert_eq!(answer.error().code, Code::ConversationNotFound);
    assert_eq!(
        patch(&studio, "x", Some("x"), None).await.error().code,
        Code::BadRequest
    );
    studio.finish().await;
}
