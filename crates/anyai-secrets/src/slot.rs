//! The name a key is stored under: one per provider and studio.

use std::fmt;

/// Where a key lives: which studio it belongs to and whose key it is, as in `embedded/anthropic`.
///
/// Both parts are lower-case letters, digits, `-`, `_`, `.` and `:`, 1 to 100 characters, so that a slot
/// is the same entry on every system (Windows compares names without case) and cannot be forged
/// with a separator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeySlot {
    studio: String,
    name: String,
}

/// Why a slot was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSlotError {
    /// A part was empty or longer than 100 characters.
    #[error("a key slot's studio and name have 1 to 100 characters")]
    Length,
    /// A part held a character outside the allowed ones.
    #[error("a key slot's studio and name are lower-case letters, digits, '-', '_', '.' or ':'")]
    Character,
}

impl KeySlot {
    /// The slot of `name` (a provider, or what else needs a secret) in `studio`.
    ///
    /// # Errors
    /// [`ParseSlotError`] when a part is empty, too long or holds other characters.
    pub fn new(studio: &str, name: &str) -> Result<Self, ParseSlotError> {
        check(studio)?;
        check(name)?;
        Ok(Self {
            studio: studio.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The studio the key belongs to.
    #[must_use]
    pub fn studio(&self) -> &str {
        &self.studio
    }

    /// Whose key it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for KeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.studio, self.name)
    }
}

pub(crate) fn check(part: &str) -> Result<(), ParseSlotError> {
    if part.is_empty() || part.len() > 100 {
        return Err(ParseSlotError::Length);
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.:".contains(c);
    if part.chars().all(allowed) {
        Ok(())
    } else {
        Err(ParseSlotError::Character)
    }
}
