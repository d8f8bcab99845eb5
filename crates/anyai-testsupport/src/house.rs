//! A studio server in front of whoever stands for the providers, and a person with a studio on it.

use std::collections::BTreeMap;
use std::ops::Deref;

use anyai_catalog::Catalogue;
use anyai_server::{Manners, Upkeep};
use anyai_units::{ConversationId, Credits, TurnId};
use anyai_wire::api::TurnPost;
use anyai_wire::{
    ConversationRef, ConversationView, EstimateShown, Media, PromptPart, TurnPhase, TurnView,
    WireError,
};
use uuid::Uuid;

use crate::server::TestServer;
use crate::studio::TestStudio;
use crate::until::until;

/// Who stands for the providers, and how they are called.
#[derive(Clone, Debug, Default)]
pub struct Stands {
    /// Where they are found, by catalogue id. Each has a key of the operator's.
    pub base_urls: BTreeMap<String, String>,
    /// Models behind the catalogue's flag that are offered.
    pub switched_on: Vec<String>,
    /// How they are called.
    pub manners: Manners,
    /// When the studio looks after what was left open.
    pub upkeep: Upkeep,
}

/// A server and a studio on it. It must be finished.
pub struct House {
    server: TestServer,
    studio: TestStudio,
}

impl House {
    /// A server that finds its providers here.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn at(stands: Stands) -> Self {
        let server = TestServer::with_providers("pro", stands).await;
        let studio = TestStudio::fresh().await;
        studio.go_through(&server.door()).await;
        Self { server, studio }
    }

    /// One prompt on every one of these models at once, each with its turn's end.
    ///
    /// # Panics
    /// When one is refused.
    pub async fn all(&self, models: &[&str], prompt: &str) -> Vec<TurnView> {
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

    /// A picture or a clip, with its turn's end as the person sees it.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn made(&self, model: &str, prompt: &str, media: Media) -> TurnView {
        let turn = self.order(model, prompt, media).await;
        self.ended(&turn).await
    }

    /// A picture or a clip, posted as an app posts it.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn order(&self, model: &str, prompt: &str, media: Media) -> TurnView {
        let post = post(model, prompt, media);
        let url = format!("{}/v1/turns", self.server.url());
        let sending = reqwest::Client::new().post(url).json(&post);
        let answer = sending.bearer_auth(self.server.token()).send().await;
        let answer = answer.expect("the server answers");
        let status = answer.status();
        let said = answer.text().await.expect("a whole answer");
        assert!(status.is_success(), "{model}: {said}");
        until("the studio has the turn", async || {
            let conversation_id = post.conversation_id;
            let request = ConversationRef { conversation_id };
            let view = self.call("conversation_open", &request).await;
            let view: ConversationView = view.ok()?;
            view.turns.into_iter().find(|turn| turn.id == post.id)
        })
        .await
    }

    /// Ends the story: the receipts come to what was spent, nothing is charged twice or above its
    /// hold, nothing is held, the ledger is sound.
    ///
    /// # Panics
    /// With the first thing that is not so.
    pub async fn finish(self, turns: &[TurnView]) {
        let mut spent = Credits::ZERO;
        for turn in turns {
            let receipt = self.receipt(turn).await;
            let kinds: Vec<&str> = receipt.entries.iter().map(|e| e.kind.as_str()).collect();
            assert_eq!(kinds.first(), Some(&"hold"), "{kinds:?}");
            let settled = kinds.iter().filter(|kind| **kind == "settle").count();
            assert!(settled <= 1, "charged twice: {kinds:?}");
            let charged = receipt.charged.expect("the turn has ended");
            assert!(charged <= receipt.held, "{receipt:?}");
            spent = spent.checked_add(charged).expect("a sum of credits");
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

fn post(model: &str, prompt: &str, media: Media) -> TurnPost {
    let nothing_shown = EstimateShown {
        low: Credits::ZERO,
        likely: Credits::ZERO,
        high: Credits::ZERO,
        ceiling: Credits::ZERO,
    };
    let catalogue = Catalogue::embedded().expect("the catalogue loads");
    TurnPost {
        id: TurnId::from_uuid(Uuid::now_v7()),
        conversation_id: ConversationId::from_uuid(Uuid::now_v7()),
        parent_id: None,
        model_id: model.to_owned(),
        effort: None,
        answer_words_max: None,
        stop_at: None,
        media: Some(media),
        prompt: vec![PromptPart::Text {
            text: prompt.to_owned(),
        }],
        estimate: nothing_shown,
        rate_card_version: catalogue.rate_card().id.version,
    }
}

/// What a turn that ended well was charged.
///
/// # Panics
/// When it ended otherwise.
#[must_use]
pub fn settled(turn: &TurnView) -> Credits {
    match &turn.phase {
        TurnPhase::Settled { charged, .. } => *charged,
        other => panic!("{}: {other:?}", turn.model_id),
    }
}

/// What a turn that failed was charged, and why it failed.
///
/// # Panics
/// When it ended otherwise.
#[must_use]
pub fn failed(turn: &TurnView) -> (Credits, &WireError) {
    match &turn.phase {
        TurnPhase::Failed { charged, error } => (*charged, error),
        other => panic!("{}: {other:?}", turn.model_id),
    }
}
