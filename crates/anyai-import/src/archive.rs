//! The file a person picks: a ZIP archive as ChatGPT and Claude send it, or one JSON file.

use std::borrow::Cow;
use std::fs;
use std::io::{BufReader, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value;
use zip::ZipArchive;

use crate::each::each;
use crate::error::ImportError;
use crate::files::{Files, NoFiles, Shelf, file_name};
use crate::thread::{Conversation, Told};
use crate::{chatgpt, claude, librechat, open_webui};

/// What a list of conversations inside an archive may unfold to.
const JSON_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// How an archive begins.
const ZIP_MAGIC: [u8; 4] = *b"PK\x03\x04";

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Conversations that were given.
    pub conversations: usize,
    /// Conversations in which nothing is said, or which are damaged.
    pub left_out: usize,
}

/// An export, opened.
pub struct Export(Kind);

enum Kind {
    Archive(Box<ZipArchive<Box<dyn ReadSeek>>>),
    Json(String, Box<dyn Read + Send>),
}

trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Export")
    }
}

impl Export {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, or is a damaged archive.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        Self::of(name, BufReader::new(fs::File::open(path)?))
    }

    /// Takes a file's bytes.
    ///
    /// # Errors
    /// When they are a damaged archive.
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, ImportError> {
        Self::of(name.to_owned(), Cursor::new(bytes))
    }

    fn of(name: String, mut file: impl Read + Seek + Send + 'static) -> Result<Self, ImportError> {
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic)?;
        file.rewind()?;
        Ok(Self(if magic == ZIP_MAGIC {
            let file: Box<dyn ReadSeek> = Box::new(file);
            Kind::Archive(Box::new(ZipArchive::new(file)?))
        } else {
            Kind::Json(name, Box::new(file))
        }))
    }

    /// Gives every conversation.
    ///
    /// # Errors
    /// When the export is none of the four programs', or not whole; what was given before stands.
    pub fn each(self, mut give: impl FnMut(Conversation)) -> Result<Summary, ImportError> {
        self.each_until(|conversation| {
            give(conversation);
            ControlFlow::Continue(())
        })
    }

    /// Gives every conversation until it is told to break.
    ///
    /// # Errors
    /// As [`Export::each`].
    pub fn each_until(
        self,
        mut give: impl FnMut(Conversation) -> ControlFlow<()>,
    ) -> Result<Summary, ImportError> {
        let mut reading = Reading::default();
        match self.0 {
            Kind::Json(name, json) => reading.read(&name, json, &mut NoFiles, &mut give)?,
            Kind::Archive(mut archive) => {
                let lists = conversation_lists(&archive);
                if lists.is_empty() {
                    return Err(ImportError::NoConversations);
                }
                for name in lists {
                    if reading.stopped {
                        break;
                    }
                    // Taken out first: files are looked for in the archive while it is read.
                    let mut json = Vec::new();
                    let list = archive.by_name(&name)?;
                    list.take(JSON_BYTES_MAX).read_to_end(&mut json)?;
                    let mut files = Shelf::new(archive.as_mut());
                    reading.read(&name, json.as_slice(), &mut files, &mut give)?;
                }
            }
        }
        Ok(reading.summary)
    }
}

/// `conversations.json`, or the parts of a large one.
fn conversation_lists<R: Read + Seek>(archive: &ZipArchive<R>) -> Vec<String> {
    let names = archive.file_names().filter_map(Result::ok);
    let lists = names.filter(|name| {
        let last = file_name(name);
        last.starts_with("conversations") && last.ends_with(".json")
    });
    let mut lists: Vec<String> = lists.map(Cow::into_owned).collect();
    lists.sort();
    lists
}

#[derive(Default)]
struct Reading {
    summary: Summary,
    known: bool,
    stopped: bool,
}

impl Reading {
    fn read(
        &mut self,
        name: &str,
        json: impl Read,
        files: &mut dyn Files,
        give: &mut impl FnMut(Conversation) -> ControlFlow<()>,
    ) -> Result<(), ImportError> {
        let mut elements = 0_usize;
        let read = each(json, |value| {
            elements += 1;
            self.known |= is_known(&value);
            files.begin();
            match told(&value, files).and_then(Told::into_conversation) {
                Some(conversation) => {
                    self.summary.conversations += 1;
                    let flow = give(conversation);
                    self.stopped = flow.is_break();
                    flow
                }
                None => {
                    self.summary.left_out += 1;
                    ControlFlow::Continue(())
                }
            }
        });
        read.map_err(|reason| ImportError::Json {
            name: name.to_owned(),
            reason,
        })?;
        if elements > 0 && !self.known {
            let name = name.to_owned();
            return Err(ImportError::Unknown { name });
        }
        Ok(())
    }
}

fn is_known(value: &Value) -> bool {
    chatgpt::is_it(value)
        || claude::is_it(value)
        || open_webui::is_it(value)
        || librechat::is_it(value)
}

fn told(value: &Value, files: &mut dyn Files) -> Option<Told> {
    if chatgpt::is_it(value) {
        chatgpt::read(value, files)
    } else if claude::is_it(value) {
        claude::read(value)
    } else if open_webui::is_it(value) {
        open_webui::read(value)
    } else if librechat::is_it(value) {
        librechat::read(value)
    } else {
        None
    }
}
