//! Where a ledger on PostgreSQL is kept: `postgresql://user@host/database`.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;
use crate::LedgerError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that is gone without a word is noticed in about twenty seconds.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
const KEEPALIVE_TRIES: u32 = 3;
const UNANSWERED: Duration = Duration::from_secs(15);

/// An address, and how it is used.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    place: String,
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Reads an address. What leaves the machine is encrypted, and the server has to prove its name,
    /// unless the address says `sslmode=disable`.
    ///
    /// # Errors
    /// [`LedgerError::Address`], and [`LedgerError::File`] for the file of `sslrootcert`.
    pub(super) fn parse(text: &str) -> Result<Self, LedgerError> {
        let Asked { text, roots } = Asked::of(text)?;
        let mut config: Config = text.parse().map_err(|_| LedgerError::Address {
            problem: "it is not like postgresql://user@host/database",
        })?;
        if config.get_hosts().is_empty() || config.get_dbname().is_none() {
            return Err(LedgerError::Address {
                problem: "it names no host or no database",
            });
        }
        // The driver goes to `hostaddr` where it is given, whatever the host is called.
        let is_here = config.get_hosts().iter().all(is_here)
            && config
                .get_hostaddrs()
                .iter()
                .all(|address| address.is_loopback());
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            SslMode::Prefer if is_here && roots.is_none() => None,
            _ => Some(tls::connector(roots.as_deref())?),
        };
        config.ssl_mode(match tls {
            None => SslMode::Disable,
            Some(_) => SslMode::Require,
        });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config
            .application_name("any-ai-studio ledger")
            .keepalives(true)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_TRIES)
            .tcp_user_timeout(UNANSWERED);
        let place = place(&config);
        Ok(Self { config, place, tls })
    }

    /// How its connections are encrypted; `None` for not at all.
    pub(super) const fn tls(&self) -> Option<&MakeRustlsConnect> {
        self.tls.as_ref()
    }

    /// What the driver is given.
    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    /// The address for people, without the account and its password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }
}

/// An address without what its driver does not know.
struct Asked {
    text: String,
    /// Whom to trust instead of whom the platform trusts.
    roots: Option<PathBuf>,
}

impl Asked {
    /// Takes `sslrootcert` out, and makes the ways to say "encrypted" one: all of them are checked.
    fn of(text: &str) -> Result<Self, LedgerError> {
        let Some((address, query)) = text.split_once('?') else {
            let text = text.to_owned();
            return Ok(Self { text, roots: None });
        };
        let (mut kept, mut roots) = (Vec::new(), None);
        for word in query.split('&') {
            match word.split_once('=') {
                Some(("sslrootcert", path)) => roots = Some(decoded(path)?),
                Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
                _ => kept.push(word),
            }
        }
        let text = match kept.is_empty() {
            true => address.to_owned(),
            false => format!("{address}?{}", kept.join("&")),
        };
        Ok(Self { text, roots })
    }
}

fn decoded(path: &str) -> Result<PathBuf, LedgerError> {
    let path = percent_decode_str(path).decode_utf8();
    path.map(|path| PathBuf::from(&*path))
        .map_err(|_| LedgerError::Address {
            problem: "its sslrootcert is no path",
        })
}

/// Whether what is sent there never leaves the machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    });
    let hosts: Vec<String> = hosts.collect();
    let database = config.get_dbname().unwrap_or_default();
    format!("postgresql://{}/{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> &'static str {
        match Address::parse(text) {
            Err(LedgerError::Address { problem }) => problem,
            Err(other) => panic!("{other}"),
            Ok(address) => panic!("accepted as {}", address.place()),
        }
    }

    #[test]
    fn a_password_is_never_part_of_the_place() {
        let address = Address::parse("postgresql://ann:secret@localhost:5433/ledger").unwrap();
        assert_eq!(address.place(), "postgresql://localhost/ledger");
        let address = Address::parse("postgresql:///ledger?host=/run/postgresql").unwrap();
        assert_eq!(address.place(), "postgresql:///run/postgresql/ledger");
    }

    #[test]
    fn credits_do_not_travel_a_network_in_the_open_unless_someone_says_so() {
        for (text, is_encrypted) in [
            ("postgresql://db.example/ledger", true),
            ("postgresql://db.example/ledger?sslmode=prefer", true),
            ("postgresql://db.example/ledger?sslmode=verify-full", true),
            ("postgresql://localhost/ledger?sslmode=require", true),
            ("postgresql://localhost,db.example/ledger", true),
            ("postgresql://localhost/ledger?hostaddr=10.0.0.5", true),
            ("postgresql://localhost/ledger?hostaddr=127.0.0.1", false),
            ("postgresql://localhost/ledger", false),
            ("postgresql:///ledger?host=/run/postgresql", false),
            ("postgresql://db.example/ledger?sslmode=disable", false),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.tls().is_some(), is_encrypted, "{text}");
            let mode = address.config().get_ssl_mode();
            assert_eq!(mode == SslMode::Require, is_encrypted, "{text}");
        }
    }

    #[test]
    fn a_file_of_roots_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (gone, empty) = (folder.path().join("gone"), folder.path().join("empty"));
        std::fs::write(&empty, "not a certificate").unwrap();
        for path in [gone, empty] {
            let path = path.display().to_string();
            let address = format!("postgresql://db.example/ledger?sslrootcert={path}");
            let said = Address::parse(&address).err().unwrap().to_string();
            assert!(said.contains(&path), "{said}");
        }
    }

    #[test]
    fn an_address_without_host_or_database_is_refused() {
        assert!(problem("postgresql://localhost").contains("database"));
        assert!(problem("postgresql:///ledger").contains("host"));
        assert!(problem("ledger.sqlite").contains("postgresql://"));
    }
}
