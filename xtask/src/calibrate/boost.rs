//! Gradient boosting of one quantile with trees that ask one question a level.

use anyai_estimate::{BINS_MAX, Binned, FEATURES, LEAF_SCALE, TREE_DEPTH, TREE_LEAVES, Tree};

/// How hard is learned, and how much at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) trees: usize,
    pub(super) rate: f32,
    /// Rows in a hundred a tree sees.
    pub(super) rows_percent: u64,
    /// Features in a hundred a tree may ask about.
    pub(super) features_percent: u64,
    /// Weight that a leaf's own value has to outweigh.
    pub(super) leaf_shrink: f32,
    /// What the choice of rows and features starts from.
    pub(super) seed: u64,
}

/// Rows to learn from: the same for every quantile.
pub(super) struct Rows {
    /// By feature, then by row.
    columns: Vec<Vec<u8>>,
    pub(super) rows: Vec<Binned>,
    pub(super) targets: Vec<f32>,
    pub(super) weights: Vec<f32>,
    /// What is forecast of each row before the first tree.
    pub(super) starts: Vec<f32>,
}

impl Rows {
    pub(super) fn new(
        rows: Vec<Binned>,
        targets: Vec<f32>,
        weights: Vec<f32>,
        starts: Vec<f32>,
    ) -> Self {
        let columns = (0..FEATURES)
            .map(|feature| rows.iter().map(|row| row[feature]).collect())
            .collect();
        Self {
            columns,
            rows,
            targets,
            weights,
            starts,
        }
    }
}

/// A quantile's trees, and what is added to their sum.
#[derive(Clone)]
pub(super) struct Boosted {
    pub(super) base: f32,
    pub(super) trees: Vec<Tree>,
}

impl Boosted {
    pub(super) fn fit(rows: &Rows, quantile: f32, pace: Pace) -> Self {
        let count = rows.targets.len();
        let mut random = Random::new(pace.seed ^ u64::from(quantile.to_bits()));
        let all: Vec<u32> = (0..count as u32).collect();
        let base = quantile_of(
            &mut all
                .iter()
                .map(|at| {
                    (
                        rows.targets[*at as usize] - rows.starts[*at as usize],
                        rows.weights[*at as usize],
                    )
                })
                .collect::<Vec<_>>(),
            quantile,
        );
        let mut said: Vec<f32> = rows.starts.iter().map(|start| start + base).collect();
        let mut trees = Vec::with_capacity(pace.trees);
        let mut grower = Grower::new(rows);
        for _ in 0..pace.trees {
            let chosen: Vec<u32> = all
                .iter()
                .copied()
                .filter(|_| random.below(100) < pace.rows_percent)
                .collect();
            let features: Vec<usize> = (0..FEATURES)
                .filter(|_| random.below(100) < pace.features_percent)
                .collect();
            let mut tree = grower.grow(&chosen, &features, &said, quantile);
            grower.fill(&mut tree, &chosen, &said, quantile, pace);
            for (row, said) in rows.rows.iter().zip(&mut said) {
                *said += f32::from(tree.leaves[tree.leaf(row)]) / LEAF_SCALE;
            }
            trees.push(tree);
        }
        Self { base, trees }
    }

    pub(super) fn say(&self, row: &Binned, start: f32) -> f32 {
        start + self.base + anyai_estimate::sum_of(&self.trees, row)
    }
}

struct Grower<'a> {
    rows: &'a Rows,
    leaves: Vec<u8>,
    slopes: Vec<f32>,
}

impl<'a> Grower<'a> {
    fn new(rows: &'a Rows) -> Self {
        let count = rows.targets.len();
        Self {
            rows,
            leaves: vec![0; count],
            slopes: vec![0.0; count],
        }
    }

    /// The questions that tell rows apart by the slope of the pinball loss.
    fn grow(&mut self, chosen: &[u32], features: &[usize], said: &[f32], quantile: f32) -> Tree {
        for at in chosen {
            let at = *at as usize;
            let is_below = self.rows.targets[at] < said[at];
            self.slopes[at] =
                self.rows.weights[at] * if is_below { quantile - 1.0 } else { quantile };
            self.leaves[at] = 0;
        }
        let mut questions = [(0, u8::MAX); TREE_DEPTH];
        for (level, question) in questions.iter_mut().enumerate() {
            let Some(best) = self.best_question(chosen, features, 1 << level) else {
                break;
            };
            *question = best;
            let column = &self.rows.columns[usize::from(best.0)];
            for at in chosen {
                let at = *at as usize;
                self.leaves[at] |= u8::from(column[at] > best.1) << level;
            }
        }
        Tree {
            questions,
            leaves: [0; TREE_LEAVES],
        }
    }

    fn best_question(&self, chosen: &[u32], features: &[usize], nodes: usize) -> Option<(u8, u8)> {
        let halves = features.split_at(features.len() / 2);
        let (a, b) = std::thread::scope(|scope| {
            let other = scope.spawn(|| self.best_of(chosen, halves.1, nodes));
            (
                self.best_of(chosen, halves.0, nodes),
                other.join().ok().flatten(),
            )
        });
        let best = [a, b]
            .into_iter()
            .flatten()
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        best.map(|(_, question)| question)
    }

    fn best_of(&self, chosen: &[u32], features: &[usize], nodes: usize) -> Option<(f32, (u8, u8))> {
        let mut best: Option<(f32, (u8, u8))> = None;
        let mut sums = vec![(0.0f32, 0.0f32); nodes * BINS_MAX];
        for feature in features {
            sums.fill((0.0, 0.0));
            let column = &self.rows.columns[*feature];
            for at in chosen {
                let at = *at as usize;
                let sum =
                    &mut sums[usize::from(self.leaves[at]) * BINS_MAX + usize::from(column[at])];
                sum.0 += self.slopes[at];
                sum.1 += self.rows.weights[at];
            }
            if let Some((gain, bin)) = best_bin(&sums, nodes)
                && best.is_none_or(|(most, _)| gain > most)
            {
                best = Some((gain, (*feature as u8, bin)));
            }
        }
        best
    }

    /// Leaves hold the quantile of what is still missing, shrunk and slowed down.
    fn fill(&self, tree: &mut Tree, chosen: &[u32], said: &[f32], quantile: f32, pace: Pace) {
        let mut missing: Vec<Vec<(f32, f32)>> = vec![Vec::new(); TREE_LEAVES];
        for at in chosen {
            let at = *at as usize;
            missing[tree.leaf(&self.rows.rows[at])]
                .push((self.rows.targets[at] - said[at], self.rows.weights[at]));
        }
        for (leaf, missing) in tree.leaves.iter_mut().zip(&mut missing) {
            let weight: f32 = missing.iter().map(|(_, weight)| weight).sum();
            let value = quantile_of(missing, quantile) * weight / (weight + pace.leaf_shrink);
            *leaf = (value * pace.rate * LEAF_SCALE)
                .round()
                .clamp(-32_000.0, 32_000.0) as i16;
        }
    }
}

fn best_bin(sums: &[(f32, f32)], nodes: usize) -> Option<(f32, u8)> {
    const SHRINK: f32 = 1.0;
    let worth = |sum: f32, weight: f32| sum * sum / (weight + SHRINK);
    let mut gains = [0.0f32; BINS_MAX];
    for node in 0..nodes {
        let bins = &sums[node * BINS_MAX..(node + 1) * BINS_MAX];
        let total = bins
            .iter()
            .fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
        let whole = worth(total.0, total.1);
        let mut left = (0.0, 0.0);
        for (gain, bin) in gains.iter_mut().zip(bins) {
            left = (left.0 + bin.0, left.1 + bin.1);
            *gain += worth(left.0, left.1) + worth(total.0 - left.0, total.1 - left.1) - whole;
        }
    }
    let best = (0..BINS_MAX - 1).max_by(|a, b| gains[*a].total_cmp(&gains[*b]).then(b.cmp(a)))?;
    (gains[best] > 1e-6).then_some((gains[best], best as u8))
}

/// The weighted quantile of values; 0 of none.
pub(super) fn quantile_of(values: &mut [(f32, f32)], share: f32) -> f32 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = share * values.iter().map(|(_, weight)| weight).sum::<f32>();
    let mut sum = 0.0;
    let found = values.iter().find(|(_, weight)| {
        sum += weight;
        sum >= wanted
    });
    found.or(values.last()).map_or(0.0, |(value, _)| *value)
}

/// SplitMix64: the same numbers on every machine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
