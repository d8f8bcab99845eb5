//! `anyai estimate --batch`: a line in, a line out, in order, on every core.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use anyai_catalog::Effort;
use anyai_estimate::{DraftTurn, Estimator, PromptFeatures};
use anyai_server::Clock;
use anyai_tokens::{Counter, TextCount};
use anyai_units::{Credits, Interval, Tokens, UtcMillis};
use serde::{Deserialize, Serialize};

use crate::commands::CommandError;
use crate::exit::Exit;

/// Lines that are read before any of them is worked on.
const BLOCK_LINES: usize = 8_192;
/// Texts whose counts a core keeps: one prompt is often sent to many models.
const TEXTS_KEPT_MAX: usize = 4_096;
/// Longer texts are counted again rather than kept.
const KEPT_TEXT_BYTES_MAX: usize = 64 << 10;
/// Recorded conversations hold the beginning of earlier replies, cut at so many characters.
const CUT_REPLY_CHARS: usize = 200;

/// A line, as far as it is read: other fields are ignored.
#[derive(Deserialize)]
struct Line {
    model: String,
    conversation: Vec<Message>,
    #[serde(default)]
    effort: Option<String>,
    /// The lengths of earlier replies, where the conversation does not hold them whole.
    #[serde(default)]
    prev_output_tokens: Option<Vec<u64>>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Content,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
    Nothing(()),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

/// What is printed for a line.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Estimate {
        model: String,
        input_tokens: u64,
        output_tokens: Quantiles,
        credits: Amounts,
    },
    Error {
        error: String,
    },
}

#[derive(Serialize)]
struct Quantiles {
    p05: u64,
    p50: u64,
    p95: u64,
}

#[derive(Serialize)]
struct Amounts {
    low: String,
    likely: String,
    high: String,
    ceiling: String,
}

/// Estimates every line of a file; `-` is standard input.
pub(super) fn run(path: &Path, estimator: &Estimator) -> Result<Exit, CommandError> {
    let reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(
            File::open(path).map_err(CommandError::Input)?,
        ))
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (counter, now) = (Counter::shared()?, Clock::system().now());
    let mut workers: Vec<Worker<'_>> = (0..cores)
        .map(|_| Worker {
            estimator,
            counter,
            now,
            kept: HashMap::new(),
        })
        .collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut lines = reader.split(b'\n');
    let mut exit = Exit::Success;
    loop {
        let block = lines.by_ref().take(BLOCK_LINES);
        let block: Vec<Vec<u8>> = block
            .collect::<io::Result<_>>()
            .map_err(CommandError::Input)?;
        if block.is_empty() {
            break;
        }
        for (text, all_good) in share_out(&mut workers, &block) {
            out.write_all(&text).map_err(CommandError::Output)?;
            if !all_good {
                exit = Exit::Usage;
            }
        }
    }
    out.flush().map_err(CommandError::Output)?;
    Ok(exit)
}

/// Each worker answers a stretch of the block; the answers come back in order.
fn share_out(workers: &mut [Worker<'_>], block: &[Vec<u8>]) -> Vec<(Vec<u8>, bool)> {
    let stretch = block.len().div_ceil(workers.len()).max(1);
    std::thread::scope(|scope| {
        let shares = workers.iter_mut().zip(block.chunks(stretch));
        let running: Vec<_> = shares
            .map(|(worker, lines)| scope.spawn(move || worker.answer_all(lines)))
            .collect();
        running
            .into_iter()
            .map(|share| {
                share
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

/// What one core works with.
struct Worker<'a> {
    estimator: &'a Estimator,
    counter: &'a Counter,
    now: UtcMillis,
    kept: HashMap<String, (TextCount, PromptFeatures)>,
}

impl Worker<'_> {
    fn answer_all(&mut self, lines: &[Vec<u8>]) -> (Vec<u8>, bool) {
        let (mut text, mut all_good) = (Vec::new(), true);
        for line in lines {
            let answer = self.answer(line).unwrap_or_else(|error| {
                all_good = false;
                Answer::Error { error }
            });
            let start = text.len();
            if serde_json::to_writer(&mut text, &answer).is_err() {
                text.truncate(start);
                all_good = false;
                text.extend_from_slice(br#"{"error":"the answer cannot be written as JSON"}"#);
            }
            text.push(b'\n');
        }
        (text, all_good)
    }

    fn answer(&mut self, line: &[u8]) -> Result<Answer, String> {
        let line: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let turn = self.turn(&line)?;
        let model = line.model;
        if let Ok(estimate) = self.estimator.estimate(&model, &turn, self.now) {
            let (input, output) = (estimate.input.likely, estimate.output);
            return Ok(answer(
                model,
                input,
                output,
                estimate.credits,
                estimate.ceiling,
            ));
        }
        let estimate = self.estimator.estimate_named(&model, &turn, self.now);
        let estimate = estimate.map_err(|error| error.to_string())?;
        let (input, output) = (estimate.input, estimate.output);
        Ok(answer(
            model,
            input,
            output,
            estimate.credits,
            estimate.ceiling,
        ))
    }

    fn turn(&mut self, line: &Line) -> Result<DraftTurn, String> {
        let mut turn = DraftTurn {
            effort: effort(line.effort.as_deref())?,
            ..DraftTurn::default()
        };
        let (draft, before) = line
            .conversation
            .split_last()
            .ok_or("the conversation is empty")?;
        for message in before {
            let text = message.content.text();
            let (count, _) = self.read(&text);
            match message.role.as_str() {
                "system" | "developer" => turn.system += count,
                "assistant" | "model" if line.prev_output_tokens.is_none() && !is_cut(&text) => {
                    turn.history.push_reply(count, Tokens::ZERO);
                }
                _ => turn.history.push_user(count, &[]),
            }
        }
        for tokens in line.prev_output_tokens.iter().flatten() {
            turn.history.note_reply(Tokens::new(*tokens));
        }
        (turn.draft, turn.prompt) = self.read(&draft.content.text());
        Ok(turn)
    }

    fn read(&mut self, text: &str) -> (TextCount, PromptFeatures) {
        if let Some(known) = self.kept.get(text) {
            return known.clone();
        }
        let read = (self.counter.count(text), self.estimator.read([text]));
        if text.len() <= KEPT_TEXT_BYTES_MAX {
            if self.kept.len() >= TEXTS_KEPT_MAX {
                self.kept.clear();
            }
            self.kept.insert(text.to_owned(), read.clone());
        }
        read
    }
}

impl Content {
    fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Text(text) => text.into(),
            Self::Parts(parts) => {
                let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
                texts.join("\n").into()
            }
            Self::Nothing(()) => "".into(),
        }
    }
}

fn effort(typed: Option<&str>) -> Result<Option<Effort>, String> {
    let unknown = |typed: &str| {
        format!("{typed:?} is no effort: none, minimal, low, medium, high, xhigh or max")
    };
    typed
        .map(|typed| Effort::from_text(typed).ok_or_else(|| unknown(typed)))
        .transpose()
}

/// Whether a reply was cut in recording: its length says nothing.
fn is_cut(reply: &str) -> bool {
    let ends = reply.ends_with(['.', '!', '?', ':', '`', '*', ')', '"', '”', '。', '\n']);
    !ends && reply.chars().count() == CUT_REPLY_CHARS
}

fn answer(
    model: String,
    input: Tokens,
    output: Interval<Tokens>,
    credits: Interval<Credits>,
    ceiling: Credits,
) -> Answer {
    Answer::Estimate {
        model,
        input_tokens: input.count(),
        output_tokens: Quantiles {
            p05: output.low.count(),
            p50: output.likely.count(),
            p95: output.high.count(),
        },
        credits: Amounts {
            low: credits.low.to_string(),
            likely: credits.likely.to_string(),
            high: credits.high.to_string(),
            ceiling: ceiling.to_string(),
        },
    }
}
