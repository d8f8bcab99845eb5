//! From text to the marked stream that is tiled: borders of words, capitals and single spaces become
//! markers. Which run takes which marker is measured; the rules are ctok's, the code is ours.

use super::case::Case;
use super::class::{
    Class, borders_like_a_number, borders_like_punctuation, class, is_number, is_selector,
    is_stray_mark,
};
use super::symbols::{BOW, EOW, Symbol};

/// What stands before a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A message's frame that ends in the beginning of a word, which one leading space is.
    OpeningFrame,
    /// A message's frame that ends in nothing of the kind.
    BareFrame,
    /// A word of the same text.
    Word,
}

/// Characters of one class, side by side.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    class: Class,
    body: &'a [char],
}

/// What an apostrophe binds to the word before it.
const CONTRACTIONS: [&str; 7] = ["s", "t", "d", "m", "ll", "re", "ve"];

const SPACE: Symbol = ' ' as Symbol;

/// Writes the marked stream of normalised text, without the newlines it ends in.
pub(super) fn write(text: &[char], head: Head, caps_min: Option<usize>, symbols: &mut Vec<Symbol>) {
    symbols.clear();
    let runs = runs(text);
    let mut stream = Stream {
        runs: &runs,
        head,
        caps_min,
        symbols,
    };
    stream.open();
    for at in 0..runs.len() {
        stream.write(at);
    }
}

struct Stream<'a> {
    runs: &'a [Run<'a>],
    head: Head,
    caps_min: Option<usize>,
    symbols: &'a mut Vec<Symbol>,
}

impl Stream<'_> {
    /// Writes what the head leaves before the first run.
    fn open(&mut self) {
        match self.head {
            // Its own marker was counted with it; here it only joins the next word.
            Head::Word => self.symbols.push(EOW),
            Head::BareFrame => {}
            Head::OpeningFrame => {
                let has_own = self.runs.first().is_some_and(|first| opens_itself(*first));
                if self.opens_word(0) {
                    self.symbols.push(SPACE);
                } else if !has_own {
                    self.symbols.push(BOW);
                }
            }
        }
    }

    fn write(&mut self, at: usize) {
        let Run { class, body } = self.runs[at];
        match class {
            Class::Word => self.word(at, body),
            Class::StrayMark => {
                self.begin(Case::Literal);
                self.push(body);
                if !self.is_word(at + 1) {
                    self.symbols.push(EOW);
                }
            }
            Class::Punctuation => self.bordered(at, body, !self.opens_word(at), true),
            Class::Hard if starts_bordered(body) || ends_bordered(body) => {
                self.bordered(at, body, starts_bordered(body), ends_bordered(body));
            }
            Class::Hard | Class::Digit if is_number(body) => {
                let (first, last) = (body.first(), body.last());
                let takes =
                    |edge: Option<&char>| edge.is_some_and(|edge| borders_like_a_number(*edge));
                self.bordered(at, body, takes(first), takes(last));
            }
            Class::Hard | Class::Digit | Class::Space => self.push(body),
        }
    }

    /// A word between its markers. A stray mark before it has opened it already, and an apostrophe
    /// may stand for the opening one.
    fn word(&mut self, at: usize, body: &[char]) {
        let is_open = at > 0 && self.runs[at - 1].class == Class::StrayMark;
        let case = if is_open {
            Case::Literal
        } else {
            Case::of(body, self.caps_min)
        };
        if is_open || self.is_contraction(at) {
            case.mark(self.symbols);
        } else {
            self.begin(case);
        }
        case.write(body, self.symbols);
        self.symbols.push(EOW);
    }

    /// A run that is marked on a side that borders a single space.
    fn bordered(&mut self, at: usize, body: &[char], before: bool, after: bool) {
        if before && self.follows_space(at) {
            self.begin(Case::Literal);
        }
        self.push(body);
        if after && self.precedes_one_space(at) {
            self.symbols.push(EOW);
        }
    }

    /// Opens a word. A single space between the end of one and the beginning of the next is the seam
    /// of their markers, and is not written.
    fn begin(&mut self, case: Case) {
        if self.symbols.ends_with(&[EOW, SPACE]) {
            self.symbols.pop();
        }
        case.mark(self.symbols);
        self.symbols.push(BOW);
    }

    fn push(&mut self, body: &[char]) {
        let body = body.iter().map(|character| Symbol::from(*character));
        self.symbols.extend(body);
    }

    fn is_word(&self, at: usize) -> bool {
        self.runs
            .get(at)
            .is_some_and(|run| run.class == Class::Word)
    }

    fn follows_space(&self, at: usize) -> bool {
        match at.checked_sub(1).map(|before| self.runs[before]) {
            None => self.head == Head::OpeningFrame,
            Some(run) => run.class == Class::Space && run.body.last() == Some(&' '),
        }
    }

    fn precedes_one_space(&self, at: usize) -> bool {
        self.runs.get(at + 1).is_some_and(|run| {
            run.class == Class::Space
                && run.body.starts_with(&[' '])
                && !run.body.starts_with(&[' ', ' '])
        })
    }

    /// Whether a run is an apostrophe that opens the word after it.
    fn opens_word(&self, at: usize) -> bool {
        let next = self.runs.get(at + 1).map(|run| run.class);
        self.runs.get(at).is_some_and(|run| run.body == ['\''])
            && matches!(next, Some(Class::Word | Class::StrayMark))
    }

    /// Whether an apostrophe before a word stands for its opening marker: it is a contraction, and
    /// what is before the apostrophe has no closing marker of its own.
    fn is_contraction(&self, at: usize) -> bool {
        let body = self.runs[at].body;
        let is_suffix = CONTRACTIONS
            .iter()
            .any(|suffix| suffix.chars().eq(body.iter().copied()));
        let Some(apostrophe) = at.checked_sub(1).map(|before| self.runs[before]) else {
            return false;
        };
        let before = at.checked_sub(2).map(|before| self.runs[before]);
        is_suffix
            && apostrophe.class == Class::Punctuation
            && apostrophe.body == ['\'']
            && !before.is_some_and(closes_itself)
    }
}

/// Whether a run takes the frame's opening marker for its own.
fn opens_itself(run: Run<'_>) -> bool {
    let first = run.body.first();
    match run.class {
        Class::Word | Class::Punctuation | Class::StrayMark => true,
        Class::Space => first == Some(&' '),
        Class::Hard | Class::Digit => {
            starts_bordered(run.body)
                || (is_number(run.body) && first.is_some_and(|first| borders_like_a_number(*first)))
        }
    }
}

/// Whether a run writes a closing marker of its own.
fn closes_itself(run: Run<'_>) -> bool {
    let last = run.body.last();
    match run.class {
        Class::Punctuation => true,
        Class::Hard | Class::Digit => {
            ends_bordered(run.body)
                || (is_number(run.body) && last.is_some_and(|last| borders_like_a_number(*last)))
        }
        Class::Word | Class::StrayMark | Class::Space => last.is_some_and(|last| borders(*last)),
    }
}

fn starts_bordered(body: &[char]) -> bool {
    body.first().is_some_and(|first| borders(*first))
}

fn ends_bordered(body: &[char]) -> bool {
    body.last().is_some_and(|last| borders(*last))
}

fn borders(character: char) -> bool {
    is_selector(character) || borders_like_punctuation(character)
}

/// Splits text into runs of one class.
fn runs(text: &[char]) -> Vec<Run<'_>> {
    let mut runs = Vec::with_capacity(text.len() / 3 + 1);
    let (mut start, mut current) = (0, None);
    for (at, character) in text.iter().enumerate() {
        let class = class_after(*character, current);
        if let Some(ended) = current.filter(|current| *current != class) {
            push_run(&mut runs, ended, &text[start..at]);
            start = at;
        }
        current = Some(class);
    }
    if let Some(ended) = current {
        push_run(&mut runs, ended, &text[start..]);
    }
    runs
}

/// The class of a character, given that of the one before it.
fn class_after(character: char, before: Option<Class>) -> Class {
    let class = class(character);
    let has_base = before == Some(Class::Word);
    if class == Class::Word && !has_base && is_stray_mark(character) {
        return Class::StrayMark;
    }
    class
}

/// Adds a run. What stands alone is split further where its kind changes; a selector goes with what
/// is before it.
fn push_run<'a>(runs: &mut Vec<Run<'a>>, class: Class, body: &'a [char]) {
    if class != Class::Hard {
        return runs.push(Run { class, body });
    }
    let mut start = 0;
    for at in 1..body.len() {
        if !is_selector(body[at]) && kind(body[at]) != kind(body[start]) {
            runs.push(Run {
                class,
                body: &body[start..at],
            });
            start = at;
        }
    }
    runs.push(Run {
        class,
        body: &body[start..],
    });
}

#[derive(PartialEq, Eq)]
enum Kind {
    Punctuation,
    Number,
    Letter,
}

fn kind(character: char) -> Kind {
    if borders_like_punctuation(character) {
        Kind::Punctuation
    } else if borders_like_a_number(character) {
        Kind::Number
    } else {
        Kind::Letter
    }
}
