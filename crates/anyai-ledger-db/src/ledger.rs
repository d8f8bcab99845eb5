//! The handle the server holds: async, cheap to clone, every answer given after the commit.

use std::fmt;
use std::path::Path;

use crate::backing::{Backing, Reader};
use crate::check::require_sound;
use crate::engine::Engine;
use crate::reads::{Reads, at_one_moment};
use crate::sqlite::{SqliteBacking, SqliteReader};
use crate::watchers::Watchers;
use crate::{LedgerError, LedgerOptions};

/// A ledger and the threads that write and read it. Clones share them; they end when the last of
/// the clones is gone.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) engine: Engine,
    pub(crate) reads: Reads,
    place: String,
    /// Whether some holds have the ids of before; see [`anyai_ledger::old_hold_id`].
    pub(crate) has_old_ids: bool,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the ledger at `path`, or makes one, checks all of it, and starts its threads.
    ///
    /// # Errors
    /// [`LedgerError::NewerThanProgram`], [`LedgerError::NotALedger`], [`LedgerError::Damaged`] and
    /// [`LedgerError::File`]; the file is left as it was.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, LedgerOptions::default())
    }

    /// [`Ledger::open`] with other limits.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(path: &Path, options: LedgerOptions) -> Result<Self, LedgerError> {
        let backing = SqliteBacking::open(path, options)?;
        let reader = SqliteReader::open_beside_writer(path)?;
        Self::start(vec![backing], Box::new(reader), path.display().to_string())
    }

    /// Checks all of a ledger, and starts its threads.
    pub(crate) fn start<B: Backing>(
        backings: Vec<B>,
        mut reader: Box<dyn Reader>,
        place: String,
    ) -> Result<Self, LedgerError> {
        at_one_moment(reader.as_mut(), |reader| require_sound(reader, &place))
            .map_err(|error| reader.explain(error))?;
        let has_old_ids = reader.has_old_ids();
        let has_old_ids = has_old_ids.map_err(|error| reader.explain(error))?;
        let threads = Engine::start(backings)
            .and_then(|engine| Reads::start(reader).map(|reads| (engine, reads)));
        let (engine, reads) = threads.map_err(|source| LedgerError::File {
            place: place.clone(),
            source,
        })?;
        Ok(Self {
            engine,
            reads,
            place,
            has_old_ids,
        })
    }

    pub(crate) const fn watchers(&self) -> &Watchers {
        self.engine.watchers()
    }
}
