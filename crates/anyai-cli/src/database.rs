//! The address of a ledger on PostgreSQL, with a password that is typed nowhere.

use std::fmt::Write as _;
use std::path::Path;

use anyai_secrets::Secret;

use crate::commands::CommandError;

const PASSWORD_VARIABLE: &str = "ANYAI_DATABASE_PASSWORD";
const PASSWORD_FILE_VARIABLE: &str = "ANYAI_DATABASE_PASSWORD_FILE";

/// Whether a ledger's place is a database and no file.
pub(crate) fn is_address(place: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| place.starts_with(scheme))
}

/// Takes an address from the command line.
pub(crate) fn parse(text: &str) -> Result<Secret, String> {
    if is_address(text) {
        return Ok(Secret::from(text));
    }
    Err("an address looks like postgresql://user@host/database".to_owned())
}

/// The address with the password of the environment, where there is one.
pub(crate) fn with_password(address: &Secret) -> Result<Secret, CommandError> {
    let file = std::env::var_os(PASSWORD_FILE_VARIABLE);
    let password = match (std::env::var(PASSWORD_VARIABLE), file) {
        (Ok(password), _) => Secret::from(password.as_str()),
        (Err(_), Some(file)) => read_private(Path::new(&file))?,
        (Err(_), None) => return Ok(address.clone()),
    };
    let address = address.expose();
    let separator = if address.contains('?') { '&' } else { '?' };
    let mut whole = format!("{address}{separator}password=");
    for byte in password.expose().bytes() {
        // Writing into memory does not fail.
        let _ = write!(whole, "%{byte:02X}");
    }
    Ok(Secret::new(whole))
}

/// A file that others may read is refused: the password would not be secret.
fn read_private(path: &Path) -> Result<Secret, CommandError> {
    let unusable = |reason: String| CommandError::PasswordFile {
        path: path.to_owned(),
        reason,
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            let reason = "others may read it; run chmod 600 on it".to_owned();
            return Err(unusable(reason));
        }
    }
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    Ok(Secret::from(text.trim_end_matches(['\r', '\n'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_is_taken_for_one() {
        for address in ["postgres://h/d", "postgresql:///d?host=/run"] {
            assert!(is_address(address));
            assert_eq!(format!("{:?}", parse(address).unwrap()), "<redacted>");
        }
        for place in [
            "ledger.sqlite",
            "postgres",
            "mysql://h/d",
            "host=h dbname=d",
        ] {
            assert!(!is_address(place));
            assert!(parse(place).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_password_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "p@ss word\n").unwrap();
        for (mode, is_taken) in [(0o600, true), (0o640, false), (0o604, false)] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, permissions).unwrap();
            let read = read_private(&path);
            assert_eq!(read.is_ok(), is_taken, "{mode:o}");
            if let Ok(password) = read {
                assert_eq!(password.expose(), "p@ss word");
            }
        }
    }
}
