//! A thousand made-up turns with what the trainer forecasts of them, for the test that the program forecasts
//! the same.

use std::fmt::Write as _;

use anyai_estimate::{
    KINDS_MAX, KindShares, KindWords, ModelRow, ReadPrompt, Replies, circumstances, start_of,
};

use super::boost::Random;
use super::fitted::{Fitted, whole};

const ROWS: usize = 1_000;
const WORDS: [&str; 40] = [
    "write",
    "an",
    "essay",
    "about",
    "lighthouses",
    "in",
    "200",
    "words",
    "explain",
    "why",
    "the",
    "sea",
    "is",
    "salt",
    "translate",
    "this",
    "list",
    "5",
    "ideas",
    "for",
    "python",
    "code",
    "def",
    "keeper():",
    "\n",
    "- ",
    "?",
    "übersetze",
    "kurz",
    "東京",
    "の",
    "灯台",
    "напиши",
    "summary",
    "```",
    "x = 3;",
    "please",
    "one",
    "sentence",
    "Compare",
];

/// Prompt, draft tokens, history tokens, replies, the model's row and the three logarithms, tab by tab.
pub(super) fn lines(fitted: &Fitted) -> String {
    let mut random = Random::new(super::train::SEED);
    let mut text = String::new();
    for at in 0..ROWS {
        let count = 1 + random.below(24);
        let words: Vec<&str> = (0..count)
            .map(|_| WORDS[random.below(WORDS.len() as u64) as usize])
            .collect();
        let prompt = words.join(" ");
        let lengths: Vec<u64> = (0..random.below(5)).map(|_| random.below(3_000)).collect();
        let mut replies = Replies::default();
        lengths.iter().for_each(|length| replies.push(*length));
        let (draft, history) = (1 + random.below(4_000), random.below(20_000));
        let mut part =
            |from: f32, to: f32| from + (to - from) * random.below(1_000) as f32 / 1_000.0;
        let model = ModelRow {
            effect: part(-1.0, 2.0),
            effect_short: part(-1.0, 2.0),
            effect_long: part(-1.0, 2.0),
            spread: part(0.2, 1.0),
            thinking_share: part(0.0, 1.0),
            is_known: part(0.0, 1.0) < 0.5,
        };
        let read = ReadPrompt::of(&prompt);
        let weighs = fitted.prompt.weigh(&read);
        let figures = fitted.prompt.kind_figures(&read, weighs);
        let words = KindWords::of(&read.words);
        let shares = KindShares::of(&fitted.kinds, &figures, words);
        let leaning = shares.lean(&by_kind(at));
        let row = whole(
            &read,
            (weighs, &shares),
            &circumstances(draft, history, &replies, &model, leaning),
        );
        let start = start_of(fitted.manners.mean, &model, leaning, &replies);
        let [low, likely, high] = fitted.said(&row, start);
        let lengths: Vec<String> = lengths.iter().map(u64::to_string).collect();
        let _ = writeln!(
            text,
            "{}\t{draft}\t{history}\t{}\t{} {} {} {} {} {}\t{low} {likely} {high}",
            prompt.replace('\n', "\\n"),
            lengths.join(" "),
            model.effect,
            model.effect_short,
            model.effect_long,
            model.spread,
            model.thinking_share,
            model.is_known,
        );
    }
    text
}

/// How much longer the model answers each kind, as the test makes it up too.
fn by_kind(row: usize) -> Vec<f32> {
    let longer = |at| ((at * 37 + row * 11) % 101) as f32 / 50.0 - 1.0;
    (0..KINDS_MAX).map(longer).collect()
}
