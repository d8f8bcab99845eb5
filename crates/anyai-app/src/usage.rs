//! Where the credits went in a span, and how long they last. Everything is read from the mirror.

pub(crate) mod book;
pub(crate) mod envelope;
mod forecast;
pub(crate) mod past;
pub(crate) mod plan_fit;
pub(crate) mod price_diary;

use std::collections::BTreeMap;

use anyai_mirror::{ConversationSpendRow, DayRow, Mirror, MirrorError, MovementRow, SpendSpan};
use anyai_units::{Credits, UtcMillis};
use anyai_wire::{
    Balance, ConversationSpend, CurvePoint, DaySpend, ModelSpend, Usage, UsageGet, UsageSpan,
    WireError, Work, WorkSpend,
};

use crate::credits;
use crate::model::day;
use crate::studio::Studio;

const MINUTE_MS: i64 = 60 * 1_000;
pub(crate) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const NINETY_DAYS_MS: i64 = 90 * DAY_MS;
/// The furthest a clock is from UTC.
const OFFSET_MINUTES_MAX: i16 = 14 * 60;
const CONVERSATIONS_MAX: u32 = 50;
/// Ten years of bars, whatever a clock once said.
const DAYS_MAX: i64 = 3_653;
/// How many points the curve has at most.
const CURVE_POINTS: i64 = 240;
/// A forecast is made from the days of the period, and while those are few from these many.
const FORECAST_DAYS: u32 = 7;

/// What the mirror says, in its own rows.
struct Read {
    days: Vec<DayRow>,
    conversations: Vec<ConversationSpendRow>,
    movements: Vec<MovementRow>,
    past: Vec<Credits>,
    turns_under_way: u32,
}

pub(crate) async fn usage(studio: &Studio, asked: UsageGet) -> Result<Usage, WireError> {
    let balance = credits::balance(studio).await?;
    let asked = UsageGet {
        utc_offset_minutes: clock(asked.utc_offset_minutes),
        ..asked
    };
    // A mirror that was offline through the reset knows nothing of the next period.
    let until = studio.now().min(balance.resets_at);
    let from = match asked.span {
        UsageSpan::Period => balance.period_starts_at,
        UsageSpan::NinetyDays => until.plus_millis(-NINETY_DAYS_MS),
        UsageSpan::All => UtcMillis::from_millis(0),
    };
    let period_from = balance.period_starts_at;
    let read = studio
        .mirror
        .report(move |mirror| read(mirror, asked, from, period_from, until))
        .await?;
    Ok(told(balance, asked, from, until, read))
}

/// Minutes ahead of UTC, held to what a clock can be.
fn clock(utc_offset_minutes: i16) -> i16 {
    utc_offset_minutes.clamp(-OFFSET_MINUTES_MAX, OFFSET_MINUTES_MAX)
}

fn read(
    mirror: &Mirror,
    asked: UsageGet,
    from: UtcMillis,
    period_from: UtcMillis,
    until: UtcMillis,
) -> Result<Read, MirrorError> {
    let period = mirror.newest_period()?;
    let span = SpendSpan {
        from,
        period: period.filter(|_| asked.span == UsageSpan::Period),
    };
    let days_of_period = until.millis().saturating_sub(period_from.millis()) / DAY_MS;
    let days_of_period = u32::try_from(days_of_period).unwrap_or(0);
    let movements = match period {
        Some(period) => mirror.movements(period, period_from, stretch_ms(period_from, until))?,
        None => Vec::new(),
    };
    Ok(Read {
        days: mirror.spent_by_day(span, asked.utc_offset_minutes)?,
        conversations: mirror.spent_by_conversation(span, CONVERSATIONS_MAX)?,
        movements,
        past: mirror.spent_by_past_day(until, days_of_period.max(FORECAST_DAYS))?,
        turns_under_way: mirror.turns_under_way()?,
    })
}

/// How much time a point of the curve stands for; at least a minute.
fn stretch_ms(from: UtcMillis, until: UtcMillis) -> i64 {
    let whole = until.millis().saturating_sub(from.millis());
    (whole / CURVE_POINTS).max(MINUTE_MS)
}

fn told(balance: Balance, asked: UsageGet, from: UtcMillis, until: UtcMillis, read: Read) -> Usage {
    let days = &read.days;
    let charged = sum(days.iter().map(|row| row.charged));
    Usage {
        from,
        until,
        turns_under_way: read.turns_under_way,
        charged,
        turns: days.iter().map(|row| row.turns).sum(),
        curve: curve(&balance, until, &read.movements),
        forecast: forecast::forecast(until, balance.resets_at, free(&balance), &read.past),
        by_day: by_day(days, from, until, asked),
        by_work: by_work(days),
        by_model: by_model(days),
        by_conversation: read.conversations.into_iter().map(conversation).collect(),
        balance,
    }
}

/// What the pool has free. A limit or an envelope may let this person spend less of it now, but does
/// not end the month.
fn free(balance: &Balance) -> Credits {
    let left = balance.granted.checked_sub(balance.posted);
    let free = left.and_then(|left| left.checked_sub(balance.pending));
    free.unwrap_or(Credits::ZERO).max(Credits::ZERO)
}

fn sum(amounts: impl Iterator<Item = Credits>) -> Credits {
    // Charges never exceed what was granted, so the sum of them cannot overflow.
    amounts
        .reduce(|a, b| a.checked_add(b).unwrap_or(a))
        .unwrap_or(Credits::ZERO)
}

/// The kind of work that makes media of this kind.
pub(crate) fn work(media: Option<&str>) -> Work {
    match media {
        Some("image") => Work::Image,
        Some("video") => Work::Video,
        _ => Work::Chat,
    }
}

/// The mirror's word for a kind of work; the empty one is for words alone.
pub(crate) const fn media_of(work: Work) -> &'static str {
    match work {
        Work::Chat => "",
        Work::Image => "image",
        Work::Video => "video",
    }
}

fn curve(balance: &Balance, until: UtcMillis, movements: &[MovementRow]) -> Vec<CurvePoint> {
    let from = balance.period_starts_at;
    let stretch_ms = stretch_ms(from, until);
    let mut left = Credits::ZERO;
    let mut points: Vec<CurvePoint> = movements
        .iter()
        .map(|moved| {
            left = left.checked_add(moved.change).unwrap_or(left);
            let at = from.plus_millis(moved.stretch.saturating_mul(stretch_ms));
            CurvePoint { at, left }
        })
        .collect();
    // The balance is newer than the entries while a page of them is on its way.
    let left = balance.granted.checked_sub(balance.posted);
    points.push(CurvePoint {
        at: until,
        left: left.unwrap_or(Credits::ZERO),
    });
    points
}

fn by_day(rows: &[DayRow], from: UtcMillis, until: UtcMillis, asked: UsageGet) -> Vec<DaySpend> {
    let offset_ms = i64::from(asked.utc_offset_minutes) * MINUTE_MS;
    let number = |at: UtcMillis| at.millis().saturating_add(offset_ms).div_euclid(DAY_MS);
    let first = match asked.span {
        UsageSpan::Period | UsageSpan::NinetyDays => number(from),
        UsageSpan::All => rows.first().map_or_else(|| number(until), |row| row.day),
    };
    let last = number(until).max(rows.last().map_or(first, |row| row.day));
    let first = first.max(last.saturating_sub(DAYS_MAX));
    let mut spent: BTreeMap<(i64, Work), Credits> = BTreeMap::new();
    for row in rows {
        add(
            &mut spent,
            (row.day, work(row.media.as_deref())),
            row.charged,
        );
    }
    let of = |day, work| spent.get(&(day, work)).copied().unwrap_or(Credits::ZERO);
    (first..=last)
        .map(|number| DaySpend {
            day: day(UtcMillis::from_millis(number.saturating_mul(DAY_MS))),
            chat: of(number, Work::Chat),
            image: of(number, Work::Image),
            video: of(number, Work::Video),
        })
        .collect()
}

fn add<K: Ord>(sums: &mut BTreeMap<K, Credits>, key: K, amount: Credits) {
    let sum = sums.entry(key).or_insert(Credits::ZERO);
    *sum = sum.checked_add(amount).unwrap_or(*sum);
}

fn by_work(rows: &[DayRow]) -> Vec<WorkSpend> {
    let mut sums: BTreeMap<Work, (Credits, u32)> = BTreeMap::new();
    for row in rows {
        let (charged, turns) = sums.entry(work(row.media.as_deref())).or_default();
        *charged = charged.checked_add(row.charged).unwrap_or(*charged);
        *turns += row.turns;
    }
    let spend = |(work, (charged, turns))| WorkSpend {
        work,
        charged,
        turns,
    };
    let mut spends: Vec<WorkSpend> = sums.into_iter().map(spend).collect();
    spends.sort_by_key(|spend| std::cmp::Reverse(spend.charged));
    spends
}

fn by_model(rows: &[DayRow]) -> Vec<ModelSpend> {
    let mut sums: BTreeMap<(Option<&str>, Work), ModelSpend> = BTreeMap::new();
    for row in rows {
        let work = work(row.media.as_deref());
        let key = (row.model_id.as_deref(), work);
        let sum = sums.entry(key).or_insert_with(|| ModelSpend {
            model_id: row.model_id.clone(),
            model_label: None,
            work,
            charged: Credits::ZERO,
            turns: 0,
        });
        // Rows are in the order of their days: the last name stays.
        sum.model_label.clone_from(&row.model_label);
        sum.charged = sum.charged.checked_add(row.charged).unwrap_or(sum.charged);
        sum.turns += row.turns;
    }
    let mut spends: Vec<ModelSpend> = sums.into_values().collect();
    spends.sort_by_key(|spend| std::cmp::Reverse(spend.charged));
    spends
}

fn conversation(row: ConversationSpendRow) -> ConversationSpend {
    ConversationSpend {
        conversation_id: row.conversation_id,
        title: row.title,
        charged: row.charged,
        turns: row.turns,
        last_at: row.last_at,
    }
}
