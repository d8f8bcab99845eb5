//! How the period goes on: the pace of its days, and a band from how much they differ.
//!
//! Days are taken as draws from one distribution whose mean and spread are not known. What a stretch
//! of `d` days to come costs has the mean `m d` and the variance `s² (d + d²/n)`: the days' own, and
//! that of a mean known from `n` days only. The band is that of Student's t with `n - 1` degrees of
//! freedom, one time in ten below and one above, and never less than nothing spent. Floating point
//! stays in here: what comes out are amounts and instants for people, and no charge follows from them.

use anyai_units::{Credits, UtcMillis};
use anyai_wire::{FanPoint, Forecast};

use super::DAY_MS;

/// Fewer days than these say nothing of how days differ.
const DAYS_MIN: usize = 2;
const FAN_POINTS: i64 = 16;
/// Halvings of the search for an instant: a month comes down to less than a second.
const HALVINGS: u32 = 32;

/// The 90 % point of Student's t for 1, 2, 3 … degrees of freedom.
const T90: [f64; 30] = [
    3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350,
    1.345, 1.341, 1.337, 1.333, 1.330, 1.328, 1.325, 1.323, 1.321, 1.319, 1.318, 1.316, 1.315,
    1.314, 1.313, 1.311, 1.310,
];
/// Of a normal distribution.
const Z90: f64 = 1.282;

/// What the days that are over say of the ones to come, in millicredits.
struct Pace {
    mean: f64,
    deviation: f64,
    days: f64,
    quantile: f64,
}

/// Which edge of the band.
#[derive(Clone, Copy)]
enum Edge {
    Least,
    Likely,
    Most,
}

/// The forecast from the charges of the past days, newest first; `None` when those are too few or the
/// period is over.
pub(super) fn forecast(
    now: UtcMillis,
    resets_at: UtcMillis,
    available: Credits,
    past: &[Credits],
) -> Option<Forecast> {
    let left_ms = resets_at.millis().saturating_sub(now.millis());
    if past.len() < DAYS_MIN || left_ms <= 0 {
        return None;
    }
    let pace = Pace::of(past);
    let instant = |edge| pace.runs_out(edge, available, left_ms, now);
    Some(Forecast {
        daily: average(past),
        daily_to_reset: per_day(available, left_ms),
        days: u32::try_from(past.len()).unwrap_or(u32::MAX),
        runs_out_at: instant(Edge::Likely),
        runs_out_early: instant(Edge::Most),
        runs_out_late: instant(Edge::Least),
        fan: fan(&pace, available, left_ms, now),
    })
}

/// Rounded up.
fn average(past: &[Credits]) -> Credits {
    let total: i64 = past.iter().map(|spent| spent.millicredits()).sum();
    let days = i64::try_from(past.len()).unwrap_or(i64::MAX);
    Credits::from_millicredits(total.saturating_add(days - 1).div_euclid(days))
}

/// Rounded down: spending it every day never ends before the reset.
fn per_day(available: Credits, left_ms: i64) -> Credits {
    let daily = i128::from(available.millicredits()) * i128::from(DAY_MS) / i128::from(left_ms);
    Credits::from_millicredits(i64::try_from(daily).unwrap_or(i64::MAX))
}

fn fan(pace: &Pace, available: Credits, left_ms: i64, now: UtcMillis) -> Vec<FanPoint> {
    (0..=FAN_POINTS)
        .map(|point| {
            let ahead_ms = left_ms.saturating_mul(point) / FAN_POINTS;
            let left = |edge| pace.left(edge, available, ahead_ms);
            FanPoint {
                at: now.plus_millis(ahead_ms),
                low: left(Edge::Most),
                likely: left(Edge::Likely),
                high: left(Edge::Least),
            }
        })
        .collect()
}

impl Pace {
    fn of(past: &[Credits]) -> Self {
        let spent: Vec<f64> = past.iter().map(|day| day.millicredits() as f64).collect();
        let days = spent.len() as f64;
        let mean = spent.iter().sum::<f64>() / days;
        let squares: f64 = spent.iter().map(|day| (day - mean).powi(2)).sum();
        Self {
            mean,
            deviation: (squares / (days - 1.0)).sqrt(),
            days,
            quantile: T90.get(spent.len() - DAYS_MIN).copied().unwrap_or(Z90),
        }
    }

    /// What the next `ahead_ms` cost.
    fn spends(&self, edge: Edge, ahead_ms: i64) -> f64 {
        let ahead = ahead_ms as f64 / DAY_MS as f64;
        let likely = self.mean * ahead;
        let off = self.quantile * self.deviation * (ahead + ahead * ahead / self.days).sqrt();
        match edge {
            Edge::Least => (likely - off).max(0.0),
            Edge::Likely => likely,
            Edge::Most => likely + off,
        }
    }

    /// Rounded down.
    fn left(&self, edge: Edge, available: Credits, ahead_ms: i64) -> Credits {
        let left = available.millicredits() as f64 - self.spends(edge, ahead_ms);
        Credits::from_millicredits(left.max(0.0).floor() as i64)
    }

    /// When an edge reaches zero. Each edge crosses it once at most: the least one falls behind
    /// first and then only gains.
    fn runs_out(
        &self,
        edge: Edge,
        available: Credits,
        left_ms: i64,
        now: UtcMillis,
    ) -> Option<UtcMillis> {
        let is_out = |ahead_ms| self.spends(edge, ahead_ms) >= available.millicredits() as f64;
        if !is_out(left_ms) {
            return None;
        }
        let (mut lasts, mut out) = (0, left_ms);
        for _ in 0..HALVINGS {
            let middle = i64::midpoint(lasts, out);
            if is_out(middle) {
                out = middle;
            } else {
                lasts = middle;
            }
        }
        Some(now.plus_millis(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMillis = UtcMillis::from_millis(1_795_000_000_000);

    fn credits(whole: i64) -> Credits {
        Credits::from_whole(whole).unwrap()
    }

    fn days(spent: &[i64]) -> Vec<Credits> {
        spent.iter().map(|spent| credits(*spent)).collect()
    }

    fn in_days(days: i64) -> UtcMillis {
        NOW.plus_millis(days * DAY_MS)
    }

    fn of(available: i64, left_days: i64, spent: &[i64]) -> Forecast {
        let past = days(spent);
        forecast(NOW, in_days(left_days), credits(available), &past).unwrap()
    }

    #[test]
    fn an_even_pace_runs_out_on_its_day_without_a_band() {
        let even = of(1_200, 20, &[100, 100, 100, 100]);
        let whole_days = |at: Option<UtcMillis>| {
            let ms = at.unwrap().millis() - NOW.millis();
            (ms + DAY_MS / 2) / DAY_MS
        };
        assert_eq!(whole_days(even.runs_out_at), 12);
        assert_eq!(even.runs_out_early, even.runs_out_at);
        assert_eq!(even.runs_out_late, even.runs_out_at);
        assert_eq!(even.daily, credits(100));
        assert_eq!(even.daily_to_reset, credits(60));
        assert_eq!(even.days, 4);
    }

    #[test]
    fn an_uneven_pace_has_an_early_and_a_late_end() {
        let uneven = of(1_000, 20, &[20, 150, 90, 130, 60, 100, 150, 100]);
        let early = uneven.runs_out_early.unwrap();
        let likely = uneven.runs_out_at.unwrap();
        assert!(early < likely && Some(likely) < uneven.runs_out_late);
        assert!(likely < in_days(11) && in_days(9) < likely);
    }

    #[test]
    fn what_lasts_to_the_reset_never_runs_out() {
        let calm = of(1_000, 10, &[10, 12, 9, 11]);
        assert_eq!((calm.runs_out_at, calm.runs_out_early), (None, None));
        let last = calm.fan.last().unwrap();
        assert_eq!(last.at, in_days(10));
        assert_eq!(last.likely, credits(895));
        assert!(last.low < last.likely && last.likely < last.high);
        let idle = of(5, 10, &[0, 0, 0]);
        assert_eq!(idle.runs_out_at, None);
        assert_eq!(idle.daily, Credits::ZERO);
    }

    #[test]
    fn the_fan_opens_from_now_and_stays_between_nothing_and_everything() {
        let wild = of(300, 25, &[0, 200, 0, 0, 180]);
        let first = wild.fan[0];
        assert_eq!(first.at, NOW);
        assert_eq!([first.low, first.likely, first.high], [credits(300); 3]);
        for pair in wild.fan.windows(2) {
            assert!(pair[0].at < pair[1].at && pair[1].likely <= pair[0].likely);
        }
        for point in &wild.fan {
            assert!(Credits::ZERO <= point.low && point.low <= point.likely);
            assert!(point.likely <= point.high && point.high <= credits(300));
        }
    }

    #[test]
    fn too_little_is_no_forecast() {
        for past in [&[][..], &[50]] {
            assert_eq!(forecast(NOW, in_days(9), credits(100), &days(past)), None);
        }
        let past = days(&[50, 60, 70]);
        assert_eq!(forecast(NOW, NOW, credits(100), &past), None, "it is over");
    }

    #[test]
    fn averages_round_up_and_allowances_down() {
        let past = [1, 1, 2].map(Credits::from_millicredits);
        let forecast = forecast(NOW, in_days(3), Credits::from_millicredits(10), &past).unwrap();
        assert_eq!(forecast.daily, Credits::from_millicredits(2));
        assert_eq!(forecast.daily_to_reset, Credits::from_millicredits(3));
    }

    /// Numbers without a pattern, the same in every run.
    struct Dice(u64);

    impl Dice {
        fn unit(&mut self) -> f64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }

        /// A day of somebody: many small turns, sometimes a clip, often nothing.
        fn day(&mut self) -> i64 {
            if self.unit() < 0.2 {
                return 0;
            }
            let turns = -20_000.0 * self.unit().max(1e-9).ln();
            let clip = if self.unit() < 0.25 { 80_000.0 } else { 0.0 };
            (turns + clip) as i64
        }
    }

    /// Days as people spend them are skewed; the band was made for a bell. It must hold for them, from
    /// a week on; four days seldom show what a dear one costs.
    #[test]
    fn eight_months_in_ten_end_inside_the_band() {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let months = 2_000;
        for (known, least) in [(4_usize, 68.0), (7, 74.0), (20, 76.0)] {
            let mut inside = 0;
            for _ in 0..months {
                let spent = |dice: &mut Dice| Credits::from_millicredits(dice.day());
                let past: Vec<Credits> = (0..known).map(|_| spent(&mut dice)).collect();
                let ahead = 30 - i64::try_from(known).unwrap();
                let cost: i64 = (0..ahead).map(|_| dice.day()).sum();
                let plenty = credits(100_000);
                let forecast = forecast(NOW, in_days(ahead), plenty, &past).unwrap();
                let end = forecast.fan.last().unwrap();
                let left = plenty.millicredits() - cost;
                let band = end.low.millicredits()..=end.high.millicredits();
                inside += i32::from(band.contains(&left));
            }
            let percent = f64::from(inside) * 100.0 / f64::from(months);
            assert!(
                (least..=86.0).contains(&percent),
                "{known} days: {percent} %"
            );
        }
    }
}
