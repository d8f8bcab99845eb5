//! What a PDF has, read without believing it: its pages, and the most tokens its words can be.
//!
//! A file is one walk over its streams. Page objects are counted in the open and inside compressed
//! object streams; what cannot be counted has no price. The words are bounded by the bytes of the
//! strings that content shows, because a reader finds no letter that no code shows:
//!
//! - a byte of a shown string is a token at most. A code is at least a byte; codes that stand for
//!   other than European letters count [`DENSE_CODE_TOKENS`], codes that stand for several letters as many.
//! - what is drawn several times counts as often: forms by the drawings, pages by the pages.
//! - content that is not unfolded here (encrypted, an old filter, over the limit) counts
//!   [`UNREAD_TOKENS_PER_BYTE`] a stored byte.
//! - pages that hold pictures may be read off them: at least [`PICTURE_PAGE_TOKENS`] a page.
//! - a little for what a provider writes around pages and for titles: [`FILE_TOKENS`], [`PAGE_TOKENS`].

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::pdf_content::{self, Shown};

/// Bytes that all compressed streams together may unfold to.
const UNFOLDED_BYTES_MAX: u64 = 64 * 1024 * 1024;

const DENSE_CODE_TOKENS: u64 = 3;
/// Deflated text is about a quarter of its size.
const UNREAD_TOKENS_PER_BYTE: u64 = 4;
const PICTURE_PAGE_TOKENS: u64 = 3_000;
const FILE_TOKENS: u64 = 256;
const PAGE_TOKENS: u64 = 16;

/// What a PDF has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contents {
    /// Its pages, or a few more where objects were replaced.
    pub(super) pages: u32,
    /// The most tokens its words can be.
    pub(super) text_tokens_max: u32,
}

/// Looks through a PDF; `None` where no page is found.
pub(super) fn contents(pdf: &[u8]) -> Option<Contents> {
    let mut found = Found {
        pages: page_objects(pdf),
        unfold_left: UNFOLDED_BYTES_MAX,
        is_encrypted: find(pdf, b"/Encrypt").is_some(),
        ..Found::default()
    };
    let mut rest = pdf;
    while let Some((dictionary, after)) = next_stream(rest) {
        let read = found.take(dictionary, after);
        rest = &after[read..];
    }
    let pages = found.pages;
    (pages > 0).then(|| Contents {
        pages,
        text_tokens_max: u32::try_from(found.tokens_max()).unwrap_or(u32::MAX),
    })
}

#[derive(Default)]
struct Found {
    pages: u32,
    unfold_left: u64,
    is_encrypted: bool,
    has_pictures: bool,
    /// Page content that shows words: how many streams, all they show, and the most one shows.
    streams: u64,
    shown_bytes: u64,
    stream_bytes_max: u64,
    /// The same of forms, which content draws by name.
    form_bytes: u64,
    form_bytes_max: u64,
    draws: u64,
    /// Letters that one code stands for at most.
    letters_max: u64,
    has_dense_codes: bool,
    unread_bytes: u64,
}

impl Found {
    /// Takes a stream whose data begins `after`, and tells how far it was read.
    fn take(&mut self, dictionary: &[u8], after: &[u8]) -> usize {
        let has = |word: &[u8]| find(dictionary, word).is_some();
        let stored = find(after, b"endstream").unwrap_or(after.len());
        if has(b"/Subtype/Image") || has(b"/Subtype /Image") {
            self.has_pictures = true;
            return stored;
        }
        let is_deflated = has(b"/FlateDecode") || has(b"/Fl ");
        let filters = count(dictionary, b"Decode") - count(dictionary, b"/DecodeParms");
        if self.is_encrypted || filters > usize::from(is_deflated) {
            self.unread_bytes += stored as u64;
            return stored;
        }
        if !is_deflated {
            self.read(dictionary, &after[..stored]);
            return stored;
        }
        let mut unfolded = Vec::new();
        let mut decoder = ZlibDecoder::new(after).take(self.unfold_left);
        // A damaged stream counts as far as it goes.
        let _ = decoder.read_to_end(&mut unfolded);
        self.unfold_left -= unfolded.len() as u64;
        let read = usize::try_from(decoder.get_ref().total_in()).unwrap_or(after.len());
        if self.unfold_left == 0 {
            self.unread_bytes += stored as u64;
        }
        if has(b"/ObjStm") {
            self.pages = self.pages.saturating_add(page_objects(&unfolded));
        }
        self.read(dictionary, &unfolded);
        // After damage the next stream is looked for from where this one ends in the file.
        read.min(stored)
    }

    fn read(&mut self, dictionary: &[u8], content: &[u8]) {
        if find(content, b"beginbf").is_some() {
            let codes = pdf_content::code_map(content);
            self.letters_max = self.letters_max.max(codes.letters_max);
            self.has_dense_codes |= codes.is_dense;
            return;
        }
        let Shown {
            bytes,
            draws,
            has_pictures,
        } = pdf_content::shown(content);
        self.draws += draws;
        self.has_pictures |= has_pictures;
        if find(dictionary, b"/Form").is_some() {
            self.form_bytes += bytes;
            self.form_bytes_max = self.form_bytes_max.max(bytes);
        } else if bytes > 0 {
            self.streams += 1;
            self.shown_bytes += bytes;
            self.stream_bytes_max = self.stream_bytes_max.max(bytes);
        }
    }

    fn tokens_max(&self) -> u64 {
        let pages = u64::from(self.pages);
        let of_pages = match self.streams < pages {
            true => self.shown_bytes.max(pages * self.stream_bytes_max),
            false => self.shown_bytes,
        };
        let drawn = self.draws.saturating_mul(self.form_bytes_max);
        let shown = of_pages.saturating_add(self.form_bytes.max(drawn));
        let letters = match self.letters_max {
            // A joined letter or two is no more tokens than its code.
            0..=4 => 1,
            more => more,
        };
        let dense = if self.has_dense_codes {
            DENSE_CODE_TOKENS
        } else {
            1
        };
        let words = shown.saturating_mul(letters).saturating_mul(dense);
        let unread = self.unread_bytes.saturating_mul(UNREAD_TOKENS_PER_BYTE);
        let off_pictures = match self.has_pictures {
            true => pages * PICTURE_PAGE_TOKENS,
            false => 0,
        };
        let around = FILE_TOKENS + pages * PAGE_TOKENS;
        words
            .saturating_add(unread)
            .max(off_pictures)
            .saturating_add(around)
    }
}

/// The dictionary of the next stream, and what follows the word `stream` and its line end.
fn next_stream(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + find(&bytes[from..], b"stream")?;
        let after = &bytes[at + b"stream".len()..];
        let data = after
            .strip_prefix(b"\r\n")
            .or_else(|| after.strip_prefix(b"\n"))
            .or_else(|| after.strip_prefix(b"\r"));
        let before = &bytes[..at];
        if let Some(data) = data
            && before.trim_ascii_end().ends_with(b">>")
        {
            let begin = rfind(before, b"obj").unwrap_or(0);
            return Some((&before[begin..], data));
        }
        from = at + b"stream".len();
    }
}

/// Objects of the type `Page`, which is not `Pages`.
fn page_objects(bytes: &[u8]) -> u32 {
    let mut count: u32 = 0;
    let mut rest = bytes;
    while let Some(at) = find(rest, b"/Type") {
        rest = &rest[at + b"/Type".len()..];
        let name = rest.trim_ascii_start();
        let after = name.strip_prefix(b"/Page").map(|after| after.first());
        if let Some(after) = after
            && !after.is_some_and(u8::is_ascii_alphanumeric)
        {
            count = count.saturating_add(1);
        }
    }
    count
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    memchr::memmem::find_iter(bytes, what).count()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

fn rfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::rfind(bytes, what)
}

#[cfg(test)]
#[path = "pdf/tests.rs"]
mod tests;
