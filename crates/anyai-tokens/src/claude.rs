//! Claude's tokens, counted offline.
//!
//! The provider publishes no tokenizer. The vocabularies and the rules of the split were measured
//! against its own counts by the authors of ctok (see `data/README.md`): a text is written as a stream
//! in which borders of words and capitals are markers, and costs the fewest pieces that make it up.

mod case;
mod class;
mod normalise;
mod stream;
mod symbols;
mod vocabulary;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use crate::count::VocabularyError;
use class::{Class, class};
use stream::Head;
use symbols::Symbol;
use vocabulary::Vocabulary;

const V3: &[u8] = include_bytes!("../data/claude_v3.z");
const V47: &[u8] = include_bytes!("../data/claude_v4.7.z");
/// More than either unpacks to, so that damage cannot make it unpack for ever.
const VOCABULARY_BYTES_MAX: usize = 1 << 20;

/// The shortest word that the older vocabulary writes as all capitals.
const V3_CAPS_MIN: usize = 4;

/// The newlines of the frame that follow a message, and that its own last ones join.
const FRAME_NEWLINES: usize = 2;

/// The tokens of a text for each family, without the constant part of a message's frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ClaudeCount {
    /// Claude 3 to Opus 4.6.
    pub(crate) v3: u64,
    /// Claude Opus 4.7.
    pub(crate) v47: u64,
    /// Claude Opus 4.8 and later.
    pub(crate) v48: u64,
    /// Bytes of characters that were measured to cost nothing.
    pub(crate) dropped_bytes: u64,
}

impl ClaudeCount {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        v3: 0,
        v47: 0,
        v48: 0,
        dropped_bytes: 0,
    };
}

impl std::ops::AddAssign for ClaudeCount {
    fn add_assign(&mut self, other: Self) {
        self.v3 = self.v3.saturating_add(other.v3);
        self.v47 = self.v47.saturating_add(other.v47);
        self.v48 = self.v48.saturating_add(other.v48);
        self.dropped_bytes = self.dropped_bytes.saturating_add(other.dropped_bytes);
    }
}

/// Where in a text a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: Start,
    pub(crate) is_last: bool,
}

#[cfg(test)]
impl Place {
    /// The whole of a text.
    pub(crate) const WHOLE: Self = Self {
        start: Start::Text,
        is_last: true,
    };
}

/// What stands before a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing.
    Text,
    /// A word, which its tokens end with; the part begins with white space.
    AfterWord,
    /// Anything else: the text was cut where tokens may not end, and may count too much.
    Elsewhere,
}

/// Whether a character is a letter of a script that writes words.
pub(crate) fn ends_word(character: char) -> bool {
    character.is_alphabetic() && class(character) == Class::Word && !class::is_stray_mark(character)
}

/// Counts texts in Claude's vocabularies.
#[derive(Debug)]
pub(crate) struct ClaudeCounter {
    v3: Vocabulary,
    v47: Vocabulary,
}

impl ClaudeCounter {
    pub(crate) fn unpack() -> Result<Self, VocabularyError> {
        let vocabulary = |packed| {
            let unpacked = decompress_to_vec_zlib_with_limit(packed, VOCABULARY_BYTES_MAX).ok()?;
            Vocabulary::unpack(&unpacked)
        };
        Ok(Self {
            v3: vocabulary(V3).ok_or(VocabularyError::Damaged)?,
            v47: vocabulary(V47).ok_or(VocabularyError::Damaged)?,
        })
    }

    pub(crate) fn count(&self, text: &str, place: Place) -> ClaudeCount {
        let mut scratch = Scratch::default();
        let head = match place.start {
            Start::Text => Head::OpeningFrame,
            Start::AfterWord => Head::Word,
            Start::Elsewhere => Head::BareFrame,
        };
        let folded = normalise::normalise(text, true);
        let v3 = scratch.tokens(
            &self.v3,
            Part::new(text, &folded, head, place),
            Some(V3_CAPS_MIN),
        );
        let literal = if text.is_ascii() {
            folded
        } else {
            normalise::normalise(text, false)
        };
        let v47 = scratch.tokens(&self.v47, Part::new(text, &literal, head, place), None);
        let v48 = if place.start == Start::Text {
            let part = Part::new(text, &literal, Head::BareFrame, place);
            scratch.tokens(&self.v47, part, None)
        } else {
            v47
        };
        ClaudeCount {
            v3,
            v47,
            v48,
            dropped_bytes: normalise::dropped_bytes(text),
        }
    }
}

/// A part of a text, normalised, without the newlines a message ends in.
struct Part<'a> {
    text: &'a [char],
    head: Head,
    last_newlines: usize,
}

impl<'a> Part<'a> {
    fn new(raw: &str, normalised: &'a [char], head: Head, place: Place) -> Self {
        let ends = normalised.iter().rev().take_while(|last| **last == '\n');
        let last_newlines = if place.is_last { ends.count() } else { 0 };
        let text = &normalised[..normalised.len() - last_newlines];
        // One leading space is the opening frame's own; one that folding made is not.
        let is_frames = head == Head::OpeningFrame
            && raw.starts_with(' ')
            && text.starts_with(&[' '])
            && !text.starts_with(&[' ', ' ']);
        Self {
            text: if is_frames { &text[1..] } else { text },
            head,
            last_newlines,
        }
    }
}

#[derive(Default)]
struct Scratch {
    symbols: Vec<Symbol>,
    best: Vec<u32>,
}

impl Scratch {
    fn tokens(&mut self, vocabulary: &Vocabulary, part: Part<'_>, caps_min: Option<usize>) -> u64 {
        stream::write(part.text, part.head, caps_min, &mut self.symbols);
        // The first symbol of a later part was counted with the part before.
        let counted = usize::from(part.head == Head::Word);
        let body = vocabulary.tokens(&self.symbols[counted..], &mut self.best);
        body + self.last_newlines(vocabulary, part.last_newlines)
    }

    /// What newlines at a message's end cost: they are one run with those of the frame, whose last
    /// token the frame pays for.
    fn last_newlines(&mut self, vocabulary: &Vocabulary, count: usize) -> u64 {
        if count == 0 {
            return 0;
        }
        self.symbols.clear();
        self.symbols
            .resize(count + FRAME_NEWLINES, Symbol::from('\n'));
        vocabulary
            .tokens(&self.symbols, &mut self.best)
            .saturating_sub(1)
    }
}
