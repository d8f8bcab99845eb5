//! Derives `data/forecast.toml` from recorded turns, and says how well it does on prompts it has
//! not seen:
//! `cargo run --release -p anyai-estimate --example derive_quantiles -- turns.jsonl.gz data/forecast.toml`
//!
//! The forecast of a class of models is `median(prompt length) x offset`, spread by factors. The
//! median curve comes from all models that do not think; a class's offset from answers to the same
//! prompts, so that a class that met harder prompts is not taken for a wordy one. Rows are split by
//! prompt group, never by row: one prompt was answered by many models.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};

use anyai_tokens::Counter;
use serde::Deserialize;

/// Prompt lengths of the curve, as powers of two.
const KNOTS: std::ops::RangeInclusive<u32> = 3..=13;
/// None of the catalogue's models is in the data, so measured spreads are widened by this power:
/// what brings the coverage of a model whose own answers were left out of the fit near 90 %.
const WIDENING: f64 = 1.45;
/// The estimator's default output limit: this many times the forecast, and at least that.
const LIMIT_TIMES: f64 = 8.0;
const LIMIT_TOKENS_MIN: f64 = 4_096.0;
/// Puzzles and exam questions weigh this much: a studio is asked for other things more often.
const EXAM_WEIGHT: f64 = 0.2;
/// Shorter answers to hard prompts are empty or failed records.
const ARENA_ANSWER_TOKENS_MIN: u64 = 5;
/// One prompt group in five is held out.
const HELD_OUT_EVERY: u64 = 5;

#[derive(Deserialize)]
struct Row {
    source: String,
    model: String,
    group: String,
    conversation: Vec<Message>,
    output_tokens: u64,
    thinking_tokens: u64,
    #[serde(default)]
    hidden_thinking: Option<bool>,
    #[serde(default)]
    prev_output_tokens: Option<Vec<u64>>,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

struct Turn {
    is_exam: bool,
    class: Option<usize>,
    model: String,
    group: String,
    held_out: bool,
    thinks: bool,
    /// Both on a scale of powers of two.
    prompt: f64,
    output: f64,
    recent_reply_mean: Option<f64>,
}

/// Classes of models, in the order of the data file, and how names in the data tell them.
const CLASSES: [(&str, &[&str], bool); 8] = [
    ("openai-plain", &["gpt-4o", "gpt-4.1", "chatgpt-4o"], false),
    (
        "anthropic-plain",
        &[
            "claude-3-5-sonnet",
            "claude-3.5-sonnet",
            "claude-3-7",
            "claude-3.7",
            "claude-sonnet-4",
            "claude-opus-4",
        ],
        false,
    ),
    (
        "google-plain",
        &[
            "gemini-1.5-pro",
            "gemini-2.0-flash",
            "gemini-2.0-pro",
            "gemini-2.5-flash",
        ],
        false,
    ),
    ("xai-plain", &["grok-2", "grok-3-beta"], false),
    (
        "openai-thinking",
        &["o1-preview", "o4-mini", "gpt-oss"],
        true,
    ),
    ("anthropic-thinking", &["claude"], true),
    ("google-thinking", &["gemini"], true),
    ("xai-thinking", &["grok"], true),
];
/// Models that think without saying how much: their output is not the billed output.
const HIDES_THINKING: [&str; 6] = [
    "o1",
    "o3-mini",
    "o4-mini",
    "gemini-2.5-pro",
    "deepseek-r1",
    "gemini-2.0-flash-thinking",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(source), Some(target)) = (arguments.next(), arguments.next()) else {
        return Err("usage: derive_quantiles TURNS_JSONL_GZ TARGET_TOML".into());
    };
    let turns = read(&source)?;
    let (held_out, train): (Vec<_>, Vec<_>) = turns.iter().partition(|turn| turn.held_out);
    let forecast = Forecast::fit(&train);
    let text = forecast.to_toml(&forecast.report(&train, &held_out));
    std::fs::write(target, text)?;
    Ok(())
}

fn read(path: &str) -> Result<Vec<Turn>, Box<dyn Error>> {
    let counter = Counter::shared()?;
    let lines = BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?)).lines();
    let mut turns = Vec::new();
    for line in lines {
        let row: Row = serde_json::from_str(&line?)?;
        let thinks = row.thinking_tokens > 0;
        let hides = HIDES_THINKING
            .iter()
            .any(|name| row.model.starts_with(name));
        let billed = row.output_tokens + row.thinking_tokens;
        let is_hidden = row.hidden_thinking == Some(true) || (hides && !thinks);
        let is_failed = row.source == "arena_hard" && billed < ARENA_ANSWER_TOKENS_MIN;
        let is_usable = billed > 0 && !is_hidden && !is_failed;
        let Some(prompt) = row.conversation.last().filter(|_| is_usable) else {
            continue;
        };
        let prompt = counter.count(&prompt.content).o200k().count().max(1);
        let recent = row.prev_output_tokens.unwrap_or_default();
        let recent = &recent[recent.len().saturating_sub(3)..];
        let mean = recent.iter().sum::<u64>().checked_div(recent.len() as u64);
        turns.push(Turn {
            is_exam: row.source.starts_with("zeroeval") || row.source == "misguided",
            class: CLASSES.iter().position(|(_, names, class_thinks)| {
                *class_thinks == thinks && names.iter().any(|name| row.model.starts_with(name))
            }),
            model: row.model,
            held_out: fnv1a(&row.group).is_multiple_of(HELD_OUT_EVERY),
            group: row.group,
            thinks,
            prompt: (prompt as f64).log2(),
            output: (billed as f64).log2(),
            recent_reply_mean: mean
                .filter(|mean| *mean > 0)
                .map(|mean| (mean as f64).log2()),
        });
    }
    Ok(turns)
}

struct Forecast {
    curve: Vec<f64>,
    /// By class: the median error of the curve.
    offsets: Vec<f64>,
    /// By kind: models that do not think, models that do.
    spreads: [Spread; 2],
    continuing: Spread,
}

/// Quantiles of the error around its median, on a scale of powers of two.
#[derive(Clone, Copy)]
struct Spread {
    q05: f64,
    q95: f64,
}

/// A forecast against what came, on a scale of powers of two.
struct Judged {
    error: f64,
    output: f64,
    spread: Spread,
}

/// A value and its weight.
type Weighted = Vec<(f64, f64)>;

impl Forecast {
    fn fit(train: &[&Turn]) -> Self {
        let curve = median_curve(train);
        let typical = typical_output(train);
        let (mut offsets, mut errors) = (Vec::new(), [Weighted::new(), Weighted::new()]);
        for (class, (_, _, thinks)) in CLASSES.iter().enumerate() {
            let turns: Vec<&Turn> = train
                .iter()
                .copied()
                .filter(|turn| turn.class == Some(class))
                .collect();
            let paired = |turn: &Turn| Some(turn.output - typical.get(&turn.group)?);
            let paired = quantile(&mut by_group(&turns, paired), 0.5);
            let raw = |turn: &Turn| Some(turn.output - at(&curve, turn.prompt) - paired);
            // Answers to the same prompts say how wordy the class is; where the curve is off for
            // the prompts this class met, half of that is believed.
            let offset = paired + quantile(&mut by_group(&turns, raw), 0.5) / 2.0;
            let error = |turn: &Turn| Some(turn.output - at(&curve, turn.prompt) - offset);
            let weighted = by_group(&turns, error);
            let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
            errors[usize::from(*thinks)].extend(weighted.iter().map(|(e, w)| (*e, w / total)));
            offsets.push(offset);
        }
        let known: Vec<&Turn> = train.to_vec();
        let mut continuing = by_group(&known, |turn| Some(turn.output - turn.recent_reply_mean?));
        Self {
            curve,
            offsets,
            spreads: errors.map(|mut errors| Spread::of(&mut errors)),
            continuing: Spread::of(&mut continuing),
        }
    }

    /// The forecast for a fresh prompt against what came.
    fn judge(&self, turn: &Turn) -> Option<Judged> {
        let class = turn.class.filter(|_| turn.recent_reply_mean.is_none())?;
        let error = turn.output - at(&self.curve, turn.prompt) - self.offsets[class];
        Some(Judged {
            error,
            output: turn.output,
            spread: self.spreads[usize::from(turn.thinks)],
        })
    }

    fn report(&self, train: &[&Turn], held_out: &[&Turn]) -> String {
        let groups: HashSet<&str> = held_out.iter().map(|turn| turn.group.as_str()).collect();
        let mut text = format!(
            "# {} turns fitted; held out: {} turns of {} other prompt groups. On those, answers to a fresh prompt:\n\
             # class                 turns  median error  in the 90 % interval  in the widened one  cut by default\n",
            train.len(),
            held_out.len(),
            groups.len(),
        );
        for (class, (name, _, _)) in CLASSES.iter().enumerate() {
            let turns = held_out.iter().filter(|turn| turn.class == Some(class));
            text.push_str(&score(name, turns.filter_map(|turn| self.judge(turn))));
        }
        let asked = held_out.iter().filter(|turn| !turn.is_exam);
        text.push_str(&score(
            "all but exams",
            asked.filter_map(|turn| self.judge(turn)),
        ));
        let exams = held_out.iter().filter(|turn| turn.is_exam);
        text.push_str(&score("exams", exams.filter_map(|turn| self.judge(turn))));
        let asked: Vec<&Turn> = held_out
            .iter()
            .copied()
            .filter(|turn| !turn.is_exam)
            .collect();
        text.push_str(&score(
            "a model left out",
            left_out(train, &asked).into_iter(),
        ));
        let continuing = held_out.iter().filter_map(|turn| {
            Some(Judged {
                error: turn.output - turn.recent_reply_mean?,
                output: turn.output,
                spread: self.continuing,
            })
        });
        text.push_str(&score("continuing", continuing));
        text
    }

    fn to_toml(&self, report: &str) -> String {
        let mut text = format!(
            "# How long answers are, thinking included, in o200k tokens. Written by examples/derive_quantiles.rs:\n\
             # change that program, not this file.\n#\n\
             # Source: 45,152 recorded turns with Apache-2.0, MIT and CC0 licences (arena-hard v0.1 and v2,\n\
             # llm-compliance, MisguidedAttention, ZeroEval, spiral-bench), less those whose thinking is not known\n\
             # and arena-hard records with answers under {ARENA_ANSWER_TOKENS_MIN} tokens.\n#\n{report}#\n\
             # \"A model left out\": every model in turn, forecast by its class without it, exams aside.\n\
             # No model of today's catalogue is in the data, so the spreads below are the measured ones to the\n\
             # power {WIDENING}.\n\
             # \"Cut by default\": longer than {LIMIT_TIMES} times the forecast and than {LIMIT_TOKENS_MIN} tokens,\n\
             # the default limit.\n\
             # \"Exams\" (ZeroEval, MisguidedAttention) weigh {EXAM_WEIGHT} in the fit:\n\
             # a studio is asked other things.\n\
             # \"Continuing\": against the mean of the last three replies; one source only (spiral-bench).\n\n"
        );
        let knots: Vec<String> = KNOTS.map(|knot| (1u64 << knot).to_string()).collect();
        let curve = self
            .curve
            .iter()
            .map(|median| format!("{:.0}", median.exp2()));
        let _ = writeln!(text, "prompt_tokens = [{}]", knots.join(", "));
        let _ = writeln!(
            text,
            "median_tokens = [{}]",
            curve.collect::<Vec<_>>().join(", ")
        );
        for ((name, _, thinks), offset) in CLASSES.iter().zip(&self.offsets) {
            let _ = writeln!(text, "\n[[class]]\nname = \"{name}\"");
            let _ = writeln!(text, "offset_permille = {}", permille(*offset));
            text.push_str(&self.spreads[usize::from(*thinks)].widened().to_toml());
        }
        let _ = writeln!(text, "\n[continuing]\noffset_permille = 1000");
        text.push_str(&self.continuing.widened().to_toml());
        text.push_str(EFFORTS);
        text
    }
}

/// Every model with answers enough, forecast by a fit that has not seen it.
fn left_out(train: &[&Turn], held_out: &[&Turn]) -> Vec<Judged> {
    let models = train
        .iter()
        .filter(|turn| turn.class.is_some())
        .map(|turn| turn.model.as_str());
    let models: BTreeSet<&str> = models.collect();
    let mut errors = Vec::new();
    for model in models {
        let others: Vec<&Turn> = train
            .iter()
            .copied()
            .filter(|turn| turn.model != model)
            .collect();
        let fitted = Forecast::fit(&others);
        let own = held_out.iter().filter(|turn| turn.model == model);
        errors.extend(own.filter_map(|turn| fitted.judge(turn)));
    }
    errors
}

/// Values of turns, each prompt group weighing the same however often it was answered.
fn by_group(turns: &[&Turn], value: impl Fn(&Turn) -> Option<f64>) -> Weighted {
    let mut rows: HashMap<&str, f64> = HashMap::new();
    for turn in turns {
        *rows.entry(&turn.group).or_default() += 1.0;
    }
    let weighted = turns.iter().map(|turn| {
        let weight = if turn.is_exam { EXAM_WEIGHT } else { 1.0 };
        Some((value(turn)?, weight / rows[turn.group.as_str()]))
    });
    weighted.flatten().collect()
}

/// Not measured: the data has no two efforts of one model that differ in length.
const EFFORTS: &str = "
# Thinking and answer together, against a thinking model at medium effort. Assumed, not measured: the data
# has no pair of efforts that differ (gemini-2.5-pro low and high gave 743 and 725 tokens). Effort \"none\"
# uses the plain class.
[effort_permille]
minimal = 500
low = 700
medium = 1000
high = 1600
xhigh = 2500
max = 4000
";

impl Spread {
    fn of(errors: &mut Weighted) -> Self {
        let mut quantile = |share| quantile(errors, share);
        Self {
            q05: quantile(0.05),
            q95: quantile(0.95),
        }
    }

    fn widened(self) -> Self {
        Self {
            q05: self.q05 * WIDENING,
            q95: self.q95 * WIDENING,
        }
    }

    fn to_toml(self) -> String {
        let (low, high) = (permille(self.q05), permille(self.q95));
        format!("low_permille = {low}\nhigh_permille = {high}\n")
    }

    fn covers(self, error: f64) -> bool {
        (self.q05..=self.q95).contains(&error)
    }
}

fn score(name: &str, judged: impl Iterator<Item = Judged>) -> String {
    let judged: Vec<Judged> = judged.collect();
    let count = judged.len();
    let share = |is: &dyn Fn(&Judged) -> bool| {
        100.0 * judged.iter().filter(|turn| is(turn)).count() as f64 / count.max(1) as f64
    };
    // In per cent of the true length.
    let off = judged
        .iter()
        .map(|turn| (((-turn.error).exp2() - 1.0).abs() * 100.0, 1.0));
    let median = quantile(&mut off.collect(), 0.5);
    let covered = share(&|turn| turn.spread.covers(turn.error));
    let widened = share(&|turn| turn.spread.widened().covers(turn.error));
    let cut =
        share(&|turn| turn.error > LIMIT_TIMES.log2() && turn.output > LIMIT_TOKENS_MIN.log2());
    format!(
        "# {name:<20} {count:>7} {median:>11.1} % {covered:>19.1} % {widened:>17.1} % {cut:>13.2} %\n"
    )
}

/// The median output of models that do not think, smoothed over prompt lengths.
fn median_curve(train: &[&Turn]) -> Vec<f64> {
    let plain: Vec<&Turn> = train.iter().copied().filter(|turn| !turn.thinks).collect();
    KNOTS
        .map(|knot| {
            let near = |turn: &Turn| (2.0 - (turn.prompt - f64::from(knot)).abs()).max(0.02);
            let outputs = by_group(&plain, |turn| Some(turn.output));
            let mut outputs: Weighted = outputs
                .iter()
                .zip(&plain)
                .map(|((y, w), turn)| (*y, w * near(turn)))
                .collect();
            quantile(&mut outputs, 0.5)
        })
        .collect()
}

/// The median output of models that do not think, by prompt group.
fn typical_output(train: &[&Turn]) -> HashMap<String, f64> {
    let mut outputs: HashMap<&str, Weighted> = HashMap::new();
    for turn in train.iter().filter(|turn| !turn.thinks) {
        outputs
            .entry(&turn.group)
            .or_default()
            .push((turn.output, 1.0));
    }
    outputs
        .into_iter()
        .map(|(group, mut all)| (group.to_owned(), quantile(&mut all, 0.5)))
        .collect()
}

fn at(curve: &[f64], prompt: f64) -> f64 {
    let place = (prompt - f64::from(*KNOTS.start())).clamp(0.0, (curve.len() - 1) as f64);
    let below = (place.floor() as usize).min(curve.len() - 2);
    curve[below] + (curve[below + 1] - curve[below]) * (place - below as f64)
}

fn quantile(values: &mut Weighted, share: f64) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = share * values.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut sum = 0.0;
    let found = values.iter().find(|(_, weight)| {
        sum += weight;
        sum >= wanted
    });
    found.or(values.last()).map_or(0.0, |(value, _)| *value)
}

fn permille(log2: f64) -> u64 {
    (log2.exp2() * 1_000.0).round() as u64
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
