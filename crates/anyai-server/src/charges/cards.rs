//! The rate cards a ledger keeps, each read once.

use std::collections::HashMap;

use anyai_catalog::Catalogue;
use anyai_ledger_db::PriceCard;

/// Rate cards by version.
#[derive(Debug, Default)]
pub(super) struct Cards {
    kept: HashMap<u32, String>,
    read: HashMap<u32, Option<Catalogue>>,
}

impl Cards {
    pub(super) fn of(cards: Vec<PriceCard>) -> Self {
        let kept = cards.into_iter().map(|card| (card.version, card.body));
        Self {
            kept: kept.collect(),
            read: HashMap::new(),
        }
    }

    /// The catalogue under the card of this version; `None` where none was kept that this program reads.
    pub(super) fn catalogue(&mut self, version: u32) -> Option<&Catalogue> {
        let read = self.read.entry(version).or_insert_with(|| {
            let under = Catalogue::embedded_under(self.kept.get(&version)?);
            under.ok().map(|(catalogue, _left_out)| catalogue)
        });
        read.as_ref()
    }
}
