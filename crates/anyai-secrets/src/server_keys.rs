//! A server's provider keys: environment variables and a secrets file only its owner can read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::KeyFileError;
use crate::secret::Secret;

/// What the names start with: `ANYAI_KEY_ANTHROPIC` holds the key of `anthropic`.
pub const ENV_PREFIX: &str = "ANYAI_KEY_";

/// The most a secrets file may hold.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The keys a studio server was started with, by provider (`anthropic`, `openai`,
/// `openai-compatible`).
///
/// Names are written `ANYAI_KEY_` and the provider in capitals with `_` for `-`. In the file they
/// stand one per line as `NAME=value`; blank lines and lines starting with `#` are skipped, and
/// the value runs to the end of the line, unquoted. Where both give a key, the environment's wins.
#[derive(Clone, Debug, Default)]
pub struct ServerKeys {
    keys: BTreeMap<String, Secret>,
}

impl ServerKeys {
    /// Reads this process's environment and, if named, a secrets file.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read, is open to others, or anything in either
    /// place is malformed: a server with half its keys would refuse turns later and less clearly.
    pub fn from_process(file: Option<&Path>) -> Result<Self, KeyFileError> {
        Self::load(std::env::vars_os(), file)
    }

    /// Reads the given variables and, if named, a secrets file.
    ///
    /// # Errors
    /// As [`ServerKeys::from_process`].
    pub fn load(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        file: Option<&Path>,
    ) -> Result<Self, KeyFileError> {
        let mut keys = file.map_or_else(|| Ok(Self::default()), Self::from_file)?;
        for (name, value) in variables {
            let Ok(name) = name.into_string() else {
                continue;
            };
            let Some(provider) = provider_of(&name) else {
                continue;
            };
            let Ok(value) = value.into_string() else {
                return Err(KeyFileError::EnvNotText { name });
            };
            let key = Secret::from_pasted(value);
            if key.is_empty() {
                return Err(KeyFileError::Empty { name });
            }
            keys.keys.insert(provider, key);
        }
        Ok(keys)
    }

    /// The key of a provider.
    #[must_use]
    pub fn get(&self, provider: &str) -> Option<&Secret> {
        self.keys.get(provider)
    }

    /// Every provider that has a key, in order.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// Every provider and its key, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.keys
            .iter()
            .map(|(provider, key)| (provider.as_str(), key))
    }

    fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_private(path)?;
        let mut keys = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad_line = || KeyFileError::BadLine {
                path: path.to_owned(),
                line: line_number,
            };
            let (name, value) = line.split_once('=').ok_or_else(bad_line)?;
            let name = name.trim();
            let provider = provider_of(name).ok_or_else(bad_line)?;
            let key = Secret::from(value.trim());
            if key.is_empty() {
                return Err(KeyFileError::Empty {
                    name: name.to_owned(),
                });
            }
            if keys.insert(provider, key).is_some() {
                return Err(KeyFileError::Repeated {
                    path: path.to_owned(),
                    line: line_number,
                    name: name.to_owned(),
                });
            }
        }
        Ok(Self { keys })
    }
}

fn provider_of(name: &str) -> Option<String> {
    let provider = name.strip_prefix(ENV_PREFIX)?;
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    (!provider.is_empty() && provider.chars().all(allowed))
        .then(|| provider.to_ascii_lowercase().replace('_', "-"))
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let read_failed = |source| KeyFileError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(read_failed)?;
    // The open handle is asked, not the path: the path could be another file by now.
    let metadata = file.metadata().map_err(read_failed)?;
    check_private(path, &metadata)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(read_failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(KeyFileError::TooLarge {
            path: path.to_owned(),
            limit_bytes: FILE_BYTES_MAX,
        });
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(KeyFileError::NotText {
            path: path.to_owned(),
        }),
    }
}

fn check_private(path: &Path, metadata: &Metadata) -> Result<(), KeyFileError> {
    if !metadata.is_file() {
        return Err(KeyFileError::NotAFile {
            path: path.to_owned(),
        });
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::TooOpen {
                path: path.to_owned(),
                mode,
            });
        }
    }
    Ok(())
}
