//! What the tool can be told.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The load tool and its dummy provider.
#[derive(Debug, clap::Parser)]
#[command(name = "bench-gateway")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Measure a gateway beside the provider it calls
    Run(Box<RunArguments>),
    /// Only the dummy provider, until it is killed
    Upstream(UpstreamArguments),
}

/// Where the dummy provider listens.
#[derive(Debug, clap::Args)]
pub(crate) struct UpstreamArguments {
    /// The address; port 0 takes a free one and prints it
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
}

/// What is measured, and how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RunArguments {
    /// Requests a second, one round each
    #[arg(long, value_delimiter = ',', default_value = "50,1000,3000")]
    pub(crate) rates: Vec<u32>,
    /// Seconds a round lasts
    #[arg(long, default_value_t = 20)]
    pub(crate) seconds: u32,
    /// Pieces of an answer in those rounds, sent at once
    #[arg(long, default_value_t = 8)]
    pub(crate) pieces: u32,
    /// Requests a second in the round of slow streams; 0 leaves it out
    #[arg(long, default_value_t = 20)]
    pub(crate) stream_rate: u32,
    /// Pieces of a slow stream
    #[arg(long, default_value_t = 50)]
    pub(crate) stream_pieces: u32,
    /// Milliseconds between two pieces of a slow stream
    #[arg(long, default_value_t = 20)]
    pub(crate) stream_every_ms: u32,
    /// Streams of a last round, of `--pieces` pieces `--stream-every-ms` apart, in which none may fail; 0
    /// leaves it out
    #[arg(long, default_value_t = 0)]
    pub(crate) streams: u32,
    /// Requests a second in that round: 100,000 at 500 take 200 seconds and some 70 are under way at once
    #[arg(long, default_value_t = 500)]
    pub(crate) streams_rate: u32,
    /// Starts that are timed before anything else; 0 leaves them out
    #[arg(long, default_value_t = 5)]
    pub(crate) starts: u32,
    /// The core the studio is pinned to (`taskset`); the tool's own is whatever it was started on
    #[arg(long)]
    pub(crate) core: Option<u32>,
    /// The `anyai` program that is started as `anyai serve`
    #[arg(long, env = "ANYAI_BINARY", default_value = "target/release/anyai")]
    pub(crate) studio: PathBuf,
    /// The folder in which the studio's temporary data folder is made [default: the system's]
    #[arg(long)]
    pub(crate) data_in: Option<PathBuf>,
    /// The catalogue id of an OpenAI model for the studio's turns
    #[arg(long, default_value = "gpt-5-nano")]
    pub(crate) model: String,
    /// Another gateway that is running already, instead of our studio
    #[arg(long, requires = "template")]
    pub(crate) gateway_url: Option<String>,
    /// What to ask that gateway (see tests/gateway/templates)
    #[arg(long)]
    pub(crate) template: Option<PathBuf>,
    /// What to ask the provider directly [default: what our studio asks]
    #[arg(long)]
    pub(crate) direct_template: Option<PathBuf>,
    /// A value for a template's placeholder, as NAME=VALUE
    #[arg(long = "set", value_parser = pair)]
    pub(crate) values: Vec<(String, String)>,
    /// That gateway's process, whose memory and processor time are then reported
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Where the dummy provider listens: the address that gateway was given
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) upstream: SocketAddr,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
