//! From what trees say to quantiles that hold: mixed with a model's own on each kind, then shifted until so many
//! answers lie beyond as should, on turns whose prompts were not fitted.

use anyai_estimate::{KindShares, Manner, ModelRow};

use super::boost::quantile_of;
use super::fitted::Quantiles;
use super::turns::Turn;
use anyai_estimate::QUANTILES;

/// Turns that a model's own shift has to outweigh.
const SHRINK_TURNS: f32 = 100.0;
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

/// How much a model's own quantiles count on each kind.
#[derive(Clone, Debug)]
pub(super) struct OwnShares(pub(super) Vec<f32>);

impl OwnShares {
    /// What does best on the turns of each kind.
    pub(super) fn fit(unseen: &[Unseen<'_>], kinds: usize) -> Self {
        let best = |kind: usize| {
            let of_kind = |one: &&Unseen<'_>| one.turn.source == kind;
            let turns: Vec<Unseen<'_>> = unseen.iter().filter(of_kind).copied().collect();
            let losses = SHARES.map(|share| {
                let mut shares = vec![0.0; kinds];
                shares[kind] = share;
                loss(&turns, &Self(shares))
            });
            let best = (0..SHARES.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
            SHARES[best.unwrap_or(0)]
        };
        Self((0..kinds).map(best).collect())
    }

    fn mixed(&self, one: &Unseen<'_>) -> Quantiles {
        if !one.turn.replies.is_empty() {
            return one.said;
        }
        one.kinds.mixed(one.said, one.own, |kind| self.0[kind])
    }
}

/// What is settled for a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) shift: Quantiles,
}

impl Settled {
    /// For each of so many models.
    pub(super) fn by_model(unseen: &[Unseen<'_>], own: &OwnShares, models: usize) -> Vec<Self> {
        let common = shift(unseen, own, None);
        let of = |model: usize| {
            let of_model = |one: &&Unseen<'_>| one.turn.model == model;
            let turns: Vec<Unseen<'_>> = unseen.iter().filter(of_model).copied().collect();
            Self {
                shift: shift(&turns, own, Some(common)),
            }
        };
        (0..models).map(of).collect()
    }

    /// For models nobody has met.
    pub(super) fn shared(unseen: &[Unseen<'_>], kinds: usize) -> Self {
        Self {
            shift: shift(unseen, &OwnShares(vec![0.0; kinds]), None),
        }
    }

    /// The quantiles it makes of a turn's.
    pub(super) fn apply(self, one: &Unseen<'_>, own: &OwnShares) -> Quantiles {
        let mut said = own.mixed(one);
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

fn loss(unseen: &[Unseen<'_>], own: &OwnShares) -> f32 {
    let of = |one: &Unseen<'_>| {
        let each = QUANTILES
            .iter()
            .zip(own.mixed(one))
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
fn shift(unseen: &[Unseen<'_>], own: &OwnShares, common: Option<Quantiles>) -> Quantiles {
    let mut shift = [0.0; QUANTILES.len()];
    let mixed: Vec<Quantiles> = unseen.iter().map(|one| own.mixed(one)).collect();
    let count = unseen.len() as f32;
    for (at, quantile) in QUANTILES.iter().enumerate() {
        let mut missing: Vec<(f32, f32)> = unseen
            .iter()
            .zip(&mixed)
            .map(|(one, mixed)| (one.turn.target - mixed[at], 1.0))
            .collect();
        let own = quantile_of(&mut missing, *quantile);
        shift[at] = common.map_or(own, |common| {
            (own * count + common[at] * SHRINK_TURNS) / (count + SHRINK_TURNS)
        });
    }
    shift
}
