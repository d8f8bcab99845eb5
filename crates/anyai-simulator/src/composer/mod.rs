//! Writes the answers: a small composer of our own, a function of seed, conversation and model.
//!
//! It takes a prompt for one of a few kinds ([`Intent`]), finds what it is about ([`Topic`]) and
//! fills forms with it. It knows a handful of subjects, can count, and claims nothing else.

mod code;
mod craft;
mod draws;
mod essay;
mod facts;
mod intent;
mod short;
mod thinking;
mod topic;

pub(crate) use draws::{Draws, mark};

use crate::ask::{Ask, Effort};
use crate::image::Seen;
use crate::model::Size;
use crate::script::Script;
use crate::tokens::{count_tokens, pieces};
use essay::Sentences;
use intent::Intent;
use topic::Topic;

/// What a declining model says.
pub(crate) const REFUSAL: &str = "I can't help with that request.";

/// What ends every answer that looks like knowledge.
const LABEL: &str = "*A simulated answer: the words are composed, the tokens and prices are not.*";

/// An answer's words, before any limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Composed {
    pub(crate) thinking: String,
    pub(crate) text: String,
}

/// Composes the answer to a request.
pub(crate) fn compose(ask: &Ask, script: &Script, seed: u64) -> Composed {
    let prompt = ask.prompt();
    let conversation = ask.marks_by_prefix().len() as u64;
    let mut draws = Draws::new(
        seed ^ mark(prompt)
            ^ mark(&ask.model).rotate_left(17)
            ^ conversation.rotate_left(40)
            ^ (ask.effort as u64),
    );
    let intent = Intent::of(prompt);
    let topic = Topic::of(prompt);
    let thinking = thinking::think(ask, &intent, &topic, &mut draws);
    let text = match (&script.say, script.length_tokens) {
        (Some(words), _) => words.clone(),
        (None, Some(tokens)) => of_length(prompt, &topic, tokens, &mut draws),
        (None, None) => write(ask, &intent, &topic, &mut draws),
    };
    Composed { thinking, text }
}

fn write(ask: &Ask, intent: &Intent, topic: &Topic, draws: &mut Draws) -> String {
    let prompt = ask.prompt();
    let wanted = wanted_tokens(ask);
    let body = match intent {
        Intent::Nothing if ask.images().is_empty() => short::nothing(),
        Intent::Nothing => "What would you like to know about it?".to_owned(),
        Intent::Greeting => short::greeting(&ask.model, draws),
        Intent::Thanks => short::thanks(draws),
        Intent::CountTo(last) => short::count_to(*last),
        Intent::CountLetter { letter, word } => short::count_letter(*letter, word),
        Intent::Sum { expression, value } => short::sum(expression, *value),
        Intent::InWords(count) => return in_words(prompt, topic, *count, draws),
        Intent::Title => short::title(topic),
        Intent::List(count) => craft::list(topic, *count, draws),
        Intent::Compare { left, right } => craft::compare(left, right, draws),
        Intent::Code => code::write(prompt, topic, draws),
        Intent::Poem => craft::poem(prompt, topic, draws),
        // Rounded down: a paragraph has about 75 tokens.
        Intent::Story => craft::story(topic, usize::try_from(wanted / 75).unwrap_or(5), draws),
        Intent::Email => craft::email(topic, draws),
        Intent::Plan => craft::plan(topic, draws),
        Intent::Summary => craft::summary(prompt, usize::try_from(wanted / 40).unwrap_or(5)),
        Intent::Explain => essay::explain(ask, topic, wanted, draws),
    };
    let mut parts = Vec::new();
    parts.extend(seen(ask.images()));
    parts.extend(quoted(ask, intent));
    parts.push(body);
    if matches!(
        intent,
        Intent::Explain | Intent::List(_) | Intent::Compare { .. } | Intent::Plan
    ) {
        parts.push(LABEL.to_owned());
    }
    parts.join("\n\n")
}

/// How much a model of that size writes at that effort.
fn wanted_tokens(ask: &Ask) -> u64 {
    let usual = match ask.known.size() {
        Size::Small => 140,
        Size::Medium => 280,
        Size::Large => 460,
    };
    let tenths = match ask.effort {
        Effort::Minimal => 6,
        Effort::Low => 8,
        Effort::Medium => 10,
        Effort::High => 13,
        Effort::Max => 16,
    };
    // Rounded down: it is a wish, not a limit.
    usual * tenths / 10
}

/// The question, above an answer long enough to need the reminder.
fn quoted(ask: &Ask, intent: &Intent) -> Option<String> {
    let is_long = matches!(
        intent,
        Intent::Explain | Intent::Plan | Intent::Compare { .. }
    );
    let line = ask
        .prompt()
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())?;
    if !is_long || ask.known.size() == Size::Small {
        return None;
    }
    let mut quote: String = line.chars().take(160).collect();
    if quote.len() < line.len() {
        quote.push('…');
    }
    Some(format!("> {quote}"))
}

/// What can be said of attached images: what they are and how large.
fn seen(images: &[Seen]) -> Option<String> {
    let describe = |image: &Seen| match (image.width, image.height) {
        (0, _) | (_, 0) => format!("an {} of unknown size", image.format),
        (width, height) => {
            format!(
                "a {} of {width} × {height} pixels ({})",
                image.format,
                bytes(image.bytes)
            )
        }
    };
    let list: Vec<String> = images.iter().map(describe).collect();
    match list.as_slice() {
        [] => None,
        [one] => Some(format!(
            "You attached {one}. I can tell its size and shape, not what it shows."
        )),
        many => Some(format!(
            "You attached {} images: {}.",
            many.len(),
            many.join("; ")
        )),
    }
}

fn bytes(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        // Rounded up: a started kilobyte is one.
        _ => format!("{} kB", bytes.div_ceil(1_000)),
    }
}

/// Ends for a prose that must come out even: one of each length, from a word to a dozen.
const ENDS: [&str; 12] = [
    "Look.",
    "Look again.",
    "Look once more.",
    "It rewards a look.",
    "It rewards a second look.",
    "It always rewards a second look.",
    "That is where the looking begins again.",
    "That is all, and it is quite enough.",
    "The rest is patience, and a little good luck.",
    "The rest is patience, a chair, and a good window.",
    "The rest is patience, a good chair and an open window.",
    "The rest of it is patience, and patience is a good teacher.",
];

/// Prose of exactly so many words, in whole sentences.
fn in_words(prompt: &str, topic: &Topic, count: usize, draws: &mut Draws) -> String {
    let mut left = count;
    let mut told: Vec<String> = Vec::new();
    for sentence in Sentences::new(prompt, topic, draws) {
        let words = sentence.split_whitespace().count();
        if words <= left {
            left -= words;
            told.push(sentence);
        }
        if left <= ENDS.len() {
            break;
        }
    }
    told.extend(
        left.checked_sub(1)
            .and_then(|at| ENDS.get(at))
            .map(|end| (*end).to_owned()),
    );
    told.join(" ")
}

/// Prose of exactly so many tokens.
fn of_length(prompt: &str, topic: &Topic, tokens: u64, draws: &mut Draws) -> String {
    let mut text = String::new();
    let mut counted = 0;
    for (told, sentence) in Sentences::new(prompt, topic, draws).enumerate() {
        if !text.is_empty() {
            text.push_str(if told % 4 == 0 { "\n\n" } else { " " });
        }
        text.push_str(&sentence);
        // Apart, a sentence counts the same as joined by a space.
        counted += count_tokens(&sentence);
        if counted >= tokens {
            break;
        }
    }
    pieces(&text)
        .take(usize::try_from(tokens).unwrap_or(usize::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_as_many_words_as_asked() {
        for prompt in ["Describe bees", "Explain how tides work", "the lighthouse"] {
            for count in (1..120).chain([500, 1_000]) {
                let text = in_words(
                    prompt,
                    &Topic::of(prompt),
                    count,
                    &mut Draws::new(count as u64),
                );
                assert_eq!(text.split_whitespace().count(), count, "{text}");
                assert!(text.ends_with('.'), "{text}");
            }
        }
        for (at, end) in ENDS.iter().enumerate() {
            assert_eq!(end.split_whitespace().count(), at + 1, "{end}");
        }
    }
}
