//! What moves the price of a turn.

/// A part of a turn that costs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The instructions before the conversation.
    Instructions,
    /// The conversation before the draft.
    History,
    /// The attached file of this number, from 0.
    Attachment(usize),
    /// The words of the draft.
    Draft,
    /// The answer, thinking included.
    Answer,
}

/// A part's share of the likely cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Driver {
    /// The part.
    pub source: Source,
    /// Its share in thousandths.
    pub permille: u16,
}

/// The shares of these costs, largest first; they sum to 1,000 when the turn costs anything. What has
/// no share is left out.
pub(crate) fn shares(costs: &[(Source, u128)]) -> Vec<Driver> {
    let total: u128 = costs.iter().map(|(_, cost)| cost).sum();
    // Rounded down; the largest takes what rounding leaves.
    let permille = |cost: u128| (cost * 1_000).checked_div(total).unwrap_or(0);
    let mut drivers: Vec<Driver> = costs
        .iter()
        .map(|(source, cost)| Driver {
            source: *source,
            permille: u16::try_from(permille(*cost)).unwrap_or(1_000),
        })
        .collect();
    drivers.sort_by_key(|driver| (std::cmp::Reverse(driver.permille), driver.source));
    let rest = 1_000 - drivers.iter().map(|driver| driver.permille).sum::<u16>();
    if let Some(largest) = drivers.first_mut().filter(|_| total > 0) {
        largest.permille += rest;
    }
    drivers.retain(|driver| driver.permille > 0);
    drivers
}
