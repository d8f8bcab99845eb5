//! Simulated turns, texts that are made to be counted wrongly among them: none is charged more than
//! was held. `ANYAI_SIMULATED_TURNS=1000000` runs a million.

use anyai_catalog::{Model, Usage};
use anyai_estimate::{Attached, DraftTurn, Estimate};
use anyai_tokens::{Counter, ImageSize};
use anyai_units::{Credits, Tokens};

use crate::{ESTIMATOR, NOW, count};

const TURNS: usize = 100_000;
/// Bills of one estimate, each with another pool, length and split.
const BILLS: usize = 40;

/// Texts at which tokenizers disagree most: alternating case, runs, marks that combine, scripts,
/// joiners, bytes that merge across a border.
const PIECES: [&str; 16] = [
    "xQ",
    "1z",
    "aAaA",
    "\u{301}\u{302}",
    "👩‍👩‍👧‍👦",
    "東京都",
    "ก็",
    "ﷺ",
    "\u{200b}",
    "\t\t\t",
    "=====",
    "0000000",
    "\r\n",
    "  ",
    "word",
    "ЖЖ",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most.max(1)
    }

    /// Mostly small, sometimes up to `most`; the ends come up often.
    fn length(&mut self, most: u64) -> u64 {
        match self.below(4) {
            0 => most,
            1 => self.below(most + 1),
            _ => self.below(most.min(200) + 1),
        }
    }

    fn text(&mut self) -> String {
        let kinds = 1 + self.below(3);
        let chosen: Vec<&str> = (0..kinds).map(|_| self.piece()).collect();
        let times = 1 + self.below(60);
        (0..times)
            .map(|at| chosen[at as usize % chosen.len()])
            .collect()
    }

    fn piece(&mut self) -> &'static str {
        PIECES[self.below(PIECES.len() as u64) as usize]
    }
}

/// A turn and the texts it is made of, joined: what a provider may see is one text.
fn turn(dice: &mut Dice) -> (DraftTurn, String) {
    let (mut turn, mut joined) = (DraftTurn::default(), String::new());
    for _ in 0..dice.below(4) {
        let (said, replied) = (dice.text(), dice.text());
        turn.history.push_user(count(&said), &[]);
        turn.history
            .push_reply(count(&replied), Tokens::new(dice.below(5_000)));
        joined.extend([said, replied]);
    }
    let draft = dice.text();
    turn.draft = count(&draft);
    turn.prompt = ESTIMATOR.read([draft.as_str()]);
    joined.push_str(&draft);
    if dice.below(4) == 0 {
        turn.attachments.push(Attached::picture(ImageSize {
            width_px: 1 + dice.below(9_000) as u32,
            height_px: 1 + dice.below(9_000) as u32,
        }));
    }
    turn.answer_words_max = (dice.below(3) == 0).then(|| 1 + dice.below(3_000) as u32);
    turn.asks_long_cache = dice.below(5) == 0;
    (turn, joined)
}

/// What a provider bills that counts as it likes, within what it says of itself: the text as it was
/// sent (never less than OpenAI's own count of it in one piece), and an answer within the limit.
fn bill(dice: &mut Dice, estimate: &Estimate, joined: Tokens, asks_long_cache: bool) -> Usage {
    let upper = estimate.input_upper.count();
    assert!(
        joined.count() <= upper,
        "{}: {joined:?} of {upper}",
        estimate.model
    );
    let input = joined.count() + dice.length(upper - joined.count());
    let output = dice.length(estimate.max_output.count());
    let cached = dice.length(input);
    let short = dice.length(input - cached);
    let long = if asks_long_cache {
        dice.length(input - cached - short)
    } else {
        0
    };
    Usage {
        uncached_input: Tokens::new(input - cached - short - long),
        cached_input: Tokens::new(cached),
        cache_write_5m: Tokens::new(short),
        cache_write_1h: Tokens::new(long),
        output: Tokens::new(output),
        reasoning: Tokens::new(dice.length(output)),
        tool_calls: 0,
    }
}

#[test]
fn no_simulated_turn_is_charged_more_than_was_held() {
    let asked = std::env::var("ANYAI_SIMULATED_TURNS").ok();
    let turns = asked.map_or(TURNS, |asked| asked.parse().unwrap());
    let models: Vec<&Model> = ESTIMATOR
        .catalogue()
        .offered(NOW)
        .map(|(model, _)| model)
        .collect();
    let mut dice = Dice(20_261_123);
    let (mut charged, mut met) = (0, 0);
    while charged < turns {
        let (turn, joined) = turn(&mut dice);
        let seen = Counter::shared().unwrap().count(&joined).o200k();
        let model = models[dice.below(models.len() as u64) as usize];
        let whole = ESTIMATOR.estimate(model.id.as_str(), &turn, NOW).unwrap();
        for _ in 0..BILLS {
            let pool = Credits::from_millicredits(dice.length(200_000) as i64);
            // What does not fit the pool is not sent.
            let Ok(held) = whole.fit_to(pool) else {
                continue;
            };
            let usage = bill(&mut dice, &held, seen, turn.asks_long_cache);
            let charge = held.price().charge(&usage).unwrap().total;
            assert!(
                charge <= held.ceiling,
                "{}: {charge} of {}",
                held.model,
                held.ceiling
            );
            assert!(held.ceiling <= pool);
            met += usize::from(charge == held.ceiling && charge > Credits::ZERO);
            charged += 1;
        }
    }
    assert!(
        met * 200 > turns,
        "the ceiling is as low as a ceiling can be: met {met} times"
    );
}
