//! A studio server in front of a mock server, and a person with a studio on it.

use std::collections::BTreeMap;
use std::ops::Deref;

use anyai_catalog::Catalogue;
use anyai_testsupport::{TestServer, TestStudio, until};
use anyai_units::{ConversationId, Credits, TurnId};
use anyai_wire::api::TurnPost;
use anyai_wire::{
    ConversationRef, ConversationView, EstimateShown, Media, PromptPart, TurnPhase, TurnView,
    WireError,
};
use uuid::Uuid;

/// It must be finished.
pub(crate) struct House {
    server: TestServer,
    studio: TestStudio,
}

impl House {
    /// A server that finds its providers here.
    pub(crate) async fn at(urls: BTreeMap<String, String>) -> Self {
        Self::with_flagged(urls, &[]).await
    }

    /// The same with models behind the catalogue's flag.
    pub(crate) async fn with_flagged(urls: BTreeMap<String, String>, models: &[&str]) -> Self {
        let server = TestServer::with_providers("pro", urls, models).await;
        let studio = TestStudio::fresh().await;
        studio.go_through(&server.door()).await;
        Self { server, studio }
    }

    /// One prompt on every one of these models at once, each with its turn's end.
    pub(crate) async fn all(&self, models: &[&str], prompt: &str) -> Vec<TurnView> {
        let mut sent = Vec::new();
        for model in models {
            let turn = self.send(model, prompt).await;
            sent.push(turn.unwrap_or_else(|error| panic!("{model}: {error:?}")));
        }
        let mut ended = Vec::new();
        for turn in &sent {
            ended.push(self.ended(turn).await);
        }
        ended
    }

    /// A picture or a clip, posted as an app posts it, with its turn's end as the person sees it.
    pub(crate) async fn made(&self, model: &str, prompt: &str, media: Media) -> TurnView {
        let id = TurnId::from_uuid(Uuid::now_v7());
        let conversation_id = ConversationId::from_uuid(Uuid::now_v7());
        let nothing_shown = EstimateShown {
            low: Credits::ZERO,
            likely: Credits::ZERO,
            high: Credits::ZERO,
            ceiling: Credits::ZERO,
        };
        let post = TurnPost {
            id,
            conversation_id,
            parent_id: None,
            model_id: model.to_owned(),
            effort: None,
            media: Some(media),
            prompt: vec![PromptPart::Text {
                text: prompt.to_owned(),
            }],
            estimate: nothing_shown,
            rate_card_version: Catalogue::embedded().unwrap().rate_card().id.version,
        };
        let url = format!("{}/v1/turns", self.server.url());
        let sending = reqwest::Client::new().post(url).json(&post);
        let answer = sending.bearer_auth(self.server.token()).send().await;
        let answer = answer.unwrap();
        let status = answer.status();
        let said = answer.text().await.unwrap();
        assert!(status.is_success(), "{model}: {said}");
        let turn = until("the studio has the turn", async || {
            let request = ConversationRef { conversation_id };
            let view = self.call("conversation_open", &request).await;
            let view: ConversationView = view.ok()?;
            view.turns.into_iter().find(|turn| turn.id == id)
        });
        self.ended(&turn.await).await
    }

    /// Ends the story: the receipts come to what was spent, nothing is held, the ledger is sound.
    pub(crate) async fn finish(self, turns: &[TurnView]) {
        let mut spent = Credits::ZERO;
        for turn in turns {
            let receipt = self.receipt(turn).await;
            let kinds: Vec<&str> = receipt.entries.iter().map(|e| e.kind.as_str()).collect();
            assert_eq!(kinds[0], "hold", "{kinds:?}");
            let settled = kinds.iter().filter(|kind| **kind == "settle").count();
            assert!(settled <= 1, "charged twice: {kinds:?}");
            let charged = receipt.charged.unwrap();
            assert!(charged <= receipt.held, "{receipt:?}");
            spent = spent.checked_add(charged).unwrap();
            self.balance_after(&receipt).await;
        }
        assert_eq!(self.quiet_balance().await.posted, spent);
        self.studio.finish().await;
        assert_eq!(self.server.finish().await.ledgers, 1);
    }
}

impl Deref for House {
    type Target = TestStudio;

    fn deref(&self) -> &TestStudio {
        &self.studio
    }
}

/// What a turn that ended well was charged.
pub(crate) fn settled(turn: &TurnView) -> Credits {
    match &turn.phase {
        TurnPhase::Settled { charged, .. } => *charged,
        other => panic!("{}: {other:?}", turn.model_id),
    }
}

/// What a turn that failed was charged, and why it failed.
pub(crate) fn failed(turn: &TurnView) -> (Credits, &WireError) {
    match &turn.phase {
        TurnPhase::Failed { charged, error } => (*charged, error),
        other => panic!("{}: {other:?}", turn.model_id),
    }
}
