//! Where a ledger on PostgreSQL is kept: `postgresql://user@host/database`.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

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
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`LedgerError::Address`].
    pub(super) fn parse(text: &str) -> Result<Self, LedgerError> {
        let mut config: Config = text.parse().map_err(|_| LedgerError::Address {
            problem: "it is not like postgresql://user@host/database",
        })?;
        if config.get_hosts().is_empty() || config.get_dbname().is_none() {
            return Err(LedgerError::Address {
                problem: "it names no host or no database",
            });
        }
        let is_here = config.get_hosts().iter().all(is_here);
        match config.get_ssl_mode() {
            SslMode::Disable => {}
            SslMode::Prefer if is_here => {}
            _ => {
                return Err(LedgerError::Address {
                    problem: "this program speaks no TLS to PostgreSQL: use a server on this \
                              machine or a tunnel, or say sslmode=disable on a network you trust",
                });
            }
        }
        config.ssl_mode(SslMode::Disable);
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
        Ok(Self { config, place })
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
        for text in [
            "postgresql://db.example/ledger",
            "postgresql://db.example/ledger?sslmode=prefer",
            "postgresql://localhost/ledger?sslmode=require",
            "postgresql://localhost,db.example/ledger",
        ] {
            assert!(problem(text).contains("TLS"), "{text}");
        }
        assert!(Address::parse("postgresql://db.example/ledger?sslmode=disable").is_ok());
    }

    #[test]
    fn an_address_without_host_or_database_is_refused() {
        assert!(problem("postgresql://localhost").contains("database"));
        assert!(problem("postgresql:///ledger").contains("host"));
        assert!(problem("ledger.sqlite").contains("postgresql://"));
    }
}
