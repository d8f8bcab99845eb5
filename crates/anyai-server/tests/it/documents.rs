//! PDFs and text files in a chat: sent where they are read, counted, refused where they are not.

use anyai_catalog::Catalogue;
use anyai_units::{AssetId, Tokens, UtcMillis};
use anyai_wire::api::TurnPost;
use anyai_wire::{Attachment, Code, PromptPart};
use http::Method;
use uuid::Uuid;

use crate::assets::png;
use crate::harness::{MODEL, START, TestStudio};

/// A model that reads PDFs; [`MODEL`] does not.
const READER: &str = "claude-haiku-4-5";

async fn file(studio: &TestStudio, name: &str, bytes: &[u8]) -> Attachment {
    let id = AssetId::from_uuid(Uuid::now_v7());
    let path = format!("/v1/assets/{id}?name={name}");
    studio.raw(Method::PUT, &path, bytes.to_vec()).await.ok()
}

fn pdf(pages: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    bytes.extend(b"<</Type/Page>>\n".repeat(pages));
    bytes
}

async fn about(studio: &TestStudio, model: &str, files: &[&Attachment]) -> TurnPost {
    let mut post = studio.draft(model, "[[say:Read.]] What is in it?").await;
    let parts = files
        .iter()
        .map(|file| PromptPart::Document((*file).clone()));
    post.prompt.extend(parts);
    post
}

#[tokio::test]
async fn files_are_sent_and_counted_and_sent_again() {
    let studio = TestStudio::new().await;
    let words = "Der Hund schläft. ".repeat(400);
    let notes = file(&studio, "notes.txt", words.as_bytes()).await;
    let paper = file(&studio, "paper.pdf", &pdf(2)).await;
    let plain = about(&studio, READER, &[]).await;
    studio.complete(&plain).await;
    let first = about(&studio, READER, &[&notes, &paper]).await;
    let turn = studio.complete(&first).await;
    assert_eq!(turn.text, "Read.", "{:?}", turn.phase);
    assert_eq!(turn.prompt[1], PromptPart::Document(notes));
    let sent = studio.simulator.requests().pop().unwrap().body.unwrap();
    let said = sent["messages"][0]["content"].to_string();
    assert!(said.contains("application/pdf"), "{said}");
    assert!(
        said.contains("notes.txt") && said.contains("Der Hund schläft."),
        "{said}"
    );
    let held = async |turn| studio.receipt(turn).await.held;
    assert!(
        held(first.id).await > held(plain.id).await,
        "they are held for"
    );
    let long = about(
        &studio,
        READER,
        &[&file(&studio, "long.pdf", &pdf(20)).await],
    )
    .await;
    studio.complete(&long).await;
    let short = about(&studio, READER, &[&paper]).await;
    studio.complete(&short).await;
    assert!(held(long.id).await > held(short.id).await, "every page is");

    let next = TurnPost {
        conversation_id: first.conversation_id,
        parent_id: Some(first.id),
        ..about(&studio, READER, &[]).await
    };
    studio.complete(&next).await;
    let sent = studio.simulator.requests().pop().unwrap().body.unwrap();
    let said = sent["messages"][0]["content"].to_string();
    assert!(
        said.contains("application/pdf") && said.contains("Der Hund"),
        "{said}"
    );
    studio.finish().await;
}

#[tokio::test]
async fn words_that_nobody_sees_on_a_page_are_held_for() {
    let studio = TestStudio::new().await;
    let letters = 50_000;
    let layer = [
        &pdf(1)[..],
        b"<</Length 9>>stream\nBT 3 Tr (",
        &vec![b'a'; letters],
        b") Tj ET\nendstream",
    ]
    .concat();
    let mut held = Vec::new();
    for bytes in [pdf(1), layer] {
        let paper = file(&studio, "paper.pdf", &bytes).await;
        let post = about(&studio, READER, &[&paper]).await;
        studio.complete(&post).await;
        held.push(studio.receipt(post.id).await.held.millicredits());
    }
    let catalogue = Catalogue::embedded().unwrap();
    let now = UtcMillis::from_millis(START);
    let (_, price) = catalogue.offer(READER, now).unwrap();
    let words = Tokens::new(letters as u64);
    let least = price.ceiling(words, Tokens::ZERO, false).unwrap();
    // A letter is a token at most.
    assert!(
        held[1] - held[0] >= least.millicredits(),
        "{held:?} {least}"
    );
    studio.finish().await;
}

#[tokio::test]
async fn what_a_model_does_not_read_is_refused() {
    let studio = TestStudio::new().await;
    let paper = file(&studio, "paper.pdf", &pdf(2)).await;
    let error = studio
        .post(&about(&studio, MODEL, &[&paper]).await)
        .await
        .error();
    assert_eq!(error.code, Code::AttachmentRejected, "{error:?}");
    assert!(error.message.contains("application/pdf"), "{error:?}");
    let notes = file(&studio, "notes.txt", b"words").await;
    let turn = studio
        .complete(&about(&studio, MODEL, &[&notes]).await)
        .await;
    assert_eq!(turn.text, "Read.", "words are read by every model");

    // A file is what it is, whatever part of a prompt it is put into.
    let picture = studio.picture(&png(3, 3)).await;
    let error = studio
        .post(&about(&studio, MODEL, &[&picture]).await)
        .await
        .error();
    assert_eq!(error.code, Code::AttachmentRejected);
    for part in [PromptPart::Image(notes.clone()), PromptPart::Video(notes)] {
        let mut post = about(&studio, MODEL, &[]).await;
        post.prompt.push(part);
        let error = studio.post(&post).await.error();
        assert_eq!(error.code, Code::AttachmentRejected, "{error:?}");
    }
    studio.finish().await;
}
