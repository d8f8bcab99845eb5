//! What a charge is made of, as lines of a receipt.

use anyai_catalog::{self as catalog, LineKind};
use anyai_units::{Credits, Tokens};
use anyai_wire::{ReceiptLine, ReceiptLineKind, ReceiptUnit};

const PICOCREDITS_PER_MICROCREDIT: u128 = 1_000_000;
const PICOCREDITS_PER_MILLICREDIT: u64 = 1_000_000_000;

/// The lines of an answer's charge.
pub(crate) fn lines(charge: &catalog::Charge, reasoning: Tokens) -> Vec<ReceiptLine> {
    let mut lines = Vec::new();
    for line in &charge.lines {
        let mut push = |kind, quantity| {
            if quantity > 0 {
                let unit = match kind {
                    ReceiptLineKind::ProviderTools => ReceiptUnit::Calls,
                    _ => ReceiptUnit::Tokens,
                };
                lines.push(receipt_line(kind, unit, quantity, line.picocredits_each));
            }
        };
        match line.kind {
            LineKind::UncachedInput => push(ReceiptLineKind::Reading, line.quantity),
            LineKind::CachedInput => push(ReceiptLineKind::RememberedReading, line.quantity),
            LineKind::CacheWrite5m | LineKind::CacheWrite1h => {
                push(ReceiptLineKind::Remembering, line.quantity);
            }
            LineKind::Output => {
                let thinking = reasoning.count().min(line.quantity);
                push(ReceiptLineKind::Thinking, thinking);
                push(ReceiptLineKind::Answer, line.quantity - thinking);
            }
            LineKind::ToolCalls => push(ReceiptLineKind::ProviderTools, line.quantity),
        }
    }
    lines
}

/// A line of a receipt: so much of something, each at a price.
pub(crate) fn receipt_line(
    kind: ReceiptLineKind,
    unit: ReceiptUnit,
    quantity: u64,
    picocredits_each: u64,
) -> ReceiptLine {
    let exact = u128::from(quantity) * u128::from(picocredits_each);
    // Both rounded up: a line never shows less than it costs.
    let microcredits = exact.div_ceil(PICOCREDITS_PER_MICROCREDIT);
    let price = match unit {
        ReceiptUnit::Tokens => picocredits_each.div_ceil(1_000),
        ReceiptUnit::Pictures | ReceiptUnit::Seconds | ReceiptUnit::Calls => {
            picocredits_each.div_ceil(PICOCREDITS_PER_MILLICREDIT)
        }
    };
    ReceiptLine {
        kind,
        unit,
        quantity,
        price: Credits::from_millicredits(i64::try_from(price).unwrap_or(i64::MAX)),
        microcredits: i64::try_from(microcredits).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use anyai_catalog::Catalogue;
    use anyai_providers::Usage;

    use super::*;
    use crate::gateway::end::split;
    use crate::gateway::end::tests::{NOW, usage};

    #[test]
    fn lines_add_up_and_thinking_is_part_of_the_output() {
        let catalogue = Catalogue::embedded().unwrap();
        let price = catalogue.price("claude-haiku-4-5", NOW).unwrap();
        let usage = Usage {
            cached_input_tokens: Tokens::new(300),
            cache_write_5m_tokens: Tokens::new(200),
            reasoning_tokens: Tokens::new(60),
            ..usage(1_000, 100)
        };
        let charge = price.charge(&split(&usage)).unwrap();
        let lines = lines(&charge, usage.reasoning_tokens);
        let tokens: Vec<(ReceiptLineKind, u64)> = lines
            .iter()
            .map(|line| (line.kind, line.quantity))
            .collect();
        assert_eq!(
            tokens,
            [
                (ReceiptLineKind::Reading, 500),
                (ReceiptLineKind::RememberedReading, 300),
                (ReceiptLineKind::Remembering, 200),
                (ReceiptLineKind::Thinking, 60),
                (ReceiptLineKind::Answer, 40),
            ]
        );
        let microcredits: i64 = lines.iter().map(|line| line.microcredits).sum();
        let total = charge.total.millicredits() * 1_000;
        assert!(microcredits <= total && total < microcredits + 1_000);
    }
}
