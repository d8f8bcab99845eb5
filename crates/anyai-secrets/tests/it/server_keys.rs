//! A server's keys from its environment and its secrets file.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyai_secrets::{KeyFileError, ServerKeys};
use tempfile::TempDir;

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| (OsString::from(*name), OsString::from(*value)))
        .collect()
}

fn write(folder: &TempDir, text: impl AsRef<[u8]>, mode: u32) -> PathBuf {
    let path = folder.path().join("secrets");
    fs::write(&path, text).unwrap();
    set_mode(&path, mode);
    path
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

fn load(pairs: &[(&str, &str)], file: Option<&Path>) -> Result<ServerKeys, KeyFileError> {
    ServerKeys::load(variables(pairs), file)
}

#[test]
fn the_environment_and_the_file_are_read_and_the_environment_wins() {
    let folder = TempDir::new().unwrap();
    let text = "# ours\n\nANYAI_KEY_ANTHROPIC = from-file\nANYAI_KEY_OPENAI_COMPATIBLE=a=b # c\n";
    let file = write(&folder, text, 0o600);
    let env = [
        ("ANYAI_KEY_ANTHROPIC", "from-env\n"),
        ("PATH", "/bin"),
        ("ANYAI_KEY_xai", "lower"),
    ];
    let keys = load(&env, Some(&file)).unwrap();
    assert_eq!(
        keys.providers().collect::<Vec<_>>(),
        ["anthropic", "openai-compatible"]
    );
    assert_eq!(keys.get("anthropic").unwrap().expose(), "from-env");
    assert_eq!(keys.get("openai-compatible").unwrap().expose(), "a=b # c");
    assert!(keys.get("xai").is_none());
    assert!(!format!("{keys:?}").contains("from-env"));
}

#[cfg(unix)]
#[test]
fn a_file_others_can_reach_is_refused() {
    let folder = TempDir::new().unwrap();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o601] {
        let file = write(&folder, "ANYAI_KEY_XAI=k", mode);
        let refused = load(&[], Some(&file)).unwrap_err();
        assert!(matches!(refused, KeyFileError::TooOpen { mode: found, .. } if found == mode));
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }
    for mode in [0o600, 0o400] {
        assert!(load(&[], Some(&write(&folder, "ANYAI_KEY_XAI=k", mode))).is_ok());
        set_mode(&folder.path().join("secrets"), 0o600);
    }
}

#[test]
fn what_is_malformed_is_named_by_line_and_never_repeated() {
    let folder = TempDir::new().unwrap();
    for (text, line) in [
        ("sk-pasted-by-mistake", 1),
        ("ANYAI_KEY_XAI=k\nXAI=sk-pasted-by-mistake", 2),
        ("ANYAI_KEY_=sk-pasted-by-mistake", 1),
        ("ANYAI_KEY_XAI=k\n\nANYAI_KEY_XAI=sk-pasted-by-mistake", 3),
    ] {
        let refused = load(&[], Some(&write(&folder, text, 0o600))).unwrap_err();
        assert!(
            refused.to_string().contains(&format!("line {line} ")),
            "{refused}"
        );
        assert!(
            !format!("{refused} {refused:?}").contains("pasted"),
            "{refused:?}"
        );
    }
}

#[test]
fn empty_missing_and_foreign_files_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("absent");
    assert!(matches!(
        load(&[], Some(&path)),
        Err(KeyFileError::Read { .. })
    ));
    assert!(matches!(
        load(&[], Some(folder.path())),
        Err(KeyFileError::NotAFile { .. })
    ));
    let binary = write(&folder, [0xFF, 0xFE, 0x00], 0o600);
    assert!(matches!(
        load(&[], Some(&binary)),
        Err(KeyFileError::NotText { .. })
    ));
    let large = write(&folder, "#".repeat(65 * 1024), 0o600);
    assert!(matches!(
        load(&[], Some(&large)),
        Err(KeyFileError::TooLarge { .. })
    ));
    let empty = write(&folder, "ANYAI_KEY_XAI=  ", 0o600);
    assert!(matches!(
        load(&[], Some(&empty)),
        Err(KeyFileError::Empty { .. })
    ));
    assert!(matches!(
        load(&[("ANYAI_KEY_XAI", " ")], None),
        Err(KeyFileError::Empty { .. })
    ));
    assert_eq!(load(&[], None).unwrap().providers().count(), 0);
}
