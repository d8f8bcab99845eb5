//! Words that tell what kind of work is asked for.

use std::sync::LazyLock;

use super::groups::GROUPS;
use super::words::{Word, hash_of};

/// How often each group was met, and which opened the prompt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keywords {
    met: [u16; GROUPS.len()],
    first: Option<u8>,
    at_line_starts: u16,
}

impl Keywords {
    /// Figures it gives.
    pub(crate) const COUNT: usize = GROUPS.len() + 2;

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
        figures[GROUPS.len()] = self.first.map_or(-1.0, f32::from);
        figures[GROUPS.len() + 1] = f32::from(self.at_line_starts).min(8.0);
        figures
    }
}

/// Hashes of words, rising, with the group each belongs to.
static TABLE: LazyLock<Vec<(u64, u8)>> = LazyLock::new(|| {
    let groups = (0..).zip(GROUPS);
    let mut table: Vec<(u64, u8)> = groups
        .flat_map(|(group, words)| words.iter().map(move |word| (hash_of(word), group)))
        .collect();
    table.sort_unstable();
    table.dedup();
    table
});
