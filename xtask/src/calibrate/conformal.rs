//! From what trees say to quantiles that hold: mixed with a model's own on each kind, then shifted until so many
//! answers lie beyond as should, on turns whose prompts were not fitted.

use std::collections::HashSet;

use anyai_estimate::{KindShares, Manner, ModelRow};

use super::boost::quantile_of;
use super::fitted::Quantiles;
use super::turns::Turn;
use anyai_estimate::QUANTILES;

/// Prompt groups that a shift of a kind's or a model's own has to outweigh: answers to one prompt are alike.
const SHRINK_GROUPS: f32 = 30.0;
const SHARES: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// A turn forecast by a fit that has not seen its prompt.
#[derive(Clone, Copy)]
pub(super) struct Unseen<'a> {
    pub(super) turn: &'a Turn,
    pub(super) said: Quantiles,
    /// How far the prompt is like each kind.
    pub(super) kinds: &'a KindShares,
    /// The quantiles of the model's own answers on each kind, of those that were fitted.
    pub(super) own: &'a [Quantiles],
}

/// What is settled for each kind of prompt.
#[derive(Clone, Debug)]
pub(super) struct ByKind {
    /// How much a model's own quantiles count.
    pub(super) own_shares: Vec<f32>,
    pub(super) shifts: Vec<Quantiles>,
}

impl ByKind {
    pub(super) fn fit(unseen: &[Unseen<'_>], kinds: usize) -> Self {
        let mut fitted = Self {
            own_shares: vec![0.0; kinds],
            shifts: vec![[0.0; QUANTILES.len()]; kinds],
        };
        let of_kind = |kind: usize| -> Vec<Unseen<'_>> {
            let wanted = unseen.iter().filter(|one| one.turn.source == kind);
            wanted.copied().collect()
        };
        let shares = (0..kinds).map(|kind| fitted.best_share(kind, &of_kind(kind)));
        fitted.own_shares = shares.collect();
        let common = shift(unseen, &fitted, None);
        let shifts = (0..kinds).map(|kind| shift(&of_kind(kind), &fitted, Some(common)));
        fitted.shifts = shifts.collect();
        fitted
    }

    /// The share that does best on the turns of a kind.
    fn best_share(&self, kind: usize, turns: &[Unseen<'_>]) -> f32 {
        let losses = SHARES.map(|share| {
            let mut tried = self.clone();
            tried.own_shares[kind] = share;
            loss(turns, &tried)
        });
        let best = (0..SHARES.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        SHARES[best.unwrap_or(0)]
    }

    fn said(&self, one: &Unseen<'_>) -> Quantiles {
        let own = match one.turn.replies.is_empty() {
            true => one.own,
            false => &[],
        };
        let mixed = one.kinds.mixed(one.said, own, |kind| self.own_shares[kind]);
        one.kinds.shifted(mixed, |kind| self.shifts[kind])
    }
}

/// What is settled for a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) shift: Quantiles,
}

impl Settled {
    /// For each of so many models.
    pub(super) fn by_model(unseen: &[Unseen<'_>], by_kind: &ByKind, models: usize) -> Vec<Self> {
        let common = shift(unseen, by_kind, None);
        let of = |model: usize| {
            let of_model = |one: &&Unseen<'_>| one.turn.model == model;
            let turns: Vec<Unseen<'_>> = unseen.iter().filter(of_model).copied().collect();
            Self {
                shift: shift(&turns, by_kind, Some(common)),
            }
        };
        (0..models).map(of).collect()
    }

    /// For models nobody has met.
    pub(super) fn shared(unseen: &[Unseen<'_>], by_kind: &ByKind) -> Self {
        Self {
            shift: shift(unseen, by_kind, None),
        }
    }

    /// The quantiles it makes of a turn's.
    pub(super) fn apply(self, one: &Unseen<'_>, by_kind: &ByKind) -> Quantiles {
        let mut said = by_kind.said(one);
        for (said, shift) in said.iter_mut().zip(self.shift) {
            *said += shift;
        }
        said
    }

    pub(super) fn manner(
        self,
        name: String,
        row: ModelRow,
        own: Vec<Quantiles>,
        by_kind: Vec<f32>,
    ) -> Manner {
        Manner {
            name,
            row,
            shift: self.shift,
            own,
            by_kind,
        }
    }
}

fn loss(unseen: &[Unseen<'_>], by_kind: &ByKind) -> f32 {
    let of = |one: &Unseen<'_>| {
        let each = QUANTILES
            .iter()
            .zip(by_kind.said(one))
            .map(|(quantile, said)| {
                let missing = one.turn.target - said;
                missing
                    * if missing > 0.0 {
                        *quantile
                    } else {
                        quantile - 1.0
                    }
            });
        each.sum::<f32>()
    };
    unseen.iter().map(of).sum()
}

/// The shift of each quantile, drawn towards a common one.
fn shift(unseen: &[Unseen<'_>], by_kind: &ByKind, common: Option<Quantiles>) -> Quantiles {
    let mut shift = [0.0; QUANTILES.len()];
    let said: Vec<Quantiles> = unseen.iter().map(|one| by_kind.said(one)).collect();
    let groups: HashSet<usize> = unseen.iter().map(|one| one.turn.group).collect();
    let count = groups.len() as f32;
    for (at, quantile) in QUANTILES.iter().enumerate() {
        let each = unseen.iter().zip(&said);
        let mut missing: Vec<(f32, f32)> = each
            .map(|(one, said)| (one.turn.target - said[at], 1.0))
            .collect();
        let own = quantile_of(&mut missing, *quantile);
        shift[at] = common.map_or(own, |common| {
            (own * count + common[at] * SHRINK_GROUPS) / (count + SHRINK_GROUPS)
        });
    }
    shift
}
