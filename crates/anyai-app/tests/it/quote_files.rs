//! Quotes with a text file: nothing waits for one that does not come.

use anyai_units::AssetId;
use anyai_wire::Quote;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::studio::{World, until};

fn with_a_text_file(file: Uuid) -> Value {
    let attached = json!({
        "kind": "document", "asset_id": file, "mime": "text/plain", "width": 0, "height": 0,
        "bytes": 90_000, "name": "notes.txt",
    });
    json!({
        "revision": 1, "conversation_id": null, "parent_id": null,
        "parts": [attached, {"kind": "text", "text": "Sum this up"}], "effort_by_model": {},
    })
}

fn keep_a_long_text(world: &World, file: Uuid) {
    world.server.change(|state| {
        let text = "The lake lay still. ".repeat(4_000);
        let kept = ("text/plain".to_owned(), text.into());
        state.assets.insert(AssetId::from_uuid(file), kept);
    });
}

/// A key press is answered without the file; when it has come, the window is told to ask again.
#[tokio::test]
async fn no_quote_waits_for_a_file_that_does_not_come() {
    let world = World::new();
    let running = world.open().await;
    let file = Uuid::from_u128(0xf11e);
    world.server.change(|state| state.silent_assets = true);
    keep_a_long_text(&world, file);
    let ask = || running.run::<Quote>("quote", with_a_text_file(file));
    let without = ask().await;
    assert_eq!(ask().await, without);
    assert_eq!(asked_for(&world, file), 1, "it is asked for once");
    let told = || {
        let told = running.host.events().into_iter();
        told.filter(|event| matches!(event, anyai_wire::AppEvent::Catalogue))
            .count()
    };
    let before = told();
    world.server.change(|state| state.silent_assets = false);
    until("the window is told", || async { told() > before }).await;
    let with = ask().await;
    assert!(with.models[0].likely > without.models[0].likely);
}

#[tokio::test]
async fn a_file_that_cannot_be_had_is_asked_for_again_when_the_server_answers() {
    let world = World::new();
    let running = world.open().await;
    let file = Uuid::from_u128(0xf11e);
    let ask = || running.run::<Quote>("quote", with_a_text_file(file));
    let without = ask().await;
    for _ in 0..3 {
        assert_eq!(ask().await, without);
    }
    assert_eq!(asked_for(&world, file), 1, "not at every key press");
    keep_a_long_text(&world, file);
    world.server.change(|state| state.add_entries(1));
    let more = || async { ask().await.models[0].likely > without.models[0].likely };
    until("it is in the quote", more).await;
}

fn asked_for(world: &World, file: Uuid) -> usize {
    let line = format!("GET /v1/assets/{file}");
    let state = world.server.state();
    state
        .requests
        .iter()
        .filter(|asked| **asked == line)
        .count()
}
