//! Whose the turns, conversations and files of an older history are: whoever paid, says the ledger.

use std::collections::HashMap;

use anyai_ledger_db::Ledger;

use crate::history::{History, StudioIdentity};
use crate::turns::NotFinished;

/// Gives what is nobody's to whoever paid for it, and the rest to the owner. A history that this
/// program has opened before has no such rows.
pub(crate) async fn settle(
    history: &History,
    ledger: &Ledger,
    identity: &StudioIdentity,
) -> Result<(), NotFinished> {
    let mut payers = HashMap::new();
    for turn in history.turns_of_nobody().await? {
        if let Some(hold) = ledger.hold_of(identity.pool, turn).await? {
            payers.insert(turn, hold.member);
        }
    }
    Ok(history.give_to_members(payers, identity.owner).await?)
}
