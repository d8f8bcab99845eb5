//! What a turn is to make, where it is a picture or a clip, and how far its making is.
//!
//! Values are the provider's own words, which the catalogue lists for each model; a value it does
//! not list is refused. Pictures of the prompt are references unless a knob names one of them.

use anyai_units::AssetId;
use serde::{Deserialize, Serialize};

use crate::Attachment;

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Media {
    /// Pictures.
    Image(ImageKnobs),
    /// A clip.
    Video(VideoKnobs),
}

/// How pictures are to be made. What is left out is the model's default.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImageKnobs {
    /// How many, from 1.
    pub count: u32,
    /// Like `1024x1024` or `2k`.
    pub size: Option<String>,
    /// Like `16:9`, where it is apart from the size.
    pub aspect: Option<String>,
    /// Like `high`.
    pub quality: Option<String>,
    /// `transparent` or `opaque`.
    pub background: Option<String>,
    /// `png`, `jpeg` or `webp`.
    pub format: Option<String>,
    /// The picture of the prompt whose transparent parts are to be made anew.
    pub mask: Option<AssetId>,
}

/// How a clip is to be made. What is left out is the model's default.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VideoKnobs {
    /// What it is made from.
    pub task: VideoTask,
    /// How long it runs. An edit runs as long as the clip it changes.
    pub seconds: u32,
    /// Like `720p`.
    pub resolution: Option<String>,
    /// Like `16:9`.
    pub aspect: Option<String>,
    /// Whether it has sound, where that can be chosen.
    pub sound: Option<bool>,
    /// Makes the same prompt come out alike, where the model takes one.
    pub seed: Option<u32>,
    /// The picture of the prompt that it begins with.
    pub first_frame: Option<AssetId>,
    /// The picture of the prompt that it ends with.
    pub last_frame: Option<AssetId>,
    /// What it is a draft of: the same prompt, frames and seed are then made so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub draft_of: Option<VideoFinal>,
}

/// How a clip is to be made once its draft is liked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VideoFinal {
    /// Catalogue id of the model.
    pub model_id: String,
    /// How long it runs.
    pub seconds: u32,
    /// Like `1080p`.
    pub resolution: Option<String>,
    /// Whether it has sound, where that can be chosen.
    pub sound: Option<bool>,
}

/// What a clip is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum VideoTask {
    /// Words.
    Text,
    /// A first frame, perhaps a last one.
    Image,
    /// Pictures of what is to be seen in it.
    Reference,
    /// The clip of the prompt, changed.
    Edit,
    /// The clip of the prompt, continued.
    Extend,
}

/// How far a picture's or a clip's making is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct JobProgress {
    /// The stage.
    pub stage: JobStage,
    /// How much of the stage is done, in thousandths, where the provider says.
    pub permille: Option<u32>,
    /// The person stopped it, and the provider goes on: what it makes and bills is kept.
    #[serde(default)]
    pub stopping: bool,
}

/// A stage of the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum JobStage {
    /// The provider has it, and has not begun.
    Submitted,
    /// The provider is making it.
    Running,
    /// It is made, and on its way here.
    Downloading,
}

/// Takes the picture that a knob names out of those of a prompt, which are left for the next knob: one
/// picture is for one thing. `None` where the knob names nothing.
///
/// # Errors
/// The id that names no picture of the prompt, or one that is taken already.
pub fn take_named(
    pictures: &mut Vec<Attachment>,
    wanted: Option<AssetId>,
) -> Result<Option<Attachment>, AssetId> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let place = pictures
        .iter()
        .position(|picture| picture.asset_id == wanted);
    place
        .map(|place| Some(pictures.remove(place)))
        .ok_or(wanted)
}
