//! `anyai ledger`: what is asked of a ledger offline, with no server beside it. `verify` derives it again
//! and names the first entry that lies; `statement` writes a month as the server would.

mod verify;

use std::ops::Range;
use std::path::Path;

use anyai_ledger_db::{
    statements_in_file, statements_in_postgres, write_statement_csv, write_statement_json,
};
use anyai_secrets::Secret;
use anyai_units::{PoolId, UtcMillis};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use self::verify::VerifyArguments;
use crate::commands::CommandError;
use crate::exit::Exit;
use crate::{database, output};

/// What may be typed after `anyai ledger`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum LedgerCommand {
    /// Derive every chain, sum and balance again from the entries, and every charge from what its turn
    /// used. Exit code 6 when one lies.
    Verify(VerifyArguments),
    /// Write a month's statement, as the ledger stands now, with the hash of its head. It is derived again
    /// first; exit code 6 when an entry lies.
    Statement(StatementArguments),
}

/// What may be typed after `anyai ledger statement`.
#[derive(clap::Args, Debug)]
pub(crate) struct StatementArguments {
    /// The ledger's file, or the address of its database
    ledger: String,
    /// The month in which the period begins (UTC), like 2026-11
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    period: Range<UtcMillis>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Whose, in a ledger of several pools
    #[arg(long)]
    pool: Option<PoolId>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Format {
    Json,
    Csv,
}

pub(crate) fn run(command: &LedgerCommand) -> Result<Exit, CommandError> {
    match command {
        LedgerCommand::Verify(arguments) => verify::run(arguments),
        LedgerCommand::Statement(arguments) => statement(arguments),
    }
}

/// The address with its password, when the ledger is a database.
fn address(ledger: &str) -> Result<Option<Secret>, CommandError> {
    if !database::is_address(ledger) {
        return Ok(None);
    }
    database::with_password(&Secret::from(ledger)).map(Some)
}

fn statement(arguments: &StatementArguments) -> Result<Exit, CommandError> {
    let StatementArguments { pool, period, .. } = arguments;
    let now = UtcMillis::from_millis(Timestamp::now().as_millisecond());
    let found = match address(&arguments.ledger)? {
        Some(address) => statements_in_postgres(address.expose(), *pool, period, now)?,
        None => statements_in_file(Path::new(&arguments.ledger), *pool, period, now)?,
    };
    let [statement] = &found[..] else {
        let words = match found.len() {
            0 => "no period of the ledger begins in that month".to_owned(),
            many => format!("{many} pools have such a month: say which with --pool"),
        };
        return Err(CommandError::Typed(words));
    };
    let mut document = Vec::new();
    let written = match arguments.format {
        Format::Json => write_statement_json(statement, &mut document),
        Format::Csv => write_statement_csv(statement, &mut document),
    };
    written.map_err(|error| CommandError::Typed(error.to_string()))?;
    output::result(String::from_utf8_lossy(&document).trim_end())?;
    Ok(Exit::Success)
}

/// From a month's first instant to the next one's.
fn month(text: &str) -> Result<Range<UtcMillis>, String> {
    let wrong = || "a month looks like 2026-11".to_owned();
    let first: Date = format!("{text}-01").parse().map_err(|_| wrong())?;
    let next = first.checked_add(1.month()).map_err(|_| wrong())?;
    let begins = |date: Date| -> Result<UtcMillis, String> {
        let zoned = date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
        Ok(UtcMillis::from_millis(zoned.timestamp().as_millisecond()))
    };
    Ok(begins(first)?..begins(next)?)
}
