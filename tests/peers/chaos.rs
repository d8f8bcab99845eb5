//! aimock's faults: every one is said in a sentence and costs nothing, and the next turn goes well.

use anyai_testsupport::{failed, until};
use anyai_units::Credits;
use anyai_wire::Code;
use serde_json::json;

use crate::MODELS;
use crate::chat::{assert_answered, fixture};
use crate::peer::Peer;

const CHAOS: &str = "/__aimock/chaos";

#[tokio::test]
async fn every_fault_is_said_costs_nothing_and_passes() {
    let aimock = Peer::aimock(fixture()).await;
    let house = aimock.house().await;
    let mut turns = Vec::new();
    for (fault, code) in [
        ("dropRate", Code::ProviderFailed),
        ("malformedRate", Code::ProviderMalformed),
        ("disconnectRate", Code::ProviderUnreachable),
        ("rateLimitRate", Code::ProviderRateLimited),
    ] {
        aimock.order(CHAOS, json!({ fault: 1 })).await;
        for turn in house.all(&MODELS, fault).await {
            let (charged, error) = failed(&turn);
            assert_eq!(error.code, code, "{} {fault}: {error:?}", turn.model_id);
            assert!(!error.message.is_empty(), "{} {fault}", turn.model_id);
            assert_eq!(charged, Credits::ZERO, "{} {fault}", turn.model_id);
            turns.push(turn);
        }
    }
    aimock.order(CHAOS, json!({})).await;
    for model in MODELS {
        // Who asked to be left alone for a second is.
        let answered = until("the provider is called again", async || {
            let sent = house.send(model, "And now?").await.ok()?;
            Some(house.ended(&sent).await)
        })
        .await;
        assert_answered(&answered);
        turns.push(answered);
    }
    house.finish(&turns).await;
}
