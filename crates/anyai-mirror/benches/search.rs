//! How long a search takes in a mirror of a million turns: every key press of typing a query is one.
//!
//! `search [TURNS] [FOLDER]`: the mirror is made once in the folder (a temporary one without it) and
//! used again. Words are made up and drawn as words are in books: few of them most of the time.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyai_mirror::{
    ConversationRow, EstimateRow, HistoryBatch, Life, Mirror, MirrorOptions, TurnRow,
};
use anyai_units::{ConversationId, Credits, Tokens, TurnId, UtcMillis};
use uuid::Uuid;

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const TURNS: u64 = 1_000_000;
const TURNS_A_CONVERSATION: u64 = 50;
const TURNS_A_PAGE: u64 = 1_000;
const PROMPT_WORDS: u64 = 15;
const ANSWER_WORDS: u64 = 65;
const VOCABULARY: u64 = 60_000;
const QUERIES: u64 = 400;
const HITS: u32 = 50;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let turns = words.iter().find_map(|word| word.parse().ok());
    let turns = turns.unwrap_or(TURNS);
    let kept = words.iter().find(|word| word.contains('/'));
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let mut mirror = Mirror::open(&folder.join("mirror.sqlite"), MirrorOptions::default(), NOW)
        .unwrap()
        .mirror;
    fill(&mut mirror, turns);
    println!(
        "{turns} turns of {} words, {} MiB",
        PROMPT_WORDS + ANSWER_WORDS,
        size(&folder) / 1_048_576
    );
    measure(&mirror);
}

/// Pages that are not there yet, so that a stopped run goes on.
fn fill(mirror: &mut Mirror, turns: u64) {
    let mut from = mirror.history_revision().unwrap();
    while from < turns {
        let to = (from + TURNS_A_PAGE).min(turns);
        let conversations = from / TURNS_A_CONVERSATION..to.div_ceil(TURNS_A_CONVERSATION);
        let page = HistoryBatch {
            epoch: "bench".to_owned(),
            conversations: conversations.map(conversation).collect(),
            turns: (from..to).map(turn).collect(),
            revision: to,
            more: to < turns,
        };
        mirror.apply_history(&page).unwrap();
        from = to;
    }
}

fn measure(mirror: &Mirror) {
    let mut dice = Dice(42);
    let mut pressed: Vec<f64> = Vec::new();
    let mut slowest = (0.0, String::new());
    for _ in 0..QUERIES {
        let query = (0..=dice.below(3)).map(|_| dice.word()).collect::<Vec<_>>();
        let query = query.join(" ");
        for end in 1..=query.len() {
            let started = Instant::now();
            let hits = mirror.search(&query[..end], HITS).unwrap();
            let spent = started.elapsed().as_secs_f64() * 1_000.0;
            std::hint::black_box(hits);
            pressed.push(spent);
            if spent > slowest.0 {
                slowest = (spent, query[..end].to_owned());
            }
        }
    }
    pressed.sort_by(f64::total_cmp);
    let at = |share: usize| pressed[(pressed.len() * share / 1_000).min(pressed.len() - 1)];
    println!(
        "{} searches: p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, most {:.2} ms ({:?})",
        pressed.len(),
        at(500),
        at(900),
        at(990),
        at(999),
        slowest.0,
        slowest.1
    );
}

fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

fn conversation(number: u64) -> ConversationRow {
    let mut dice = Dice(number.wrapping_mul(7_919) + 1);
    ConversationRow {
        id: ConversationId::from_uuid(Uuid::from_u128(0xc0_0000_0000 + u128::from(number))),
        title: dice.text(5),
        created_at: minute(number * TURNS_A_CONVERSATION),
        changed_at: minute(number * TURNS_A_CONVERSATION),
        deleted: false,
        revision: 1,
    }
}

fn turn(number: u64) -> TurnRow {
    let mut dice = Dice(number.wrapping_mul(104_729) + 7);
    let conversation = u128::from(number / TURNS_A_CONVERSATION);
    let prompt_text = dice.text(PROMPT_WORDS);
    TurnRow {
        id: TurnId::from_uuid(Uuid::from_u128(0x70_0000_0000 + u128::from(number))),
        conversation_id: ConversationId::from_uuid(Uuid::from_u128(0xc0_0000_0000 + conversation)),
        parent_id: None,
        created_at: minute(number),
        model_id: "model".to_owned(),
        model_label: "Model".to_owned(),
        effort: None,
        simulated: false,
        prompt: "[]".to_owned(),
        prompt_text,
        thinking: String::new(),
        text: dice.text(ANSWER_WORDS),
        media: None,
        outputs: "[]".to_owned(),
        estimate: EstimateRow {
            low: Credits::from_millicredits(1),
            likely: Credits::from_millicredits(2),
            high: Credits::from_millicredits(3),
            ceiling: Credits::from_millicredits(4),
        },
        phase: "{}".to_owned(),
        life: Life::Ended,
        charged: Credits::from_millicredits(i64::try_from(dice.below(90_000)).unwrap()),
        resent_thinking: Tokens::new(0),
        sequence: 1,
        revision: 1,
    }
}

fn minute(number: u64) -> UtcMillis {
    NOW.plus_millis(i64::try_from(number).unwrap() * 60_000)
}

/// A small generator of its own: the same words on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Rank r about 1 / r as often as the first: the logarithm of the rank is even.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank of a made-up word"
    )]
    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 40] = [
            "an", "ba", "co", "de", "el", "fi", "ga", "ho", "in", "ju", "ka", "lo", "me", "no",
            "or", "pe", "qua", "re", "sa", "to", "un", "ve", "wi", "xe", "ya", "zo", "bri", "cha",
            "dro", "fle", "gra", "kli", "plo", "pri", "sho", "spe", "sta", "tre", "thi", "str",
        ];
        let even = self.below(1 << 32) as f64 / f64::from(u32::MAX);
        let rank = (VOCABULARY as f64).powf(even) as u64;
        let mut rest = rank.wrapping_mul(2_654_435_761) % 6_400_000;
        let mut word = String::new();
        for _ in 0..=(rank % 3 + u64::from(rank > 100)) {
            word.push_str(SYLLABLES[usize::try_from(rest % 40).unwrap()]);
            rest /= 40;
        }
        word
    }

    fn text(&mut self, words: u64) -> String {
        (0..words)
            .map(|_| self.word())
            .collect::<Vec<_>>()
            .join(" ")
    }
}
