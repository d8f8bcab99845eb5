//! Chat on every protocol, as aimock speaks it.

use std::time::{SystemTime, UNIX_EPOCH};

use anyai_catalog::Catalogue;
use anyai_testsupport::settled;
use anyai_units::{Credits, UtcMillis};
use anyai_wire::TurnView;
use serde_json::{Value, json};

use crate::MODELS;
use crate::peer::Peer;

const ANSWER: &str = "A lighthouse keeps ships off the rocks.";
const INPUT_TOKENS: u64 = 123;
const OUTPUT_TOKENS: u64 = 2_345;
const PICO_PER_MILLICREDIT: u64 = 1_000_000_000;

/// An answer to everything, with a usage that nobody counts up by chance.
pub(crate) fn fixture() -> Value {
    json!([{
        "match": {},
        "response": {
            "content": ANSWER,
            "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
        },
    }])
}

/// What the fixture's usage costs by the rate card of today, rounded up.
fn cost(model: &str) -> Credits {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = UtcMillis::from_millis(i64::try_from(now.as_millis()).unwrap());
    let catalogue = Catalogue::embedded().unwrap();
    let rates = catalogue.price(model, now).unwrap().standard;
    let pico = INPUT_TOKENS * rates.uncached_input + OUTPUT_TOKENS * rates.output;
    let millicredits = pico.div_ceil(PICO_PER_MILLICREDIT);
    Credits::from_millicredits(i64::try_from(millicredits).unwrap())
}

/// Asserts that this is the fixture's answer and costs what its usage costs.
pub(crate) fn assert_answered(turn: &TurnView) {
    assert_eq!(turn.text, ANSWER, "{}", turn.model_id);
    assert!(!turn.simulated, "the server knows of no simulation");
    assert_eq!(settled(turn), cost(&turn.model_id), "{}", turn.model_id);
}

#[tokio::test]
async fn every_protocol_is_answered_and_charged_by_the_rate_card() {
    let aimock = Peer::aimock(fixture()).await;
    let house = aimock.house().await;
    let first = house.all(&MODELS, "What is a lighthouse for?").await;
    let mut turns = first.clone();
    for turn in &first {
        assert_answered(turn);
        let receipt = house.receipt(turn).await;
        assert!(!receipt.counted_here, "{receipt:?}");
        let next = house.send_after(turn, &turn.model_id, "And at noon?").await;
        let next = house.ended(&next.unwrap()).await;
        assert_answered(&next);
        turns.push(next);
    }
    house.finish(&turns).await;
}
