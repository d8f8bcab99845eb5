//! llmock breaks answers, and judges by its journal how the gateway went on.

use anyai_testsupport::{failed, settled};
use anyai_units::Credits;
use anyai_wire::{Code, TurnPhase};
use serde_json::{Value, json};

use crate::MODELS;
use crate::peer::Peer;

const SCENARIO: &str = "/_llmock/scenario";
/// Shorter than a whole second, so that only who reads `retry-after-ms` gets it right in no more.
const RETRY_AFTER_S: f64 = 0.7;
/// Of more pieces than the faults let through.
const LONG_ANSWER: &str = "A tower by the sea whose lamp turns all night, so that ships in \
                           fog know where the rocks are and keep away from them.";

fn assert_passes((passed, report): &(bool, Value)) {
    assert!(
        passed,
        "llmock's verdict by its strictest rules: {report:#}"
    );
}

#[tokio::test]
async fn a_limit_and_an_overload_are_waited_out_on_every_protocol() {
    let llmock = Peer::llmock(&[]).await;
    let faults = MODELS.iter().flat_map(|model| {
        let fail = |status: u16| {
            json!({"type": "fail", "status": status, "retry_after": RETRY_AFTER_S,
                   "match": {"model": model}})
        };
        [fail(429), fail(503)]
    });
    let faults: Vec<Value> = faults.collect();
    let count = faults.len();
    llmock.order(SCENARIO, json!({ "behaviors": faults })).await;
    let house = llmock.house().await;
    let turns = house.all(&MODELS, "What is a lighthouse for?").await;
    for turn in &turns {
        assert!(!turn.text.is_empty(), "{}", turn.model_id);
        assert!(settled(turn) > Credits::ZERO, "{}", turn.model_id);
    }
    let verdict = llmock.report().await;
    assert_passes(&verdict);
    assert_eq!(verdict.1["faults_injected"], count);
    assert_eq!(verdict.1["calls"], MODELS.len());
    assert_eq!(verdict.1["attempts"], count + MODELS.len());
    house.finish(&turns).await;
}

#[tokio::test]
async fn many_turns_through_random_failures_keep_good_manners() {
    let rates = ["--error-rate", "429=0.25", "--error-rate", "503=0.15"];
    let llmock = Peer::llmock(&rates).await;
    let house = llmock.house().await;
    let failures = [Code::ProviderRateLimited, Code::ProviderOverloaded];
    let mut turns = Vec::new();
    for round in 0..5 {
        let mut sent = Vec::new();
        for model in MODELS {
            let prompt = format!("Round {round}: what is a lighthouse for?");
            match house.send(model, &prompt).await {
                Ok(turn) => sent.push(turn),
                // Whoever failed three times is left alone for as long as it asked.
                Err(error) => assert!(failures.contains(&error.code), "{error:?}"),
            }
        }
        for turn in &sent {
            turns.push(house.ended(turn).await);
        }
    }
    for turn in &turns {
        if let TurnPhase::Failed { charged, error } = &turn.phase {
            assert!(failures.contains(&error.code), "{error:?}");
            assert_eq!(*charged, Credits::ZERO, "{error:?}");
        } else {
            assert!(settled(turn) > Credits::ZERO);
        }
    }
    let verdict = llmock.report().await;
    assert_passes(&verdict);
    let (calls, faults) = (&verdict.1["calls"], &verdict.1["faults_injected"]);
    assert!(calls.as_u64() >= Some(2 * MODELS.len() as u64), "{calls}");
    assert!(faults.as_u64() > Some(0), "{faults}");
    house.finish(&turns).await;
}

/// llmock holds that a broken stream must be tried again, and so does the house; but only the person
/// may decide that, once words have come that are billed. So the person does.
#[tokio::test]
async fn a_broken_stream_is_said_and_the_person_may_send_again() {
    // Slow enough that llmock sees whether the gateway goes on reading.
    let llmock = Peer::llmock(&["--stream-chunk-delay-ms", "40"]).await;
    let long = json!([{"type": "reply", "text": LONG_ANSWER, "times": null}]);
    llmock.order(SCENARIO, json!({ "behaviors": long })).await;
    let house = llmock.house().await;
    let mut turns = Vec::new();
    for kind in ["truncate", "disconnect", "malformed"] {
        let fault = |model: &&str| {
            json!({"type": "stream_fault", "kind": kind, "after_chunks": 5,
                   "match": {"model": model, "stream": true}})
        };
        let faults: Vec<Value> = MODELS.iter().map(fault).collect();
        llmock.order(SCENARIO, json!({ "behaviors": faults })).await;
        let prompt = format!("Tell me of lighthouses: {kind}");
        for turn in house.all(&MODELS, &prompt).await {
            let (_, error) = failed(&turn);
            assert!(!error.message.is_empty(), "{} {kind}", turn.model_id);
            let again = house.send_beside(&turn, &turn.model_id, &prompt).await;
            let again = house.ended(&again.unwrap()).await;
            assert!(settled(&again) > Credits::ZERO, "{} {kind}", turn.model_id);
            turns.extend([turn, again]);
        }
    }
    let verdict = llmock.report().await;
    assert_passes(&verdict);
    assert_eq!(
        verdict.1["calls"],
        turns.len() / 2,
        "one call each, tried twice"
    );
    assert_eq!(
        verdict.1["faults_injected"],
        turns.len() / 2,
        "every fault was met"
    );
    house.finish(&turns).await;
}
