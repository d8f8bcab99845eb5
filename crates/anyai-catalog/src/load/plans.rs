//! The plans.

use anyai_units::Credits;
use serde::Deserialize;

use super::{LoadError, read};
use crate::documents::DocumentKind;
use crate::plan::Plan;

/// A month grants at most this many credits.
const ALLOWANCE_CREDITS_MAX: i64 = 1_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlansText {
    #[serde(default)]
    plan: Vec<PlanText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    id: String,
    label: String,
    monthly_credits: i64,
    monthly_price_us_cents: u32,
}

pub(super) fn load_plans(text: &str) -> Result<Vec<Plan>, LoadError> {
    let document = DocumentKind::Plans;
    let text: PlansText = read(document, text)?;
    if text.plan.is_empty() {
        return Err(LoadError::Empty { document });
    }
    let mut plans: Vec<Plan> = Vec::with_capacity(text.plan.len());
    for plan in text.plan {
        if plans.iter().any(|known| known.id == plan.id) {
            return Err(LoadError::Duplicate {
                document,
                id: plan.id,
            });
        }
        plans.push(plan.check()?);
    }
    Ok(plans)
}

impl PlanText {
    fn check(self) -> Result<Plan, LoadError> {
        let allowance = Some(self.monthly_credits)
            .filter(|credits| (1..=ALLOWANCE_CREDITS_MAX).contains(credits))
            .and_then(Credits::from_whole);
        match allowance {
            Some(monthly_allowance) => Ok(Plan {
                id: self.id,
                label: self.label,
                monthly_allowance,
                monthly_price_us_cents: self.monthly_price_us_cents,
            }),
            None => Err(LoadError::ImpossiblePlan {
                plan: self.id,
                field: "monthly_credits",
            }),
        }
    }
}
