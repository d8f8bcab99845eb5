//! The mirror for async code: SQLite runs on blocking threads, reads beside writes, and a file that
//! turns out damaged is replaced while the app goes on.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyai_mirror::{Mirror, MirrorError, MirrorOptions, OpenedMirror, Reader};
use anyai_units::UtcMillis;
use anyai_wire::WireError;

use crate::error::{from_mirror, internal};
use crate::host::Host;

/// Three connections to one studio's mirror: reports, which read much, have one of their own, so that no
/// quote and no conversation waits for them.
#[derive(Clone)]
pub(crate) struct MirrorAccess {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    host: Arc<dyn Host>,
    /// Before the writer, because the last connection to close empties SQLite's log into the
    /// file, which one that only reads cannot. All are empty only between a damaged file and its
    /// successor.
    reader: Mutex<Option<Reader>>,
    reporter: Mutex<Option<Reader>>,
    writer: Mutex<Option<Mirror>>,
}

impl MirrorAccess {
    pub(crate) async fn open(path: PathBuf, host: Arc<dyn Host>) -> Result<Self, WireError> {
        blocking(move || {
            let (mirror, reader) = open(&path, host.now())?;
            Ok(Self {
                shared: Arc::new(Shared {
                    path,
                    host,
                    reader: Mutex::new(Some(reader)),
                    reporter: Mutex::new(None),
                    writer: Mutex::new(Some(mirror)),
                }),
            })
        })
        .await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Mirror) -> Result<T, MirrorError> + Send + 'static,
    ) -> Result<T, WireError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.ask(&shared.reader, query)).await
    }

    /// Reads what may take long.
    pub(crate) async fn report<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Mirror) -> Result<T, MirrorError> + Send + 'static,
    ) -> Result<T, WireError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.ask(&shared.reporter, query)).await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Mirror) -> Result<T, MirrorError> + Send + 'static,
    ) -> Result<T, WireError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let answer = {
                let mut slot = lock(&shared.writer);
                match slot.as_mut() {
                    Some(mirror) => change(mirror),
                    None => {
                        let (mirror, _) = open(&shared.path, shared.host.now())?;
                        change(slot.insert(mirror))
                    }
                }
            };
            shared.heal(answer)
        })
        .await
    }
}

impl Shared {
    fn ask<T>(
        &self,
        connection: &Mutex<Option<Reader>>,
        query: impl FnOnce(&Mirror) -> Result<T, MirrorError>,
    ) -> Result<T, MirrorError> {
        let answer = {
            let mut slot = lock(connection);
            match slot.as_ref() {
                Some(reader) => query(reader),
                None => query(slot.insert(self.open_reader()?)),
            }
        };
        self.heal(answer)
    }

    fn open_reader(&self) -> Result<Reader, MirrorError> {
        let mut writer = lock(&self.writer);
        match writer.as_ref() {
            Some(mirror) => mirror.reader(),
            None => {
                let (mirror, reader) = open(&self.path, self.host.now())?;
                *writer = Some(mirror);
                Ok(reader)
            }
        }
    }

    /// After damage all connections are closed; whoever comes next opens the file again, which
    /// sets it aside if it is beyond use. The sync loops then start from nothing.
    fn heal<T>(&self, answer: Result<T, MirrorError>) -> Result<T, MirrorError> {
        if let Err(MirrorError::Damaged(cause)) = &answer {
            tracing::warn!(file = %self.path.display(), %cause, "the local copy is damaged and is opened again");
            *lock(&self.reader) = None;
            *lock(&self.reporter) = None;
            *lock(&self.writer) = None;
        }
        answer
    }
}

fn open(path: &std::path::Path, now: UtcMillis) -> Result<(Mirror, Reader), MirrorError> {
    let OpenedMirror { mirror, set_aside } = Mirror::open(path, MirrorOptions::default(), now)?;
    if let Some(aside) = set_aside {
        tracing::warn!(
            kept_as = %aside.path.display(),
            drafts = aside.drafts,
            unsent_turns = aside.unsent,
            "a damaged local copy was set aside and a new one begun"
        );
    }
    let reader = mirror.reader()?;
    Ok((mirror, reader))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MirrorError> + Send + 'static,
) -> Result<T, WireError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(from_mirror),
        Err(_stopped) => Err(internal("work on the local copy was stopped")),
    }
}

fn lock<T>(slot: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct SilentHost;

    impl Host for SilentHost {
        fn emit(&self, _: anyai_wire::AppEvent) {}
    }

    #[tokio::test]
    async fn goes_on_after_the_file_was_damaged_under_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mirror.sqlite");
        fill(&path);
        let access = MirrorAccess::open(path.clone(), Arc::new(SilentHost));
        let access = access.await.unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        let seen = access.read(read_everything).await.unwrap_err();
        assert_eq!(seen.code, anyai_wire::Code::DataDamaged);
        access.read(read_everything).await.unwrap();
        let write = access.write(|mirror| mirror.keep("key", b"again"));
        write.await.unwrap();
        let kept = access.read(|mirror| mirror.kept("key")).await.unwrap();
        assert_eq!(
            kept.as_deref(),
            Some(&b"again"[..]),
            "a new file took its place"
        );
        let names = std::fs::read_dir(folder.path()).unwrap();
        let aside = names.filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().contains(".damaged-")
        });
        assert!(aside.count() >= 2, "the damaged file and its note are kept");
    }

    #[tokio::test]
    async fn no_quote_waits_for_a_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mirror.sqlite");
        let access = MirrorAccess::open(path, Arc::new(SilentHost));
        let access = access.await.unwrap();
        let (read, was_read) = std::sync::mpsc::channel();
        let report = access.report(move |_| {
            was_read.recv().unwrap();
            Ok(())
        });
        let quote = async {
            access.read(|mirror| mirror.kept("key")).await.unwrap();
            read.send(()).unwrap();
        };
        let both = async { tokio::join!(report, quote) };
        let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), both).await;
        in_time
            .expect("the report waits until it was read")
            .0
            .unwrap();
    }

    const KEYS: u32 = 300;

    fn fill(path: &std::path::Path) {
        let (mut mirror, reader) = open(path, UtcMillis::from_millis(0)).unwrap();
        for key in 0..KEYS {
            mirror.keep(&format!("key {key}"), &[7; 3_000]).unwrap();
        }
        drop(reader);
    }

    fn read_everything(mirror: &Mirror) -> Result<(), MirrorError> {
        (0..KEYS).try_for_each(|key| mirror.kept(&format!("key {key}")).map(|_| ()))
    }
}
