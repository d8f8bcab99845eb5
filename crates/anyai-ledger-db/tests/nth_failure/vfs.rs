//! The simulated disks as the file system of this program's SQLite: a path's folder names its disk.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use sqlite_vfs::wip::{WalIndex, WalIndexLock};
use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs};

use crate::disk::{Change, Dice, Disk, Failure, Site};

/// What connections share besides the disk, as the processes of one machine do.
#[derive(Default)]
struct Shared {
    /// The index of the write-ahead log.
    regions: HashMap<u32, Box<[u8; REGION_BYTES]>>,
    /// Who holds which of its locks.
    index_locks: Vec<(u64, u8, bool)>,
    /// Who holds which lock of a file.
    file_locks: Vec<(u64, String, LockKind)>,
    next_handle: u64,
    open_handles: u64,
}

const REGION_BYTES: usize = 32_768;
const PATIENCE_MS: u32 = 20_000;

#[derive(Clone)]
struct Mounted {
    disk: Arc<Disk>,
    shared: Arc<Mutex<Shared>>,
}

static MOUNTED: LazyLock<Mutex<HashMap<String, Mounted>>> = LazyLock::new(Mutex::default);
static REGISTERED: Once = Once::new();

/// Makes `disk` the one that holds the files of `folder`.
pub(crate) fn mount(folder: &str, disk: Arc<Disk>) {
    REGISTERED.call_once(|| sqlite_vfs::register("simulated", Simulated, true).unwrap());
    let shared = Arc::default();
    let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    mounted.insert(folder.to_owned(), Mounted { disk, shared });
}

/// Forgets the disk of `folder`; whoever has a file of it open keeps it.
pub(crate) fn unmount(folder: &str) {
    let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    mounted.remove(folder);
}

/// Waits until no file of `folder` is open: a ledger closes in threads of its own.
pub(crate) fn wait_until_closed(folder: &str) {
    for _ in 0..PATIENCE_MS {
        let mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        if lock(&mounted[folder].shared).open_handles == 0 {
            return;
        }
        drop(mounted);
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("a file of {folder} is still open");
}

/// The disk a path is on, and the file's name there.
fn disk_of(path: &str) -> Result<(Mounted, String), Error> {
    let (folder, name) = path.rsplit_once('/').ok_or(ErrorKind::NotFound)?;
    let mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = mounted.get(folder).cloned().ok_or(ErrorKind::NotFound)?;
    Ok((found, name.to_owned()))
}

fn told(failure: Failure) -> Error {
    match failure {
        Failure::Io => Error::other("the disk failed"),
        Failure::Full => ErrorKind::WriteZero.into(),
        Failure::Busy => ErrorKind::WouldBlock.into(),
    }
}

/// Whether somebody else holds the lock, by the disk's own account.
fn may_lock(disk: &Disk) -> Result<bool, Error> {
    match disk.lock().pass(Site::Lock) {
        Ok(()) => Ok(true),
        Err(Failure::Busy) => Ok(false),
        Err(failure) => Err(told(failure)),
    }
}

struct Simulated;

impl Vfs for Simulated {
    type Handle = Handle;

    fn open(&self, path: &str, options: OpenOptions) -> Result<Handle, Error> {
        let (Mounted { disk, shared }, name) = disk_of(path)?;
        {
            let mut state = disk.lock();
            let is_there = state.files.contains_key(&name);
            match (options.access, is_there) {
                (OpenAccess::Read | OpenAccess::Write, false) => {
                    return Err(ErrorKind::NotFound.into());
                }
                (OpenAccess::CreateNew, true) => return Err(ErrorKind::AlreadyExists.into()),
                _ => {}
            }
            state.files.entry(name.clone()).or_default();
        }
        let number = {
            let mut shared = lock(&shared);
            shared.next_handle += 1;
            shared.open_handles += 1;
            shared.next_handle
        };
        Ok(Handle {
            number,
            name,
            disk,
            shared,
        })
    }

    fn delete(&self, path: &str) -> Result<(), Error> {
        let (Mounted { disk, .. }, name) = disk_of(path)?;
        if !disk.lock().files.contains_key(&name) {
            return Err(ErrorKind::NotFound.into());
        }
        disk.change(Change::Delete { name }).map_err(told)
    }

    /// As on Unix, where an empty file does not count.
    fn exists(&self, path: &str) -> Result<bool, Error> {
        let (Mounted { disk, .. }, name) = disk_of(path)?;
        let state = disk.lock();
        Ok(state.files.get(&name).is_some_and(|file| !file.is_empty()))
    }

    fn temporary_name(&self) -> String {
        "nowhere/temporary".to_owned()
    }

    /// The salts of the write-ahead log: any will do, and the same ones replay.
    fn random(&self, buffer: &mut [i8]) {
        static DICE: Mutex<Dice> = Mutex::new(Dice(1));
        let mut dice = DICE.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in buffer {
            *byte = i8::try_from(dice.below(128)).unwrap_or_default();
        }
    }

    /// Waiting is short: nobody else is on the machine but a connection that closes.
    fn sleep(&self, duration: Duration) -> Duration {
        std::thread::sleep(duration.min(Duration::from_millis(1)));
        duration
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Handle {
    number: u64,
    name: String,
    disk: Arc<Disk>,
    shared: Arc<Mutex<Shared>>,
}

impl Handle {
    fn change(&self, change: Change) -> Result<(), Error> {
        self.disk.change(change).map_err(told)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let number = self.number;
        let mut shared = lock(&self.shared);
        shared.open_handles -= 1;
        shared.file_locks.retain(|(holder, ..)| *holder != number);
    }
}

fn position(offset: u64) -> Result<usize, Error> {
    usize::try_from(offset).map_err(Error::other)
}

impl DatabaseHandle for Handle {
    type WalIndex = Index;

    fn size(&self) -> Result<u64, Error> {
        let len = self.disk.lock().files.get(&self.name).map_or(0, Vec::len);
        u64::try_from(len).map_err(Error::other)
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
        let mut state = self.disk.lock();
        state.pass(Site::Read).map_err(told)?;
        let offset = position(offset)?;
        let file = state.files.get(&self.name).map_or(&[][..], Vec::as_slice);
        let there = file.get(offset..).unwrap_or_default();
        let len = there.len().min(buffer.len());
        let (read, missing) = buffer.split_at_mut(len);
        read.copy_from_slice(&there[..len]);
        missing.fill(0);
        if missing.is_empty() {
            Ok(())
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        self.change(Change::Write {
            name: self.name.clone(),
            offset: position(offset)?,
            bytes: bytes.to_vec(),
        })
    }

    fn sync(&mut self, _data_only: bool) -> Result<(), Error> {
        let name = self.name.clone();
        self.change(Change::Sync { name })
    }

    fn set_len(&mut self, size: u64) -> Result<(), Error> {
        let name = self.name.clone();
        let len = position(size)?;
        self.change(Change::Truncate { name, len })
    }

    fn lock(&mut self, wanted: LockKind) -> Result<bool, Error> {
        if wanted > LockKind::None && !may_lock(&self.disk)? {
            return Ok(false);
        }
        let mut shared = lock(&self.shared);
        let (number, name) = (self.number, &self.name);
        let others = shared.file_locks.iter();
        let highest = others
            .filter(|(holder, file, _)| *holder != number && file == name)
            .map(|(.., kind)| *kind)
            .fold(LockKind::None, |a, b| if a < b { b } else { a });
        let is_free = match wanted {
            LockKind::None => true,
            LockKind::Shared => highest < LockKind::Pending,
            LockKind::Reserved => highest < LockKind::Reserved,
            LockKind::Pending | LockKind::Exclusive => highest == LockKind::None,
        };
        if is_free {
            shared.file_locks.retain(|(holder, ..)| *holder != number);
            shared.file_locks.push((number, name.clone(), wanted));
        }
        Ok(is_free)
    }

    fn reserved(&mut self) -> Result<bool, Error> {
        let shared = lock(&self.shared);
        let mut locks = shared.file_locks.iter();
        Ok(locks.any(|(_, file, kind)| *file == self.name && *kind >= LockKind::Reserved))
    }

    fn current_lock(&self) -> Result<LockKind, Error> {
        let shared = lock(&self.shared);
        let mut locks = shared.file_locks.iter();
        let own = locks.find(|(holder, ..)| *holder == self.number);
        Ok(own.map_or(LockKind::None, |(.., kind)| *kind))
    }

    fn wal_index(&self, _readonly: bool) -> Result<Index, Error> {
        Ok(Index {
            number: self.number,
            disk: Arc::clone(&self.disk),
            shared: Arc::clone(&self.shared),
        })
    }
}

/// One connection's way to the index of the write-ahead log.
pub(crate) struct Index {
    number: u64,
    disk: Arc<Disk>,
    shared: Arc<Mutex<Shared>>,
}

impl WalIndex for Index {
    fn map(&mut self, region: u32) -> Result<[u8; REGION_BYTES], Error> {
        let mut shared = lock(&self.shared);
        let fresh = || Box::new([0; REGION_BYTES]);
        Ok(**shared.regions.entry(region).or_insert_with(fresh))
    }

    fn lock(&mut self, slots: Range<u8>, wanted: WalIndexLock) -> Result<bool, Error> {
        if wanted != WalIndexLock::None && !may_lock(&self.disk)? {
            return Ok(false);
        }
        let mut shared = lock(&self.shared);
        let is_exclusive = wanted == WalIndexLock::Exclusive;
        let is_taken = shared.index_locks.iter().any(|(holder, slot, exclusive)| {
            *holder != self.number && slots.contains(slot) && (is_exclusive || *exclusive)
        });
        if wanted != WalIndexLock::None && is_taken {
            return Ok(false);
        }
        let number = self.number;
        let stays =
            |(holder, slot, _): &(u64, u8, bool)| *holder != number || !slots.contains(slot);
        shared.index_locks.retain(stays);
        if wanted != WalIndexLock::None {
            let taken = slots.map(|slot| (number, slot, is_exclusive));
            shared.index_locks.extend(taken);
        }
        Ok(true)
    }

    fn delete(self) -> Result<(), Error> {
        lock(&self.shared).regions.clear();
        Ok(())
    }

    fn pull(&mut self, region: u32, data: &mut [u8; REGION_BYTES]) -> Result<(), Error> {
        if let Some(shared) = lock(&self.shared).regions.get(&region) {
            data.copy_from_slice(shared.as_slice());
        }
        Ok(())
    }

    fn push(&mut self, region: u32, data: &[u8; REGION_BYTES]) -> Result<(), Error> {
        lock(&self.shared).regions.insert(region, Box::new(*data));
        Ok(())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let number = self.number;
        lock(&self.shared)
            .index_locks
            .retain(|(holder, ..)| *holder != number);
    }
}
