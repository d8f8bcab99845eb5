//! Savers are the estimator's own numbers on a changed draft.

use anyai_catalog::{Effort, ModelId};
use anyai_estimate::savers::{Change, Saver, changes, nearest_cheaper, worthwhile};
use anyai_estimate::{Attached, DraftTurn, History};
use anyai_tokens::ImageSize;
use anyai_units::Credits;

use crate::{ESTIMATOR, NOW, conversation, draft, estimate};

const QUESTION: &str = "Write the history of the lighthouse, please, in some detail.";

/// Prices every change on its own model, as the app does.
fn savers(model: &str, turn: &DraftTurn) -> Vec<Saver> {
    let now = estimate(model, turn);
    let known = ESTIMATOR.catalogue().model(model).unwrap();
    let options = changes(known, turn, &now).into_iter().map(|change| Saver {
        estimate: estimate(model, &change.of(turn)),
        change,
    });
    worthwhile(&now, options.collect())
}

fn long() -> DraftTurn {
    let picture = Attached::picture(ImageSize {
        width_px: 2_000,
        height_px: 2_000,
    });
    DraftTurn {
        history: conversation(8, 40),
        attachments: vec![picture],
        ..draft(QUESTION)
    }
}

#[test]
fn each_saver_is_the_price_of_the_changed_draft() {
    let turn = long();
    let now = estimate("claude-opus-5", &turn);
    let savers = savers("claude-opus-5", &turn);
    let named: Vec<&Change> = savers.iter().map(|saver| &saver.change).collect();
    assert!(named.contains(&&Change::StartFresh), "{named:?}");
    assert!(named.contains(&&Change::Effort(Effort::Low)), "{named:?}");
    for saver in &savers {
        let by_hand = match &saver.change {
            Change::StartFresh => DraftTurn {
                history: History::new(),
                ..turn.clone()
            },
            Change::DropAttachment(0) => DraftTurn {
                attachments: Vec::new(),
                ..turn.clone()
            },
            Change::Effort(effort) => DraftTurn {
                effort: Some(*effort),
                ..turn.clone()
            },
            other => panic!("not offered here: {other:?}"),
        };
        assert_eq!(saver.estimate, estimate("claude-opus-5", &by_hand));
        assert!(saver.estimate.credits.likely < now.credits.likely);
    }
    let saved = |saver: &Saver| {
        now.credits
            .likely
            .checked_sub(saver.estimate.credits.likely)
    };
    assert!(savers.is_sorted_by(|more, less| saved(more) >= saved(less)));
}

#[test]
fn what_saves_next_to_nothing_is_not_offered() {
    let mut turn = draft(QUESTION);
    turn.history = conversation(1, 1);
    let named: Vec<Change> = savers("claude-opus-5", &turn)
        .into_iter()
        .map(|saver| saver.change)
        .collect();
    assert!(!named.contains(&Change::StartFresh), "{named:?}");
    let all = ESTIMATOR.estimate_all(&turn, NOW);
    let paid = all
        .into_iter()
        .filter(|estimate| estimate.credits.likely > Credits::ZERO);
    let cheap = paid.min_by_key(|estimate| estimate.credits.likely).unwrap();
    let free = Saver {
        change: Change::StartFresh,
        estimate: estimate("llama3:8b", &turn),
    };
    assert!(
        cheap.credits.likely < Credits::from_millicredits(50),
        "{}",
        cheap.credits.likely
    );
    assert!(
        worthwhile(&cheap, vec![free]).is_empty(),
        "under 0.1 credits are no saving"
    );
}

#[test]
fn a_shorter_answer_is_offered_where_nothing_is_thought_and_is_held() {
    let model = "grok-4.20-0309-non-reasoning";
    let turn = draft(QUESTION);
    let now = estimate(model, &turn);
    let savers = savers(model, &turn);
    let Some(Saver {
        change: Change::AnswerWords(words),
        estimate,
    }) = savers
        .iter()
        .find(|saver| matches!(saver.change, Change::AnswerWords(_)))
    else {
        panic!("{savers:?}")
    };
    assert!(estimate.ceiling < now.ceiling && estimate.max_output < now.output.likely);
    assert!(
        estimate.max_output_words() <= u64::from(*words),
        "{:?} {words}",
        estimate.max_output
    );
    let thinking = crate::estimate("claude-opus-5", &turn);
    let known = ESTIMATOR.catalogue().model("claude-opus-5").unwrap();
    let offered = changes(known, &turn, &thinking);
    assert!(
        !offered
            .iter()
            .any(|change| matches!(change, Change::AnswerWords(_)))
    );
}

#[test]
fn a_limit_in_words_leaves_room_to_think() {
    let limited = |model| {
        let turn = DraftTurn {
            answer_words_max: Some(100),
            ..draft(QUESTION)
        };
        (estimate(model, &draft(QUESTION)), estimate(model, &turn))
    };
    let (free, thinking) = limited("claude-opus-5");
    assert!(
        thinking.max_output > free.output.high,
        "thinking is not cut off"
    );
    assert!(thinking.ceiling < free.ceiling);
    let (_, plain) = limited("grok-4.20-0309-non-reasoning");
    assert_eq!(
        plain.max_output.count(),
        256,
        "no answer is shorter than is useful"
    );
}

#[test]
fn the_model_to_ask_instead_is_the_ablest_that_costs_clearly_less() {
    let turn = draft(QUESTION);
    let now = estimate("claude-opus-5-5", &turn);
    let all = ESTIMATOR.estimate_all(&turn, NOW);
    let provider = |id: &ModelId| {
        ESTIMATOR
            .catalogue()
            .model(id.as_str())
            .ok()
            .map(|model| model.provider)
    };
    let nearest = nearest_cheaper(&now, provider, all.iter()).unwrap();
    let limit = now.credits.likely.millicredits() * 3 / 4;
    assert!(nearest.credits.likely.millicredits() <= limit);
    let dearer = all
        .iter()
        .filter(|other| other.price().list_output > nearest.price().list_output);
    for other in dearer {
        let likely = other.credits.likely.millicredits();
        assert!(
            likely > limit,
            "{} costs {likely} and is dearer by list",
            other.model
        );
    }
    let free = estimate("llama3:8b", &turn);
    assert!(nearest_cheaper(&free, provider, all.iter()).is_none());
}
