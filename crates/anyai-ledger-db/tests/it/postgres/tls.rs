//! Encrypted connections, to a server whose certificate is made here.

use std::path::PathBuf;

use anyai_ledger_db::{Ledger, LedgerError, PostgresOptions};
use anyai_testpostgres::PostgresCluster;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

use super::house::{pool, room_for, settle_at_last, sound};

/// A server that proves to be `localhost`, and the file by which it is known.
struct Known {
    cluster: PostgresCluster,
    folder: TempDir,
    by_socket: String,
}

impl Known {
    fn start() -> Self {
        let (certificate, key) = certificate();
        let cluster = PostgresCluster::start_with_tls(&certificate, &key);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.crt"), certificate).unwrap();
        let by_socket = cluster.database();
        Self {
            cluster,
            folder,
            by_socket,
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    fn address(&self, host: &str, query: &str) -> String {
        let address = self.cluster.by_network(&self.by_socket, host);
        format!("{address}?{query}")
    }

    fn encrypted_sessions(&self) -> u32 {
        let sql = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING(pid) \
                   WHERE ssl AND application_name='any-ai-studio ledger'";
        let count = self.cluster.run_sql(&self.by_socket, sql);
        count.parse().unwrap()
    }
}

/// For `localhost` alone, and its key.
fn certificate() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

/// What is wrong with the server, said at once and not after the patience for networks.
fn untrusted(address: &str) -> String {
    let options = PostgresOptions {
        patience_ms: u32::MAX,
        ..PostgresOptions::default()
    };
    let error = Ledger::open_postgres(address, options).unwrap_err();
    assert!(matches!(error, LedgerError::Tls { .. }), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_server_that_proves_its_name_is_written_to_encrypted() {
    let known = Known::start();
    let root = known.root().display().to_string().replace('/', "%2F");
    for mode in ["require", "verify-full"] {
        let address = known.address("localhost", &format!("sslmode={mode}&sslrootcert={root}"));
        let ledger = Ledger::open_postgres(&address, PostgresOptions::default()).unwrap();
        let pool = pool(&ledger, 1, room_for(10)).await;
        settle_at_last(&ledger, pool, 1).await;
        assert!(known.encrypted_sessions() >= 2, "{mode}");
        drop(ledger);
        sound(&address);
    }
}

#[test]
fn a_server_that_proves_nothing_is_told_nothing() {
    let known = Known::start();
    let other = known.folder.path().join("other.crt");
    std::fs::write(&other, certificate().0).unwrap();
    let (root, other) = (known.root(), other.display().to_string());
    let root = root.display();
    for (host, query) in [
        // Nobody the platform trusts.
        ("localhost", "sslmode=require".to_owned()),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={other}"),
        ),
        // The right key under another name.
        ("127.0.0.1", format!("sslmode=require&sslrootcert={root}")),
    ] {
        let said = untrusted(&known.address(host, &query));
        assert!(said.contains("certificate"), "{host} {query}: {said}");
    }
    assert_eq!(known.encrypted_sessions(), 0);
}

#[test]
fn a_server_that_does_not_encrypt_is_told_nothing() {
    let socket = PostgresCluster::shared().database();
    let said = untrusted(&format!("{socket}?sslmode=require"));
    assert!(said.contains("TLS"), "{said}");
}
