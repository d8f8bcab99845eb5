//! Pictures: stored once, known by their bytes, priced by their own size.

use std::path::PathBuf;

use anyai_units::{AssetId, TurnId};
use anyai_wire::api::TurnPost;
use anyai_wire::{Attachment, Code, Detail, PromptPart, StopReason, TurnPhase};
use http::{Method, StatusCode};
use image::{ExtendedColorType, ImageEncoder};
use uuid::Uuid;

use crate::harness::TestStudio;

/// A picture of one colour.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = vec![120_u8; (width * height) as usize];
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&pixels, width, height, ExtendedColorType::L8)
        .unwrap();
    bytes
}

#[tokio::test]
async fn a_picture_comes_back_as_it_went_in() {
    let studio = TestStudio::new().await;
    let bytes = png(7, 5);
    let stored = studio.picture(&bytes).await;
    assert_eq!((stored.width, stored.height), (7, 5));
    assert_eq!(stored.mime, "image/png");
    assert_eq!(stored.bytes, bytes.len() as u64);
    assert_eq!(stored.name, "cat.png");
    let path = format!("/v1/assets/{}", stored.asset_id);
    let read = studio.raw(Method::GET, &path, Vec::new()).await;
    assert_eq!(read.body, bytes);

    let again: Attachment = studio.raw(Method::PUT, &path, bytes.clone()).await.ok();
    assert_eq!(again, stored, "the same again changes nothing");
    let other = studio.raw(Method::PUT, &path, png(6, 5)).await;
    assert_eq!(
        other.status,
        StatusCode::CONFLICT,
        "an id names one picture for ever"
    );
    other.error();
    let twin = studio.picture(&bytes).await;
    assert_ne!(twin.asset_id, stored.asset_id);
    let folders = std::fs::read_dir(studio.folder().join("assets")).unwrap();
    let files: usize = folders
        .map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count())
        .sum();
    assert_eq!(
        files, 1,
        "the same bytes are kept once, and a refused one not at all"
    );
    studio.finish().await;
}

#[tokio::test]
async fn what_is_no_picture_is_refused_whatever_it_is_called() {
    let studio = TestStudio::new().await;
    let mut halved = png(40, 40);
    halved.truncate(20);
    let huge_head = {
        let mut bytes = png(1, 1);
        bytes[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1]);
        bytes
    };
    for bytes in [
        Vec::new(),
        b"GIF89a".to_vec(),
        halved,
        huge_head,
        vec![0xff; 21 << 20],
    ] {
        let path = format!("/v1/assets/{}?name=cat.png", Uuid::now_v7());
        let answer = studio.raw(Method::PUT, &path, bytes).await;
        assert_eq!(answer.error().code, Code::AttachmentRejected);
    }
    studio.finish().await;
}

#[tokio::test]
async fn a_picture_is_sent_and_priced_by_its_own_size_not_the_clients_word() {
    let studio = TestStudio::new().await;
    let stored = studio.picture(&png(1_500, 1_500)).await;
    let claimed = Attachment {
        width: 1,
        height: 1,
        duration_ms: None,
        bytes: 1,
        mime: "image/gif".into(),
        ..stored.clone()
    };
    let mut honest = studio
        .draft("claude-haiku-5-5", "[[say:A cat.]] What is it?")
        .await;
    let plain = studio.complete(&honest).await;
    honest.id = TurnId::from_uuid(Uuid::now_v7());
    honest.prompt.push(PromptPart::Image(claimed));
    let turn = studio.complete(&honest).await;
    assert_eq!(turn.text, "A cat.", "{:?}", turn.phase);
    assert!(
        turn.prompt.contains(&PromptPart::Image(stored)),
        "the record has the server's particulars: {:?}",
        turn.prompt
    );
    let (with, without) = (
        studio.receipt(turn.id).await,
        studio.receipt(plain.id).await,
    );
    assert!(with.held > without.held, "the picture was held for");
    let sent = studio.simulator.requests().pop().unwrap().body.unwrap();
    assert_eq!(
        sent["messages"][0]["content"][0]["source"]["media_type"],
        "image/png"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_damaged_file_is_noticed_and_never_sent() {
    let studio = TestStudio::new().await;
    let stored = studio.picture(&png(9, 9)).await;
    let folder = studio.folder().join("assets");
    let inner = std::fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let file = std::fs::read_dir(inner)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::write(&file, png(8, 8)).unwrap();
    let path = format!("/v1/assets/{}", stored.asset_id);
    assert_eq!(
        studio
            .raw(Method::GET, &path, Vec::new())
            .await
            .error()
            .code,
        Code::DataDamaged
    );
    let mut post = studio.draft("claude-haiku-5-5", "Look").await;
    post.prompt.push(PromptPart::Image(stored));
    assert_eq!(studio.post(&post).await.error().code, Code::DataDamaged);
    let unknown = format!("/v1/assets/{}", AssetId::from_uuid(Uuid::now_v7()));
    let unknown = studio.raw(Method::GET, &unknown, Vec::new()).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    studio.finish().await;
}

/// The file of the only picture that is stored.
fn only_file(studio: &TestStudio) -> PathBuf {
    let mut found = std::fs::read_dir(studio.folder().join("assets"))
        .unwrap()
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path());
    let file = found.next().unwrap();
    assert!(found.next().is_none(), "only one is stored");
    file
}

async fn next_turn(studio: &TestStudio, model: &str, before: &TurnPost) -> TurnPost {
    TurnPost {
        conversation_id: before.conversation_id,
        parent_id: Some(before.id),
        ..studio.draft(model, "[[say:Yes.]] And now?").await
    }
}

#[tokio::test]
async fn a_lost_picture_of_an_earlier_turn_becomes_words_and_the_conversation_goes_on() {
    for damaged in [false, true] {
        let studio = TestStudio::new().await;
        let stored = studio.picture(&png(9, 9)).await;
        let mut first = studio
            .draft("claude-haiku-5-5", "[[say:A cat.]] Look")
            .await;
        first.prompt.push(PromptPart::Image(stored));
        studio.complete(&first).await;
        let file = only_file(&studio);
        if damaged {
            std::fs::write(&file, png(8, 8)).unwrap();
        } else {
            std::fs::remove_file(&file).unwrap();
        }
        let second = next_turn(&studio, "claude-haiku-5-5", &first).await;
        let turn = studio.complete(&second).await;
        assert_eq!(turn.text, "Yes.", "{:?}", turn.phase);
        let sent = studio.simulator.requests().pop().unwrap().body.unwrap();
        let said = &sent["messages"][0]["content"];
        assert_eq!(
            said[0]["text"], "[The file \"cat.png\" is no longer available.]",
            "{said}"
        );
        assert!(!said.to_string().contains("\"image\""), "{said}");

        let mut third = next_turn(&studio, "claude-haiku-5-5", &second).await;
        third.prompt.push(first.prompt[1].clone());
        let error = studio.post(&third).await.error();
        assert_eq!(
            error.code,
            Code::DataDamaged,
            "in a new prompt it is an error"
        );
        assert!(error.message.contains("attach it again"), "{error:?}");
        studio.finish().await;
    }
}

#[tokio::test]
async fn pictures_are_not_read_for_a_turn_that_is_not_sent() {
    let studio = TestStudio::with_plan("free").await;
    let stored = studio.picture(&png(9, 9)).await;
    std::fs::remove_file(only_file(&studio)).unwrap();
    // 100 credits buy no opus turn whose input alone costs more.
    let prompt = "Rain in Spain stays mainly in the plain. ".repeat(40_000);
    let mut post = studio.draft("claude-opus-5-5", &prompt).await;
    post.prompt.push(PromptPart::Image(stored));
    let error = studio.post(&post).await.error();
    assert_eq!(error.code, Code::InsufficientCredits, "{error:?}");
    studio.finish().await;
}

#[tokio::test]
async fn one_request_takes_only_so_many_bytes_of_pictures() {
    let studio = TestStudio::new().await;
    let mut large = png(9, 9);
    large.resize(12 << 20, 0);
    let stored = studio.picture(&large).await;
    let mut first = studio
        .draft("claude-haiku-5-5", "[[say:A cat.]] Look")
        .await;
    first.prompt.push(PromptPart::Image(stored.clone()));
    let turn = studio.complete(&first).await;
    assert_eq!(turn.text, "A cat.", "{:?}", turn.phase);
    let mut second = next_turn(&studio, "claude-haiku-5-5", &first).await;
    second.prompt.push(PromptPart::Image(stored));
    let error = studio.post(&second).await.error();
    assert_eq!(error.code, Code::DraftTooLarge, "{error:?}");
    let Some(Detail::Limit { asked, limit }) = error.detail else {
        panic!("{error:?}")
    };
    assert_eq!(asked, 24 << 20, "the earlier one counts too");
    assert!(limit < asked);
    studio.finish().await;
}

#[tokio::test]
async fn a_model_that_reads_no_pictures_needs_none_of_the_earlier_ones() {
    let mut studio = TestStudio::new().await;
    studio.crash();
    let mut options = studio.options();
    let mut documents = options.catalogue.documents().clone();
    let at = documents.models.find("id = \"gpt-6-luna\"").unwrap();
    let (others, luna) = documents.models.split_at(at);
    documents.models = others.to_owned() + &luna.replacen("input = [\"image\"]", "input = []", 1);
    options.catalogue = std::sync::Arc::new(anyai_catalog::Catalogue::parse(documents).unwrap());
    studio.open_with(options).await.unwrap();
    let stored = studio.picture(&png(9, 9)).await;
    let mut first = studio
        .draft("claude-haiku-5-5", "[[say:A cat.]] Look")
        .await;
    first.prompt.push(PromptPart::Image(stored));
    studio.complete(&first).await;
    // Unreadable rather than gone: reading it would fail the turn.
    let file = only_file(&studio);
    let folder = file.parent().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    std::fs::write(folder, "in the way").unwrap();
    let second = next_turn(&studio, "gpt-6-luna", &first).await;
    let turn = studio.complete(&second).await;
    assert!(
        matches!(
            turn.phase,
            TurnPhase::Settled {
                stop_reason: StopReason::Complete,
                ..
            }
        ),
        "{:?}",
        turn.phase
    );
    let third = next_turn(&studio, "claude-haiku-5-5", &second).await;
    let error = studio.post(&third).await.error();
    assert_eq!(
        error.code,
        Code::DataUnavailable,
        "one that reads them does"
    );
    studio.finish().await;
}
