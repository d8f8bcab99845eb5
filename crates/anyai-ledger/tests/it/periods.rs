//! Periods from 1970 to 2100: every day, every anchor, every zone they are shown in.
//!
//! The naive calendar here counts days one by one and knows nothing of eras or of division.

use anyai_ledger::PeriodBounds;
use anyai_units::UtcMillis;
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use proptest::prelude::*;

use crate::fixture::{DAY_MS, HOUR_MS};

/// The last millisecond of a day is the hardest time of day; these are the anchors' others.
const TIMES_OF_DAY_MS: [i64; 4] = [0, 1, 13 * HOUR_MS + 123_456, DAY_MS - 1];

struct Month {
    first_day: i64,
    days: i64,
}

/// Every month from January 1970 to December 2100.
fn calendar() -> Vec<Month> {
    let mut months = Vec::new();
    let mut first_day = 0;
    for year in 1970..=2100 {
        let february = if year % 4 == 0 && year != 2100 {
            29
        } else {
            28
        };
        for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            months.push(Month { first_day, days });
            first_day += days;
        }
    }
    months
}

/// The start of the month numbered `index` for an anchor on the day `day` of a month.
fn boundary(calendar: &[Month], index: usize, day: i64, time_of_day_ms: i64) -> UtcMillis {
    let month = &calendar[index];
    let days = month.first_day + day.min(month.days) - 1;
    UtcMillis::from_millis(days * DAY_MS + time_of_day_ms)
}

#[track_caller]
fn period(anchor: UtcMillis, instant: UtcMillis) -> PeriodBounds {
    PeriodBounds::containing(anchor, instant).expect("inside the calendar")
}

/// Walks the 130 years with two hands: which of the naive months a day is in, and what the ledger
/// says of it. 47,482 days times 31 anchors, each looked at on both sides of the time of day.
#[test]
fn every_day_of_130_years_lies_in_the_counted_period_of_every_anchor_day() {
    let calendar = calendar();
    let mut cases = 0_u64;
    for day in 1..=31 {
        let time_of_day_ms = TIMES_OF_DAY_MS[usize::try_from(day % 4).unwrap()];
        let anchor = boundary(&calendar, 0, day, time_of_day_ms);
        let mut no = 0;
        let mut instant = anchor;
        let at = |index| boundary(&calendar, index, day, time_of_day_ms);
        while no + 1 < calendar.len() {
            let expected = PeriodBounds {
                no: u32::try_from(no).unwrap(),
                starts_at: at(no),
                ends_at: at(no + 1),
            };
            while instant < expected.ends_at {
                assert_eq!(period(anchor, instant), expected, "{instant:?}");
                assert_eq!(
                    period(anchor, instant.plus_millis(DAY_MS - 1)),
                    expected,
                    "the day of {instant:?}, to its last millisecond"
                );
                instant = instant.plus_millis(DAY_MS);
                cases += 2;
            }
            assert_eq!(instant, expected.ends_at, "a month is whole days");
            no += 1;
        }
    }
    println!("{cases} instants");
    assert!(cases > 2 * 31 * 47_000);
}

/// Anchors on every single day, the 29ths of February among them: the day is kept for ever, held to
/// the length of each month.
#[test]
fn every_day_of_130_years_is_an_anchor_whose_day_is_kept() {
    let calendar = calendar();
    let mut anchors = 0_u64;
    for first in 0..calendar.len() {
        for day in 1..=calendar[first].days {
            let time_of_day_ms = TIMES_OF_DAY_MS[usize::try_from(anchors % 4).unwrap()];
            let at = |index| boundary(&calendar, index, day, time_of_day_ms);
            let anchor = at(first);
            let far = calendar.len() - 2;
            for index in (first..=far).take(14).chain([far]) {
                if index < first {
                    continue;
                }
                let expected = PeriodBounds {
                    no: u32::try_from(index - first).unwrap(),
                    starts_at: at(index),
                    ends_at: at(index + 1),
                };
                assert_eq!(period(anchor, at(index)), expected);
                let last = at(index + 1).plus_millis(-1);
                assert_eq!(period(anchor, last), expected);
            }
            anchors += 1;
        }
    }
    println!("{anchors} anchors");
    assert_eq!(anchors, 47_847, "the days from 1970-01-01 to 2100-12-31");
}

fn utc(text: &str) -> UtcMillis {
    let timestamp: Timestamp = text.parse().unwrap();
    UtcMillis::from_millis(timestamp.as_millisecond())
}

/// The resets after an anchor, one after the other, as whoever reads a calendar would write them.
#[track_caller]
fn check_resets(anchor: &str, resets: &[&str]) {
    let anchor = utc(anchor);
    let mut start = anchor;
    for reset in resets {
        let bounds = period(anchor, start);
        assert_eq!((bounds.starts_at, bounds.ends_at), (start, utc(reset)));
        start = bounds.ends_at;
    }
}

#[test]
fn the_31st_is_held_to_short_months_and_comes_back() {
    check_resets(
        "2027-01-31T10:15:15.250Z",
        &[
            "2027-02-28T10:15:15.250Z",
            "2027-03-31T10:15:15.250Z",
            "2027-04-30T10:15:15.250Z",
            "2027-05-31T10:15:15.250Z",
        ],
    );
    check_resets(
        "2027-12-31T23:59:59.999Z",
        &[
            "2028-01-31T23:59:59.999Z",
            "2028-02-29T23:59:59.999Z",
            "2028-03-31T23:59:59.999Z",
        ],
    );
}

#[test]
fn the_29th_of_february_is_the_28th_in_common_years_and_the_29th_in_every_other_month() {
    check_resets(
        "2096-02-29T00:00:00Z",
        &["2096-03-29T00:00:00Z", "2096-04-29T00:00:00Z"],
    );
    let anchor = utc("2096-02-29T00:00:00Z");
    let in_2100 = period(anchor, utc("2100-02-28T00:00:00Z"));
    assert_eq!(
        (in_2100.no, in_2100.starts_at, in_2100.ends_at),
        (48, utc("2100-02-28T00:00:00Z"), utc("2100-03-29T00:00:00Z")),
        "2100 is no leap year"
    );
    let in_2000 = period(utc("1999-12-30T00:00:00Z"), utc("2000-02-29T00:00:00Z"));
    assert_eq!(in_2000.starts_at, utc("2000-02-29T00:00:00Z"), "2000 is");
}

fn instants() -> impl Strategy<Value = UtcMillis> {
    // 1970-01-01 to 2100-01-01.
    (0_i64..4_102_444_800_000).prop_map(UtcMillis::from_millis)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// `containing` has one inverse: the range it answers with. Its ends belong to it and to the next.
    #[test]
    fn a_period_contains_exactly_its_own_instants(a in instants(), b in instants(), permille in 0_i64..1_000) {
        let (anchor, instant) = (a.min(b), a.max(b));
        let bounds = period(anchor, instant);
        prop_assert!(bounds.contains(instant));
        let length_ms = bounds.ends_at.millis() - bounds.starts_at.millis();
        prop_assert!((28 * DAY_MS..=31 * DAY_MS).contains(&length_ms));
        let inside_ms = length_ms / 1_000 * permille;
        for inside in [0, inside_ms, length_ms - 1] {
            prop_assert_eq!(period(anchor, bounds.starts_at.plus_millis(inside)), bounds);
        }
        let next = period(anchor, bounds.ends_at);
        prop_assert_eq!((next.no, next.starts_at), (bounds.no + 1, bounds.ends_at));
        prop_assert!(!bounds.contains(bounds.ends_at));
        if bounds.no > 0 {
            let before = period(anchor, bounds.starts_at.plus_millis(-1));
            prop_assert_eq!((before.no + 1, before.ends_at), (bounds.no, bounds.starts_at));
        } else {
            prop_assert_eq!(bounds.starts_at, anchor);
        }
    }

    /// Later is never an earlier period.
    #[test]
    fn numbers_grow_with_time(mut of in prop::array::uniform3(instants())) {
        of.sort_unstable();
        let (first, second) = (period(of[0], of[1]), period(of[0], of[2]));
        prop_assert!(first.no <= second.no);
        prop_assert_eq!(first.no == second.no, first == second);
        prop_assert_eq!(first == second, first.contains(of[2]));
    }
}

/// How a reset was shown.
#[derive(Debug, Default)]
struct Shown {
    zones: u64,
    resets: u64,
    folds: u64,
}

/// Shows `reset` as a zone's date, time and offset, and reads that back.
#[track_caller]
fn read_back(zone: &TimeZone, reset: UtcMillis, shown: &mut Shown) -> UtcMillis {
    let timestamp = Timestamp::from_millisecond(reset.millis()).unwrap();
    let offset: Offset = zone.to_offset(timestamp);
    let civil = offset.to_datetime(timestamp);
    let candidates = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![offset],
        AmbiguousOffset::Fold { before, after } => {
            shown.folds += 1;
            vec![before, after]
        }
        AmbiguousOffset::Gap { .. } => panic!("{civil} is shown, and no clock shows it"),
    };
    let read: Vec<_> = candidates
        .into_iter()
        .filter(|candidate| *candidate == offset)
        .map(|offset| offset.to_timestamp(civil).unwrap())
        .collect();
    let [read] = read.as_slice() else {
        panic!("{civil}{offset} is not one instant")
    };
    UtcMillis::from_millis(read.as_millisecond())
}

/// The anchor in January 1970 for which a period ends at `reset`.
fn anchor_before(calendar: &[Month], reset: UtcMillis) -> UtcMillis {
    let day = reset.millis().div_euclid(DAY_MS);
    let index = calendar.partition_point(|month| month.first_day <= day) - 1;
    let day_of_month = day - calendar[index].first_day + 1;
    boundary(calendar, 0, day_of_month, reset.millis().rem_euclid(DAY_MS))
}

/// A reset is one instant in every zone of the world, also where clocks jump over it or show it
/// twice: what a zone shows of it reads back as the same millisecond, and the period ends there.
#[test]
fn a_reset_shown_in_any_zone_reads_back_as_the_same_instant() {
    let calendar = calendar();
    let database = TimeZoneDatabase::bundled();
    let (begin, end) = (utc("1971-01-01T00:00:00Z"), utc("2100-01-01T00:00:00Z"));
    let begin_timestamp = Timestamp::from_millisecond(begin.millis()).unwrap();
    let mut shown = Shown::default();
    for name in database.available() {
        let zone = database.get(name.as_str()).unwrap();
        shown.zones += 1;
        let changes = zone
            .following(begin_timestamp)
            .map(|change| UtcMillis::from_millis(change.timestamp().as_millisecond()))
            .take_while(|at| *at < end);
        for change in changes.chain([begin, end]) {
            for around_ms in [-HOUR_MS, -HOUR_MS / 2, -1, 0, 1, HOUR_MS / 2, HOUR_MS] {
                let reset = change.plus_millis(around_ms);
                let anchor = anchor_before(&calendar, reset);
                let last = period(anchor, reset.plus_millis(-1));
                assert_eq!(last.ends_at, reset);
                assert_eq!(period(anchor, reset).starts_at, reset);
                let read = read_back(&zone, last.ends_at, &mut shown);
                assert_eq!(read, reset, "{}", name.as_str());
                shown.resets += 1;
            }
        }
    }
    println!("{shown:?}");
    assert!(shown.zones > 400, "every zone: {shown:?}");
    assert!(shown.folds > 10_000, "hours shown twice: {shown:?}");
}
