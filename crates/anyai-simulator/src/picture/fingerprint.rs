//! What a picture or clip says of the prompt it was made from.

use std::fmt;

use super::{decode, strip};
use crate::composer::mark;
use crate::{clip, script};

/// A mark of a prompt's words and of the place in a set of pictures.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of the picture with this index that the prompt draws. Directives in the
    /// prompt and the amount of white space between its words do not count.
    #[must_use]
    pub fn of(prompt: &str, index: u32) -> Self {
        let (plain, _) = script::read(prompt);
        let words: Vec<&str> = plain.split_whitespace().collect();
        Self(mark(&format!("{} #{index}", words.join(" "))))
    }

    /// Reads it back from the bytes of a picture (PNG, JPEG, WebP) or of a clip, also when they
    /// were made smaller; `None` from anything the simulator did not draw.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let picture = match clip::first_frame(bytes) {
            Some(frame) => decode(&clip::as_picture(frame))?,
            None => decode(bytes)?,
        };
        strip::read(&picture).map(Self)
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    pub(crate) const fn seed(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({:016x})", self.0)
    }
}
