//! A session with the server: how it is set up, its prepared statements, and how it comes back.
//!
//! The driver is asynchronous and the seams are not: each session brings a runtime of its own, which
//! runs on the thread that asks and nowhere else.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Socket, Statement};

use super::PostgresOptions;
use super::address::Address;
use crate::LedgerError;

const TRY_AGAIN: Duration = Duration::from_millis(50);

/// What every session is set to.
///
/// A pool's lock is a lease that ends with its session, so a session that stands still loses it:
/// waiting for its program, for another lock, or for its own statement. Plans follow the indexes, not
/// what the planner last counted: one made for an empty table reads all of a large one.
const SETTINGS: &str = "SET synchronous_commit=on; \
     SET default_transaction_isolation='read committed'; \
     SET idle_in_transaction_session_timeout='10s'; SET lock_timeout='5s'; \
     SET statement_timeout='60s'; SET enable_seqscan=off; SET enable_bitmapscan=off; \
     SET enable_hashjoin=off; SET enable_mergejoin=off; SET jit=off; \
     SET plan_cache_mode=force_generic_plan";

pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A session that is made when it is needed, and made again when it was lost.
pub(crate) struct Session {
    runtime: Runtime,
    address: Address,
    /// How long it tries to come back before whoever waits is told.
    patience: Duration,
    link: Option<Link>,
}

/// A session as long as its connection lives.
pub(super) struct Link {
    pub(super) client: Client,
    statements: HashMap<Cow<'static, str>, Statement>,
}

impl Link {
    /// A statement, prepared the first time.
    pub(super) async fn prepared(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
    ) -> Result<Statement, LedgerError> {
        let sql = sql.into();
        if let Some(statement) = self.statements.get(&sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&sql).await?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Session {
    /// A session that is not connected yet.
    pub(super) fn new(address: Address, options: PostgresOptions) -> Result<Self, LedgerError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| LedgerError::File {
            place: address.place().to_owned(),
            source,
        })?;
        Ok(Self {
            runtime,
            address,
            patience: Duration::from_millis(u64::from(options.patience_ms)),
            link: None,
        })
    }

    /// How long it tries to come back.
    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Where the ledger is kept, for people.
    pub(super) fn place(&self) -> &str {
        self.address.place()
    }

    /// Connects when there is no connection: between transactions only, since another connection is
    /// not in the transaction of the one that was lost.
    pub(super) fn connect(&mut self) -> Result<(), LedgerError> {
        let started = Instant::now();
        while self.link.is_none() {
            match self.runtime.block_on(connect(&self.address)) {
                Ok(link) => self.link = Some(link),
                Err(LedgerError::Disconnected { problem }) => {
                    if started.elapsed() >= self.patience {
                        let place = self.place().to_owned();
                        return Err(LedgerError::Unreachable { place, problem });
                    }
                    std::thread::sleep(TRY_AGAIN);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Gives the connection up.
    pub(super) fn forget(&mut self) {
        self.link = None;
    }

    /// Runs something on the connection there is. One that is lost is forgotten.
    pub(super) fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Link) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let Some(link) = &mut self.link else {
            return Err(LedgerError::Disconnected {
                problem: "the connection was lost".to_owned(),
            });
        };
        let answer = self.runtime.block_on(work(link));
        if matches!(answer, Err(LedgerError::Disconnected { .. })) {
            self.forget();
        }
        answer
    }

    /// The same between transactions: on a connection that was lost while nobody used it, once more
    /// on another.
    pub(super) fn run_first<T>(
        &mut self,
        work: impl AsyncFn(&mut Link) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let was_connected = self.link.is_some();
        self.connect()?;
        match self.run(&work) {
            Err(LedgerError::Disconnected { .. }) if was_connected => {
                self.connect()?;
                self.run(work)
            }
            answer => answer,
        }
    }

    /// Runs statements that answer nothing.
    pub(super) fn execute(&mut self, sql: &str) -> Result<(), LedgerError> {
        self.run(async |link| Ok(link.client.batch_execute(sql).await?))
    }

    /// All rows of a query.
    pub(super) fn rows(
        &mut self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, LedgerError> {
        self.run(async |link| {
            let statement = link.prepared(sql).await?;
            Ok(link.client.query(&statement, params).await?)
        })
    }
}

async fn connect(address: &Address) -> Result<Link, LedgerError> {
    let client = match address.tls() {
        Some(tls) => client(address, tls.clone()).await?,
        None => client(address, NoTls).await?,
    };
    client.batch_execute(SETTINGS).await?;
    Ok(Link {
        client,
        statements: HashMap::new(),
    })
}

async fn client<T>(address: &Address, tls: T) -> Result<Client, LedgerError>
where
    T: MakeTlsConnect<Socket, Stream: Send + 'static, TlsConnect: Send>,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, connection) = address.config().connect(tls).await?;
    // It ends with the client, and what ends it is the error of every query that waits.
    drop(Handle::current().spawn(connection));
    Ok(client)
}
