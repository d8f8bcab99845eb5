//! A job's charge, from the lines of its receipt.

use anyai_catalog::{Catalogue, MediaUsage};
use anyai_units::{Credits, NanoUsd, Tokens};
use anyai_wire::{ReceiptLine, ReceiptLineKind as Kind, ReceiptUnit as Unit};

use super::bill::{self, Came};
use super::take_up::held_work;
use super::work::Work;
use crate::charges::NotDerived;
use crate::history::{Closing, StoredTurn};

/// What the usage on a stored turn's receipt costs by the prices of this catalogue.
pub(crate) fn derive(
    catalogue: &Catalogue,
    turn: &StoredTurn,
    closing: &Closing,
    pictures_made: u32,
) -> Result<Credits, NotDerived> {
    let work = held_work(catalogue, turn).ok_or(NotDerived::NoPrice)?;
    let written = &closing.lines[..];
    let charges = usages(written, closing.provider_cost).into_iter();
    let mut charges = charges.filter_map(|usage| work.charge(&usage));
    let charge = charges.find(|charge| bill::lines(charge) == written);
    let charge = charge.ok_or(NotDerived::OtherLines)?;
    let came = match work {
        Work::Image { .. } => Came {
            pictures: pictures_made,
            ..Came::default()
        },
        Work::Video { .. } => Came {
            milliseconds: 1,
            ..Came::default()
        },
    };
    let (is_reported, ceiling) = (!closing.counted_here, turn.terms.ceiling);
    let cost = bill::cost(&work, &charge, came, is_reported, ceiling);
    by_todays_tables(
        cost,
        closing.cost,
        bill::is_counted_by_tables(&charge, is_reported),
    )
}

/// Token tables are this program's: another cost counted by them may be by those of then.
fn by_todays_tables(
    cost: Credits,
    billed: Option<Credits>,
    is_by_tables: bool,
) -> Result<Credits, NotDerived> {
    match is_by_tables && billed != Some(cost) {
        true => Err(NotDerived::NoPrice),
        false => Ok(cost),
    }
}

/// The usages a receipt may be of. It has one word for words and for pictures of a cache: one line of it
/// may be either.
fn usages(written: &[ReceiptLine], provider_cost: Option<NanoUsd>) -> Vec<MediaUsage> {
    let count = |kind, unit| quantity(written, kind, unit);
    let tokens = |kind| Tokens::new(count(kind, Unit::Tokens));
    let pictures = |kind| u32::try_from(count(kind, Unit::Pictures)).unwrap_or(u32::MAX);
    let seconds = count(Kind::Clip, Unit::Seconds);
    // A clip of which only the one it was made from is billed ran for some time.
    let has_come = u64::from(count(Kind::ReadingPictures, Unit::Seconds) > 0);
    let usage = MediaUsage {
        text_input: tokens(Kind::Reading),
        image_input: tokens(Kind::ReadingPictures),
        text_output: tokens(Kind::Answer),
        image_output: tokens(Kind::Pictures),
        video_output: tokens(Kind::Clip),
        pictures: pictures(Kind::Pictures),
        input_pictures: pictures(Kind::ReadingPictures),
        milliseconds: seconds.saturating_mul(1_000).max(has_come),
        provider_cost,
        ..MediaUsage::default()
    };
    let cached = written
        .iter()
        .filter(|line| line.kind == Kind::RememberedReading);
    let cached: Vec<Tokens> = cached.map(|line| Tokens::new(line.quantity)).collect();
    let pairs = match cached[..] {
        [only] => vec![(only, Tokens::ZERO), (Tokens::ZERO, only)],
        [text, image] => vec![(text, image)],
        _ => vec![(Tokens::ZERO, Tokens::ZERO)],
    };
    let pairs = pairs.into_iter();
    let usages = pairs.map(|(text_input_cached, image_input_cached)| MediaUsage {
        text_input_cached,
        image_input_cached,
        ..usage
    });
    usages.collect()
}

fn quantity(written: &[ReceiptLine], kind: Kind, unit: Unit) -> u64 {
    let lines = written
        .iter()
        .filter(|line| line.kind == kind && line.unit == unit);
    lines.map(|line| line.quantity).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_counted_by_tables_that_have_changed_is_no_lie() {
        let [cost, other] = [8_000, 7_000].map(Credits::from_millicredits);
        assert_eq!(by_todays_tables(cost, Some(cost), true), Ok(cost));
        let changed = by_todays_tables(cost, Some(other), true);
        assert_eq!(changed, Err(NotDerived::NoPrice));
        assert_eq!(by_todays_tables(cost, Some(other), false), Ok(cost));
    }
}
