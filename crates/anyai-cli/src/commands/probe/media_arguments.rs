//! The probe's arguments for pictures and clips.

use std::path::PathBuf;

use anyai_providers::{Protocol, Provider, VideoTask};
use clap::{Args, ValueEnum};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Words.
    Chat,
    /// Pictures.
    Image,
    /// A clip.
    Video,
}

impl Kind {
    /// The protocol to prefer for it with this provider.
    pub(crate) const fn default_protocol(self, provider: Provider) -> Protocol {
        match (self, provider) {
            (Self::Image, Provider::Google) => Protocol::GenerateContent,
            (Self::Image, _) => Protocol::Images,
            (Self::Video, Provider::Google) => Protocol::Interactions,
            (Self::Video, _) => Protocol::Videos,
            (Self::Chat, _) => provider.default_protocol(),
        }
    }
}

/// The knobs of pictures and clips; what is left out is the provider's default.
#[derive(Args, Debug)]
#[command(next_help_heading = "Pictures and clips")]
pub(crate) struct MediaArguments {
    /// How many pictures.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
    /// A picture's size, like 1024x1024 or 2k.
    #[arg(long)]
    pub(crate) size: Option<String>,
    /// The shape, like 16:9.
    #[arg(long)]
    pub(crate) aspect: Option<String>,
    /// How well a picture is made, like high.
    #[arg(long)]
    pub(crate) quality: Option<String>,
    /// transparent or opaque.
    #[arg(long)]
    pub(crate) background: Option<String>,
    /// A picture's format: png, jpeg or webp.
    #[arg(long)]
    pub(crate) format: Option<String>,
    /// Where its alpha is zero, the first picture is made anew.
    #[arg(long, value_name = "FILE")]
    pub(crate) mask: Option<PathBuf>,
    /// How many unfinished pictures to ask for.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) previews: u32,
    /// Fetch pictures that are only linked to.
    #[arg(long)]
    pub(crate) fetch: bool,
    /// What a clip is made from; by default whatever is given.
    #[arg(long, value_enum)]
    pub(crate) task: Option<Task>,
    /// How long a clip runs.
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) seconds: u32,
    /// A clip's resolution, like 720p.
    #[arg(long)]
    pub(crate) resolution: Option<String>,
    /// Whether a clip has sound.
    #[arg(long, value_name = "BOOL")]
    pub(crate) sound: Option<bool>,
    /// Makes the same prompt come out alike.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u32>,
    /// The picture a clip begins with.
    #[arg(long, value_name = "FILE")]
    pub(crate) first_frame: Option<PathBuf>,
    /// The picture a clip ends with.
    #[arg(long, value_name = "FILE")]
    pub(crate) last_frame: Option<PathBuf>,
    /// The clip to change or to continue.
    #[arg(long, value_name = "FILE or URL")]
    pub(crate) clip: Option<String>,
    /// Ask after this job instead of submitting one.
    #[arg(long, value_name = "ID")]
    pub(crate) job: Option<String>,
    /// The time between two polls; by default the provider's manners.
    #[arg(long, value_name = "MILLISECONDS")]
    pub(crate) poll_ms: Option<u64>,
    /// Give up after so many polls.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) polls_max: u32,
}

impl MediaArguments {
    /// What a clip is made from, as said or as what is given tells.
    pub(crate) fn video_task(&self, has_references: bool) -> VideoTask {
        match self.task {
            Some(task) => task.into(),
            None if self.clip.is_some() => VideoTask::Edit,
            None if self.first_frame.is_some() => VideoTask::Image,
            None if has_references => VideoTask::Reference,
            None => VideoTask::Text,
        }
    }
}

/// What a clip is made from.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Task {
    /// Words.
    Text,
    /// A first frame, perhaps a last one.
    Image,
    /// Pictures of what is to be seen in it.
    Reference,
    /// A clip, changed.
    Edit,
    /// A clip, continued.
    Extend,
}

impl From<Task> for VideoTask {
    fn from(task: Task) -> Self {
        match task {
            Task::Text => Self::Text,
            Task::Image => Self::Image,
            Task::Reference => Self::Reference,
            Task::Edit => Self::Edit,
            Task::Extend => Self::Extend,
        }
    }
}
