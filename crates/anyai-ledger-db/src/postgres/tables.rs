//! The tables: made when the database is empty, recognised when it is not, and brought to today's when
//! they are older. Either is one transaction.

use super::session::{Link, Session};
use crate::asked::Asked;
use crate::{LedgerError, PriceCard, rows};

/// The newest format this program reads, and the one it writes.
const FORMAT: u32 = 4;
const SCHEMA: &str = concat!(include_str!("schema.sql"), include_str!("price_card.sql"));
/// Its tables are read the same, and guard themselves less.
const FROM_FORMAT_1: &str = include_str!("format_1.sql");
/// It has no rate cards.
const FROM_FORMAT_2: &str = include_str!("price_card.sql");
/// Its tables are these. What takes a refund back names no hold in it, and older programs do not read
/// that such an entry moves what a member spent.
const FROM_FORMAT_3: &str = "UPDATE ledger_format SET format=4";
/// Held while the tables are looked at and made: several programs may begin at once. The ASCII
/// bytes `ANYL`.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1095653708)";
/// A row is renewed by every batch and asked for only when a commit's answer was lost, so an old one says
/// nothing any more. One that is locked is in use; a writer that finds its own gone makes another.
const FORGET_WRITERS: &str = "DELETE FROM writer WHERE id IN (SELECT id FROM writer \
    WHERE since<=now()-interval '30 days' FOR UPDATE SKIP LOCKED)";
/// PostgreSQL 15.
const OLDEST_SERVER: u64 = 150_000;

/// What the database is.
enum Recognised {
    Empty,
    Other,
    Ledger(i64),
}

impl Session {
    /// Makes the tables in an empty database, brings older ones to today's, and refuses what is not a
    /// ledger of this program.
    pub(super) fn make_tables(&mut self) -> Result<(), LedgerError> {
        self.connect()?;
        self.require_server()?;
        self.execute("BEGIN")?;
        let made = self.make_or_recognise();
        let ended = self.execute(if made.is_ok() { "COMMIT" } else { "ROLLBACK" });
        made.and(ended)
    }

    /// Refuses what is not a ledger of this program.
    pub(super) fn require_tables(&mut self) -> Result<(), LedgerError> {
        self.connect()?;
        match self.run(async |link| recognise(link).await)? {
            Recognised::Ledger(format) => self.require_format(format).map(drop),
            Recognised::Empty | Recognised::Other => Err(self.not_a_ledger()),
        }
    }

    /// Keeps a rate card, unless there is one of its number.
    pub(super) fn keep(&mut self, card: &PriceCard) -> Result<(), LedgerError> {
        let sql = "INSERT INTO price_card VALUES(CAST($1 AS bigint),CAST($2 AS bytea),$3,$4) \
                   ON CONFLICT DO NOTHING";
        let (version, digest) = (i64::from(card.version), card.digest().0);
        let (digest, kept_at) = (&digest[..], card.kept_at.millis());
        self.run_first(async |link| {
            let client = &link.client;
            client
                .execute(sql, &[&version, &digest, &card.body, &kept_at])
                .await?;
            Ok(())
        })
    }

    fn make_or_recognise(&mut self) -> Result<(), LedgerError> {
        self.execute(LOCK)?;
        match self.run(async |link| recognise(link).await)? {
            Recognised::Ledger(format) => {
                let format = self.require_format(format)?;
                if format < 2 {
                    self.execute(FROM_FORMAT_1)?;
                }
                if format < 3 {
                    self.execute(FROM_FORMAT_2)?;
                }
                if format < FORMAT {
                    self.execute(FROM_FORMAT_3)?;
                }
                self.execute(FORGET_WRITERS)
            }
            Recognised::Other => Err(self.not_a_ledger()),
            Recognised::Empty => {
                self.execute(SCHEMA)?;
                self.execute(&format!("INSERT INTO ledger_format VALUES({FORMAT})"))
            }
        }
    }

    fn require_server(&mut self) -> Result<(), LedgerError> {
        let sql = "SELECT CAST(current_setting('server_version_num') AS bigint)";
        match Asked(self).one(sql, &[], rows::count)? {
            Some(OLDEST_SERVER..) => Ok(()),
            _ => Err(LedgerError::Address {
                problem: "the ledger needs PostgreSQL 15 or newer",
            }),
        }
    }

    fn require_format(&self, format: i64) -> Result<u32, LedgerError> {
        match u32::try_from(format) {
            Ok(known @ 1..=FORMAT) => Ok(known),
            Ok(0) | Err(_) => Err(self.not_a_ledger()),
            Ok(file) => Err(LedgerError::NewerThanProgram {
                place: self.place().to_owned(),
                file,
                program: FORMAT,
            }),
        }
    }

    fn not_a_ledger(&self) -> LedgerError {
        LedgerError::NotALedger {
            place: self.place().to_owned(),
        }
    }
}

async fn recognise(link: &mut Link) -> Result<Recognised, LedgerError> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE relname='ledger_format') FROM pg_class \
               WHERE relkind IN ('r','p','v','m') AND relnamespace=current_schema()::regnamespace";
    let row = link.client.query_one(sql, &[]).await?;
    let (tables, formats): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    if formats == 0 {
        let is_empty = tables == 0;
        return Ok(if is_empty {
            Recognised::Empty
        } else {
            Recognised::Other
        });
    }
    let row = link
        .client
        .query_one("SELECT max(format) FROM ledger_format", &[]);
    let format: Option<i64> = row.await?.try_get(0)?;
    Ok(format.map_or(Recognised::Other, Recognised::Ledger))
}
