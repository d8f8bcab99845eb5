//! The count of a text that a person is typing: only what changed is counted again.

use crate::chunk::{first_chunk_bytes, start_at};
use crate::claude::Place;
use crate::count::{Counter, TextCount};

/// Remembers a draft in counted parts. An edit costs the parts it touches, wherever it is, plus a
/// comparison with the text before.
#[derive(Clone, Debug, Default)]
pub struct DraftCounter {
    text: String,
    chunks: Vec<Chunk>,
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    bytes: usize,
    /// Where it stood when it was counted; `None` before.
    place: Option<Place>,
    count: TextCount,
}

/// A border between two parts depends on the characters beside it, which must not have changed.
const BORDER_BYTES: usize = 4;

impl DraftCounter {
    /// An empty draft.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The count of the draft as it is now. Tokens and bytes equal those of [`Counter::count`]; what
    /// the text is made of is judged by part, and the parts may lie elsewhere.
    pub fn update(&mut self, counter: &Counter, text: &str) -> TextCount {
        let same_start = common_prefix(self.text.as_bytes(), text.as_bytes());
        if same_start == self.text.len() && same_start == text.len() {
            return self.total();
        }
        let most = self.text.len().min(text.len()) - same_start;
        let same_end = common_suffix(self.text.as_bytes(), text.as_bytes(), most);
        let (keep_chunks, keep_bytes) = kept(self.chunks.iter(), same_start);
        let tail = self.chunks[keep_chunks..].iter().rev();
        let (tail_chunks, tail_bytes) = kept(tail, same_end);
        let mut changed = &text[keep_bytes..text.len() - tail_bytes];
        let mut counted = Vec::new();
        while !changed.is_empty() {
            let bytes = first_chunk_bytes(changed);
            counted.push(Chunk {
                bytes,
                place: None,
                count: TextCount::EMPTY,
            });
            changed = &changed[bytes..];
        }
        let tail_start = self.chunks.len() - tail_chunks;
        self.chunks.splice(keep_chunks..tail_start, counted);
        let old_tail_start = self.text.len() - tail_bytes;
        self.text.replace_range(
            keep_bytes..old_tail_start,
            &text[keep_bytes..text.len() - tail_bytes],
        );
        self.count_moved(counter);
        self.total()
    }

    /// Counts the parts that are new, or have become or ceased to be the first or the last.
    fn count_moved(&mut self, counter: &Counter) {
        let mut start = 0;
        for chunk in &mut self.chunks {
            let end = start + chunk.bytes;
            let place = Place {
                start: start_at(&self.text, start),
                is_last: end == self.text.len(),
            };
            if chunk.place != Some(place) {
                chunk.place = Some(place);
                chunk.count = counter.count_chunk(&self.text[start..end], place);
            }
            start = end;
        }
    }

    fn total(&self) -> TextCount {
        self.chunks.iter().map(|chunk| chunk.count).sum()
    }
}

/// How many leading chunks lie within the unchanged bytes, border included, and their length.
fn kept<'a>(chunks: impl Iterator<Item = &'a Chunk>, unchanged: usize) -> (usize, usize) {
    let (mut count, mut bytes) = (0, 0);
    for chunk in chunks {
        if bytes + chunk.bytes + BORDER_BYTES > unchanged {
            break;
        }
        count += 1;
        bytes += chunk.bytes;
    }
    (count, bytes)
}

const STRIDE: usize = 256;

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let strides = a.chunks_exact(STRIDE).zip(b.chunks_exact(STRIDE));
    let same = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    same + a[same..]
        .iter()
        .zip(&b[same..])
        .take_while(|(a, b)| a == b)
        .count()
}

fn common_suffix(a: &[u8], b: &[u8], most: usize) -> usize {
    let (a, b) = (&a[a.len() - most..], &b[b.len() - most..]);
    let strides = a.rchunks_exact(STRIDE).zip(b.rchunks_exact(STRIDE));
    let same = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let rest = most - same;
    same + a[..rest]
        .iter()
        .rev()
        .zip(b[..rest].iter().rev())
        .take_while(|(a, b)| a == b)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edit right at a border may undo the border.
    #[test]
    fn edits_beside_every_border_count_like_the_whole() {
        let counter = Counter::shared().unwrap();
        let text = "Grüße, the quick brown fox's 42 jumps over 東京。 and more words\n".repeat(120);
        let mut draft = DraftCounter::new();
        draft.update(counter, &text);
        let borders: Vec<usize> = draft
            .chunks
            .iter()
            .scan(0, |end, chunk| {
                *end += chunk.bytes;
                Some(*end)
            })
            .collect();
        assert!(borders.len() > 3);
        for border in borders {
            for inserted in ["s", "'s", "é", " ", "\n", "7", "\u{301}", "x y"] {
                let edited = format!("{}{inserted}{}", &text[..border], &text[border..]);
                let whole = counter.count_chunk(&edited, Place::WHOLE).o200k();
                assert_eq!(
                    draft.update(counter, &edited).o200k(),
                    whole,
                    "{inserted:?} at {border}"
                );
                assert_eq!(
                    draft.update(counter, &text).o200k(),
                    counter.count(&text).o200k()
                );
            }
            let before = text.floor_char_boundary(border - 1);
            let shorter = format!("{}{}", &text[..before], &text[border..]);
            let whole = counter.count_chunk(&shorter, Place::WHOLE).o200k();
            assert_eq!(
                draft.update(counter, &shorter).o200k(),
                whole,
                "without the one before {border}"
            );
        }
    }

    #[test]
    fn an_edit_counts_only_the_parts_it_touches() {
        let counter = Counter::shared().unwrap();
        let text = "many words of a long text ".repeat(4_000);
        let mut draft = DraftCounter::new();
        draft.update(counter, &text);
        let before: Vec<usize> = draft.chunks.iter().map(|chunk| chunk.bytes).collect();
        draft.update(counter, &format!("{}X{}", &text[..50_000], &text[50_000..]));
        let after: Vec<usize> = draft.chunks.iter().map(|chunk| chunk.bytes).collect();
        let same_start = before
            .iter()
            .zip(&after)
            .take_while(|(a, b)| a == b)
            .count();
        let same_end = before
            .iter()
            .rev()
            .zip(after.iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        assert!(
            same_start + same_end + 2 >= before.len(),
            "at most two parts are new"
        );
    }
}
