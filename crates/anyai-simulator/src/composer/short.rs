//! The short answers: greetings, counts, sums, titles.

use super::draws::Draws;
use super::topic::{Topic, capitalized};

pub(crate) fn nothing() -> String {
    "Your message is empty. Write something, or drop an image here, and I'll take it from there."
        .to_owned()
}

pub(crate) fn greeting(model: &str, draws: &mut Draws) -> String {
    let hello = draws.pick(&[
        "Hello!",
        "Hi there!",
        "Good to see you.",
        "Hello, and welcome.",
    ]);
    let offer = draws.pick(&[
        "What would you like to work on?",
        "What shall we start with?",
        "Ask me something, give me a text to work on, or attach an image.",
    ]);
    format!(
        "{hello} I'm **{model}**, played by the studio's built-in simulator: the flow, the token counts and the \
         prices are the real ones, the words come from a small composer. {offer}\n\n\
         A few things to try:\n\n\
         - *Explain how tides work*\n\
         - *Compare tea and coffee*\n\
         - *Write a Python function that finds prime numbers*\n\
         - *Plan a weekend in Lisbon*"
    )
}

pub(crate) fn thanks(draws: &mut Draws) -> String {
    draws
        .pick(&[
            "You're welcome. I'm here when the next question comes.",
            "Any time! If something is still unclear, quote the line and I'll try again.",
            "Glad it helped.",
        ])
        .to_owned()
}

pub(crate) fn count_to(last: u64) -> String {
    let numbers: Vec<String> = (1..=last).map(|number| number.to_string()).collect();
    if numbers.is_empty() {
        return "That count is over before it starts: 0.".to_owned();
    }
    format!("{}.", numbers.join(", "))
}

pub(crate) fn count_letter(letter: char, word: &str) -> String {
    let at: Vec<String> = word
        .chars()
        .enumerate()
        .filter(|(_, found)| *found == letter)
        .map(|(index, _)| (index + 1).to_string())
        .collect();
    let spelled: Vec<String> = word
        .chars()
        .map(|found| {
            if found == letter {
                format!("**{found}**")
            } else {
                found.to_string()
            }
        })
        .collect();
    let times = match at.len() {
        0 => return format!("There is no **{letter}** in *{word}*."),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    let place = if at.len() == 1 { "place" } else { "places" };
    format!(
        "**{letter}** stands in *{word}* {times}: {} (letter by letter, {place} {}).",
        spelled.join("·"),
        at.join(", ")
    )
}

pub(crate) fn sum(expression: &str, value: f64) -> String {
    let exact = value.fract() == 0.0 && value.abs() < 1e15;
    let written = if exact {
        format!("{value:.0}")
    } else {
        trimmed(value)
    };
    let shown = expression
        .replace(['*', '×'], r" \times ")
        .replace('÷', r" \div ");
    let sign = if exact { "=" } else { r"\approx" };
    format!("$$ {shown} {sign} {written} $$\n\nSo the result is **{written}**.")
}

fn trimmed(value: f64) -> String {
    format!("{value:.6}")
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

pub(crate) fn title(topic: &Topic) -> String {
    let small = [
        "and", "of", "the", "a", "an", "in", "on", "for", "to", "with", "at", "by",
    ];
    let word = |(at, word): (usize, &str)| {
        if at > 0 && small.contains(&word) {
            word.to_owned()
        } else {
            capitalized(word)
        }
    };
    topic
        .phrase()
        .split_whitespace()
        .enumerate()
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sums_are_right() {
        assert_eq!(count_to(4), "1, 2, 3, 4.");
        assert!(count_letter('r', "strawberry").contains("3 times"));
        assert!(count_letter('z', "strawberry").contains("no **z**"));
        assert!(sum("17*23", 391.0).contains("**391**"));
        assert!(sum("1/3", 1.0 / 3.0).contains("**0.333333**"));
    }
}
