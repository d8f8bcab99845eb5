//! What was made leaves the studio: saved where its person says, shown among their pictures, laid out
//! to be dragged away. Only what this run wrote is shown.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyai_units::AssetId;
use anyai_wire::{AssetSave, Code, SavedFile};
use bytes::Bytes;
use serde_json::json;

use crate::host::Desktop;
use crate::studio::{Running, World};

const ID: &str = "019a0000-0000-7000-8000-0000abcdef12";
const OTHER: &str = "019a0000-0000-7000-8000-0000abcdef13";
const PICTURE: &[u8] = b"a picture";

/// A desktop with two stored files of one name.
async fn desktop() -> (World, Running) {
    let world = World::new();
    for id in [ID, OTHER] {
        let file = ("image/png".to_owned(), Bytes::from_static(PICTURE));
        let id: AssetId = id.parse().unwrap();
        world.server.change(|state| state.assets.insert(id, file));
    }
    let running = world.open().await;
    *running.host.desktop.lock().unwrap() = Some(Desktop {
        pictures: world.folder.path().join("Pictures"),
        ..Desktop::default()
    });
    (world, running)
}

fn file(id: &str, name: &str) -> AssetSave {
    AssetSave {
        asset_id: id.parse().unwrap(),
        name: name.to_owned(),
        bytes: PICTURE.len() as u64,
    }
}

fn revealed(running: &Running) -> Vec<PathBuf> {
    let desktop = running.host.desktop.lock().unwrap();
    desktop.as_ref().unwrap().revealed.clone()
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = files
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_is_saved_where_its_person_says_and_shown_there_and_nothing_else_is() {
    let (world, running) = desktop().await;
    let request = json!(file(ID, "A fox.png"));
    let nowhere: SavedFile = running.run("asset_save", request.clone()).await;
    assert_eq!(nowhere.path, None, "they thought better of it");

    let to = world.folder.path().join("mine.png");
    if let Some(desktop) = running.host.desktop.lock().unwrap().as_mut() {
        desktop.save_as = Some(to.clone());
    }
    let saved: SavedFile = running.run("asset_save", request).await;
    assert_eq!(std::fs::read(&to).unwrap(), PICTURE);
    let path = json!({ "path": saved.path });
    running.run::<serde_json::Value>("reveal", path).await;
    assert_eq!(revealed(&running), [to]);
    let refused = running.refused("reveal", json!({ "path": "/etc" })).await;
    assert_eq!(refused.code, Code::BadRequest);
}

#[tokio::test]
async fn two_files_of_a_name_are_shown_apart_among_the_pictures_and_each_is_written_once() {
    let (world, running) = desktop().await;
    for id in [ID, OTHER, ID] {
        let _: SavedFile = running
            .run("asset_show", json!(file(id, "A fox: 100% red.png")))
            .await;
    }
    let folder = world.folder.path().join("Pictures/Any AI Studio");
    let both = ["A fox 100 red abcdef12.png", "A fox 100 red abcdef13.png"];
    assert_eq!(names(&folder), both);
    let [first, second] = both.map(|name| folder.join(name));
    assert_eq!(std::fs::read(&first).unwrap(), PICTURE);
    assert_eq!(revealed(&running), [first.clone(), second, first]);
}

#[tokio::test]
async fn an_edited_copy_stays_as_it_is() {
    let (_world, running) = desktop().await;
    let request = json!(file(ID, "A fox.png"));
    let shown: SavedFile = running.run("asset_show", request.clone()).await;
    let path = PathBuf::from(shown.path.unwrap());
    std::fs::write(&path, "cropped").unwrap();
    let again: SavedFile = running.run("asset_show", request).await;
    assert_eq!(again.path.map(PathBuf::from), Some(path.clone()));
    assert_eq!(std::fs::read(&path).unwrap(), b"cropped");
    assert_eq!(revealed(&running), [path.clone(), path]);
}

#[tokio::test]
async fn what_cannot_be_read_leaves_nothing_behind_and_the_old_file_whole() {
    let (world, running) = desktop().await;
    let folder = world.folder.path().join("Saved");
    std::fs::create_dir(&folder).unwrap();
    let to = folder.join("mine.png");
    std::fs::write(&to, "the old one").unwrap();
    if let Some(desktop) = running.host.desktop.lock().unwrap().as_mut() {
        desktop.save_as = Some(to.clone());
    }
    let gone = file("019a0000-0000-7000-8000-0000abcdef14", "A fox.png");
    for command in ["asset_save", "asset_show"] {
        running.refused(command, json!(gone)).await;
    }
    assert_eq!(std::fs::read(&to).unwrap(), b"the old one");
    assert_eq!(names(&folder), ["mine.png"]);
    let pictures = world.folder.path().join("Pictures/Any AI Studio");
    assert!(names(&pictures).is_empty());
}

#[tokio::test]
async fn what_is_dragged_away_is_laid_out_under_its_name_for_a_month() {
    let (world, running) = desktop().await;
    let path = running.app.lay_out(file(ID, "A fox.png")).await.unwrap();
    assert!(path.ends_with("dragged/A fox abcdef12.png"), "{path:?}");
    assert_eq!(std::fs::read(&path).unwrap(), PICTURE);
    let old = running.app.lay_out(file(OTHER, "Old.png")).await.unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(31 * 24);
    let opened = std::fs::File::options().append(true).open(&old).unwrap();
    opened.set_modified(long_ago).unwrap();
    running.app.shutdown().await;
    let _running = world.open().await;
    assert!(!old.exists());
    assert!(path.exists(), "an editor may have it open");
}

#[tokio::test]
async fn a_browser_has_no_folders_to_show() {
    let running = World::new().open().await;
    for command in ["asset_save", "asset_show"] {
        let refused = running.refused(command, json!(file(ID, "A fox.png"))).await;
        assert_eq!(refused.code, Code::BadRequest, "{command}");
    }
}
