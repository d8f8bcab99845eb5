//! The report card of the estimates.

use serde::{Deserialize, Serialize};

/// How good the estimates were that this person was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EstimateReport {
    /// All models together.
    pub overall: EstimateScores,
    /// Each model that was used in the last 90 days, the most used first.
    pub models: Vec<ModelScores>,
}

/// One model's scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ModelScores {
    /// Catalogue id.
    pub model_id: String,
    /// Its name when it was last used.
    pub model_label: String,
    /// Its scores.
    pub scores: EstimateScores,
}

/// The last 30 and the last 90 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EstimateScores {
    /// 30 days.
    pub days_30: EstimateScore,
    /// 90 days.
    pub days_90: EstimateScore,
}

/// How good estimates were, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EstimateScore {
    /// Turns it rests on; with none, the rest is 0.
    pub turns: u32,
    /// Turns that cost what the interval said; 900 is what it promises.
    pub inside_permille: u32,
    /// The median distance between likely and charged, of what was charged.
    pub median_error_permille: u32,
    /// The median of likely less charged, of what was charged: above 0, estimates are too high.
    pub bias_permille: i32,
}
