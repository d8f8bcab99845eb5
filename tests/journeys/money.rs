//! From the estimate to the ledger: one set of numbers, wherever it is looked at.

use anyai_ledger::{Action, GrantKind, Order};
use anyai_ledger_db::Ledger;
use anyai_testsupport::TestStudio;
use anyai_units::{Credits, UtcMillis};
use anyai_wire::{
    Balance, Code, ConversationList, Conversations, Detail, Empty, EstimateShown, Fit, Models,
    PlanChoose, StopReason, TurnEvent, TurnPhase,
};

use crate::{DEAR_MODEL, MODEL, OTHER_MODEL, credits, kinds, refused, sum};

#[tokio::test]
async fn the_numbers_agree_from_the_quote_to_the_ledger() {
    let studio = TestStudio::own_keys("pro").await;
    let before = studio.balance().await;
    let prompt = "[[length:tokens=300]] What is a ledger, and who needs one?";
    let quote = studio.quote_on(MODEL, prompt).await;
    assert_eq!(quote.fit, Fit::Fits);
    let shown = [
        Credits::ZERO,
        quote.low,
        quote.likely,
        quote.high,
        quote.ceiling,
    ];
    assert!(
        shown.is_sorted() && quote.likely > Credits::ZERO,
        "{quote:?}"
    );

    let sent = studio.send(MODEL, prompt).await.unwrap();
    let EstimateShown {
        low,
        likely,
        high,
        ceiling,
    } = sent.estimate;
    assert_eq!(
        (low, likely, high, ceiling),
        (quote.low, quote.likely, quote.high, quote.ceiling),
        "what was shown is what was sent"
    );
    let turn = studio.ended(&sent).await;
    let receipt = studio.receipt(&turn).await;
    let balance = studio.balance_after(&receipt).await;

    let frames = studio.ears().frames(turn.id);
    let held = &receipt.held;
    let Some(TurnEvent::Settled {
        charged,
        returned,
        stop_reason,
    }) = frames.last().map(|frame| &frame.event)
    else {
        panic!("{frames:?}");
    };
    assert_eq!(*stop_reason, StopReason::Complete);
    assert_eq!(*held, quote.ceiling, "the ceiling is what is held");
    assert_eq!(
        sum([*charged, *returned]),
        *held,
        "what is not charged goes back"
    );
    assert!(*charged > Credits::ZERO && charged <= held);

    assert_eq!(
        turn.phase,
        TurnPhase::Settled {
            charged: *charged,
            stop_reason: StopReason::Complete
        }
    );
    assert_eq!(
        (
            receipt.held,
            receipt.charged,
            receipt.returned,
            receipt.overrun
        ),
        (*held, Some(*charged), Some(*returned), Credits::ZERO)
    );
    assert_eq!(receipt.estimate, sent.estimate);
    assert!(!receipt.counted_here && !receipt.simulated);

    let lines: i64 = receipt.lines.iter().map(|line| line.microcredits).sum();
    let exact = charged.millicredits() * 1_000;
    let rounding = i64::try_from(receipt.lines.len()).unwrap();
    assert!(
        lines > exact - 1_000 && lines <= exact + rounding,
        "the lines {lines} make the charge {exact}"
    );

    assert_eq!(kinds(&receipt), ["hold", "settle", "release"]);
    let moved: Vec<Credits> = receipt.entries.iter().map(|entry| entry.amount).collect();
    assert_eq!(moved, [*held, *charged, *returned]);

    assert_eq!(balance.posted, sum([before.posted, *charged]));
    assert_eq!(sum([balance.available, *charged]), before.available);
    assert_eq!(balance.pending, Credits::ZERO);
    assert_eq!(balance.sequence, receipt.entries[2].sequence);
    let conversation = studio.conversation_charged(turn.conversation_id).await;
    assert_eq!(conversation.summary.charged, *charged);
    studio.finish().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_the_number_that_would_fit_does() {
    let mut studio = TestStudio::own_keys("free").await;
    let essay = format!(
        "[[say:Short.]] Summarise: {}",
        "word after word ".repeat(16_000)
    );
    let quote = studio.quote_on(DEAR_MODEL, &essay).await;
    let Fit::DoesNotFit { needed } = quote.fit else {
        panic!("{:?}", quote.fit);
    };
    studio.save_draft(&essay).await;
    let before = studio.balance().await;
    studio.simulator().clear_requests();

    let refusal = refused(studio.send(DEAR_MODEL, &essay).await);
    assert_eq!(refusal.code, Code::InsufficientCredits);
    let Some(Detail::Shortfall {
        needed: told,
        available,
        resets_at,
        fitting_models,
        ..
    }) = refusal.detail
    else {
        panic!("{refusal:?}");
    };
    assert_eq!(
        (told, available),
        (needed, credits(100)),
        "the same numbers as the quote's"
    );
    assert_eq!(resets_at, Some(before.resets_at));
    assert!(studio.simulator().requests().is_empty(), "nothing was sent");
    assert_eq!(
        studio.balance().await.sequence,
        before.sequence,
        "nothing was held"
    );
    assert_eq!(studio.draft().await, essay, "the draft is still there");
    let list = ConversationList {
        before: None,
        limit: 10,
    };
    let listed: Conversations = studio.must("conversation_list", &list).await;
    assert!(
        listed.conversations.is_empty(),
        "and no empty conversation is left"
    );

    let quotes = studio.quote(&essay).await.models;
    assert!(!fitting_models.is_empty() && !fitting_models.contains(&DEAR_MODEL.to_owned()));
    for model in &fitting_models {
        let quote = quotes
            .iter()
            .find(|quote| quote.model_id == *model)
            .unwrap();
        assert!(
            matches!(quote.fit, Fit::Fits | Fit::Limited { .. }),
            "{model}: {quote:?}"
        );
    }
    let turn = studio.turn(&fitting_models[0], &essay).await;
    assert_eq!(turn.text, "Short.", "the cheapest that fits does fit");

    let left = studio.quiet_balance().await.available;
    let missing = needed.checked_sub(left).unwrap();
    let one = Credits::from_millicredits(1);
    give(&mut studio, missing.checked_sub(one).unwrap(), "nearly").await;
    let refusal = refused(studio.send(DEAR_MODEL, &essay).await);
    assert_eq!(
        refusal.code,
        Code::InsufficientCredits,
        "one millicredit short"
    );
    give(&mut studio, one, "enough").await;
    assert_eq!(studio.balance().await.available, needed);
    let turn = studio.turn(DEAR_MODEL, &essay).await;
    assert_eq!(turn.text, "Short.", "the number that would fit does fit");
    studio.finish().await;
}

/// Adds credits as an administrator would, to the ledger of a studio that is closed meanwhile.
async fn give(studio: &mut TestStudio, amount: Credits, why: &str) {
    studio.quit().await;
    let path = studio.folder().join("own").join("ledger.sqlite");
    let pool: Vec<u8> = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("SELECT id FROM pool", [], |row| row.get(0))
        .unwrap();
    let ledger = Ledger::open(&path).unwrap();
    let pool = anyai_units::PoolId::from_uuid(uuid::Uuid::from_slice(&pool).unwrap());
    let order = Order {
        key: why.to_owned(),
        actor: "journey".to_owned(),
        reason: why.to_owned(),
        approved_by: None,
    };
    let action = Action::Grant {
        kind: GrantKind::Admin,
        amount,
        priority: 200,
        expires_at: None,
    };
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = UtcMillis::from_millis(i64::try_from(now.as_millis()).unwrap());
    ledger.order(pool, order, action, now).await.unwrap();
    drop(ledger);
    studio.start().await;
    studio.until_online().await;
}

#[tokio::test]
async fn a_short_pool_limits_the_answer_instead_of_refusing_it() {
    let studio = TestStudio::own_keys("free").await;
    let prompt = "[[length:tokens=90000]] Write everything you know";
    let quote = studio.quote_on(DEAR_MODEL, prompt).await;
    let Fit::Limited { answer_words } = quote.fit else {
        panic!("{:?}", quote.fit);
    };
    assert!(answer_words > 0 && quote.ceiling <= credits(100));

    let turn = studio.turn(DEAR_MODEL, prompt).await;
    let TurnPhase::Settled {
        charged,
        stop_reason,
    } = turn.phase
    else {
        panic!("{:?}", turn.phase);
    };
    assert_eq!(
        stop_reason,
        StopReason::Length,
        "it ends where the credits end"
    );
    let receipt = studio.receipt(&turn).await;
    assert!(charged <= receipt.held && receipt.held <= credits(100));
    assert_eq!(receipt.overrun, Credits::ZERO);
    let requests = studio.simulator().requests();
    let asked = requests.last().unwrap().output_tokens_max;
    assert!(
        asked.is_some_and(|limit| limit < 90_000),
        "the provider was told: {asked:?}"
    );
    assert!(!studio.quiet_balance().await.available.is_negative());
    studio.finish().await;
}

#[tokio::test]
async fn looking_at_other_models_and_switching_to_one_is_free() {
    let studio = TestStudio::own_keys("pro").await;
    let first = studio
        .turn(MODEL, "[[length:tokens=80]] Compare two models")
        .await;
    let receipt = studio.receipt(&first).await;
    let before = studio.balance_after(&receipt).await;
    studio.simulator().clear_requests();

    let models: Models = studio.must("model_list", &Empty {}).await;
    let quote = studio.quote_after(Some(&first), "And now?").await;
    let quoted: Vec<&str> = quote
        .models
        .iter()
        .map(|quote| quote.model_id.as_str())
        .collect();
    let offered: Vec<&str> = models
        .models
        .iter()
        .map(|model| model.id.as_str())
        .collect();
    assert_eq!(quoted, offered, "every model has its price while one types");
    assert!(
        studio.simulator().requests().is_empty(),
        "no provider was asked"
    );
    let after = studio.balance().await;
    assert_eq!(
        (after.sequence, after.available),
        (before.sequence, before.available)
    );

    let second = studio
        .send_after(&first, OTHER_MODEL, "[[say:Other.]] And now?")
        .await
        .unwrap();
    let second = studio.ended(&second).await;
    assert_eq!(second.text, "Other.");
    let receipt = studio.receipt(&second).await;
    assert_eq!(
        kinds(&receipt),
        ["hold", "settle", "release"],
        "one turn, one charge"
    );
    assert_eq!(
        receipt.entries[0].sequence,
        before.sequence + 1,
        "nothing in between"
    );
    studio.finish().await;
}

#[tokio::test]
async fn another_budget_counts_at_once_and_what_was_spent_stays_spent() {
    let studio = TestStudio::own_keys("free").await;
    let turn = studio.turn(MODEL, "[[length:tokens=200]] Hello").await;
    let spent = studio.receipt(&turn).await.charged.unwrap();
    for (plan, granted) in [("max", 10_000), ("pro", 2_000), ("free", 100)] {
        let plan_id = plan.to_owned();
        let chosen: Balance = studio.must("plan_choose", &PlanChoose { plan_id }).await;
        assert_eq!(chosen.plan_id, plan);
        assert_eq!(
            (chosen.granted, chosen.posted),
            (credits(granted), spent),
            "{plan}"
        );
        assert_eq!(sum([chosen.available, spent]), credits(granted), "{plan}");
    }
    let plan_id = "gold".to_owned();
    let unknown: Result<Balance, _> = studio.call("plan_choose", &PlanChoose { plan_id }).await;
    assert_eq!(refused(unknown).code, Code::PlanUnknown);
    studio.finish().await;
}

/// The app and the server count a conversation by themselves, thinking that goes back included;
/// they come to the same.
#[tokio::test]
async fn what_is_shown_is_held_turn_after_turn_on_any_model() {
    let studio = TestStudio::own_keys("max").await;
    let root = studio
        .turn(MODEL, "[[length:tokens=120]] Chapter 0: 東京")
        .await;
    let mut last = root;
    for model in [MODEL, OTHER_MODEL, DEAR_MODEL, MODEL, OTHER_MODEL] {
        studio.balance_after(&studio.receipt(&last).await).await;
        let prompt = "[[length:tokens=120]] The next chapter, please.";
        let sent = studio.send_after(&last, model, prompt).await.unwrap();
        last = studio.ended(&sent).await;
        let held = studio.receipt(&last).await.held;
        assert_eq!(sent.estimate.ceiling, held, "{model}");
    }
    studio.finish().await;
}
