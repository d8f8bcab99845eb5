//! Strange input: a paste of megabytes, bytes that are no text, prompts of nothing.

use anyai_testsupport::TestStudio;
use anyai_units::Credits;
use anyai_wire::{
    Attachment, AttachmentAdd, AttachmentBytes, AttachmentRead, Code, Detail, Fit, PromptPart,
    TurnPhase, TurnSend, TurnView,
};

use crate::{MODEL, OTHER_MODEL, refused};

#[tokio::test]
async fn three_megabytes_are_quoted_refused_where_too_long_and_sent_where_they_fit() {
    let studio = TestStudio::own_keys("max").await;
    let line = "2026-11-22 18:30:07 INFO request 48151623 took 42 ms; user ana; path /a/b/c\n";
    let paste = line.repeat(3 * 1024 * 1024 / line.len());
    studio.save_draft(&paste).await;
    let quotes = studio.quote(&paste).await.models;
    assert!(!quotes.is_empty());
    let too_long = quotes.iter().find_map(|quote| match quote.fit {
        Fit::ContextTooLong {
            asked_tokens,
            limit_tokens,
        } => Some((quote.model_id.clone(), asked_tokens, limit_tokens)),
        _ => None,
    });
    let (model, asked_tokens, limit_tokens) = too_long.unwrap();
    assert!(asked_tokens > limit_tokens);
    let refusal = refused(studio.send(&model, &paste).await);
    assert_eq!(refusal.code, Code::ContextTooLong, "{refusal}");
    assert_eq!(
        refusal.detail,
        Some(Detail::Limit {
            asked: asked_tokens,
            limit: limit_tokens
        }),
        "with the sizes"
    );
    assert_eq!(
        studio.draft().await.len(),
        paste.len(),
        "the draft is not lost"
    );
    assert_eq!(studio.balance().await.posted, Credits::ZERO);

    let fits = quotes.iter().find(|quote| quote.fit == Fit::Fits);
    if let Some(quote) = fits {
        let prompt = format!("{paste}[[say:All of it.]]");
        let turn = studio.turn(&quote.model_id, &prompt).await;
        assert_eq!(
            turn.text, "All of it.",
            "{}: {:?}",
            quote.model_id, turn.phase
        );
    }
    let beyond = "x".repeat(9 * 1024 * 1024);
    let refusal = refused(studio.send(MODEL, &beyond).await);
    assert_eq!(refusal.code, Code::DraftTooLarge, "{refusal}");
    studio.finish().await;
}

#[tokio::test]
async fn nothing_and_nonsense_are_refused_in_words() {
    let studio = TestStudio::own_keys("pro").await;
    for nothing in ["", "   ", "\n\t\u{a0}"] {
        assert_eq!(
            refused(studio.send(MODEL, nothing).await).code,
            Code::DraftEmpty
        );
    }
    let unknown = refused(studio.send("gpt-9000", "Hello").await);
    assert_eq!(
        unknown.code,
        Code::ModelUnknown,
        "an unknown model has no default price"
    );
    let bare: Result<serde_json::Value, _> = studio.call("turn_send", &"hello").await;
    assert_eq!(refused(bare).code, Code::BadRequest);
    let absent: Result<serde_json::Value, _> = studio.call("no_such_command", &()).await;
    assert_eq!(refused(absent).code, Code::BadRequest);
    for odd in [
        "a\u{0}b",
        "\u{202e}txet",
        "🏳️‍🌈 e\u{301}",
        "]]>[[",
        "<script>alert(1)</script>",
    ] {
        let prompt = format!("[[say:Fine.]]{odd}");
        let turn = studio.turn(MODEL, &prompt).await;
        assert_eq!(turn.text, "Fine.", "{odd:?}: {:?}", turn.phase);
    }
    studio.finish().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_end_a_turn_and_nothing_else() {
    let studio = TestStudio::own_keys("pro").await;
    for model in [MODEL, OTHER_MODEL, "gemini-3.8-flash", "grok-4.3"] {
        let prompt = "[[fault:invalid_utf8 after=5]][[length:tokens=40]] Hello";
        let turn = studio.turn(model, prompt).await;
        let receipt = studio.receipt(&turn).await;
        match &turn.phase {
            TurnPhase::Failed { charged, error } => {
                assert_eq!(error.code, Code::ProviderMalformed, "{model}: {error}");
                assert!(*charged < receipt.held, "{model}");
            }
            TurnPhase::Settled { .. } => assert!(!turn.text.is_empty(), "{model}"),
            other => panic!("{model}: {other:?}"),
        }
        let next = studio
            .send_after(&turn, model, "[[say:Go on.]] On")
            .await
            .unwrap();
        assert_eq!(
            studio.ended(&next).await.text,
            "Go on.",
            "{model}: the conversation goes on"
        );
    }
    studio.finish().await;
}

#[tokio::test]
async fn an_answer_in_pieces_of_one_byte_is_the_same_answer() {
    let studio = TestStudio::own_keys("pro").await;
    for model in [MODEL, OTHER_MODEL] {
        let words = "Ein Äpfelchen, 日本語, 🦀.";
        let prompt = format!("[[fault:split bytes=1]][[say:{words}]] Hello");
        assert_eq!(studio.turn(model, &prompt).await.text, words, "{model}");
    }
    studio.finish().await;
}

/// A picture of two by two pixels.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR42mP4z8DAAMIM////ZwAAHu8E/HMcU8wAAAAASUVORK5CYII=";

#[tokio::test]
async fn a_picture_is_priced_sent_and_there_after_a_restart_and_a_false_one_is_refused() {
    let mut studio = TestStudio::own_keys("pro").await;
    let add = |name: &str, base64: &str| AttachmentAdd {
        name: name.to_owned(),
        base64: base64.to_owned(),
    };
    for (name, base64) in [("cat.png", "AAECAwQFBgc="), ("cat.png", "%%%"), ("", "")] {
        let answer: Result<Attachment, _> = studio.call("attachment_add", &add(name, base64)).await;
        let code = refused(answer).code;
        let expected = [Code::AttachmentRejected, Code::BadRequest];
        assert!(expected.contains(&code), "{base64}: {code:?}");
    }
    let picture: Attachment = studio
        .must("attachment_add", &add("cat.jpg", PICTURE))
        .await;
    assert_eq!(
        (picture.mime.as_str(), picture.width),
        ("image/png", 2),
        "by its bytes"
    );

    let text = PromptPart::Text {
        text: "[[say:A cat.]] What is this?".to_owned(),
    };
    let send = TurnSend {
        conversation_id: None,
        parent_id: None,
        model_id: MODEL.to_owned(),
        effort: None,
        answer_words_max: None,
        media: None,
        parts: vec![text, PromptPart::Image(picture.clone())],
        stop_at: None,
    };
    let sent: TurnView = studio.must("turn_send", &send).await;
    let turn = studio.ended(&sent).await;
    assert_eq!(turn.text, "A cat.", "{:?}", turn.phase);
    studio.restart().await;
    studio.until_online().await;
    let again = studio.turn_now(&turn).await.unwrap();
    assert_eq!(again.prompt[1], PromptPart::Image(picture.clone()));
    let read = AttachmentRead {
        asset_id: picture.asset_id,
    };
    let bytes: AttachmentBytes = studio.must("attachment_read", &read).await;
    assert_eq!(bytes.base64, PICTURE);
    studio.finish().await;
}
