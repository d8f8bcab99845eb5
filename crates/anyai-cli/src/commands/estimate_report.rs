//! `anyai estimate report`: how good the estimates were.

use anyai_wire::{Commands, Empty, EstimateReport, EstimateScore, EstimateScores};

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;
use crate::studio::StudioArguments;

/// What may be typed after `anyai estimate report`.
#[derive(clap::Args, Debug)]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    studio: StudioArguments,
    /// Print one JSON object; shares are in thousandths
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: ReportArguments) -> Result<Exit, CommandError> {
    let opened = arguments.studio.open().await?;
    let report = opened.studio.app().estimate_report(Empty {}).await;
    opened.studio.shutdown().await;
    let report = report?;
    if arguments.json {
        output::json(&report)?;
        return Ok(Exit::Success);
    }
    if report.overall.days_90.turns == 0 {
        output::remark("no turn has ended in the last 90 days")?;
        return Ok(Exit::Success);
    }
    for line in lines(&report) {
        output::result(&line)?;
    }
    Ok(Exit::Success)
}

fn lines(report: &EstimateReport) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<32} {:>4} {:>6} {:>8} {:>8} {:>8}",
        "model", "days", "turns", "inside", "error", "bias"
    )];
    let models = report.models.iter();
    let models = models.map(|model| (model.model_label.as_str(), &model.scores));
    for (name, scores) in std::iter::once(("all models", &report.overall)).chain(models) {
        lines.extend(rows(name, scores));
    }
    let inside =
        "inside: the charge was within the interval, 90 % is the promise; error: median distance";
    lines.push(inside.to_owned());
    lines.push("of likely and charged; bias: above 0 %, estimates are too high".to_owned());
    lines
}

fn rows(name: &str, scores: &EstimateScores) -> [String; 2] {
    [(30, &scores.days_30), (90, &scores.days_90)].map(|(days, score)| row(name, days, score))
}

fn row(name: &str, days: u32, score: &EstimateScore) -> String {
    if score.turns == 0 {
        return format!("{name:<32} {days:>4} {:>6}", 0);
    }
    format!(
        "{name:<32} {days:>4} {:>6} {:>8} {:>8} {:>8}",
        score.turns,
        percent(i64::from(score.inside_permille)),
        percent(i64::from(score.median_error_permille)),
        percent(i64::from(score.bias_permille)),
    )
}

/// Thousandths as a percentage with one digit.
fn percent(permille: i64) -> String {
    let sign = if permille < 0 { "-" } else { "" };
    format!("{sign}{}.{} %", permille.abs() / 10, permille.abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(turns: u32) -> EstimateScore {
        EstimateScore {
            turns,
            inside_permille: 905,
            median_error_permille: 214,
            bias_permille: -31,
        }
    }

    #[test]
    fn each_line_says_its_window() {
        let scores = EstimateScores {
            days_30: score(0),
            days_90: score(42),
        };
        let [recent, all] = rows("Opus", &scores);
        let words = |line: &str| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&recent), ["Opus", "30", "0"]);
        assert_eq!(
            words(&all),
            ["Opus", "90", "42", "90.5", "%", "21.4", "%", "-3.1", "%"]
        );
    }
}
