//! An answer's charge, from the lines of its receipt.

use anyai_catalog::{Price, Usage};
use anyai_units::{Credits, Tokens};
use anyai_wire::{ReceiptLine, ReceiptLineKind};

use super::NotDerived;
use crate::gateway::lines;

/// What the usage on a receipt costs.
pub(super) fn derive(written: &[ReceiptLine], price: &Price) -> Result<Credits, NotDerived> {
    let thinking = quantity(written, ReceiptLineKind::Thinking);
    let mut charges = usages(written)
        .into_iter()
        .filter_map(|usage| price.charge(&usage).ok());
    let charge = charges.find(|charge| lines(charge, thinking) == written);
    charge
        .map(|charge| charge.total)
        .ok_or(NotDerived::OtherLines)
}

/// The usages a receipt may be of. It has one word for both ways of remembering: one line of it may be
/// either.
fn usages(written: &[ReceiptLine]) -> Vec<Usage> {
    let of = |kind| quantity(written, kind);
    let usage = Usage {
        uncached_input: of(ReceiptLineKind::Reading),
        cached_input: of(ReceiptLineKind::RememberedReading),
        output: of(ReceiptLineKind::Thinking) + of(ReceiptLineKind::Answer),
        reasoning: of(ReceiptLineKind::Thinking),
        tool_calls: of(ReceiptLineKind::ProviderTools).count(),
        ..Usage::default()
    };
    let remembering = written
        .iter()
        .filter(|line| line.kind == ReceiptLineKind::Remembering);
    let remembered: Vec<Tokens> = remembering.map(|line| Tokens::new(line.quantity)).collect();
    let pairs = match remembered[..] {
        [only] => vec![(only, Tokens::ZERO), (Tokens::ZERO, only)],
        [minutes, hour] => vec![(minutes, hour)],
        _ => vec![(Tokens::ZERO, Tokens::ZERO)],
    };
    let pairs = pairs.into_iter();
    let usages = pairs.map(|(cache_write_5m, cache_write_1h)| Usage {
        cache_write_5m,
        cache_write_1h,
        ..usage
    });
    usages.collect()
}

fn quantity(written: &[ReceiptLine], kind: ReceiptLineKind) -> Tokens {
    let lines = written.iter().filter(|line| line.kind == kind);
    lines.map(|line| Tokens::new(line.quantity)).sum()
}

#[cfg(test)]
mod tests {
    use anyai_catalog::Catalogue;
    use anyai_units::UtcMillis;

    use super::*;

    const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

    /// Whatever a provider reports, what its receipt says derives what was charged.
    #[test]
    fn every_usage_is_found_again_in_its_receipt() {
        let catalogue = Catalogue::embedded().unwrap();
        let tokens = [0, 1, 250_000].map(Tokens::new);
        let mut derived = 0;
        for (_, price) in catalogue.offered(NOW) {
            for at in 0..3_usize.pow(6) {
                let digit = |place: u32| tokens[at / 3_usize.pow(place) % 3];
                let usage = Usage {
                    uncached_input: digit(0),
                    cached_input: digit(1),
                    cache_write_5m: digit(2),
                    cache_write_1h: digit(3),
                    output: digit(4) + digit(5),
                    reasoning: digit(5),
                    tool_calls: digit(4).count() % 3,
                };
                let charge = price.charge(&usage).unwrap();
                let written = lines(&charge, usage.reasoning);
                assert_eq!(derive(&written, price), Ok(charge.total), "{usage:?}");
                derived += 1;
            }
        }
        assert!(derived > 10_000, "{derived}");
    }

    #[test]
    fn a_line_that_was_written_over_derives_nothing() {
        let catalogue = Catalogue::embedded().unwrap();
        let price = catalogue.price("claude-haiku-4-5", NOW).unwrap();
        let usage = Usage {
            uncached_input: Tokens::new(1_000),
            cache_write_1h: Tokens::new(500),
            output: Tokens::new(100),
            reasoning: Tokens::new(60),
            ..Usage::default()
        };
        let charge = price.charge(&usage).unwrap();
        let written = lines(&charge, usage.reasoning);
        assert_eq!(derive(&written, price), Ok(charge.total));
        for at in 0..written.len() {
            for change in [
                |line: &mut ReceiptLine| line.quantity += 1,
                |line: &mut ReceiptLine| line.quantity = u64::MAX,
                |line: &mut ReceiptLine| line.microcredits -= 1,
                |line: &mut ReceiptLine| line.price = Credits::ZERO,
                |line: &mut ReceiptLine| line.kind = ReceiptLineKind::Clip,
            ] {
                let mut forged = written.clone();
                change(&mut forged[at]);
                assert_eq!(
                    derive(&forged, price),
                    Err(NotDerived::OtherLines),
                    "{forged:?}"
                );
            }
            let mut forged = written.clone();
            forged.push(written[at].clone());
            assert_eq!(
                derive(&forged, price),
                Err(NotDerived::OtherLines),
                "{forged:?}"
            );
        }
    }
}
