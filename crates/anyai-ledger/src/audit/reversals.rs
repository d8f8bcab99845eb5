//! What takes another entry back: a refund, its taking back, and what gives that again.

use anyai_units::{Credits, HoldId};

use super::{Audit, Checked, increase, negated, require};
use crate::{Entry, EntryKind};

/// What an entry revoked, and of which hold's refund.
#[derive(Clone, Copy, Debug)]
pub(super) struct Revoked {
    pub(super) amount: Credits,
    pub(super) hold: Option<HoldId>,
}

impl Audit {
    /// An entry that takes another back names it, and never comes to more than it.
    pub(super) fn check_reversal(&mut self, entry: &Entry) -> Checked<()> {
        let is_of_grant = matches!(entry.kind, EntryKind::Grant | EntryKind::Revoke);
        let Some(seq) = entry.reverses else {
            require(!is_of_grant || entry.hold.is_none(), "gives back no charge")?;
            return require(entry.kind != EntryKind::Refund, "refunds no charge");
        };
        let original = match entry.kind {
            EntryKind::Refund => {
                let end = self.hold(entry)?.end.as_ref();
                end.filter(|end| end.first == seq)
                    .and_then(|end| end.charged)
            }
            EntryKind::Grant => {
                let revoked = self.revoked.get(&seq);
                revoked
                    .filter(|revoked| revoked.hold == entry.hold)
                    .map(|revoked| revoked.amount)
            }
            EntryKind::Revoke => {
                let grant = self.grant(entry)?;
                // A refund that was taken back before that was said of its hold names none.
                let is_its = entry.hold.is_none() || entry.hold == grant.hold;
                (grant.seq == seq && is_its).then_some(grant.amount)
            }
            _ => None,
        };
        let original = original.ok_or("reverses what it cannot")?;
        let reversed = self.reversed.entry(seq).or_default();
        increase(reversed, entry.amount)?;
        require(*reversed <= original, "reverses more than there was")?;
        if entry.hold.is_some() {
            let given_back = match entry.kind {
                EntryKind::Revoke => negated(entry.amount)?,
                _ => entry.amount,
            };
            increase(&mut self.hold(entry)?.refunded, given_back)?;
        }
        Ok(())
    }
}
