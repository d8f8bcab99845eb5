//! Words that tell what kind of work is asked for.

use std::sync::LazyLock;

use super::words::{Word, hash_of};

/// Groups of words that ask for the same kind of work, in the languages people write most: a line that names
/// the group, then its words.
const WORDS: &str = include_str!("../../data/kinds_of_work.txt");
/// How many groups that are, as the test below holds.
const GROUPS: usize = 30;

/// How often each group was met, and which opened the prompt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keywords {
    met: [u16; GROUPS],
    first: Option<u8>,
    at_line_starts: u16,
}

impl Keywords {
    /// Figures it gives.
    pub(crate) const COUNT: usize = GROUPS + 2;

    pub(crate) fn word(&mut self, word: Word<'_>) {
        let table: &[(u64, u8)] = &TABLE;
        let from = table.partition_point(|(hash, _)| *hash < word.hash);
        for (hash, group) in &table[from..] {
            if *hash != word.hash {
                break;
            }
            let met = &mut self.met[usize::from(*group)];
            *met = met.saturating_add(1);
            self.first = self.first.or(Some(*group));
            if word.starts_line {
                self.at_line_starts = self.at_line_starts.saturating_add(1);
            }
        }
    }

    pub(crate) fn figures(&self) -> [f32; Self::COUNT] {
        let mut figures = [0.0; Self::COUNT];
        for (figure, met) in figures.iter_mut().zip(self.met) {
            *figure = f32::from(met).min(8.0);
        }
        figures[GROUPS] = self.first.map_or(-1.0, f32::from);
        figures[GROUPS + 1] = f32::from(self.at_line_starts).min(8.0);
        figures
    }
}

/// Hashes of words, rising, with the group each belongs to.
static TABLE: LazyLock<Vec<(u64, u8)>> = LazyLock::new(|| {
    let mut table = Vec::new();
    let mut groups = 0u8;
    for line in WORDS.lines() {
        if line.starts_with('#') {
            groups += 1;
        } else {
            let words = line.split_whitespace();
            table.extend(words.map(|word| (hash_of(word), groups - 1)));
        }
    }
    table.sort_unstable();
    table.dedup();
    table
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_words_and_a_figure() {
        let groups: std::collections::BTreeSet<u8> =
            TABLE.iter().map(|(_, group)| *group).collect();
        assert!(groups.into_iter().map(usize::from).eq(0..GROUPS));
    }
}
