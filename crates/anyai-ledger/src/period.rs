//! Periods: months counted from an anchor, as half-open ranges of UTC instants.
//!
//! The anchor's day is kept for ever and held to the length of each month: 31 January, 28 February,
//! 31 March. No zone and no local time takes part.

use anyai_units::{Credits, PoolId, UtcMillis};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// 9999-12-31T23:59:59.999Z.
const LAST_MS: i64 = 253_402_300_799_999;

/// The range of one period: from `starts_at`, up to and without `ends_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodBounds {
    /// Whole months since the anchor.
    pub no: u32,
    /// The first instant.
    pub starts_at: UtcMillis,
    /// The first instant after it: the reset.
    pub ends_at: UtcMillis,
}

impl PeriodBounds {
    /// The period of `anchor` that contains `instant`; `None` before the anchor and outside the
    /// years 1970 to 9999.
    #[must_use]
    pub fn containing(anchor: UtcMillis, instant: UtcMillis) -> Option<Self> {
        let in_calendar = |at: UtcMillis| (0..=LAST_MS).contains(&at.millis());
        if !in_calendar(anchor) || !in_calendar(instant) || instant < anchor {
            return None;
        }
        let months = Date::of(instant).month_index() - Date::of(anchor).month_index();
        let has_begun = months_after(anchor, months) <= instant;
        let no = u32::try_from(if has_begun { months } else { months - 1 }).ok()?;
        Some(Self::numbered(anchor, no))
    }

    /// Whether `instant` lies in the period.
    #[must_use]
    pub fn contains(&self, instant: UtcMillis) -> bool {
        self.starts_at <= instant && instant < self.ends_at
    }

    fn numbered(anchor: UtcMillis, no: u32) -> Self {
        let no_wide = i64::from(no);
        Self {
            no,
            starts_at: months_after(anchor, no_wide),
            ends_at: months_after(anchor, no_wide + 1),
        }
    }
}

/// A period of a pool, with its sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The pool.
    pub pool: PoolId,
    /// When.
    pub bounds: PeriodBounds,
    /// Granted, minus what was revoked or carried on.
    pub granted: Credits,
    /// Charged by settled holds.
    pub posted: Credits,
    /// Held by open holds: the sum of their ceilings.
    pub pending: Credits,
    /// Expired unused.
    pub expired: Credits,
}

/// The anchor's day and time of day, `months` later, in that month's last day at most.
fn months_after(anchor: UtcMillis, months: i64) -> UtcMillis {
    let date = Date::of(anchor);
    let month_index = date.month_index() + months;
    let year = month_index.div_euclid(12);
    let month = month_index.rem_euclid(12) + 1;
    let day = date.day.min(days_in_month(year, month));
    let time_of_day_ms = anchor.millis().rem_euclid(DAY_MS);
    UtcMillis::from_millis(Date { year, month, day }.days_since_epoch() * DAY_MS + time_of_day_ms)
}

/// A date of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// Years here begin on 1 March, so that the leap day is a year's last and 400 years are an era of
/// 146,097 days.
impl Date {
    const ERA_DAYS: i64 = 146_097;
    /// From 0000-03-01 to 1970-01-01.
    const EPOCH_OFFSET_DAYS: i64 = 719_468;

    fn of(instant: UtcMillis) -> Self {
        let days = instant.millis().div_euclid(DAY_MS) + Self::EPOCH_OFFSET_DAYS;
        let era = days.div_euclid(Self::ERA_DAYS);
        let day_of_era = days.rem_euclid(Self::ERA_DAYS);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day }
    }

    fn days_since_epoch(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * Self::ERA_DAYS + day_of_era - Self::EPOCH_OFFSET_DAYS
    }

    const fn month_index(self) -> i64 {
        self.year * 12 + self.month - 1
    }
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Midnight UTC of a date, counted day by day from 1970: a second way to the same number.
    fn midnight(year: i64, month: i64, day: i64) -> UtcMillis {
        let is_leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut days = (1970..year)
            .map(|y| if is_leap(y) { 366 } else { 365 })
            .sum::<i64>();
        for past in 1..month {
            let length = lengths[usize::try_from(past - 1).unwrap()];
            days += if past == 2 && is_leap(year) {
                29
            } else {
                length
            };
        }
        UtcMillis::from_millis((days + day - 1) * DAY_MS)
    }

    #[test]
    fn every_day_from_1970_to_2400_has_its_date() {
        let mut instant = UtcMillis::from_millis(0);
        for year in 1970..2400 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(Date::of(instant), Date { year, month, day });
                    assert_eq!(Date::of(instant.plus_millis(DAY_MS - 1)), Date::of(instant));
                    assert_eq!(
                        Date { year, month, day }.days_since_epoch(),
                        instant.millis() / DAY_MS
                    );
                    instant = instant.plus_millis(DAY_MS);
                }
            }
        }
        assert_eq!(
            instant,
            midnight(2400, 1, 1),
            "the calendar drifted from a plain day count"
        );
    }

    #[test]
    fn outside_the_calendar_there_is_no_period() {
        let at = UtcMillis::from_millis;
        assert_eq!(
            PeriodBounds::containing(at(5), at(4)),
            None,
            "before the anchor"
        );
        assert_eq!(PeriodBounds::containing(at(-1), at(4)), None, "before 1970");
        assert_eq!(
            PeriodBounds::containing(at(0), at(LAST_MS + 1)),
            None,
            "after 9999"
        );
        assert_eq!(PeriodBounds::containing(at(0), at(i64::MAX)), None);
        assert!(
            PeriodBounds::containing(at(LAST_MS), at(LAST_MS)).is_some(),
            "the last one"
        );
    }
}
