//! Two apps on one pool with one hold's worth left: exactly one succeeds, every time.

use std::time::Duration;

use anyai_testsupport::{TestServer, TestStudio};
use anyai_units::Credits;
use anyai_wire::{Code, ConversationList, Conversations, Detail, TurnPhase, TurnView, WireError};

use crate::{DEAR_MODEL, credits, sum};

const ROUNDS: usize = 20;

/// A few turns of the scheduler, different in each round, so that neither app is always first.
async fn stagger(round: usize, app: usize) {
    let seed = (round * 7 + app * 13) % 11;
    for _ in 0..seed {
        tokio::task::yield_now().await;
    }
    if seed > 8 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Both apps send at the same moment. So long an answer may be that its ceiling takes all there is.
async fn both_send(round: usize, apps: [&TestStudio; 2]) -> [Result<TurnView, WireError>; 2] {
    let prompt = format!("[[pause:after=3]][[length:tokens=9]] Round {round}");
    let send = async |app: usize| {
        stagger(round, app).await;
        apps[app].send(DEAR_MODEL, &prompt).await
    };
    if round.is_multiple_of(2) {
        let (first, second) = tokio::join!(send(0), send(1));
        [first, second]
    } else {
        let (second, first) = tokio::join!(send(1), send(0));
        [first, second]
    }
}

fn assert_short(round: usize, error: &WireError) {
    assert_eq!(
        error.code,
        Code::InsufficientCredits,
        "round {round}: {error:?}"
    );
    let Some(Detail::Shortfall {
        needed, available, ..
    }) = &error.detail
    else {
        panic!("round {round}: a refusal has its numbers: {error:?}");
    };
    assert!(needed > available, "round {round}: {needed} of {available}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_apps_on_one_pool_never_hold_it_twice() {
    let server = TestServer::start("free").await;
    let (one, other) = (TestStudio::fresh().await, TestStudio::fresh().await);
    one.go_through(&server.door()).await;
    other.go_through(&server.door_for_another().await).await;
    let mut spent = Vec::new();
    for round in 0..ROUNDS {
        let (winner, sent, error) = match both_send(round, [&one, &other]).await {
            [Ok(sent), Err(error)] => (&one, sent, error),
            [Err(error), Ok(sent)] => (&other, sent, error),
            both => panic!("round {round}: exactly one must succeed: {both:?}"),
        };
        assert_short(round, &error);
        server.simulator().until_paused(1).await;
        server.simulator().resume();
        let turn = winner.ended(&sent).await;
        let TurnPhase::Settled { charged, .. } = turn.phase else {
            panic!("round {round}: {:?}", turn.phase);
        };
        spent.push(charged);
        let receipt = winner.receipt(&turn).await;
        for app in [&one, &other] {
            app.balance_after(&receipt).await;
        }
    }
    let mut listed = 0;
    for app in [&one, &other] {
        let balance = app.quiet_balance().await;
        assert_eq!(
            balance.posted,
            sum(spent.clone()),
            "both see what both spent"
        );
        assert_eq!(sum([balance.available, balance.posted]), credits(100));
        assert!(balance.available > Credits::ZERO);
        let list = ConversationList {
            before: None,
            limit: 100,
        };
        let own: Conversations = app.must("conversation_list", &list).await;
        listed += own.conversations.len();
    }
    assert_eq!(listed, ROUNDS, "what was refused leaves nothing behind");
    one.finish().await;
    other.finish().await;
    assert_eq!(server.finish().await.ledgers, 1);
}
