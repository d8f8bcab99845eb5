//! Which plan would have fit the months that are over.

use anyai_mirror::PeriodRow;
use anyai_units::{Credits, UtcMillis};
use anyai_wire::{MonthSpend, Plan, PlanFit, PlanShare, WireError};

use crate::credits;
use crate::model::{day, plans};
use crate::studio::Studio;

const MONTHS_MAX: usize = 12;
/// A month that was charged this share of its grant may have been wanted to cost more.
const DRY_PERCENT: i128 = 98;
/// A plan fits when it would have covered this share of the months.
const FIT_PERCENT: usize = 90;

pub(crate) async fn plan_fit(studio: &Studio) -> Result<PlanFit, WireError> {
    let balance = credits::balance(studio).await?;
    // The newest is the one that runs.
    let wanted = u32::try_from(MONTHS_MAX).unwrap_or(u32::MAX) + 1;
    let periods = studio.mirror.report(move |mirror| mirror.periods(wanted));
    let periods = periods.await?;
    let plans = plans(&studio.prices.get()).plans;
    Ok(fit(plans, &months(&periods, balance.period_starts_at)))
}

/// The periods that are over, oldest first. The newest is the one that runs, and began at `runs_from`.
fn months(periods: &[PeriodRow], runs_from: UtcMillis) -> Vec<MonthSpend> {
    let Some((running, over)) = periods.split_last() else {
        return Vec::new();
    };
    let shown = over.len().saturating_sub(MONTHS_MAX);
    over.iter()
        .skip(shown)
        .map(|row| MonthSpend {
            month: month_before(runs_from, running.period.saturating_sub(row.period)),
            charged: row.charged,
            granted: row.granted,
            ran_dry: ran_dry(row.charged, row.granted),
        })
        .collect()
}

fn ran_dry(charged: Credits, granted: Credits) -> bool {
    let [charged, granted] = [charged, granted].map(|part| i128::from(part.millicredits()));
    granted > 0 && charged * 100 >= granted * DRY_PERCENT
}

/// The month that began `months` months before the one of an instant: `2026-08`.
fn month_before(at: UtcMillis, months: u32) -> String {
    let date = day(at);
    let mut parts = date.split('-').map(|part| part.parse::<i64>().unwrap_or(1));
    let (year, month) = (parts.next().unwrap_or(0), parts.next().unwrap_or(1));
    let index = year * 12 + (month - 1) - i64::from(months);
    format!(
        "{:04}-{:02}",
        index.div_euclid(12),
        index.rem_euclid(12) + 1
    )
}

/// `plans` are smallest first.
pub(super) fn fit(plans: Vec<Plan>, months: &[MonthSpend]) -> PlanFit {
    let shares: Vec<PlanShare> = plans.into_iter().map(|plan| share(plan, months)).collect();
    let fits = |share: &&PlanShare| {
        let covered = usize::try_from(share.months_covered).unwrap_or(0);
        !months.is_empty() && covered * 100 >= months.len() * FIT_PERCENT
    };
    PlanFit {
        fitting: shares.iter().find(fits).map(|share| share.plan_id.clone()),
        plans: shares,
        months: months.to_vec(),
    }
}

fn share(plan: Plan, months: &[MonthSpend]) -> PlanShare {
    let covered = months.iter().filter(|month| covers(plan.allowance, month));
    PlanShare {
        months_covered: u32::try_from(covered.count()).unwrap_or(u32::MAX),
        left_on_average: left_on_average(plan.allowance, months),
        plan_id: plan.id,
        label: plan.label,
        allowance: plan.allowance,
        price_usd_cents: plan.price_usd_cents,
    }
}

/// What a month that ran dry would have cost is not known: only a larger allowance can cover it.
fn covers(allowance: Credits, month: &MonthSpend) -> bool {
    month.charged <= allowance && !(month.ran_dry && allowance <= month.granted)
}

/// Rounded down.
fn left_on_average(allowance: Credits, months: &[MonthSpend]) -> Credits {
    let count = i64::try_from(months.len()).unwrap_or(i64::MAX).max(1);
    let charged: i64 = months.iter().map(|m| m.charged.millicredits()).sum();
    // The charge is rounded up, so that what is left is rounded down.
    let average = charged.saturating_add(count - 1).div_euclid(count);
    let left = allowance.millicredits().saturating_sub(average).max(0);
    Credits::from_millicredits(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credits(whole: i64) -> Credits {
        Credits::from_whole(whole).unwrap()
    }

    fn plan(id: &str, allowance: i64) -> Plan {
        Plan {
            id: id.to_owned(),
            label: id.to_owned(),
            allowance: credits(allowance),
            price_usd_cents: 0,
        }
    }

    fn fit_of(months: &[(i64, i64)]) -> PlanFit {
        let mut periods: Vec<PeriodRow> = (0..)
            .zip(months)
            .map(|(period, (charged, granted))| PeriodRow {
                period,
                granted: credits(*granted),
                charged: credits(*charged),
            })
            .collect();
        periods.push(PeriodRow {
            period: u32::try_from(months.len()).unwrap(),
            granted: credits(2_000),
            charged: credits(9_999),
        });
        let plans = vec![plan("free", 100), plan("pro", 2_000), plan("max", 10_000)];
        // 2026-11-18
        let november = UtcMillis::from_millis(1_795_000_000_000);
        fit(plans, &super::months(&periods, november))
    }

    fn fitting(months: &[(i64, i64)]) -> Option<String> {
        fit_of(months).fitting
    }

    #[test]
    fn the_smallest_plan_that_covers_nine_months_of_ten_fits() {
        let quiet = [(1_620, 2_000), (1_905, 2_000), (1_780, 2_000)];
        let fit = fit_of(&quiet);
        assert_eq!(fit.fitting.as_deref(), Some("pro"));
        let covered: Vec<u32> = fit.plans.iter().map(|plan| plan.months_covered).collect();
        assert_eq!(covered, [0, 3, 3]);
        let left: Vec<i64> = fit
            .plans
            .iter()
            .map(|plan| plan.left_on_average.millicredits())
            .collect();
        assert_eq!(left, [0, 231_666, 8_231_666]);
        let named: Vec<&str> = fit.months.iter().map(|month| &*month.month).collect();
        assert_eq!(named, ["2026-08", "2026-09", "2026-10"]);
        let ten = |dear| {
            vec![(50, 2_000); 10 - dear]
                .into_iter()
                .chain(vec![(900, 2_000); dear])
        };
        assert_eq!(
            fitting(&ten(1).collect::<Vec<_>>()).as_deref(),
            Some("free")
        );
        assert_eq!(fitting(&ten(2).collect::<Vec<_>>()).as_deref(), Some("pro"));
    }

    #[test]
    fn a_month_that_ran_dry_is_covered_by_more_than_it_had_alone() {
        assert_eq!(fitting(&[(99, 100), (100, 100)]).as_deref(), Some("pro"));
        assert_eq!(fitting(&[(1_950, 2_000)]).as_deref(), Some("pro"));
        assert_eq!(fitting(&[(1_990, 2_000)]).as_deref(), Some("max"));
        assert_eq!(fitting(&[(10_000, 10_000)]), None, "beyond the plans");
    }

    #[test]
    fn the_month_that_runs_says_nothing_yet() {
        assert_eq!(fitting(&[]), None);
        assert_eq!(fit_of(&[]).months, []);
        assert_eq!(months(&[], UtcMillis::from_millis(0)), []);
    }

    #[test]
    fn a_year_of_months_is_kept_and_named_across_its_turn() {
        let fit = fit_of(&[(10, 2_000); 14]);
        assert_eq!(fit.months.len(), 12);
        assert_eq!(fit.months[0].month, "2025-11");
        assert_eq!(fit.months[11].month, "2026-10");
    }
}
