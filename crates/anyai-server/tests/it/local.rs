//! Models on servers of this machine: they come and go by themselves and cost nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyai_catalog::{Catalogue, Documents};
use anyai_server::LocalServers;
use anyai_simulator::{Options, Provider, Simulator};
use anyai_units::Credits;
use anyai_wire::api::{LedgerChanges, Offers, RateCardDocuments};
use anyai_wire::{Code, Offer, TurnPhase};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::harness::TestStudio;

/// A studio without any provider key, beside an Ollama at `address`.
async fn beside(address: &str) -> TestStudio {
    let mut studio = TestStudio::new().await;
    studio.close_files().await;
    let mut options = studio.options();
    options.endpoints.simulated_key = None;
    options.local_servers = LocalServers::at(address).every(Duration::from_millis(20));
    studio.open_with(options).await.unwrap();
    studio
}

async fn local_models(studio: &TestStudio) -> Vec<String> {
    let card: RateCardDocuments = studio.get("/v1/rate-card").await;
    let catalogue = Catalogue::parse(Documents {
        models: card.models,
        rate_card: card.rate_card,
        plans: card.plans,
    })
    .unwrap();
    let models = catalogue.models().iter();
    let local = models.filter(|model| model.provider == anyai_catalog::Provider::Local);
    local.map(|model| model.id.to_string()).collect()
}

async fn prices_tag(studio: &TestStudio) -> String {
    let page: LedgerChanges = studio.get("/v1/ledger/changes").await;
    page.prices
}

async fn ollama() -> Simulator {
    Simulator::start(Options::default()).await.unwrap()
}

#[tokio::test]
async fn a_model_that_is_there_is_in_the_first_list_and_answers_for_nothing() {
    let ollama = ollama().await;
    let studio = beside(&ollama.base_url(Provider::Ollama)).await;

    let models = local_models(&studio).await;
    let offers: Offers = studio.get("/v1/offers").await;
    let turn = studio
        .complete(
            &studio
                .draft(&models[0], "Say something about rivers.")
                .await,
        )
        .await;

    assert_eq!(offers.by_provider["local"], Offer::Offered);
    assert_eq!(offers.by_provider["openai"], Offer::NoKey);
    let TurnPhase::Settled { charged, .. } = turn.phase else {
        panic!("{:?}", turn.phase);
    };
    assert_eq!(charged, Credits::ZERO);
    assert!(!turn.text.is_empty());
    let balance = studio.balance().await;
    assert_eq!(
        balance.available, balance.granted,
        "nothing was held or spent"
    );
    assert_eq!(
        studio.simulator.paid_requests().len(),
        0,
        "nobody else was called"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_server_that_starts_later_is_found_and_one_that_stops_is_gone() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = port.local_addr().unwrap();
    drop(port);
    let studio = beside(&format!("http://{address}/v1")).await;
    let before = prices_tag(&studio).await;
    assert_eq!(local_models(&studio).await, Vec::<String>::new());

    let ollama = small_ollama(address).await;
    let found = async |studio: &TestStudio| local_models(studio).await == ["tiny:1b"];
    studio.until("it is found", found).await;
    assert_ne!(
        prices_tag(&studio).await,
        before,
        "a mirror learns that there is something new"
    );

    drop(ollama);
    let gone = async |studio: &TestStudio| local_models(studio).await.is_empty();
    studio.until("it is gone", gone).await;
    let refused = studio
        .post(&studio.draft("tiny:1b", "Are you there?").await)
        .await;
    assert_eq!(refused.error().code, Code::ModelUnknown);
    studio.finish().await;
}

/// An Ollama with one model, that can be stopped.
async fn small_ollama(address: SocketAddr) -> JoinSet<()> {
    let tags = r#"{"models":[{"name":"tiny:1b"}]}"#;
    let listener = TcpListener::bind(address).await.unwrap();
    serve(listener, tags.to_owned())
}

/// An Ollama with these models, until it is dropped.
fn serve(listener: TcpListener, tags: String) -> JoinSet<()> {
    let router = axum::Router::new()
        .route("/api/tags", get(move || async move { tags }))
        .route("/api/show", post(|| async { "{}" }));
    let mut server = JoinSet::new();
    server.spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    server
}

#[tokio::test]
async fn a_model_of_a_taken_name_does_not_take_the_place_of_a_paid_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let card = Catalogue::embedded().unwrap();
    let (chat, image, video) = (
        card.models()[0].id.as_str(),
        card.image_models()[0].id.as_str(),
        card.video_models()[0].id.as_str(),
    );
    let names = [chat, "own", image, video, "own"];
    let tags = names.map(|name| serde_json::json!({ "name": name }));
    let _server = serve(listener, serde_json::json!({ "models": tags }).to_string());

    let studio = beside(&format!("http://{address}/v1")).await;

    assert_eq!(local_models(&studio).await, ["own"]);
    studio.finish().await;
}
