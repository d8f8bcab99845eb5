//! What a prompt is about: the phrase and the words the answer keeps coming back to.

/// Words that lead up to a topic without being part of it.
const LEADING: &str = "\
    please can could would will you i we me us my want need like love to help tell explain \
    describe discuss write draft compose create make give show suggest list name plan summarise \
    summarize what what's whats is are was were who short brief quick long detailed some few \
    several about on of for story poem essay email simple terms ideas haiku ways reasons tips \
    mail letter title tale verse top best five three ten should";

/// Words too common to carry an answer.
const COMMON: &str = "\
    the and for with that this from into what when where which who why how does did can could \
    would should will you your please explain describe write tell give make show about words \
    word work works are was were has have had not but its it's their them they then than there \
    here some any all more most very just like want need help short long brief story poem list \
    between difference compare mine haiku verse tale email mail letter title plan ideas tips \
    ways reasons summarise summarize";

/// Where a phrase ends although the sentence goes on.
const ENDINGS: &[&str] = &[
    " to a ",
    " to an ",
    " to my ",
    " for a ",
    " for my ",
    " in about ",
    " in exactly ",
    " in under ",
    " in one ",
    " as if ",
    " using ",
    " so that ",
    " like i",
];

/// What stands in when a prompt has too few words of its own.
const SPARE: [&str; 4] = ["the setting", "the details", "the outcome", "the cost"];

const PHRASE_WORDS_MAX: usize = 9;
const KEYWORDS_MAX: usize = 6;

/// What a prompt is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    phrase: String,
    words: Vec<String>,
}

impl Topic {
    pub(crate) fn of(prompt: &str) -> Self {
        let sentence = first_sentence(prompt);
        Self {
            phrase: phrase(&sentence),
            words: keywords(prompt),
        }
    }

    /// A few words, as they fit after "about".
    pub(crate) fn phrase(&self) -> &str {
        if self.phrase.is_empty() {
            "this"
        } else {
            &self.phrase
        }
    }

    /// The phrase with a capital.
    pub(crate) fn heading(&self) -> String {
        capitalized(self.phrase())
    }

    /// The most telling words, in the prompt's order; never fails, repeats in the end.
    pub(crate) fn word(&self, at: usize) -> &str {
        match self.words.get(at) {
            Some(word) => word,
            None => SPARE[at.saturating_sub(self.words.len()) % SPARE.len()],
        }
    }
}

/// Whether a list of words, written as one text, holds this one.
fn holds(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// A text with its first letter as a capital.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// The first sentence, on one line, without signs that mean something in markdown.
pub(crate) fn first_sentence(prompt: &str) -> String {
    let line = prompt
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let end = line.find(['.', '?', '!', ';']).unwrap_or(line.len());
    let plain = |c: &char| !"|*_`#<>[]{}\\~".contains(*c) && !c.is_control();
    line[..end]
        .chars()
        .filter(plain)
        .take(200)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn phrase(sentence: &str) -> String {
    let mut sentence = sentence;
    // "a story about the sea": the sea. Not for "about 150 words".
    if let Some((_, about)) = sentence.split_once(" about ")
        && about.starts_with(|c: char| c.is_alphabetic())
    {
        sentence = about;
    }
    let words: Vec<&str> = sentence.split_whitespace().collect();
    if asks_openly(&words) {
        return "your question".to_owned();
    }
    let is_leading =
        |word: &&&str| holds(LEADING, &word.to_ascii_lowercase()) || word.parse::<u32>().is_ok();
    let leading = words.iter().take_while(is_leading).count();
    let words = match words[leading..].split_first() {
        Some((first, rest)) if ["how", "why"].contains(&first.to_ascii_lowercase().as_str()) => {
            statement(&first.to_ascii_lowercase(), rest)
        }
        _ => words[leading..]
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
    };
    let kept: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = until_ending(&kept.join(" "));
    let kept: Vec<&str> = ended.split_whitespace().take(PHRASE_WORDS_MAX).collect();
    kept.join(" ")
        .trim_matches(|c: char| c.is_ascii_punctuation())
        .to_owned()
}

/// "What should I cook": a question whose words make no phrase.
fn asks_openly(words: &[&str]) -> bool {
    let low = |at: usize| {
        words
            .get(at)
            .map(|word| word.to_ascii_lowercase())
            .unwrap_or_default()
    };
    let opens = ["what", "which", "who", "when", "where", "should"].contains(&low(0).as_str());
    opens
        && [
            "should", "would", "can", "could", "do", "does", "did", "will", "i", "we",
        ]
        .contains(&low(1).as_str())
}

/// The phrase without what only says how it is to be told.
fn until_ending(phrase: &str) -> String {
    let low = phrase.to_ascii_lowercase();
    let counted = low
        .find(" in ")
        .filter(|at| low[at + 4..].starts_with(|c: char| c.is_ascii_digit()));
    let ends = ENDINGS
        .iter()
        .filter_map(|ending| low.find(ending))
        .chain(counted)
        .chain(phrase.find([',', ':']));
    let end = ends
        .filter(|at| phrase[..*at].split_whitespace().count() >= 2)
        .min();
    phrase[..end.unwrap_or(phrase.len())].to_owned()
}

/// "why is the sky blue" as "why the sky is blue".
fn statement(question: &str, rest: &[&str]) -> Vec<String> {
    let mut words = vec![question.to_owned()];
    match rest.split_first() {
        Some((verb, subject)) if ["do", "does", "did", "can", "would"].contains(verb) => {
            words.extend(subject.iter().map(|word| (*word).to_owned()));
        }
        Some((verb, subject))
            if ["is", "are", "was", "were"].contains(verb) && !subject.is_empty() =>
        {
            let (last, front) = subject.split_last().unwrap_or((&"", &[]));
            words.extend(front.iter().map(|word| (*word).to_owned()));
            words.push((*verb).to_owned());
            words.push((*last).to_owned());
        }
        _ => words.extend(rest.iter().map(|word| (*word).to_owned())),
    }
    words
}

fn keywords(prompt: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let head: String = prompt.chars().take(600).collect();
    for word in head.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-') {
        let low = word.to_lowercase();
        let telling = word.chars().count() > 2
            && word.chars().any(char::is_alphabetic)
            && !holds(COMMON, &low);
        if telling && !words.iter().any(|known| known.to_lowercase() == low) {
            words.push(word.trim_matches(['\'', '-']).to_owned());
        }
        if words.len() == KEYWORDS_MAX {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phrase_is_what_the_prompt_is_about() {
        for (prompt, phrase) in [
            (
                "Explain how tides work to a curious child",
                "how tides work",
            ),
            ("Why is the sky blue?", "why the sky is blue"),
            ("How do rainbows form?", "how rainbows form"),
            (
                "Can you tell me about the Fresnel lens, please",
                "the Fresnel lens",
            ),
            ("What is a monad?", "a monad"),
            (
                "Give me 5 ideas for a rainy Saturday with kids",
                "a rainy Saturday with kids",
            ),
            ("What should I cook tonight?", "your question"),
            (
                "Describe a harbour at dawn in 40 words",
                "a harbour at dawn",
            ),
            (
                "Write a short story about a lighthouse keeper. Make it sad.",
                "a lighthouse keeper",
            ),
            ("", "this"),
            ("???", "this"),
        ] {
            assert_eq!(Topic::of(prompt).phrase(), phrase, "{prompt:?}");
        }
    }

    #[test]
    fn words_never_run_out() {
        let topic = Topic::of("Explain the tide and the moon");
        assert_eq!((topic.word(0), topic.word(1)), ("tide", "moon"));
        assert!(!topic.word(9).is_empty());
    }
}
