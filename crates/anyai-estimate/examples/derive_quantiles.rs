//! Derives `data/forecast.toml` from recorded turns, and says how well it does on prompts it has
//! not seen:
//! `cargo run --release -p anyai-estimate --example derive_quantiles -- turns.jsonl.gz data/forecast.toml`
//!
//! The forecast of a class of models is `median(prompt length) x offset`, spread by factors. The
//! median curve comes from all models that do not think; a class's offset from answers to the same
//! prompts, so that a class that met harder prompts is not taken for a wordy one. Rows are split by
//! prompt group, never by row: one prompt was answered by many models.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};

use anyai_tokens::Counter;
use serde::Deserialize;

/// Prompt lengths of the curve, as powers of two.
const KNOTS: std::ops::RangeInclusive<u32> = 3..=13;
/// None of the catalogue's models is in the data, so measured spreads are widened by this power: a
/// model nobody has measured needed 1.6 times the width to keep its coverage.
const WIDENING: f64 = 1.6;
/// One prompt group in five is held out.
const HELD_OUT_EVERY: u64 = 5;

#[derive(Deserialize)]
struct Row {
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
    class: Option<usize>,
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
    let (held_out, train): (Vec<_>, Vec<_>) = turns.into_iter().partition(|turn| turn.held_out);
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
        let Some(prompt) = row.conversation.last().filter(|_| billed > 0 && !is_hidden) else {
            continue;
        };
        let prompt = counter.count(&prompt.content).o200k().count().max(1);
        let recent = row.prev_output_tokens.unwrap_or_default();
        let recent = &recent[recent.len().saturating_sub(3)..];
        let mean = recent.iter().sum::<u64>().checked_div(recent.len() as u64);
        turns.push(Turn {
            class: CLASSES.iter().position(|(_, names, class_thinks)| {
                *class_thinks == thinks && names.iter().any(|name| row.model.starts_with(name))
            }),
            held_out: fnv1a(&row.group) % HELD_OUT_EVERY == 0,
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
    classes: Vec<Class>,
    continuing: Spread,
}

struct Class {
    offset: f64,
    spread: Spread,
    turns: usize,
}

/// Quantiles of the error, on a scale of powers of two.
#[derive(Clone, Copy)]
struct Spread {
    q05: f64,
    q50: f64,
    q95: f64,
    q99: f64,
}

impl Forecast {
    fn fit(train: &[Turn]) -> Self {
        let curve = median_curve(train);
        let typical = typical_output(train);
        let classes = (0..CLASSES.len())
            .map(|class| {
                let turns = || train.iter().filter(move |turn| turn.class == Some(class));
                let paired =
                    turns().filter_map(|turn| Some(turn.output - typical.get(&turn.group)?));
                let offset = quantile(&mut paired.collect::<Vec<_>>(), 0.5);
                let errors = turns().map(|turn| turn.output - at(&curve, turn.prompt) - offset);
                let spread = Spread::of(&mut errors.collect::<Vec<_>>());
                Class {
                    offset,
                    spread,
                    turns: turns().count(),
                }
            })
            .collect();
        let continuing = train
            .iter()
            .filter_map(|turn| Some(turn.output - turn.recent_reply_mean?));
        let continuing = Spread::of(&mut continuing.collect::<Vec<_>>());
        Self {
            curve,
            classes,
            continuing,
        }
    }

    fn report(&self, train: &[Turn], held_out: &[Turn]) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "# {} turns fitted, {} turns of {} other prompt groups held out. On those, for single turns:",
            train.len(),
            held_out.len(),
            held_out
                .iter()
                .map(|turn| &turn.group)
                .collect::<std::collections::HashSet<_>>()
                .len(),
        );
        let _ = writeln!(
            text,
            "# class                turns fitted  held out  median error  in 90 % interval  in the widened  beyond 8 x median"
        );
        for (class, fitted) in self.classes.iter().enumerate() {
            let turns = held_out.iter().filter(|turn| turn.class == Some(class));
            let errors =
                turns.map(|turn| turn.output - at(&self.curve, turn.prompt) - fitted.offset);
            text.push_str(&score(
                CLASSES[class].0,
                fitted.turns,
                errors,
                fitted.spread,
            ));
        }
        let errors = |turns: &[Turn]| -> Vec<f64> {
            turns
                .iter()
                .filter_map(|turn| Some(turn.output - turn.recent_reply_mean?))
                .collect()
        };
        let fitted = errors(train).len();
        let held_out = errors(held_out);
        text.push_str(&score(
            "continuing",
            fitted,
            held_out.into_iter(),
            self.continuing,
        ));
        text
    }

    fn to_toml(&self, report: &str) -> String {
        let mut text = format!(
            "# How long answers are, thinking included, in o200k tokens. Written by examples/derive_quantiles.rs;\n\
             # do not edit, except the effort table at the end of that program.\n#\n\
             # Source: 45,152 recorded turns with Apache-2.0, MIT and CC0 licences (arena-hard v0.1 and v2,\n\
             # llm-compliance, MisguidedAttention, ZeroEval, spiral-bench). No model of today's catalogue is among\n\
             # them, so the spreads in use are the measured ones to the power {WIDENING}.\n#\n{report}#\n\
             # Continuing: against the mean of the last three replies; one source only (spiral-bench).\n\n"
        );
        let knots: Vec<String> = KNOTS.map(|knot| (1u64 << knot).to_string()).collect();
        let curve: Vec<String> = self
            .curve
            .iter()
            .map(|median| format!("{:.0}", median.exp2()))
            .collect();
        let _ = writeln!(text, "prompt_tokens = [{}]", knots.join(", "));
        let _ = writeln!(text, "median_tokens = [{}]", curve.join(", "));
        for ((name, _, _), class) in CLASSES.iter().zip(&self.classes) {
            let offset = permille(class.offset + class.spread.q50);
            let _ = writeln!(
                text,
                "\n[[class]]\nname = \"{name}\"\noffset_permille = {offset}"
            );
            text.push_str(&class.spread.widened().to_toml());
        }
        let offset = permille(self.continuing.q50);
        let _ = writeln!(text, "\n[continuing]\noffset_permille = {offset}");
        text.push_str(&self.continuing.widened().to_toml());
        text.push_str(EFFORTS);
        text
    }
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
    fn of(errors: &mut Vec<f64>) -> Self {
        let mut quantile = |share| quantile(errors, share);
        let q50 = quantile(0.5);
        Self {
            q05: quantile(0.05) - q50,
            q50,
            q95: quantile(0.95) - q50,
            q99: quantile(0.99) - q50,
        }
    }

    fn widened(self) -> Self {
        Self {
            q05: self.q05 * WIDENING,
            q50: self.q50,
            q95: self.q95 * WIDENING,
            q99: self.q99 * WIDENING,
        }
    }

    fn to_toml(self) -> String {
        format!(
            "low_permille = {}\nhigh_permille = {}\nlongest_permille = {}\n",
            permille(self.q05),
            permille(self.q95),
            permille(self.q99)
        )
    }

    fn covers(self, error: f64) -> bool {
        (self.q05..=self.q95).contains(&(error - self.q50))
    }
}

fn score(name: &str, fitted: usize, errors: impl Iterator<Item = f64>, spread: Spread) -> String {
    let errors: Vec<f64> = errors.collect();
    let share = |count: usize| 100.0 * count as f64 / errors.len().max(1) as f64;
    // The forecast over the truth: an error of the forecast, in per cent of the truth.
    let mut off: Vec<f64> = errors
        .iter()
        .map(|error| ((spread.q50 - error).exp2() - 1.0).abs() * 100.0)
        .collect();
    let median = quantile(&mut off, 0.5);
    let covered = share(errors.iter().filter(|error| spread.covers(**error)).count());
    let widened = spread.widened();
    let widened = share(
        errors
            .iter()
            .filter(|error| widened.covers(**error))
            .count(),
    );
    let beyond = share(
        errors
            .iter()
            .filter(|error| **error - spread.q50 > 3.0)
            .count(),
    );
    format!(
        "# {name:<20} {fitted:>12} {:>9} {median:>11.1} % {covered:>15.1} % {widened:>13.1} % {beyond:>15.2} %\n",
        errors.len()
    )
}

/// The median output of models that do not think, smoothed over prompt lengths. Every prompt group
/// weighs the same, however many models answered it.
fn median_curve(train: &[Turn]) -> Vec<f64> {
    let plain = || train.iter().filter(|turn| !turn.thinks);
    let mut rows_in_group: HashMap<&str, f64> = HashMap::new();
    for turn in plain() {
        *rows_in_group.entry(&turn.group).or_default() += 1.0;
    }
    KNOTS
        .map(|knot| {
            let mut weighted: Vec<(f64, f64)> = plain()
                .map(|turn| {
                    let near = (2.0 - (turn.prompt - f64::from(knot)).abs()).max(0.02);
                    (turn.output, near / rows_in_group[turn.group.as_str()])
                })
                .collect();
            weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let half = weighted.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
            let mut sum = 0.0;
            let median = weighted.iter().find(|(_, weight)| {
                sum += weight;
                sum >= half
            });
            median.map_or(0.0, |(output, _)| *output)
        })
        .collect()
}

/// The median output of models that do not think, by prompt group.
fn typical_output(train: &[Turn]) -> HashMap<String, f64> {
    let mut outputs: HashMap<String, Vec<f64>> = HashMap::new();
    for turn in train.iter().filter(|turn| !turn.thinks) {
        outputs
            .entry(turn.group.clone())
            .or_default()
            .push(turn.output);
    }
    outputs
        .into_iter()
        .map(|(group, mut all)| (group, quantile(&mut all, 0.5)))
        .collect()
}

fn at(curve: &[f64], prompt: f64) -> f64 {
    let place = (prompt - f64::from(*KNOTS.start())).clamp(0.0, (curve.len() - 1) as f64);
    let below = (place.floor() as usize).min(curve.len() - 2);
    curve[below] + (curve[below + 1] - curve[below]) * (place - below as f64)
}

fn quantile(values: &mut Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((share * last as f64).round() as usize)
        .copied()
        .unwrap_or(0.0)
}

fn permille(log2: f64) -> u64 {
    (log2.exp2() * 1_000.0).round() as u64
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
