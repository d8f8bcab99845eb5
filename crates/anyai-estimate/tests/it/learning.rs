//! What turns teach: the bias goes, nine in ten lie inside, and one odd turn moves nothing much.

use anyai_estimate::learning::{Adjustment, CountedInput, Learned, Prior};
use anyai_estimate::{Attached, DraftTurn};
use anyai_tokens::Counter;
use anyai_units::Interval;

use crate::{count, draft, estimate};

const FORECAST: Interval<u64> = Interval {
    low: 400,
    likely: 1_000,
    high: 2_500,
};

/// Half the logarithmic width of [`FORECAST`] in standard deviations of a normal: 90 % lie inside.
const SIGMA: f64 = 0.916_29 / 1.644_85;

/// A small generator of our own, so that every run is the same.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform(), self.uniform());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// An answer so many times longer than forecast in the median, with a spread so many times wider.
    fn answer(&mut self, times: f64, spread: f64) -> u64 {
        (1_000.0 * times * (SIGMA * spread * self.normal()).exp()).round() as u64
    }
}

struct Run {
    coverage_permille: usize,
    mean_width_permille: u32,
}

/// Many persons' turns on a model whose answers are not as forecast; those from `from` on are judged.
fn run(prior: Prior, times: f64, spread: f64, from: u32, to: u32) -> Run {
    let mut dice = Dice(7);
    let (mut inside, mut judged, mut widths) = (0, 0, 0);
    for _ in 0..150 {
        let mut learned = Learned::default();
        for turn in 0..to {
            let actual = dice.answer(times, spread);
            let adjustment = learned.adjustment(prior);
            let shown = adjustment.apply(FORECAST);
            if turn >= from {
                judged += 1;
                inside += usize::from((shown.low..=shown.high).contains(&actual));
                widths += u64::from(adjustment.width_permille);
            }
            learned.learn(FORECAST, actual);
        }
    }
    Run {
        coverage_permille: inside * 1_000 / judged,
        mean_width_permille: u32::try_from(widths / judged as u64).unwrap(),
    }
}

#[test]
fn a_model_as_forecast_stays_as_forecast() {
    let steady = run(Prior::Measured, 1.0, 1.0, 30, 150);
    assert!(
        (880..=920).contains(&steady.coverage_permille),
        "{}",
        steady.coverage_permille
    );
    assert!(
        (950..=1_150).contains(&steady.mean_width_permille),
        "{}",
        steady.mean_width_permille
    );
}

#[test]
fn a_drifted_model_is_covered_after_twenty_turns() {
    for (times, spread) in [(2.0, 1.0), (0.5, 1.0), (1.5, 1.4), (1.0, 0.6)] {
        let new = run(Prior::Family, times, spread, 20, 60);
        let coverage = new.coverage_permille;
        assert!(
            (870..=955).contains(&coverage),
            "{times} {spread}: {coverage}"
        );
        let later = run(Prior::Family, times, spread, 100, 200).coverage_permille;
        assert!((885..=915).contains(&later), "{times} {spread}: {later}");
    }
}

#[test]
fn the_first_turns_of_a_new_model_are_covered_by_a_wider_interval() {
    let of_family = Learned::default().adjustment(Prior::Family);
    assert_eq!(
        of_family,
        Adjustment {
            shift_permille: 1_000,
            width_permille: 1_600,
            ..Learned::default().adjustment(Prior::Measured)
        }
    );
    let measured = Learned::default().adjustment(Prior::Measured);
    assert_eq!(measured.width_permille, 1_000);
    assert_eq!(
        measured.apply(FORECAST),
        FORECAST,
        "nothing learned changes nothing"
    );
    let wide = of_family.apply(FORECAST);
    assert_eq!(
        (wide.low, wide.likely, wide.high),
        (231, 1_000, 4_332),
        "ratios to the power 1.6"
    );
}

#[test]
fn one_odd_turn_moves_nothing_much() {
    for turns in [10, 30, 100] {
        for odd in [1, 1_000_000] {
            let mut dice = Dice(11);
            let mut learned = Learned::default();
            for _ in 0..turns {
                learned.learn(FORECAST, dice.answer(1.3, 1.0));
            }
            let before = learned.adjustment(Prior::Measured);
            learned.learn(FORECAST, odd);
            let after = learned.adjustment(Prior::Measured);
            let moved = |before: u32, after: u32| before.abs_diff(after) * 1_000 / before;
            let shift = moved(before.shift_permille, after.shift_permille);
            let width = moved(before.width_permille, after.width_permille);
            assert!(
                shift <= 100,
                "{turns} turns, {odd}: the median moved by {shift}"
            );
            assert!(
                width <= 160,
                "{turns} turns, {odd}: the width moved by {width}"
            );
        }
    }
}

#[test]
fn what_was_learned_survives_being_written_down() {
    let mut dice = Dice(3);
    let mut learned = Learned::default();
    for _ in 0..40 {
        learned.learn(FORECAST, dice.answer(1.7, 1.2));
    }
    let text = serde_json::to_string(&learned).unwrap();
    let read: Learned = serde_json::from_str(&text).unwrap();
    assert_eq!(
        read.adjustment(Prior::Family),
        learned.adjustment(Prior::Family)
    );
    assert_eq!(read.turns(), 40);
}

#[test]
fn what_was_learned_moves_the_estimate_and_never_the_ceiling() {
    let plain = draft("Why do ships carry lights?");
    let taught = DraftTurn {
        learned: Some(Adjustment {
            shift_permille: 2_000,
            width_permille: 1_500,
            ..Learned::default().adjustment(Prior::Measured)
        }),
        ..plain.clone()
    };
    let (plain, taught) = (
        estimate("gpt-6-sol", &plain),
        estimate("gpt-6-sol", &taught),
    );
    assert!(taught.credits.likely > plain.credits.likely);
    assert!(
        taught
            .output
            .likely
            .count()
            .abs_diff(2 * plain.output.likely.count())
            <= 2
    );
    assert_eq!(
        (taught.ceiling, taught.max_output),
        (plain.ceiling, plain.max_output)
    );
    assert!(taught.credits.high <= taught.ceiling);
}

/// Bills of so many texts, each counted as 1,000 tokens.
fn taught(bills: &[u64]) -> Learned {
    let mut learned = Learned::default();
    for billed in bills {
        let counted = CountedInput {
            text: 1_000,
            ..CountedInput::default()
        };
        learned.learn_input(counted, *billed);
    }
    learned
}

fn text_permille(learned: &Learned) -> u32 {
    learned.adjustment(Prior::Measured).text_permille
}

#[test]
fn bills_teach_how_a_provider_counts_texts() {
    assert_eq!(text_permille(&taught(&[])), 1_000);
    assert_eq!(text_permille(&taught(&[1_200; 5])), 1_200);
    let small = text_permille(&taught(&[1_150, 1_200, 1_250, 1_180, 1_220]));
    assert!((1_150..=1_220).contains(&small), "{small}");
}

#[test]
fn one_odd_bill_changes_nothing_of_how_texts_are_counted() {
    assert_eq!(
        text_permille(&taught(&[9_000])),
        1_000,
        "not even the first"
    );
    let mut bills = vec![1_200; 10];
    bills.insert(4, 90_000);
    assert_eq!(text_permille(&taught(&bills)), 1_200);
}

#[test]
fn a_short_text_teaches_nothing_of_how_texts_are_counted() {
    let mut learned = Learned::default();
    for _ in 0..9 {
        let counted = CountedInput {
            text: 20,
            ..CountedInput::default()
        };
        learned.learn_input(counted, 60);
    }
    assert_eq!(text_permille(&learned), 1_000);
}

#[test]
fn pictures_are_learned_beside_what_their_text_is_billed_as() {
    let mut learned = taught(&[1_200; 9]);
    for _ in 0..9 {
        let counted = CountedInput {
            text: 100,
            pictures: 800,
            ..CountedInput::default()
        };
        learned.learn_input(counted, 120 + 400);
    }
    let adjustment = learned.adjustment(Prior::Measured);
    assert_eq!(adjustment.pictures_permille, 500);
    assert_eq!(adjustment.text_permille, 1_200);
}

/// Bills of a short text with files beside it.
fn billed(bills: &[u64], pictures: u64, documents: u64) -> Adjustment {
    let mut learned = taught(&[1_200; 9]);
    for billed in bills {
        let counted = CountedInput {
            text: 100,
            pictures,
            documents,
            is_fetched: false,
        };
        learned.learn_input(counted, *billed);
    }
    learned.adjustment(Prior::Measured)
}

#[test]
fn documents_are_learned_beside_what_their_text_is_billed_as() {
    let learned = billed(&[120 + 4_000; 9], 0, 10_000);
    assert_eq!(
        (learned.documents_permille, learned.text_permille),
        (400, 1_200)
    );
    assert_eq!(learned.pictures_permille, 1_000);
    let odd = billed(&[900_000], 0, 10_000);
    assert_eq!(
        odd.documents_permille, 1_000,
        "one odd bill changes nothing"
    );
}

#[test]
fn pictures_beside_documents_teach_nothing_of_either() {
    let learned = billed(&[120 + 4_000; 9], 500, 10_000);
    assert_eq!(
        (learned.documents_permille, learned.pictures_permille),
        (1_000, 1_000)
    );
}

#[test]
fn what_was_learned_of_documents_moves_them_alone_and_never_the_ceiling() {
    let learned = Adjustment {
        documents_permille: 500,
        ..Learned::default().adjustment(Prior::Measured)
    };
    let file = Attached::pdf(Counter::shared().unwrap(), 12, Some(20_000));
    let input = |attached: &[Attached], earlier: &[Attached], learned: Option<Adjustment>| {
        let mut turn = draft("What does it say?");
        turn.learned = learned;
        turn.attachments = attached.to_vec();
        turn.history.push_user(count("Read this."), earlier);
        estimate("gpt-6-sol", &turn)
    };
    let (file, none) = ([file], []);
    let words = input(&none, &none, Some(learned)).input.likely.count();
    for (attached, earlier) in [(&file[..], &none[..]), (&none, &file)] {
        let before = input(attached, earlier, None);
        let after = input(attached, earlier, Some(learned));
        let document = before.input.likely.count() - words;
        assert!(document > 5_000, "{document}");
        assert!((after.input.likely.count() - words).abs_diff(document / 2) < 5);
        assert_eq!(
            (after.ceiling, after.max_output),
            (before.ceiling, before.max_output)
        );
    }
}

#[test]
fn another_vocabulary_is_learned_anew() {
    let mut learned = taught(&[1_200; 9]);
    let counted = CountedInput {
        text: 1_000,
        is_fetched: true,
        ..CountedInput::default()
    };
    learned.learn_input(counted, 1_000);
    let adjustment = learned.adjustment(Prior::Measured);
    assert_eq!(
        (adjustment.text_permille, adjustment.is_fetched),
        (1_000, true)
    );
}

#[test]
fn what_was_learned_of_the_input_outlives_a_restart_and_never_moves_the_ceiling() {
    let learned = taught(&[1_300; 9]);
    let kept = serde_json::to_string(&learned).unwrap();
    let again: Learned = serde_json::from_str(&kept).unwrap();
    assert_eq!(again, learned);
    let mut turn = draft(&"The keeper wrote down the wind and every ship. ".repeat(60));
    let before = estimate("grok-4.7", &turn);
    turn.learned = Some(again.adjustment(Prior::Measured));
    let after = estimate("grok-4.7", &turn);
    let expected = before.input.likely.count() * 1_300 / 1_000;
    assert!(after.input.likely.count().abs_diff(expected) < 10);
    assert_eq!(
        (after.ceiling, after.max_output),
        (before.ceiling, before.max_output)
    );
}
