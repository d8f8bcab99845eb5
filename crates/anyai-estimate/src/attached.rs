//! An attached file, in the counts it is priced by. App and server count files with these
//! functions, so that what is held is what was shown.

use std::sync::OnceLock;

use anyai_tokens::{Counter, ImageSize, TextCount};
use anyai_units::Tokens;

/// What a page of a PDF is bounded by where nobody looked into the file: the words of a full one.
const PAGE_TOKENS_MAX: u64 = 3_000;
/// A letter is a token at most, and about four of them are one.
const LETTERS_A_TOKEN: u64 = 4;
/// Likely tokens are counted in stretches of so many.
const STRETCH_TOKENS: u64 = 100;
const WORD: &str = " page";
/// A page as it is looked at: 150 dots an inch. Providers say 258 tokens to the most that a picture is.
const PAGE_SIZE: ImageSize = ImageSize {
    width_px: 1_240,
    height_px: 1_754,
};

/// What stands around a text file.
const FILE_FRAME: &str = ":\n```\n\n```\n";

/// One attached file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    pub(crate) text: TextCount,
    pub(crate) images: Vec<ImageSize>,
    /// Whether its pages are both looked at and read.
    pub(crate) is_document: bool,
}

impl Attached {
    /// A picture.
    #[must_use]
    pub fn picture(size: ImageSize) -> Self {
        Self {
            text: TextCount::EMPTY,
            images: vec![size],
            is_document: false,
        }
    }

    /// A PDF of so many pages, whose words are so many tokens at most: providers look at pages as
    /// well as they read them.
    #[must_use]
    pub fn pdf(counter: &Counter, pages: u32, text_tokens_max: Option<u32>) -> Self {
        // Without and with a vocabulary that is fetched.
        static STRETCHES: [OnceLock<TextCount>; 2] = [const { OnceLock::new() }; 2];
        let stretch = || counter.count(&WORD.repeat(STRETCH_TOKENS as usize));
        let stretch = *STRETCHES[usize::from(counter.has_gemma())].get_or_init(stretch);
        let most = text_tokens_max.map_or(u64::from(pages) * PAGE_TOKENS_MAX, u64::from);
        // Rounded down: what is likely is no bound.
        let stretches = most / LETTERS_A_TOKEN / STRETCH_TOKENS;
        let counted: TextCount = (0..stretches).map(|_| stretch).sum();
        let unread = most.saturating_sub(counted.o200k().count());
        Self {
            text: counted + TextCount::unread(Tokens::new(unread)),
            images: vec![PAGE_SIZE; pages as usize],
            is_document: true,
        }
    }

    /// A text file: its words, under its name.
    #[must_use]
    pub fn text_file(counter: &Counter, name: &str, text: &str) -> Self {
        let around = counter.count(name) + counter.count(FILE_FRAME);
        Self {
            text: counter.count(text) + around,
            images: Vec::new(),
            is_document: false,
        }
    }
}
