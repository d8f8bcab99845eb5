//! What may be typed: one subcommand, each with its own arguments.

use clap::{Parser, Subcommand};

use crate::commands::probe::ProbeArguments;

/// Any AI Studio on the command line.
#[derive(Debug, Parser)]
#[command(name = "anyai", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Call a provider once, outside the ledger, and show what came back.
    Probe(ProbeArguments),
}
