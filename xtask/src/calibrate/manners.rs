//! How much longer one model answers than another: two-way effects of prompts and models.

use anyai_estimate::{Family, ModelRow};

use super::turns::{Data, Turn};

const ROUNDS: usize = 30;
/// Answers that count as much as knowing nothing.
const PROMPT_SHRINK: f32 = 0.5;
const MODEL_SHRINK: f32 = 4.0;
const SIDE_SHRINK: f32 = 15.0;
const FAMILY_SHRINK: f32 = 2.0;
const SPREAD_SHRINK: f32 = 20.0;
/// Residuals are believed up to here.
pub(super) const RESIDUAL_MAX: f32 = 1.5;
/// A model with a larger share of thinking thinks.
pub(super) const THINKS_SHARE: f32 = 0.15;

/// Effects, fitted on some of the turns.
pub(super) struct Manners {
    pub(super) mean: f32,
    /// By prompt; 0 where no turn was fitted.
    pub(super) prompts: Vec<f32>,
    pub(super) prompt_turns: Vec<f32>,
    /// By model; `None` where it has no turns of its own.
    pub(super) models: Vec<Option<ModelRow>>,
    /// What is thought of a model nobody has met, by model: its family without itself.
    pub(super) strangers: Vec<ModelRow>,
    /// By family, all its models included.
    pub(super) families: Vec<ModelRow>,
}

impl Manners {
    pub(super) fn fit(data: &Data, turns: &[&Turn]) -> Self {
        let mean = turns.iter().map(|turn| turn.target).sum::<f32>() / turns.len().max(1) as f32;
        let mut prompts = vec![0.0; data.prompts.len()];
        let mut models = vec![0.0; data.models.len()];
        for _ in 0..ROUNDS {
            prompts = effects(turns, prompts.len(), PROMPT_SHRINK, |turn| {
                (
                    turn.prompt,
                    turn.target - mean - models[turn.model],
                    prompts[turn.prompt],
                )
            });
            models = effects(turns, models.len(), MODEL_SHRINK, |turn| {
                (
                    turn.model,
                    turn.target - mean - prompts[turn.prompt],
                    models[turn.model],
                )
            });
        }
        let mut prompt_turns = vec![0.0; prompts.len()];
        for turn in turns {
            prompt_turns[turn.prompt] += 1.0;
        }
        let rows = rows(data, turns, mean, &prompts, &models);
        let families = Family::all()
            .map(|family| family_row(data, &rows, family, None))
            .collect();
        let strangers = (0..data.models.len())
            .map(|model| {
                let thinks = rows[model].is_some_and(|row| row.thinking_share > THINKS_SHARE);
                let family = Family::of_name(&data.models[model], Some(thinks));
                family_row(data, &rows, family, Some(model))
            })
            .collect();
        Self {
            mean,
            prompts,
            prompt_turns,
            models: rows,
            strangers,
            families,
        }
    }

    /// The row of a model: its own, or its family's where it is taken for a stranger or is one.
    pub(super) fn row(&self, model: usize, as_stranger: bool) -> ModelRow {
        let own = self.models[model].filter(|_| !as_stranger);
        own.unwrap_or(self.strangers[model])
    }
}

/// Shrunk means of clipped residuals, by key.
fn effects(
    turns: &[&Turn],
    keys: usize,
    shrink: f32,
    residual: impl Fn(&Turn) -> (usize, f32, f32),
) -> Vec<f32> {
    let mut sums = vec![(0.0, 0.0); keys];
    for turn in turns {
        let (key, raw, now) = residual(turn);
        let sum: &mut (f32, f32) = &mut sums[key];
        sum.0 += now + (raw - now).clamp(-RESIDUAL_MAX, RESIDUAL_MAX);
        sum.1 += 1.0;
    }
    sums.into_iter()
        .map(|(sum, count)| sum / (count + shrink))
        .collect()
}

fn rows(
    data: &Data,
    turns: &[&Turn],
    mean: f32,
    prompts: &[f32],
    models: &[f32],
) -> Vec<Option<ModelRow>> {
    let mut sides = vec![[(0.0f32, 0.0f32); 2]; models.len()];
    let mut squares = vec![(0.0f32, 0.0f32); models.len()];
    let mut thinking = vec![(0.0f32, 0.0f32); models.len()];
    let mut all_squares = 0.0;
    for turn in turns {
        let residual = turn.target - mean - prompts[turn.prompt] - models[turn.model];
        let residual = residual.clamp(-RESIDUAL_MAX, RESIDUAL_MAX);
        let side = &mut sides[turn.model][usize::from(prompts[turn.prompt] > 0.0)];
        side.0 += residual;
        side.1 += 1.0;
        squares[turn.model].0 += residual * residual;
        squares[turn.model].1 += 1.0;
        all_squares += residual * residual;
        thinking[turn.model].0 += turn.thinking as f32 / turn.output.max(1) as f32;
        thinking[turn.model].1 += 1.0;
    }
    let usual = all_squares / turns.len().max(1) as f32;
    (0..data.models.len())
        .map(|model| {
            let (sum, count) = squares[model];
            (count > 0.0).then(|| {
                let side = |side: (f32, f32)| models[model] + side.0 / (side.1 + SIDE_SHRINK);
                ModelRow {
                    effect: models[model],
                    effect_short: side(sides[model][0]),
                    effect_long: side(sides[model][1]),
                    spread: ((sum + usual * SPREAD_SHRINK) / (count + SPREAD_SHRINK)).sqrt(),
                    thinking_share: thinking[model].0 / thinking[model].1,
                    is_known: true,
                }
            })
        })
        .collect()
}

/// The mean of a family's models, drawn to the mean of all that think alike.
fn family_row(
    data: &Data,
    rows: &[Option<ModelRow>],
    family: Family,
    without: Option<usize>,
) -> ModelRow {
    let members = |only_family: bool| {
        let named = rows.iter().zip(&data.models).enumerate();
        let found: Vec<ModelRow> = named
            .filter(|(at, _)| Some(*at) != without)
            .filter_map(|(_, (row, name))| {
                let row = (*row)?;
                let is_thinking = row.thinking_share > THINKS_SHARE;
                let same = Family::of_name(name, Some(is_thinking)) == family;
                (is_thinking == family.thinks && (same || !only_family)).then_some(row)
            })
            .collect();
        found
    };
    let (own, like) = (members(true), members(false));
    let blend = |figure: &dyn Fn(&ModelRow) -> f32| {
        let sum = |rows: &[ModelRow]| rows.iter().map(figure).sum::<f32>();
        let prior = sum(&like) / like.len().max(1) as f32;
        (sum(&own) + prior * FAMILY_SHRINK) / (own.len() as f32 + FAMILY_SHRINK)
    };
    ModelRow {
        effect: blend(&|row| row.effect),
        effect_short: blend(&|row| row.effect_short),
        effect_long: blend(&|row| row.effect_long),
        spread: blend(&|row| row.spread),
        thinking_share: blend(&|row| row.thinking_share),
        is_known: false,
    }
}
