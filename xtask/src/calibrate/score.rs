//! How well turns were forecast.

use super::turns::Turn;

/// What output weighs beside input.
const OUTPUT_PRICE: f32 = 5.0;

/// A turn and its forecast.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) turn: &'a Turn,
    /// Low, likely and high, in tokens.
    pub(super) said: [f32; 3],
}

/// The figures of a table's row.
pub(super) struct Score {
    pub(super) turns: usize,
    pub(super) cost_error: f32,
    pub(super) in_25: f32,
    pub(super) in_50: f32,
    pub(super) coverage: f32,
    pub(super) width: f32,
    pub(super) pinball: f32,
    pub(super) token_error: f32,
}

impl Score {
    pub(super) fn of(judged: &[Judged<'_>]) -> Self {
        let cost = |turn: &Turn, output: f32| turn.input as f32 + OUTPUT_PRICE * output;
        let mut costs = Vec::new();
        let mut tokens = Vec::new();
        let mut widths = Vec::new();
        let (mut covered, mut pinball, mut sum) = (0usize, 0.0f64, 0.0f64);
        for Judged { turn, said } in judged {
            let truth = turn.output as f32;
            let said = *said;
            let told = said.map(|output| cost(turn, output));
            let was = cost(turn, truth);
            costs.push((told[1] - was).abs() / was.max(1.0));
            tokens.push((said[1] - truth).abs() / truth.max(1.0));
            widths.push((told[2] - told[0]) / told[1].max(1.0));
            covered += usize::from((said[0]..=said[2]).contains(&truth));
            for (told, share) in told.iter().zip([0.05, 0.5, 0.95]) {
                let missing = was - told;
                pinball += f64::from(if missing > 0.0 {
                    share * missing
                } else {
                    (share - 1.0) * missing
                }) / 3.0;
            }
            sum += f64::from(was);
        }
        let share = |limit: f32| {
            100.0 * costs.iter().filter(|error| **error <= limit).count() as f32
                / costs.len().max(1) as f32
        };
        let (in_25, in_50) = (share(0.25), share(0.5));
        Self {
            turns: judged.len(),
            cost_error: 100.0 * median(&mut costs),
            in_25,
            in_50,
            coverage: 100.0 * covered as f32 / judged.len().max(1) as f32,
            width: median(&mut widths),
            pinball: (100.0 * pinball / sum) as f32,
            token_error: 100.0 * median(&mut tokens),
        }
    }

    pub(super) fn line(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} | {:.1} |",
            self.turns,
            self.cost_error,
            self.token_error,
            self.in_25,
            self.in_50,
            self.coverage,
            self.width,
            self.pinball
        )
    }
}

fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
