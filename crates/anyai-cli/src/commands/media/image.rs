//! `anyai image`: pictures from the terminal.

use std::path::PathBuf;

use anyai_wire::{ImageKnobs, Media, PromptPart};

use super::{Draft, MakeArguments, attach, make, prompt_parts};
use crate::commands::CommandError;
use crate::exit::Exit;

/// What may be typed after `anyai image`.
#[derive(clap::Args, Debug)]
pub(crate) struct ImageArguments {
    #[command(flatten)]
    make: MakeArguments,
    /// How many pictures
    #[arg(long, default_value_t = 1)]
    count: u32,
    /// Like `1024x1024` or `2K`
    #[arg(long)]
    size: Option<String>,
    /// Like `16:9`, where it is apart from the size
    #[arg(long)]
    aspect: Option<String>,
    /// Like `high`
    #[arg(long)]
    quality: Option<String>,
    /// `transparent` or `opaque`
    #[arg(long)]
    background: Option<String>,
    /// `png`, `jpeg` or `webp`
    #[arg(long)]
    format: Option<String>,
    /// A picture whose transparent parts are made anew in the first reference
    #[arg(long, value_name = "FILE", requires = "references")]
    mask: Option<PathBuf>,
}

pub(crate) async fn run(arguments: ImageArguments) -> Result<Exit, CommandError> {
    let mut opened = arguments.make.studio.open().await?;
    let ended = async {
        opened.require_online()?;
        let mut parts = prompt_parts(&opened, &arguments.make).await?;
        let mask = match &arguments.mask {
            Some(path) => Some(attach(&opened, path).await?),
            None => None,
        };
        let media = Media::Image(ImageKnobs {
            count: arguments.count,
            size: arguments.size.clone(),
            aspect: arguments.aspect.clone(),
            quality: arguments.quality.clone(),
            background: arguments.background.clone(),
            format: arguments.format.clone(),
            mask: mask.as_ref().map(|mask| mask.asset_id),
        });
        parts.extend(mask.map(PromptPart::Image));
        make(&mut opened, &arguments.make, Draft { media, parts }).await
    };
    let ended = ended.await;
    opened.studio.shutdown().await;
    ended
}
