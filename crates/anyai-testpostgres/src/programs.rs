//! PostgreSQL's programs, and the account they run under: `initdb` and `postgres` refuse root.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian keeps them, one folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Debian's package makes this account.
const ACCOUNT: &str = "postgres";
const OLDEST_MAJOR: u32 = 15;
const MISSING: &str = "the tests of the ledger on PostgreSQL need PostgreSQL 15 or newer and found \
                       none: install Debian's package `postgresql` (`cargo xtask test` does)";

/// PostgreSQL's programs of one version.
#[derive(Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    /// Like `15.18`.
    pub(crate) version: String,
    /// The account to run them under, when we are root.
    account: Option<(u32, u32)>,
}

impl Programs {
    /// The newest on this machine.
    pub(crate) fn find() -> Self {
        let debian = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let debian = debian.map(|version| version.path().join("bin"));
        let elsewhere = said(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
        let newest = debian
            .chain(elsewhere)
            .filter_map(|folder| {
                let said = said(Command::new(folder.join("initdb")).arg("--version"))?;
                let (major, version) = version(&said)?;
                (major >= OLDEST_MAJOR).then(|| (major, version.to_owned(), folder))
            })
            .max();
        let (_, version, folder) = newest.expect(MISSING);
        let root = said(Command::new("id").arg("-u")).as_deref() == Some("0");
        Self {
            folder,
            version,
            account: root.then(|| (account_id("-u"), account_id("-g"))),
        }
    }

    /// A program that runs as the server's account.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        self.as_account(&mut command);
        command
    }

    /// The path of a program, for a script.
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// Makes a command run as the server's account, in a folder it may be in.
    pub(crate) fn as_account(&self, command: &mut Command) {
        command.current_dir("/").stdin(Stdio::null());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
    }

    /// Writes a file that only the server's account reads.
    pub(crate) fn give(&self, file: &Path, text: &str) {
        let mut options = std::fs::OpenOptions::new();
        let written = options.write(true).create_new(true).mode(0o600).open(file);
        let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.hand_over(file);
    }

    /// Gives a folder or file of ours to the server's account.
    pub(crate) fn hand_over(&self, folder: &Path) {
        if let Some((user, group)) = self.account {
            chown(folder, Some(user), Some(group))
                .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        }
    }
}

/// Runs a command to its end; what it printed.
///
/// # Panics
/// When it fails, with what it complained of.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The arguments of a command that are known together.
pub(crate) fn with<const N: usize>(
    mut command: Command,
    arguments: [&dyn AsRef<OsStr>; N],
) -> Command {
    for argument in arguments {
        command.arg(argument);
    }
    command
}

fn account_id(flag: &str) -> u32 {
    let id = said(Command::new("id").args([flag, ACCOUNT]));
    let id = id.and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| {
        panic!("PostgreSQL does not run as root, and there is no account `{ACCOUNT}`")
    })
}

/// What a command prints when it succeeds.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}

/// Of `initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`: 15 and `15.18`.
fn version(said: &str) -> Option<(u32, &str)> {
    let version = said.split_whitespace().nth(2)?;
    let major = version.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, version))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read() {
        let debian = "initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)";
        assert_eq!(version(debian), Some((15, "15.18")));
        assert_eq!(
            version("initdb (PostgreSQL) 19beta1"),
            Some((19, "19beta1"))
        );
        assert_eq!(version("initdb"), None);
    }
}
