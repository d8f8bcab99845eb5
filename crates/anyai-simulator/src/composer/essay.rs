//! The long answers: an explanation in sections, as many as fit the wanted length.
//!
//! On a subject of [`facts`] it explains. On any other it does not pretend to: it says what it is,
//! what it can tell from the question itself, and what the studio does with the turn.

use super::draws::Draws;
use super::facts::{self, Article};
use super::topic::Topic;
use crate::ask::Ask;
use crate::provider::Provider;
use crate::tokens::count_tokens;

/// Composes an explanation of about so many tokens.
pub(crate) fn explain(ask: &Ask, topic: &Topic, wanted_tokens: u64, draws: &mut Draws) -> String {
    let (mut text, mut sections) = match facts::find(ask.prompt()) {
        Some(article) => (
            format!(
                "{}\n\n{}",
                lead_in(ask.provider, topic, draws),
                article.lead
            ),
            known(article, draws),
        ),
        None => (opening(ask, topic, draws), unknown(ask, topic, draws)),
    };
    sections.reverse();
    while let Some(section) = sections.pop() {
        let total = count_tokens(&text) + count_tokens(&section);
        let is_first = !text.contains("## ");
        // A section that would overshoot by more than a third is left for a longer answer.
        if !is_first && total > wanted_tokens + wanted_tokens / 3 {
            continue;
        }
        text.push_str("\n\n");
        text.push_str(&section);
        if total >= wanted_tokens {
            break;
        }
    }
    text
}

/// Sentences about the topic, one after the other without end.
pub(crate) struct Sentences<'a> {
    prompt: &'a str,
    topic: &'a Topic,
    draws: &'a mut Draws,
    told: usize,
}

impl<'a> Sentences<'a> {
    pub(crate) fn new(prompt: &'a str, topic: &'a Topic, draws: &'a mut Draws) -> Self {
        Self {
            prompt,
            topic,
            draws,
            told: 0,
        }
    }
}

impl Iterator for Sentences<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let at = self.told;
        self.told += 1;
        let article = facts::find(self.prompt);
        let points = article.map(|article| article.points).unwrap_or_default();
        match (article, at) {
            (Some(article), 0) => Some(article.lead.to_owned()),
            (None, 0) => Some(format!(
                "{} deserves a closer look than it usually gets.",
                self.topic.heading()
            )),
            (_, at) if at <= points.len() => {
                let point = points[at - 1];
                // The bold lead belongs to a list; prose goes without it.
                Some(
                    point
                        .split_once(".** ")
                        .map_or(point, |(_, rest)| rest)
                        .replace("**", ""),
                )
            }
            (_, at) => Some(MUSINGS[(at + self.draws.below(2)) % MUSINGS.len()].to_owned()),
        }
    }
}

/// Sentences that hold of any subject.
pub(crate) const MUSINGS: [&str; 16] = [
    "Most of what matters is in plain sight, and plain sight is where nobody looks.",
    "The first answer is usually a habit; the second is usually the good one.",
    "It helps to ask who would miss it if it were gone tomorrow.",
    "Begin with what can be counted, then ask what the numbers leave out.",
    "Small changes tell more than large ones, because only one thing moves at a time.",
    "There is a quiet side to it that rarely makes it into the summary.",
    "What looks like detail from afar turns out to be the joint that carries the weight.",
    "Somebody decided this once, for reasons that may or may not still hold.",
    "An example is worth three rules, and a counterexample is worth three examples.",
    "Write down what you expect before you look, or you will expect what you see.",
    "The order matters more than the speed.",
    "Left alone for a week, the hard part often shows itself.",
    "Nothing about it is secret; it is only slow to explain.",
    "Say it to a child and to an expert, and notice which sentence survives both.",
    "The costs come first and the reasons come later, which is why they are so easily confused.",
    "In the end it comes down to attention, and attention can be learned.",
];

fn opening(ask: &Ask, topic: &Topic, draws: &mut Draws) -> String {
    let phrase = topic.phrase();
    let hello = match ask.provider {
        Provider::Anthropic => "I'd like to be straight with you:",
        Provider::OpenAi => "**Short answer:**",
        Provider::Google => "A note before the overview:",
        _ => "Cards on the table:",
    };
    let rest = draws.pick(&[
        "What I can do is show how an answer arrives here, what can be told from your question itself, and where the credits go.",
        "So instead of making something up, here is what your question holds, and what the studio does with it.",
    ]);
    format!(
        "{hello} I'm the studio's built-in simulator answering as **{}**, and *{phrase}* is not \
         among the few subjects I \
         really know. {rest}",
        ask.model
    )
}

/// The sections for a subject it does not know: each is true.
fn unknown(ask: &Ask, topic: &Topic, draws: &mut Draws) -> Vec<String> {
    let mut sections = vec![
        measures(ask),
        approach(ask.prompt(), topic),
        price(ask),
        life(),
        more(),
    ];
    let turn = draws.below(3);
    sections[..3].rotate_left(turn);
    sections
}

fn measures(ask: &Ask) -> String {
    let prompt = ask.prompt();
    let words = prompt.split_whitespace().count();
    let longest = prompt
        .split(|c: char| !c.is_alphanumeric())
        .max_by_key(|word| word.chars().count());
    let kind = if prompt.trim_end().ends_with('?') {
        "a question"
    } else {
        "a request"
    };
    let row = |name: &str, value: String, why: &str| [name.to_owned(), value, why.to_owned()];
    let earlier = ask.said.len() - 1;
    let rows = [
        row("Kind", kind.to_owned(), "decides the shape of an answer"),
        row("Words", words.to_string(), "what you count"),
        row(
            "Tokens",
            count_tokens(prompt).to_string(),
            "what a provider counts",
        ),
        row(
            "Longest word",
            format!("*{}*", longest.unwrap_or_default()),
            "often what it is about",
        ),
        row(
            "Messages before it",
            earlier.to_string(),
            "they are sent along, and paid for, again",
        ),
    ];
    format!(
        "## What your message holds\n\n{}",
        table(["", "Here", "Why it matters"], &rows)
    )
}

fn approach(prompt: &str, topic: &Topic) -> String {
    let low = prompt.trim_start().to_lowercase();
    let steps = if low.starts_with("why") {
        [
            "Collect the causes that could explain it, the dull ones too.",
            "For each, say what one would see if it were the true one.",
            "Look for the sight that only one of them explains.",
            "Keep the cause that is left, and say how sure that makes you.",
        ]
    } else if low.starts_with("how") {
        [
            "Say what the result should be, so that one can tell when it is reached.",
            "Find the last step, then the step before it, back to where you stand.",
            "Mark the step that cannot be undone.",
            "Try the whole of it once, small.",
        ]
    } else if low.contains("should") || low.starts_with("which") {
        [
            "Write down what a good outcome would be, before looking at the choices.",
            "Strike the choices that fail it; there are usually several.",
            "Compare the rest by what cannot be changed afterwards.",
            "Decide, and note the reason for your later self.",
        ]
    } else {
        [
            "Separate what is asked from what is assumed.",
            "Name the three parts that everything else hangs on.",
            "Give one example that is true and one that only looks true.",
            "End with what is not known.",
        ]
    };
    let lines: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| format!("{}. {step}", at + 1))
        .collect();
    format!(
        "## A way to go at *{}*\n\n{}",
        topic.phrase(),
        lines.join("\n")
    )
}

fn price(ask: &Ask) -> String {
    let price = ask.known.price;
    let formula =
        "$$ \\text{cost} = n_{\\text{in}}\\,p_{\\text{in}} + n_{\\text{out}}\\,p_{\\text{out}} $$";
    if price.output_nano_usd == 0 {
        return format!(
            "## What it costs\n\n{formula}\n\nThis model runs on your own machine, so both prices are zero."
        );
    }
    // Shown for people, in dollars a million tokens: a nano-dollar a token is a thousandth of that.
    let per_million = |nano_usd: u64| {
        let written = format!("{}.{:03}", nano_usd / 1_000, nano_usd % 1_000);
        written
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    };
    format!(
        "## What it costs\n\n{formula}\n\nFor **{}** the list price is US${} in and US${} out per million \
         tokens. Thinking counts \
         as output, which is why a higher effort costs more even when the text stays short.",
        ask.model,
        per_million(price.input_nano_usd),
        per_million(price.output_nano_usd)
    )
}

fn life() -> String {
    "## What happens to a turn\n\n```text\nestimate ──▶ hold ──▶ stream ──▶ settle ──▶ receipt\n\
     \x20              │                    │\n\
     \x20              └── never more than ─┘\n```\n\n\
     - The **hold** covers the most the turn can cost, and is placed before the provider is called.\n\
     - **Stopping** keeps the text so far, and what it cost.\n\
     - The **rest** of the hold comes back when the turn settles."
        .to_owned()
}

fn more() -> String {
    "## Worth trying\n\n- the same message on a smaller model, and compare the receipts\n\
     - a higher effort, and watch the thinking grow\n\
     - an image dropped into the message\n\
     - *Explain how tides work*, *Why is the sky blue?* or *Explain Rust ownership*: those I know"
        .to_owned()
}

/// The article's parts: the points first, the rest in an order of the draws' choosing.
fn known(article: &Article, draws: &mut Draws) -> Vec<String> {
    let mut points: Vec<String> = article
        .points
        .iter()
        .map(|point| format!("- {point}"))
        .collect();
    points.remove(draws.below(points.len()));
    let rows: Vec<[String; 3]> = article
        .rows
        .iter()
        .map(|row| row.map(str::to_owned))
        .collect();
    let how = draws.pick(&[
        "How it works",
        "What happens",
        "The main points",
        "Piece by piece",
    ]);
    let closer = draws.pick(&["A closer look", "In numbers and signs", "Worked out"]);
    let glance = draws.pick(&["At a glance", "Side by side", "In a table"]);
    let myth = draws.pick(&[
        "A common mix-up",
        "What people get wrong",
        "One thing to unlearn",
    ]);
    let mut rest = vec![
        format!("## {closer}\n\n{}", article.worked),
        format!("## {glance}\n\n{}", table(article.columns, &rows)),
        format!("## {myth}\n\n{}", article.myth),
    ];
    let turn = draws.below(rest.len());
    rest.rotate_left(turn);
    rest.insert(0, format!("## {how}\n\n{}", points.join("\n")));
    rest
}

/// A first sentence in the manner of the model's makers, before what is known.
fn lead_in(provider: Provider, topic: &Topic, draws: &mut Draws) -> String {
    let choices: &[&str] = match provider {
        Provider::Anthropic => &[
            "Let me start with the picture, then the reasons.",
            "A good question, with a tidier answer than one expects.",
            "I'll keep this concrete.",
        ],
        Provider::OpenAi => &[
            "**Short answer first.**",
            "**In brief:**",
            "Here's the core of it.",
        ],
        Provider::Google => &[
            "Here is a structured overview.",
            "Here is how it fits together.",
            "A quick guide, from the idea to the numbers.",
        ],
        _ => &[
            "Right, straight to it.",
            "No mystery here.",
            "This one is fun.",
        ],
    };
    let second = draws.pick(&[
        "",
        " It is worth five minutes.",
        " The detail is in the sections below.",
    ]);
    format!(
        "{}{second} You asked about *{}*.",
        draws.pick(choices),
        topic.phrase()
    )
}

/// A table of three columns.
pub(crate) fn table(columns: [&str; 3], rows: &[[String; 3]]) -> String {
    let line = |cells: [&str; 3]| {
        format!(
            "| {} |",
            cells.map(|cell| cell.replace('|', "/")).join(" | ")
        )
    };
    let mut lines = vec![line(columns), "|---|---|---|".to_owned()];
    lines.extend(rows.iter().map(|row| line([&row[0], &row[1], &row[2]])));
    lines.join("\n")
}
