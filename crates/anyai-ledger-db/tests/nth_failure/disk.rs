//! A disk whose power can be cut at any moment: it knows what was written, what of that was synced,
//! and what may be left when the power comes back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The unit a disk writes whole: a write that the power cut is torn between two of them.
const SECTOR_BYTES: usize = 512;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What a program did to the disk. Each is one moment at which the power can be cut.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Write {
        name: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        name: String,
        len: usize,
    },
    Sync {
        name: String,
    },
    Delete {
        name: String,
    },
}

/// What becomes of the writes nobody synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Only the program was stopped: all are there.
    Nothing,
    /// The power was cut before any reached the disk.
    Everything,
    /// The power was cut while they were on their way: each by itself is there, gone or torn.
    Something,
}

/// SplitMix64: the same seed loses the same writes.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// One file as the disk has it: what was synced, and what was written since.
#[derive(Clone, Debug, Default)]
struct Stored {
    synced: Option<Vec<u8>>,
    unsynced: Vec<Change>,
}

/// The disk, below what programs see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Platter {
    files: BTreeMap<String, Stored>,
    /// Deleted since the last sync: they may come back.
    deleted: BTreeMap<String, Stored>,
}

impl Platter {
    pub(crate) fn take(&mut self, change: &Change) {
        match change {
            Change::Write { name, .. } | Change::Truncate { name, .. } => {
                let file = self.files.entry(name.clone()).or_default();
                file.unsynced.push(change.clone());
            }
            Change::Sync { name } => {
                let file = self.files.entry(name.clone()).or_default();
                let mut bytes = file.synced.take().unwrap_or_default();
                for change in file.unsynced.drain(..) {
                    apply(&mut bytes, &change);
                }
                file.synced = Some(bytes);
                self.deleted.clear();
            }
            Change::Delete { name } => {
                if let Some(file) = self.files.remove(name) {
                    self.deleted.insert(name.clone(), file);
                }
            }
        }
    }

    /// What is there when the power comes back.
    pub(crate) fn after(&self, loss: Loss, dice: &mut Dice) -> Files {
        let mut files = Files::new();
        for (name, file) in &self.deleted {
            let comes_back = match loss {
                Loss::Nothing => false,
                Loss::Everything => true,
                Loss::Something => dice.below(2) == 0,
            };
            if comes_back && let Some(bytes) = file.after(loss, dice) {
                files.insert(name.clone(), bytes);
            }
        }
        for (name, file) in &self.files {
            if let Some(bytes) = file.after(loss, dice) {
                files.insert(name.clone(), bytes);
            }
        }
        files
    }
}

impl Stored {
    fn after(&self, loss: Loss, dice: &mut Dice) -> Option<Vec<u8>> {
        let mut bytes = self.synced.clone();
        for change in &self.unsynced {
            let kept = match loss {
                Loss::Nothing => Some(change.clone()),
                Loss::Everything => None,
                Loss::Something => torn(change, dice),
            };
            if let Some(change) = kept {
                apply(bytes.get_or_insert_default(), &change);
            }
        }
        bytes
    }
}

/// A write the power cut found on its way: whole, gone, or a run of its sectors.
fn torn(change: &Change, dice: &mut Dice) -> Option<Change> {
    let Change::Write {
        name,
        offset,
        bytes,
    } = change
    else {
        return (dice.below(2) == 0).then(|| change.clone());
    };
    let sectors = bytes.len().div_ceil(SECTOR_BYTES);
    let (first, count) = match dice.below(4) {
        0 => return None,
        1 => (dice.below(sectors), dice.below(sectors + 1)),
        _ => (0, sectors),
    };
    let begin = first * SECTOR_BYTES;
    let end = (begin + count * SECTOR_BYTES).min(bytes.len());
    Some(Change::Write {
        name: name.clone(),
        offset: offset + begin,
        bytes: bytes[begin..end].to_vec(),
    })
}

fn apply(file: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes, .. } => {
            let end = offset + bytes.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            file[*offset..end].copy_from_slice(bytes);
        }
        Change::Truncate { len, .. } => file.resize(*len, 0),
        Change::Sync { .. } | Change::Delete { .. } => {}
    }
}

/// Which operations a fault counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// Write, truncate, sync and delete.
    Change,
    /// Write only.
    Write,
    Read,
    Lock,
}

/// What the disk will do wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) site: Site,
    /// From which operation of that site on, counted from 1.
    pub(crate) at: u64,
    /// How many operations of that site fail; with `u64::MAX` the disk is dead from the first on.
    pub(crate) times: u64,
    /// Whether there is no room, rather than an error.
    pub(crate) is_full: bool,
}

/// What programs see: files, and a journal of all changes.
#[derive(Default)]
pub(crate) struct Disk(Mutex<State>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) files: Files,
    journal: Vec<Change>,
    fault: Option<Fault>,
    counts: [u64; 4],
    /// How many operations failed so far.
    failed: u64,
    is_dead: bool,
}

/// Why an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Io,
    Full,
    Busy,
}

impl Disk {
    pub(crate) fn new(files: Files, fault: Option<Fault>) -> Arc<Self> {
        let state = State {
            files,
            fault,
            ..State::default()
        };
        Arc::new(Self(Mutex::new(state)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does a change, or fails as it was told to.
    pub(crate) fn change(&self, change: Change) -> Result<(), Failure> {
        let mut state = self.lock();
        if state.is_dead {
            return Err(Failure::Io);
        }
        let outcome = match change {
            Change::Write { .. } => state
                .pass(Site::Write)
                .and_then(|()| state.pass(Site::Change)),
            _ => state.pass(Site::Change),
        };
        // What failed may have reached the disk all the same; only a sync promises anything.
        match (outcome, &change) {
            (Ok(()), _) => state.show(&change),
            (Err(_), Change::Write { .. } | Change::Truncate { .. }) => {}
            (Err(_), Change::Sync { .. } | Change::Delete { .. }) => return outcome,
        }
        state.journal.push(change);
        outcome
    }

    /// How many changes there were.
    pub(crate) fn changes(&self) -> usize {
        self.lock().journal.len()
    }

    /// How often the fault struck.
    pub(crate) fn failed(&self) -> u64 {
        self.lock().failed
    }

    pub(crate) fn count(&self, site: Site) -> u64 {
        self.lock().counts[site as usize]
    }

    pub(crate) fn journal(&self) -> Vec<Change> {
        self.lock().journal.clone()
    }
}

impl State {
    /// Counts an operation, and says whether the disk does it.
    pub(crate) fn pass(&mut self, site: Site) -> Result<(), Failure> {
        self.counts[site as usize] += 1;
        let Some(fault) = self.fault else {
            return Ok(());
        };
        let count = self.counts[site as usize];
        let is_hit = fault.site == site && count >= fault.at && count - fault.at < fault.times;
        if is_hit {
            self.failed += 1;
            self.is_dead |= fault.times == u64::MAX;
        }
        match (is_hit, self.is_dead) {
            (false, false) => Ok(()),
            (true, false) if fault.is_full => Err(Failure::Full),
            (true, false) if site == Site::Lock => Err(Failure::Busy),
            _ => Err(Failure::Io),
        }
    }

    fn show(&mut self, change: &Change) {
        match change {
            Change::Write { name, .. } | Change::Truncate { name, .. } => {
                apply(self.files.entry(name.clone()).or_default(), change);
            }
            Change::Delete { name } => {
                self.files.remove(name);
            }
            Change::Sync { .. } => {}
        }
    }
}
