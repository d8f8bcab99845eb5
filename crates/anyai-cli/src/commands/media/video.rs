//! `anyai video`: a clip from the terminal.

use std::path::PathBuf;

use anyai_wire::{
    Attachment, Commands, Empty, Media, MediaTakes, PromptPart, VideoKnobs, VideoTask,
};

use super::{Draft, MakeArguments, attach, make, prompt_parts};
use crate::commands::CommandError;
use crate::exit::Exit;
use crate::studio::Opened;

/// How long a clip runs where neither the person nor a model says it.
const SECONDS: u32 = 6;

/// What may be typed after `anyai video`.
#[derive(clap::Args, Debug)]
pub(crate) struct VideoArguments {
    #[command(flatten)]
    make: MakeArguments,
    /// How long it runs, or how much longer [default: the model's]
    #[arg(long)]
    seconds: Option<u32>,
    /// Like `720p`
    #[arg(long)]
    resolution: Option<String>,
    /// Like `16:9`
    #[arg(long)]
    aspect: Option<String>,
    /// With sound, where that can be chosen
    #[arg(long, conflicts_with = "silent")]
    sound: bool,
    /// Without sound, where that can be chosen
    #[arg(long)]
    silent: bool,
    /// Makes the same prompt come out alike, where the model takes one
    #[arg(long)]
    seed: Option<u32>,
    /// The picture it begins with
    #[arg(long, value_name = "FILE")]
    first_frame: Option<PathBuf>,
    /// The picture it ends with
    #[arg(long, value_name = "FILE", requires = "first_frame")]
    last_frame: Option<PathBuf>,
    /// The clip that is changed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["extend", "first_frame"])]
    edit: Option<PathBuf>,
    /// The clip that is continued
    #[arg(long, value_name = "FILE", conflicts_with = "first_frame")]
    extend: Option<PathBuf>,
}

pub(crate) async fn run(arguments: VideoArguments) -> Result<Exit, CommandError> {
    let mut opened = arguments.make.studio.open().await?;
    let ended = async {
        opened.require_online()?;
        let draft = draft(&opened, &arguments).await?;
        make(&mut opened, &arguments.make, draft).await
    };
    let ended = ended.await;
    opened.studio.shutdown().await;
    ended
}

async fn draft(opened: &Opened, arguments: &VideoArguments) -> Result<Draft, CommandError> {
    let mut parts = prompt_parts(opened, &arguments.make).await?;
    let first = store(opened, arguments.first_frame.as_ref()).await?;
    let last = store(opened, arguments.last_frame.as_ref()).await?;
    let source = store(
        opened,
        arguments.edit.as_ref().or(arguments.extend.as_ref()),
    )
    .await?;
    let media = Media::Video(VideoKnobs {
        task: task(arguments),
        seconds: match arguments.seconds {
            Some(seconds) => seconds,
            None => default_seconds(opened, arguments.make.model.as_deref()).await?,
        },
        resolution: arguments.resolution.clone(),
        aspect: arguments.aspect.clone(),
        sound: (arguments.sound || arguments.silent).then_some(arguments.sound),
        seed: arguments.seed,
        first_frame: first.as_ref().map(|frame| frame.asset_id),
        last_frame: last.as_ref().map(|frame| frame.asset_id),
        draft_of: None,
    });
    parts.extend(first.map(PromptPart::Image));
    parts.extend(last.map(PromptPart::Image));
    parts.extend(source.map(PromptPart::Video));
    Ok(Draft { media, parts })
}

const fn task(arguments: &VideoArguments) -> VideoTask {
    if arguments.edit.is_some() {
        VideoTask::Edit
    } else if arguments.extend.is_some() {
        VideoTask::Extend
    } else if arguments.first_frame.is_some() {
        VideoTask::Image
    } else if arguments.make.references.is_empty() {
        VideoTask::Text
    } else {
        VideoTask::Reference
    }
}

async fn store(
    opened: &Opened,
    path: Option<&PathBuf>,
) -> Result<Option<Attachment>, CommandError> {
    match path {
        Some(path) => attach(opened, path).await.map(Some),
        None => Ok(None),
    }
}

async fn default_seconds(opened: &Opened, model: Option<&str>) -> Result<u32, CommandError> {
    let listed = opened.studio.app().media_model_list(Empty {}).await?;
    let mut chosen = listed.models.into_iter();
    let chosen = chosen.find(|listed| Some(listed.id.as_str()) == model);
    Ok(match chosen.map(|model| model.takes) {
        Some(MediaTakes::Video(takes)) => takes.seconds_default,
        _ => SECONDS,
    })
}
