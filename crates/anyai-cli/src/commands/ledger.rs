//! `anyai ledger verify`: derives a ledger again, offline, and names the first entry that lies.

use std::path::{Path, PathBuf};

use anyai_ledger_db::{LedgerError, Report, verify_file, verify_postgres};
use serde_json::json;

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;

/// What may be typed after `anyai ledger`.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum LedgerCommand {
    /// Derive every chain, sum and balance again from the entries. Exit code 6 when one lies.
    Verify(VerifyArguments),
}

/// What may be typed after `anyai ledger verify`.
#[derive(clap::Args, Debug)]
pub(crate) struct VerifyArguments {
    /// The ledger's file (`ledger.sqlite` in a studio's data folder), or the address of its database
    /// (`postgresql://user@host/database`)
    ledger: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &LedgerCommand) -> Result<Exit, CommandError> {
    let LedgerCommand::Verify(arguments) = command;
    let report = verify(&arguments.ledger)?;
    if arguments.json {
        output::json(&as_json(&report))?;
    } else {
        output::result(&sentence(&report))?;
    }
    Ok(if report.sound {
        Exit::Success
    } else {
        Exit::Unsound
    })
}

fn verify(ledger: &Path) -> Result<Report, LedgerError> {
    match ledger.to_str() {
        Some(address) if address.starts_with("postgresql://") => verify_postgres(address),
        _ => verify_file(ledger),
    }
}

fn as_json(report: &Report) -> serde_json::Value {
    let problem = report.first_problem.as_ref().map(|problem| {
        json!({
            "pool": problem.pool.map(|pool| pool.to_string()),
            "sequence": problem.seq,
            "what": problem.what,
        })
    });
    json!({ "sound": report.sound, "pools": report.pools, "entries": report.entries, "first_problem": problem })
}

fn sentence(report: &Report) -> String {
    let Some(problem) = &report.first_problem else {
        return format!(
            "sound: {} entries in {} pools follow from each other",
            report.entries, report.pools
        );
    };
    let entry = problem
        .seq
        .map(|seq| format!("entry {seq}: "))
        .unwrap_or_default();
    let pool = problem
        .pool
        .map(|pool| format!(" (pool {pool})"))
        .unwrap_or_default();
    format!("not sound: {entry}{}{pool}", problem.what)
}
