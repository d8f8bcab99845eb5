//! Saved prompts, and a draft with its files: kept on this machine, read after a restart.

use anyai_wire::{Code, DraftSave, Empty, SavedPrompt, SavedPrompts};
use serde_json::json;

use crate::studio::World;

#[tokio::test]
async fn a_prompt_is_kept_changed_and_forgotten() {
    let world = World::new();
    let running = world.open().await;
    let save = json!({"id": null, "name": " Translate ", "text": "Translate {{text}}"});
    let kept: SavedPrompt = running.run("prompt_save", save).await;
    assert_eq!(kept.name, "Translate");
    let change = json!({"id": kept.id, "name": "To German", "text": "Auf Deutsch: {{text}}"});
    let changed: SavedPrompt = running.run("prompt_save", change).await;
    let listed: SavedPrompts = running.run("prompt_list", json!({})).await;
    assert_eq!(listed.prompts, [changed]);
    for (name, text) in [("", "x"), (" ", "x"), ("x", " "), (&"x".repeat(81), "x")] {
        let bad = json!({"id": null, "name": name, "text": text});
        let error = running.refused("prompt_save", bad).await;
        assert_eq!(error.code, Code::BadRequest);
    }
    let id = json!({"id": kept.id});
    running.run::<Empty>("prompt_delete", id).await;
    let listed: SavedPrompts = running.run("prompt_list", json!({})).await;
    assert_eq!(listed.prompts, []);
}

#[tokio::test]
async fn a_draft_keeps_its_files() {
    let world = World::new();
    let running = world.open().await;
    let file = json!({
        "asset_id": "019a0000-0000-7000-8000-000000000001", "mime": "application/pdf",
        "width": 0, "height": 0, "bytes": 10, "name": "permit.pdf",
    });
    let draft = json!({"conversation_id": null, "text": "", "files": [file]});
    running.run::<Empty>("draft_save", draft).await;
    running.app.shutdown().await;
    drop(running);
    let running = world.start().await;
    let draft: DraftSave = running.run("draft_new", json!({})).await;
    assert_eq!(draft.files[0].name, "permit.pdf");
}
