//! Two apps on one pool with one hold's worth left: exactly one succeeds, every time.

use anyai_testsupport::{TestServer, TestStudio};
use anyai_units::Credits;
use anyai_wire::{Code, Detail, TurnPhase};

use crate::{DEAR_MODEL, credits, kinds, sum};

const ROUNDS: usize = 20;

/// A few turns of the scheduler, different in each round, so that neither app is always first.
async fn stagger(round: usize, app: usize) {
    let seed = round.wrapping_mul(7).wrapping_add(app.wrapping_mul(13)) % 11;
    for _ in 0..seed {
        tokio::task::yield_now().await;
    }
    if seed > 8 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_apps_on_one_pool_never_hold_it_twice() {
    let server = TestServer::start("free").await;
    let (one, other) = (TestStudio::fresh().await, TestStudio::fresh().await);
    one.go_through(&server.door()).await;
    other.go_through(&server.door_for_another().await).await;
    let mut spent = Vec::new();
    let mut winners = [0_usize; 2];
    for round in 0..ROUNDS {
        // So long an answer takes all that is left for its ceiling: one hold's worth.
        let prompt = format!("[[pause:after=3]][[length:tokens=9]] Round {round}");
        let ask = async |app: usize, studio: &TestStudio| {
            stagger(round, app).await;
            studio.send(DEAR_MODEL, &prompt).await
        };
        let answers = if round % 2 == 0 {
            let (first, second) = tokio::join!(ask(0, &one), ask(1, &other));
            [first, second]
        } else {
            let (second, first) = tokio::join!(ask(1, &other), ask(0, &one));
            [first, second]
        };
        let winner = match &answers {
            [Ok(_), Err(_)] => 0,
            [Err(_), Ok(_)] => 1,
            both => panic!("round {round}: exactly one must succeed: {both:?}"),
        };
        winners[winner] += 1;
        for answer in answers {
            match answer {
                Ok(sent) => {
                    let studio = if winner == 0 { &one } else { &other };
                    server.simulator().until_paused(1).await;
                    server.simulator().resume();
                    let turn = studio.ended(&sent).await;
                    let TurnPhase::Settled { charged, .. } = turn.phase else {
                        panic!("round {round}: {:?}", turn.phase);
                    };
                    assert_eq!(kinds(&studio.receipt(&turn).await)[0], "hold");
                    spent.push(charged);
                    let receipt = studio.receipt(&turn).await;
                    one.balance_after(&receipt).await;
                    other.balance_after(&receipt).await;
                }
                Err(error) => {
                    assert_eq!(
                        error.code,
                        Code::InsufficientCredits,
                        "round {round}: {error:?}"
                    );
                    let Some(Detail::Shortfall {
                        needed, available, ..
                    }) = error.detail
                    else {
                        panic!("round {round}: a refusal has its numbers: {error:?}");
                    };
                    assert!(needed > available, "round {round}: {needed} of {available}");
                }
            }
        }
    }
    let spent = sum(spent);
    let balances = [one.quiet_balance().await, other.quiet_balance().await];
    for balance in &balances {
        assert_eq!(balance.posted, spent, "both apps see what both spent");
        assert_eq!(sum([balance.available, spent]), credits(100));
        assert!(balance.available > Credits::ZERO);
    }
    eprintln!(
        "of {ROUNDS} rounds the apps won {} and {}",
        winners[0], winners[1]
    );
    one.finish().await;
    other.finish().await;
    assert_eq!(server.finish().await.ledgers, 1);
}
