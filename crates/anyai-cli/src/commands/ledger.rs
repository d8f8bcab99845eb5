//! `anyai ledger verify`: derives a ledger again, offline, and names the first entry that lies.

use std::path::Path;

use anyai_ledger_db::{Report, VerifyOptions, verify_file_with, verify_postgres_with};
use anyai_secrets::Secret;
use serde_json::json;

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::{database, output};

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
    ledger: String,
    /// The public key, 64 hexadecimal digits, that every checkpoint has to be signed with: whoever
    /// rewrites a whole ledger can sign it again, but not with the key you noted down
    #[arg(long, value_name = "KEY", value_parser = public_key)]
    key: Option<[u8; 32]>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &LedgerCommand) -> Result<Exit, CommandError> {
    let LedgerCommand::Verify(arguments) = command;
    let options = VerifyOptions { key: arguments.key };
    let report = if database::is_address(&arguments.ledger) {
        let address = database::with_password(&Secret::from(arguments.ledger.as_str()))?;
        verify_postgres_with(address.expose(), options)?
    } else {
        verify_file_with(Path::new(&arguments.ledger), options)?
    };
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

fn public_key(text: &str) -> Result<[u8; 32], String> {
    let mut key = [0; 32];
    let is_key = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for (at, byte) in key.iter_mut().enumerate() {
        let digits = text.get(2 * at..2 * at + 2).filter(|_| is_key);
        let parsed = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        *byte = parsed.ok_or_else(|| "a key is 64 hexadecimal digits".to_owned())?;
    }
    Ok(key)
}

fn as_json(report: &Report) -> serde_json::Value {
    let problem = report.first_problem.as_ref().map(|problem| {
        json!({
            "pool": problem.pool.map(|pool| pool.to_string()),
            "sequence": problem.seq,
            "what": problem.what,
        })
    });
    json!({ "sound": report.sound, "pools": report.pools, "entries": report.entries, "checkpoints": report.checkpoints, "first_problem": problem })
}

fn sentence(report: &Report) -> String {
    let Some(problem) = &report.first_problem else {
        return format!(
            "sound: {} entries in {} pools follow from each other, {} signed heads among them",
            report.entries, report.pools, report.checkpoints
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
