//! The long answers: an explanation in sections, as many as fit the wanted length.

use super::draws::Draws;
use super::facts::{self, Article};
use super::topic::Topic;
use crate::provider::Provider;
use crate::tokens::count_tokens;

/// Composes an explanation of about so many tokens.
pub(crate) fn explain(
    provider: Provider,
    prompt: &str,
    topic: &Topic,
    wanted_tokens: u64,
    draws: &mut Draws,
) -> String {
    let article = facts::find(prompt);
    let opening = match article {
        Some(article) => format!("{}\n\n{}", lead_in(provider, topic, draws), article.lead),
        None => opening(provider, topic, draws),
    };
    let mut text = opening;
    let mut sections = match article {
        Some(article) => known(article, draws),
        None => unknown(topic, draws),
    };
    sections.reverse();
    while let Some(section) = sections.pop() {
        let so_far = count_tokens(&text);
        let is_first = !text.contains("## ");
        // A section that would overshoot by more than a third is left for a longer answer.
        if !is_first && so_far + count_tokens(&section) > wanted_tokens + wanted_tokens / 3 {
            continue;
        }
        text.push_str("\n\n");
        text.push_str(&section);
        if count_tokens(&text) >= wanted_tokens {
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
        let known = facts::find(self.prompt)
            .map(|article| article.points)
            .unwrap_or_default();
        match (facts::find(self.prompt), at) {
            (Some(article), 0) => Some(article.lead.to_owned()),
            (Some(_), at) if at <= known.len() => Some(known[at - 1].replace("**", "")),
            _ => Some(sentence(self.topic, at, self.draws)),
        }
    }
}

fn sentence(topic: &Topic, at: usize, draws: &mut Draws) -> String {
    let (one, two) = (topic.word(at % 4), topic.word((at + 1) % 5));
    let form = draws.below(10);
    match form {
        0 => format!(
            "Start with {one}, because everything else about {} leans on it.",
            topic.phrase()
        ),
        1 => format!(
            "The quickest test is to change {one} a little and watch what happens to {two}."
        ),
        2 => format!("Most people notice {two} first and {one} only much later."),
        3 => format!("There is a quiet side to {one} that rarely makes it into the summary."),
        4 => format!("Where {one} and {two} meet, small choices have long shadows."),
        5 => format!("It helps to ask who would miss {two} if it were gone tomorrow."),
        6 => format!("Nothing about {one} is hard by itself; the order is what matters."),
        7 => format!("Keep {two} simple until a real case forces your hand."),
        8 => format!("Seen from {one}, the rest of it looks almost inevitable."),
        _ => {
            format!("Write down what you expect of {one}, then compare it with {two} a week later.")
        }
    }
}

fn opening(provider: Provider, topic: &Topic, draws: &mut Draws) -> String {
    let (phrase, one, two) = (topic.phrase(), topic.word(0), topic.word(1));
    let choices = match provider {
        Provider::Anthropic => [
            format!(
                "There are two honest ways into **{phrase}**: from the outside, by what it does, and from the inside, by what it is made of. I'll take the first and borrow from the second where it helps. The short version is that **{one}** sets the terms and **{two}** follows."
            ),
            format!(
                "The useful thing to hold on to about **{phrase}** is that it is less one idea than a small chain of them. If **{one}** is clear, **{two}** stops being surprising, and most of what remains is detail."
            ),
        ],
        Provider::OpenAi => [
            format!(
                "**Short answer:** {phrase} comes down to how **{one}** and **{two}** depend on each other. Get that relation right and the rest falls into place."
            ),
            format!(
                "**In brief:** think of {phrase} as a small system. **{one}** goes in, something useful comes out, and **{two}** decides how well."
            ),
        ],
        Provider::Google => [
            format!(
                "Here is a structured look at **{phrase}**, from the core idea to what you can do with it. At its heart is the relation between **{one}** and **{two}**."
            ),
            format!(
                "**{}** can be broken down into a few parts. The most important are **{one}** and **{two}**; the sections below take them in turn.",
                topic.heading()
            ),
        ],
        _ => [
            format!(
                "Right, {phrase}. Strip away the jargon and it is mostly **{one}**, with **{two}** keeping it honest."
            ),
            format!(
                "Let's make {phrase} simple: **{one}** does the work, **{two}** takes the credit, and the interesting part is in between."
            ),
        ],
    };
    choices[draws.below(choices.len())].clone()
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

fn unknown(topic: &Topic, draws: &mut Draws) -> Vec<String> {
    vec![
        steps(topic, draws),
        parts(topic, draws),
        sketch(topic),
        rule(topic, draws),
        traps(topic, draws),
        next(topic),
    ]
}

fn steps(topic: &Topic, draws: &mut Draws) -> String {
    let (one, two, three) = (topic.word(0), topic.word(1), topic.word(2));
    let heading = draws.pick(&[
        "## Step by step",
        "## How to think about it",
        "## The idea in order",
    ]);
    let last = draws.pick(&[
        "**Check it against a case you know.** If the answer surprises you, the surprise is the lesson.",
        "**Say it back in one sentence.** What you cannot shorten, you have not sorted yet.",
    ]);
    format!(
        "{heading}\n\n\
         1. **Name the goal.** Before anything else, say what {} should give you.\n\
         2. **Look at {one}.** It is the part with the most influence and the fewest opinions.\n\
         3. **Bring in {two}.** Ask what it adds, and what it would cost to leave it out.\n\
         4. **Only then {three}.** It is tempting to begin here; it goes better afterwards.\n\
         5. {last}",
        topic.phrase()
    )
}

fn parts(topic: &Topic, draws: &mut Draws) -> String {
    let roles = [
        "sets the direction",
        "carries most of the weight",
        "ties the ends together",
        "keeps it affordable",
    ];
    let watch = [
        "vague goals",
        "hidden assumptions",
        "too much at once",
        "habits nobody chose",
    ];
    let shift = draws.below(roles.len());
    let row = |at: usize| {
        let word = topic.word(at);
        [
            format!("**{word}**"),
            roles[(at + shift) % 4].to_owned(),
            watch[(at + shift) % 4].to_owned(),
        ]
    };
    let rows: Vec<[String; 3]> = (0..4).map(row).collect();
    format!(
        "## The parts\n\n{}",
        table(["Part", "What it does", "Watch out for"], &rows)
    )
}

fn sketch(topic: &Topic) -> String {
    let (one, two, three) = (topic.word(0), topic.word(1), topic.word(2));
    format!(
        "## As a sketch\n\n```text\n{one} ──▶ {two} ──▶ {three}\n  ▲                    │\n  └──── what you learn ┘\n```\n\n\
         Read it from left to right the first time, and from right to left when something goes wrong."
    )
}

fn rule(topic: &Topic, draws: &mut Draws) -> String {
    let (one, two) = (topic.word(0), topic.word(1));
    let fixed = 2 + draws.below(7);
    let each = 1 + draws.below(4);
    format!(
        "## A rule of thumb\n\n\
         The effort has a part you pay once and a part that grows with {one}:\n\n\
         $$ T(n) = a + b\\,n $$\n\n\
         With $a = {fixed}$ and $b = {each}$, ten rounds come to $T(10) = {}$. If {two} makes $b$ smaller, it pays off \
         sooner than it looks.",
        fixed + 10 * each
    )
}

fn traps(topic: &Topic, draws: &mut Draws) -> String {
    let (one, two) = (topic.word(1), topic.word(2));
    let third = draws.pick(&[
        "Waiting for certainty. A small trial this week beats a perfect plan next month.",
        "Copying what worked elsewhere without asking why it worked there.",
    ]);
    format!(
        "## Where it goes wrong\n\n\
         - Treating **{one}** as a detail. It rarely is.\n\
         - Polishing **{two}** before the question is settled.\n\
         - {third}"
    )
}

fn next(topic: &Topic) -> String {
    format!(
        "## A next step\n\nPick one real example of {}, write down what you expect, and look again afterwards. If you tell me \
         which example, I can go through it with you.",
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
