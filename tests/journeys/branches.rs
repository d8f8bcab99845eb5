//! Conversations as trees: retry, edit, branches, titles, deletion, search.

use anyai_testsupport::TestStudio;
use anyai_wire::{
    ConversationDelete, ConversationList, ConversationRename, ConversationSelect,
    ConversationSummary, Conversations, Empty, PromptPart, SearchHits, SearchQuery,
};

use crate::{MODEL, OTHER_MODEL, sum};

async fn listed(studio: &TestStudio) -> Vec<ConversationSummary> {
    let list = ConversationList {
        before: None,
        limit: 50,
    };
    let found: Conversations = studio.must("conversation_list", &list).await;
    found.conversations
}

async fn found(studio: &TestStudio, text: &str) -> SearchHits {
    let query = SearchQuery {
        text: text.to_owned(),
        limit: 20,
    };
    studio.must("search", &query).await
}

#[tokio::test]
async fn retry_and_edit_make_siblings_and_the_chosen_path_survives_a_restart() {
    let mut studio = TestStudio::own_keys("pro").await;
    let root = studio.turn(MODEL, "[[say:First.]] Begin").await;
    let question = "[[say:Haiku says.]] Which is better?";
    let asked = studio.send_after(&root, MODEL, question).await.unwrap();
    let asked = studio.ended(&asked).await;

    let retried = studio
        .send_beside(&asked, OTHER_MODEL, question)
        .await
        .unwrap();
    let retried = studio.ended(&retried).await;
    let edited = "[[say:Edited.]] Which is cheaper?";
    let edited = studio.send_beside(&asked, MODEL, edited).await.unwrap();
    let edited = studio.ended(&edited).await;

    let view = studio.conversation_charged(root.conversation_id).await;
    let siblings: Vec<_> = view
        .turns
        .iter()
        .filter(|turn| turn.parent_id == Some(root.id))
        .collect();
    let ids: Vec<_> = siblings.iter().map(|turn| turn.id).collect();
    assert_eq!(
        ids,
        [asked.id, retried.id, edited.id],
        "oldest first, none lost"
    );
    assert_eq!(siblings[1].model_id, OTHER_MODEL);
    assert_eq!(siblings[1].prompt, asked.prompt, "a retry asks the same");
    let PromptPart::Text { text } = &siblings[2].prompt[0] else {
        panic!("{:?}", siblings[2].prompt);
    };
    assert!(text.contains("cheaper"), "an edit asks something else");
    let mut charges = Vec::new();
    for turn in &view.turns {
        charges.push(studio.receipt(turn).await.charged.unwrap());
    }
    assert_eq!(
        view.summary.charged,
        sum(charges),
        "every branch is paid for"
    );

    let select = ConversationSelect {
        conversation_id: root.conversation_id,
        leaf: asked.id,
    };
    let _: Empty = studio.must("conversation_select", &select).await;
    studio.restart().await;
    studio.until_online().await;
    let again = studio.conversation(root.conversation_id).await;
    assert_eq!(
        again.selected_leaf,
        Some(asked.id),
        "the chosen branch is shown"
    );
    assert_eq!(again.turns, view.turns);

    let next = studio
        .send_after(&retried, MODEL, "[[say:On.]] Go on")
        .await
        .unwrap();
    let next = studio.ended(&next).await;
    assert_eq!(
        next.parent_id,
        Some(retried.id),
        "another branch can still go on"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_conversation_is_renamed_deleted_brought_back_and_found() {
    let mut studio = TestStudio::own_keys("pro").await;
    let turn = studio
        .turn(
            MODEL,
            "[[say:The zeppelin lands at Friedrichshafen.]] Where does it land?",
        )
        .await;
    let other = studio
        .turn(MODEL, "[[say:Nothing of note.]] Something else")
        .await;
    let id = turn.conversation_id;
    let rename = ConversationRename {
        conversation_id: id,
        title: "  Airships  ".to_owned(),
    };
    let renamed: ConversationSummary = studio.must("conversation_rename", &rename).await;
    assert_eq!(renamed.title, "Airships");

    let hits = found(&studio, "fried").await.hits;
    assert_eq!(hits.len(), 1, "a word is found from its start: {hits:?}");
    assert_eq!(
        (hits[0].conversation_id, hits[0].turn_id),
        (id, Some(turn.id))
    );
    assert_eq!(hits[0].matched, "Fried".to_owned() + "richshafen");
    let by_title = found(&studio, "airships").await.hits;
    assert!(
        by_title
            .iter()
            .any(|hit| hit.turn_id.is_none() && hit.conversation_id == id)
    );
    for hostile in [
        "\"",
        "AND OR NOT",
        "*",
        "a* b:c ^d",
        "'; DROP TABLE turn; --",
        "\u{0}",
    ] {
        found(&studio, hostile).await;
    }

    let before = studio.quiet_balance().await;
    let delete = |deleted| ConversationDelete {
        conversation_id: id,
        deleted,
    };
    let _: Empty = studio.must("conversation_delete", &delete(true)).await;
    let left: Vec<_> = listed(&studio)
        .await
        .iter()
        .map(|summary| summary.id)
        .collect();
    assert_eq!(left, [other.conversation_id]);
    assert!(
        found(&studio, "zeppelin").await.hits.is_empty(),
        "deleted is not found"
    );
    assert_eq!(studio.balance().await.posted, before.posted, "charges stay");

    studio.restart().await;
    studio.until_online().await;
    assert_eq!(listed(&studio).await.len(), 1, "deleted stays deleted");
    let _: Empty = studio.must("conversation_delete", &delete(false)).await;
    let back = studio.conversation(id).await;
    assert_eq!(back.summary.title, "Airships");
    assert_eq!(back.turns, [turn], "all of it is back");
    assert_eq!(found(&studio, "zeppelin").await.hits.len(), 1);
    studio.finish().await;
}
