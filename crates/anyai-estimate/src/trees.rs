//! The boosted trees of one quantile, and how they are read from the data file.
//!
//! Every level of a tree asks one question of all its nodes, so a tree is a handful of comparisons
//! that together number a leaf.

use serde::{Deserialize, Serialize};

use crate::row::FEATURES;

/// Questions in a tree.
pub const TREE_DEPTH: usize = 5;
/// Leaves of a tree.
pub const TREE_LEAVES: usize = 1 << TREE_DEPTH;
/// A leaf holds so many parts of one.
pub const LEAF_SCALE: f32 = 8_192.0;
/// Values that a feature is cut into, at most.
pub const BINS_MAX: usize = 64;

/// The values between which each feature is told apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Edges {
    edges: Vec<Vec<f32>>,
}

/// A row with every figure replaced by the number of edges below it.
pub type Binned = [u8; FEATURES];

impl Edges {
    /// Edges by feature, each rising; `None` unless there is a list for every feature.
    #[must_use]
    pub fn new(edges: Vec<Vec<f32>>) -> Option<Self> {
        let edges = Self { edges };
        edges.is_whole().then_some(edges)
    }

    /// Whether there are edges for every feature, and not too many.
    pub(crate) fn is_whole(&self) -> bool {
        self.edges.len() == FEATURES && self.edges.iter().all(|all| all.len() < BINS_MAX)
    }

    /// Bins the figures of the features from one on.
    pub fn bin(&self, from: usize, figures: &[f32], bins: &mut [u8]) {
        let edges = self.edges.iter().skip(from);
        for ((bin, edges), figure) in bins.iter_mut().zip(edges).zip(figures) {
            *bin = edges.partition_point(|edge| edge < figure) as u8;
        }
    }

    /// The edges of each feature.
    #[must_use]
    pub fn by_feature(&self) -> &[Vec<f32>] {
        &self.edges
    }
}

/// A tree: five questions, 32 answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The feature of each question, and the bin above which the answer is yes.
    pub questions: [(u8, u8); TREE_DEPTH],
    /// Thousandths and less: see [`LEAF_SCALE`].
    pub leaves: [i16; TREE_LEAVES],
}

impl Tree {
    /// The leaf of a row.
    #[must_use]
    pub fn leaf(&self, row: &Binned) -> usize {
        let mut leaf = 0;
        for (level, (feature, bin)) in self.questions.iter().enumerate() {
            leaf |= usize::from(row[usize::from(*feature)] > *bin) << level;
        }
        leaf
    }
}

/// What all trees of a quantile say of a row, before the base is added.
#[must_use]
pub fn sum_of(trees: &[Tree], row: &Binned) -> f32 {
    let sum: i64 = trees
        .iter()
        .map(|tree| i64::from(tree.leaves[tree.leaf(row)]))
        .sum();
    sum as f32 / LEAF_SCALE
}
