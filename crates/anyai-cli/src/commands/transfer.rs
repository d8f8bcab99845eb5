//! `anyai import FILE` and `anyai export FOLDER`: what other programs hold into the studio, and
//! everything the studio holds into files.

use std::path::PathBuf;

use anyai_wire::{
    AppEvent, Code, Commands, Empty, ExportSummary, ImportCounts, Transfer, WireError,
};

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;
use crate::studio::{Opened, StudioArguments};

/// What may be typed after `anyai import`.
#[derive(clap::Args, Debug)]
pub(crate) struct ImportArguments {
    /// An export of ChatGPT or Claude (the ZIP archive), LibreChat or Open WebUI (JSON)
    file: PathBuf,
    #[command(flatten)]
    studio: StudioArguments,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What may be typed after `anyai export`.
#[derive(clap::Args, Debug)]
pub(crate) struct ExportArguments {
    /// Where a new folder with everything is made
    folder: PathBuf,
    #[command(flatten)]
    studio: StudioArguments,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn import(arguments: ImportArguments) -> Result<Exit, CommandError> {
    let mut opened = arguments.studio.open().await?;
    let imported = imported(&mut opened, arguments.file).await;
    opened.studio.shutdown().await;
    let counts = imported?;
    if arguments.json {
        output::json(&counts)?;
        return Ok(Exit::Success);
    }
    for sentence in said_of(&counts) {
        output::result(&sentence)?;
    }
    Ok(Exit::Success)
}

pub(crate) async fn export(arguments: ExportArguments) -> Result<Exit, CommandError> {
    let mut opened = arguments.studio.open().await?;
    let exported = exported(&mut opened, arguments.folder).await;
    opened.studio.shutdown().await;
    let summary = exported?;
    if arguments.json {
        output::json(&summary)?;
        return Ok(Exit::Success);
    }
    output::result(&summary.path)?;
    output::remark(&format!(
        "{} conversations, {} turns, {} files; {} could not be read.",
        summary.conversations, summary.turns, summary.files, summary.missing_files
    ))?;
    Ok(Exit::Success)
}

async fn imported(opened: &mut Opened, file: PathBuf) -> Result<ImportCounts, CommandError> {
    opened.require_online()?;
    opened.studio.app().import_from(file)?;
    match ended(opened).await? {
        Transfer::Imported { counts } => Ok(counts),
        Transfer::ImportEnded {
            error: Some(error), ..
        } => Err(error.into()),
        _ => Err(interrupted().into()),
    }
}

async fn exported(opened: &mut Opened, folder: PathBuf) -> Result<ExportSummary, CommandError> {
    opened.require_online()?;
    opened.studio.app().export_into(folder)?;
    match ended(opened).await? {
        Transfer::Exported { summary } => Ok(summary),
        Transfer::ExportEnded { error: Some(error) } => Err(error.into()),
        _ => Err(interrupted().into()),
    }
}

fn interrupted() -> WireError {
    WireError::new(Code::Interrupted, "it ended before it was whole")
}

/// Waits until it is over.
async fn ended(opened: &mut Opened) -> Result<Transfer, CommandError> {
    loop {
        let state = opened.studio.app().transfer_get(Empty {}).await?;
        match state.transfer {
            None | Some(Transfer::Importing { .. } | Transfer::Exporting { .. }) => {}
            Some(over) => return Ok(over),
        }
        loop {
            match opened.events.recv().await {
                Some(AppEvent::Transfer { .. }) => break,
                Some(_) => {}
                None => return Err(interrupted().into()),
            }
        }
    }
}

fn said_of(counts: &ImportCounts) -> Vec<String> {
    let mut said = vec![format!(
        "{} conversations, {} turns, {} files from {}; {} conversations were continued, {} were here already.",
        counts.new_conversations,
        counts.new_turns,
        counts.new_files,
        if counts.source.is_empty() {
            "the export"
        } else {
            &counts.source
        },
        counts.grown_conversations,
        counts.known_conversations,
    )];
    if counts.missing_files > 0 {
        said.push(format!(
            "{} files are named in the export and not in it, or of no kind that is kept.",
            counts.missing_files
        ));
    }
    if counts.left_out > 0 {
        said.push(format!(
            "{} conversations were left out: nothing is said in them, or they are damaged.",
            counts.left_out
        ));
    }
    let more = counts.refused as usize;
    for refused in &counts.refusals {
        said.push(format!(
            "Not taken: {:?}: {}.",
            refused.title, refused.reason
        ));
    }
    if more > counts.refusals.len() {
        said.push(format!(
            "{} more were not taken.",
            more - counts.refusals.len()
        ));
    }
    said
}
