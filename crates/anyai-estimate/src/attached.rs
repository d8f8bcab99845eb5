//! An attached file, in the counts it is priced by. App and server count files with these
//! functions, so that what is held is what was shown.

use std::sync::OnceLock;

use anyai_tokens::{Counter, ImageSize, TextCount};

/// What a page of a PDF counts: the words of a full one, about 3,000 tokens, and the page as a
/// picture of 150 dots an inch. Providers say 1,500 to 3,000 for the words, and 258 to the most that a
/// picture is for the look; what they report is what is charged.
const PAGE_WORDS: usize = 3_000;
const PAGE_WORD: &str = " page";
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
}

impl Attached {
    /// A picture.
    #[must_use]
    pub fn picture(size: ImageSize) -> Self {
        Self {
            text: TextCount::EMPTY,
            images: vec![size],
        }
    }

    /// A PDF of so many pages: providers look at pages as well as they read them.
    #[must_use]
    pub fn pdf(counter: &Counter, pages: u32) -> Self {
        static PAGE: OnceLock<TextCount> = OnceLock::new();
        let page = *PAGE.get_or_init(|| counter.count(&PAGE_WORD.repeat(PAGE_WORDS)));
        Self {
            text: std::iter::repeat_n(page, pages as usize).sum(),
            images: vec![PAGE_SIZE; pages as usize],
        }
    }

    /// A text file: its words, under its name.
    #[must_use]
    pub fn text_file(counter: &Counter, name: &str, text: &str) -> Self {
        let around = counter.count(name) + counter.count(FILE_FRAME);
        Self {
            text: counter.count(text) + around,
            images: Vec::new(),
        }
    }

    /// Its words.
    #[must_use]
    pub const fn text(&self) -> TextCount {
        self.text
    }

    /// Its pictures.
    #[must_use]
    pub fn images(&self) -> &[ImageSize] {
        &self.images
    }
}
