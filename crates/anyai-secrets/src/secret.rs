//! A value that is never printed, never serialized, and wiped when dropped.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// What a secret prints in place of itself.
pub const REDACTED: &str = "<redacted>";

/// What a [`Secret`] can hold: anything that can be wiped.
pub trait Protected: Zeroize {}

impl<T: Zeroize> Protected for T {}

/// A secret. `Debug` and `Display` print [`REDACTED`], dropping it overwrites its memory, and the
/// only way to the value is [`Secret::expose`], so every use can be found by that word.
///
/// It has no serialized form, by design:
///
/// ```compile_fail,E0277
/// let secret = anyai_secrets::Secret::new(String::from("sk-example"));
/// serde_json::to_string(&secret);
/// ```
///
/// The same line compiles for the exposed value, so it is the type that refuses:
///
/// ```
/// let secret = anyai_secrets::Secret::new(String::from("sk-example"));
/// assert_eq!(serde_json::to_string(secret.expose()).unwrap(), "\"sk-example\"");
/// ```
///
/// Nor can the value be moved out of its wrapper and outlive the wipe:
///
/// ```compile_fail,E0616
/// let secret = anyai_secrets::Secret::new(String::from("sk-example"));
/// let escaped: String = secret.value;
/// ```
#[derive(Clone, Default)]
pub struct Secret<T: Protected = String> {
    value: T,
}

impl<T: Protected> Secret<T> {
    /// Takes the value in. The caller's other copies, if any, stay the caller's to wipe.
    pub const fn new(value: T) -> Self {
        Self { value }
    }

    /// The value itself, for the one place that sends it.
    pub const fn expose(&self) -> &T {
        &self.value
    }
}

impl Secret<String> {
    /// Takes in a key as a person pastes it: surrounding white space (a newline, most often) is
    /// not part of any provider's key and is cut off.
    #[must_use]
    pub fn from_pasted(mut pasted: String) -> Self {
        let secret = Self::new(pasted.trim().to_owned());
        pasted.zeroize();
        secret
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}

impl<T: Protected> Drop for Secret<T> {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl<T: Protected> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl<T: Protected> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: Protected> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Compares in a time that depends only on the lengths.
impl<T: Protected + AsRef<[u8]>> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value.as_ref().ct_eq(other.value.as_ref()).into()
    }
}

impl<T: Protected + AsRef<[u8]>> Eq for Secret<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_itself_however_it_is_formatted() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read only by Debug, which is the point")]
        struct Holder {
            key: Secret,
        }
        let key = Secret::from("sk-live-abcdef");
        let holder = Holder { key: key.clone() };
        for printed in [
            format!("{key}"),
            format!("{key:>40}"),
            format!("{key:#?}"),
            format!("{holder:?}"),
            format!("{:?}", Some(&key)),
            format!("{:?}", Secret::new(vec![115_u8, 107])),
        ] {
            assert!(printed.contains(REDACTED), "{printed}");
            assert!(
                !printed.contains("sk-") && !printed.contains("115"),
                "{printed}"
            );
        }
    }

    #[test]
    fn wipes_its_value_when_dropped() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicBool, Ordering};

        struct Witness(Arc<AtomicBool>);
        impl Zeroize for Witness {
            fn zeroize(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let wiped = Arc::new(AtomicBool::new(false));
        let secret = Secret::new(Witness(Arc::clone(&wiped)));
        assert!(
            !wiped.load(Ordering::SeqCst),
            "alive secrets keep their value"
        );
        drop(secret);
        assert!(wiped.load(Ordering::SeqCst), "dropping must wipe");
    }

    #[test]
    fn compares_by_value() {
        assert_eq!(Secret::from("one"), Secret::from("one"));
        assert_ne!(Secret::from("one"), Secret::from("two"));
        assert_ne!(Secret::from("one"), Secret::from("one "));
    }

    #[test]
    fn a_pasted_key_loses_only_its_surrounding_space() {
        let pasted = Secret::from_pasted("  sk-a b\r\n".to_owned());
        assert_eq!(pasted.expose(), "sk-a b");
        assert!(Secret::from_pasted(" \n".to_owned()).is_empty());
    }
}
