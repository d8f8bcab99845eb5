//! Who stands beside a ledger while it is derived again, and knows what it cannot: what the turns of its
//! holds used.

use anyai_ledger::HoldRecord;
use anyai_units::TurnId;

use crate::PriceCard;

/// Somebody who is asked about every hold, and what is theirs to say is theirs alone: the ledger's own
/// rows are compared before.
pub trait Witness: Send {
    /// The rate cards that were in force, whole, before any hold.
    fn take_cards(&mut self, cards: Vec<PriceCard>);

    /// Takes a hold as the ledger has it.
    ///
    /// # Errors
    /// What is wrong with its turn, in words.
    fn take_hold(&mut self, hold: &HoldRecord) -> Result<(), String>;

    /// After the last hold of all.
    ///
    /// # Errors
    /// What is wrong with a turn that no hold is for, or with whoever is asked.
    fn finish(&mut self) -> Result<(), (Option<TurnId>, String)>;
}

/// Nobody: the ledger alone is asked.
pub(crate) struct Nobody;

impl Witness for Nobody {
    fn take_cards(&mut self, _cards: Vec<PriceCard>) {}

    fn take_hold(&mut self, _hold: &HoldRecord) -> Result<(), String> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), (Option<TurnId>, String)> {
        Ok(())
    }
}
