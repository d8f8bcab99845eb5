//! Data folders are nobody else's to read.

#[cfg(unix)]
#[test]
fn a_new_folder_is_its_accounts_alone_and_an_old_one_is_left() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    let home = tempfile::tempdir().unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let inner = home.path().join("studio/data");
    anyai_secrets::private_folder(&inner).unwrap();
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(inner.parent().unwrap()), 0o700);
    std::fs::set_permissions(&inner, Permissions::from_mode(0o750)).unwrap();
    anyai_secrets::private_folder(&inner).unwrap();
    assert_eq!(mode(&inner), 0o750);
}
