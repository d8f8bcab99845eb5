//! What clients fetch after an answer: pictures by address, and clips once they are filmed.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::clip::Clip;
use crate::script::Script;

/// Pictures kept by address; the oldest go first.
const PICTURES_MAX: usize = 128;
/// Clips kept once filmed.
const CLIPS_MAX: usize = 16;

/// A file anyone may fetch who knows its name.
#[derive(Clone, Debug)]
pub(crate) struct PublicFile {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    pub(crate) media_type: &'static str,
    pub(crate) script: Script,
}

#[derive(Debug, Default)]
pub(crate) struct Files {
    pictures: Mutex<VecDeque<PublicFile>>,
    clips: Arc<Mutex<VecDeque<(u64, Bytes)>>>,
}

impl Files {
    pub(crate) fn keep(&self, file: PublicFile) {
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        if pictures.len() == PICTURES_MAX {
            pictures.pop_front();
        }
        pictures.push_back(file);
    }

    pub(crate) fn find(&self, name: &str) -> Option<PublicFile> {
        let pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.iter().find(|file| file.name == name).cloned()
    }

    /// The file of a clip, filmed when it is first wanted.
    pub(crate) async fn film(&self, clip: Clip) -> Bytes {
        let key = key(&clip);
        let known = |clips: &VecDeque<(u64, Bytes)>| {
            let found = clips.iter().find(|(known, _)| *known == key);
            found.map(|(_, file)| file.clone())
        };
        if let Some(file) = known(&self.clips.lock().unwrap_or_else(PoisonError::into_inner)) {
            return file;
        }
        let clips = Arc::clone(&self.clips);
        // Whoever asked may be gone when it is done: the next one finds it.
        let filmed = tokio::task::spawn_blocking(move || {
            let file = clip.film();
            let mut clips = clips.lock().unwrap_or_else(PoisonError::into_inner);
            if clips.len() == CLIPS_MAX {
                clips.pop_front();
            }
            clips.push_back((key, file.clone()));
            file
        });
        // Filming does not panic; should it, an empty file says so.
        filmed.await.unwrap_or_default()
    }
}

fn key(clip: &Clip) -> u64 {
    let mut hasher = DefaultHasher::new();
    (clip.fingerprint, clip.width, clip.height, clip.seconds).hash(&mut hasher);
    if let Some(reference) = &clip.reference {
        (reference.width(), reference.as_raw()).hash(&mut hasher);
    }
    hasher.finish()
}
