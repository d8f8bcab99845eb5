//! What a gateway adds to a call: an open-loop load tool and a dummy provider.
//!
//! Every request has its place on a schedule made beforehand, and its time is counted from that place,
//! not from when the tool got round to it: a gateway that stalls is charged for everyone who had to
//! wait. The same calls go straight to the provider in the same run, so that *added* is a difference
//! between two figures of one machine in one minute. It reports; it never judges.
//!
//! `cargo xtask bench gateway` builds it and the studio and runs both. Another gateway is measured
//! with `--gateway-url` and a template that says what to ask it and how its answer ends.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod arguments;
mod books;
mod exchange;
mod figures;
mod load;
mod marks;
mod phases;
mod process;
mod schedule;
mod studio;
mod template;
mod upstream;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bench-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One thread: the tool and the provider share the core that the gateway does not have.
#[tokio::main(flavor = "current_thread")]
async fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        Command::Upstream(upstream) => upstream::serve(&upstream).await,
        Command::Run(run) => phases::run(&run).await,
    }
}
