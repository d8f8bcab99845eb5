//! What kind of answer a prompt wants, from its words alone.

/// The kind of answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Intent {
    Nothing,
    Greeting,
    Thanks,
    /// Count up to this number.
    CountTo(u64),
    /// How often a letter stands in a word.
    CountLetter {
        letter: char,
        word: String,
    },
    /// An expression to work out, and its value.
    Sum {
        expression: String,
        value: f64,
    },
    /// Prose of exactly so many words.
    InWords(usize),
    /// So many points.
    List(usize),
    Compare {
        left: String,
        right: String,
    },
    Code,
    Poem,
    Story,
    Email,
    Plan,
    Title,
    Summary,
    Explain,
}

const LIST_MAX: u64 = 25;
const COUNT_MAX: u64 = 500;
const WORDS_MAX: u64 = 5_000;

impl Intent {
    pub(crate) fn of(prompt: &str) -> Self {
        let low = prompt.to_lowercase();
        let words: Vec<&str> = low
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .collect();
        let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
        small_talk(&words)
            .or_else(|| sum(&low))
            .or_else(|| letters(&low, &words))
            .or_else(|| count_to(&words))
            .or_else(|| in_words(&words))
            .or_else(|| {
                has(&["poem", "haiku", "verse", "limerick", "sonnet"]).then_some(Self::Poem)
            })
            .or_else(|| has(&["email", "mail", "letter"]).then_some(Self::Email))
            .or_else(|| has(&["title", "headline"]).then_some(Self::Title))
            .or_else(|| code(&low, &words))
            .or_else(|| compare(&low))
            .or_else(|| list(&words))
            .or_else(|| has(&["story", "tale"]).then_some(Self::Story))
            .or_else(|| has(&["plan", "itinerary", "schedule", "roadmap"]).then_some(Self::Plan))
            .or_else(|| summary(prompt, &words))
            .unwrap_or(Self::Explain)
    }
}

fn small_talk(words: &[&str]) -> Option<Intent> {
    let hello = [
        "hi",
        "hello",
        "hey",
        "hallo",
        "hiya",
        "howdy",
        "greetings",
        "yo",
    ];
    let thanks = ["thanks", "thank", "thx", "cheers", "bye", "goodbye"];
    match words {
        [] => Some(Intent::Nothing),
        [first, ..] if words.len() <= 5 && thanks.contains(first) => Some(Intent::Thanks),
        [first, ..] if words.len() <= 4 && hello.contains(first) => Some(Intent::Greeting),
        ["good", "morning" | "evening" | "afternoon", ..] if words.len() <= 4 => {
            Some(Intent::Greeting)
        }
        _ => None,
    }
}

fn number(word: &str) -> Option<u64> {
    let written = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    match written.iter().position(|name| *name == word) {
        Some(number) => Some(number as u64),
        None if word == "twelve" => Some(12),
        None => word.parse().ok(),
    }
}

fn count_to(words: &[&str]) -> Option<Intent> {
    let at = words
        .windows(2)
        .position(|pair| pair[0] == "count" && ["to", "from", "up"].contains(&pair[1]))?;
    let last = words[at..]
        .iter()
        .filter_map(|word| number(word))
        .next_back()?;
    Some(Intent::CountTo(last.min(COUNT_MAX)))
}

fn letters(low: &str, words: &[&str]) -> Option<Intent> {
    if !low.contains("how many") {
        return None;
    }
    let at = words.iter().position(|word| *word == "in")?;
    let word = (*words.get(at + 1)?).to_owned();
    let asked = words.get(..at)?.iter().rev().find(|word| {
        let plain = word.trim_end_matches("'s").trim_end_matches('s');
        plain.chars().count() == 1 || word.chars().count() == 1
    })?;
    asked
        .chars()
        .next()
        .map(|letter| Intent::CountLetter { letter, word })
}

fn in_words(words: &[&str]) -> Option<Intent> {
    let at = words
        .iter()
        .position(|word| ["words", "word"].contains(word))?;
    let count = number(words.get(at.checked_sub(1)?)?)?;
    (count > 0).then(|| Intent::InWords(usize::try_from(count.min(WORDS_MAX)).unwrap_or(0)))
}

fn list(words: &[&str]) -> Option<Intent> {
    let verbs = [
        "list", "give", "name", "suggest", "top", "best", "ideas", "reasons", "ways", "tips",
    ];
    if !words.iter().any(|word| verbs.contains(word)) {
        return None;
    }
    let asked = words
        .iter()
        .take(8)
        .find_map(|word| number(word))
        .filter(|count| *count > 1);
    let wants_list =
        words.first() == Some(&"list") || words.contains(&"ideas") || words.contains(&"tips");
    let count = asked.or(wants_list.then_some(5))?;
    Some(Intent::List(
        usize::try_from(count.min(LIST_MAX)).unwrap_or(5),
    ))
}

fn code(low: &str, words: &[&str]) -> Option<Intent> {
    let nouns = [
        "code",
        "function",
        "script",
        "program",
        "python",
        "rust",
        "typescript",
        "javascript",
        "sql",
        "bash",
        "regex",
        "class",
        "algorithm",
    ];
    let verbs = [
        "write",
        "implement",
        "code",
        "show",
        "create",
        "fix",
        "refactor",
        "how",
        "make",
    ];
    let named = words.iter().any(|word| nouns.contains(word)) || low.contains("```");
    let asked = words.iter().any(|word| verbs.contains(word)) || low.contains("```");
    (named && asked).then_some(Intent::Code)
}

fn compare(low: &str) -> Option<Intent> {
    let low = low.trim().trim_end_matches(['?', '.', '!']);
    let tail = |after: &str| low.split_once(after).map(|(_, tail)| tail);
    let (left, right) = if let Some(tail) = tail("difference between ") {
        tail.split_once(" and ")?
    } else if let Some(tail) = low.strip_prefix("compare ") {
        tail.split_once(" and ")
            .or_else(|| tail.split_once(" with "))
            .or_else(|| tail.split_once(" to "))?
    } else {
        low.split_once(" vs ")
            .or_else(|| low.split_once(" versus "))
            .or_else(|| low.split_once(" vs. "))?
    };
    let last = |side: &str| {
        side.split([',', ':'])
            .next_back()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let first = |side: &str| {
        side.split([',', ';', '.', ':', '\n'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let (left, right) = (last(left), first(right));
    let short = |side: &str| (1..=6).contains(&side.split_whitespace().count());
    (short(&left) && short(&right)).then_some(Intent::Compare { left, right })
}

fn summary(prompt: &str, words: &[&str]) -> Option<Intent> {
    let asks = [
        "summarise",
        "summarize",
        "summary",
        "shorten",
        "tl",
        "tldr",
        "condense",
    ];
    let long = prompt.split_whitespace().count() > 60;
    (long && words.iter().any(|word| asks.contains(word))).then_some(Intent::Summary)
}

fn sum(low: &str) -> Option<Intent> {
    let mut rest = low.trim().trim_end_matches(['?', '=', '.', ' ']);
    for lead in [
        "what is",
        "what's",
        "calculate",
        "compute",
        "how much is",
        "work out",
    ] {
        rest = rest.strip_prefix(lead).unwrap_or(rest).trim();
    }
    let expression = rest
        .replace(['×', 'x'], "*")
        .replace('÷', "/")
        .replace("**", "^");
    let allowed = |c: char| c.is_ascii_digit() || " +-*/^().".contains(c);
    let worked = expression.contains(['+', '-', '*', '/', '^'])
        && expression.chars().any(|c| c.is_ascii_digit());
    if !worked || !expression.chars().all(allowed) || expression.len() > 200 {
        return None;
    }
    let value = Reader { rest: &expression }.whole()?;
    value.is_finite().then(|| Intent::Sum {
        expression: rest.to_owned(),
        value,
    })
}

/// Works out an expression: sums of products of powers.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn whole(mut self) -> Option<f64> {
        let value = self.sum(0)?;
        self.rest.trim().is_empty().then_some(value)
    }

    fn take(&mut self, sign: char) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self, depth: usize) -> Option<f64> {
        let mut value = self.product(depth)?;
        loop {
            if self.take('+') {
                value += self.product(depth)?;
            } else if self.take('-') {
                value -= self.product(depth)?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self, depth: usize) -> Option<f64> {
        let mut value = self.power(depth)?;
        loop {
            if self.take('*') {
                value *= self.power(depth)?;
            } else if self.take('/') {
                value /= self.power(depth)?;
            } else {
                return Some(value);
            }
        }
    }

    fn power(&mut self, depth: usize) -> Option<f64> {
        // Deep enough for anyone; deeper would be a way to break the stack.
        if depth > 40 {
            return None;
        }
        let base = self.atom(depth + 1)?;
        if self.take('^') {
            Some(base.powf(self.power(depth + 1)?))
        } else {
            Some(base)
        }
    }

    fn atom(&mut self, depth: usize) -> Option<f64> {
        if self.take('-') {
            return Some(-self.power(depth)?);
        }
        if self.take('(') {
            let value = self.sum(depth)?;
            return self.take(')').then_some(value);
        }
        let text = self.rest.trim_start();
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        self.rest = rest;
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_taken_for_what_they_ask() {
        let compare = |left: &str, right: &str| Intent::Compare {
            left: left.into(),
            right: right.into(),
        };
        for (prompt, intent) in [
            ("", Intent::Nothing),
            ("Hi!", Intent::Greeting),
            ("good morning to you", Intent::Greeting),
            ("thanks a lot", Intent::Thanks),
            ("Count to ten", Intent::CountTo(10)),
            ("count from 1 to 12, please", Intent::CountTo(12)),
            (
                "How many r's are in strawberry?",
                Intent::CountLetter {
                    letter: 'r',
                    word: "strawberry".into(),
                },
            ),
            ("Describe the sea in 25 words", Intent::InWords(25)),
            ("a 100-word note on bees", Intent::InWords(100)),
            ("Give me 7 ideas for a garden", Intent::List(7)),
            ("compare tea and coffee", compare("tea", "coffee")),
            (
                "What is the difference between a list and a tuple?",
                compare("a list", "a tuple"),
            ),
            ("postgres vs sqlite", compare("postgres", "sqlite")),
            (
                "Write a Python function that reverses a string",
                Intent::Code,
            ),
            ("a haiku about rain", Intent::Poem),
            ("tell me a story", Intent::Story),
            ("draft an email to my landlord", Intent::Email),
            ("plan a weekend in Rome", Intent::Plan),
            ("Suggest a title for my novel", Intent::Title),
            ("Explain how tides work", Intent::Explain),
        ] {
            assert_eq!(Intent::of(prompt), intent, "{prompt:?}");
        }
    }

    #[test]
    fn sums_are_worked_out() {
        for (prompt, expected) in [
            ("What is 17 * 23?", 391.0),
            ("2+3*4^2/(1+1)", 26.0),
            ("-(2-5) =", 3.0),
            ("12 x 12", 144.0),
        ] {
            match Intent::of(prompt) {
                Intent::Sum { value, .. } => {
                    assert!((value - expected).abs() < 1e-9, "{prompt}: {value}")
                }
                other => panic!("{prompt}: {other:?}"),
            }
        }
        for no_sum in [
            "1/0",
            "2 +",
            "((1",
            "2024-11-22 what happened",
            &"(".repeat(150),
        ] {
            assert!(
                !matches!(Intent::of(no_sum), Intent::Sum { .. }),
                "{no_sum}"
            );
        }
    }
}
