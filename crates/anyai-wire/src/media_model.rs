//! The models that make pictures and clips, with every value their knobs take.

use serde::{Deserialize, Serialize};

use crate::{Offer, VideoTask};

/// The models of the rate card in force that make pictures or clips.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MediaModels {
    /// The rate card's number.
    pub rate_card_version: u32,
    /// Those of pictures, then those of clips, in catalogue order.
    pub models: Vec<MediaModelView>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MediaModelView {
    /// Catalogue id.
    pub id: String,
    /// Its name.
    pub label: String,
    /// Catalogue id of the provider.
    pub provider: String,
    /// The provider's name.
    pub provider_label: String,
    /// One sentence on what it is good at.
    pub strengths: String,
    /// The day its provider switches it off (`2026-12-11`).
    pub ends_on: Option<String>,
    /// Whether it can be called here.
    pub offer: Offer,
    /// The longest prompt, in characters.
    pub prompt_chars_max: u32,
    /// The most reference pictures.
    pub references_max: u32,
    /// What can be chosen.
    pub takes: MediaTakes,
}

/// What a model lets a person choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum MediaTakes {
    /// Of pictures.
    Image(ImageTakes),
    /// Of clips.
    Video(VideoTakes),
}

/// The knobs of a model of pictures. A list that is empty leaves nothing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImageTakes {
    /// The most pictures of one turn.
    pub count_max: u32,
    /// Sizes, default first.
    pub sizes: Vec<String>,
    /// Aspects, default first.
    pub aspects: Vec<String>,
    /// Qualities, least first.
    pub qualities: Vec<String>,
    /// The one that is used when none is chosen.
    pub quality_default: Option<String>,
    /// Backgrounds, default first.
    pub backgrounds: Vec<String>,
    /// File formats, default first.
    pub formats: Vec<String>,
    /// Whether a part of a picture can be made anew.
    pub mask: bool,
    /// Whether pictures are shown on their way.
    pub previews: bool,
}

/// The knobs of a model of clips.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VideoTakes {
    /// What it makes clips from.
    pub tasks: Vec<VideoTask>,
    /// How long a clip may run, in seconds, rising.
    pub seconds: Vec<u32>,
    /// One of them.
    pub seconds_default: u32,
    /// How much longer another clip can be made, in seconds, rising.
    pub extend_seconds: Vec<u32>,
    /// The longest clip that can be changed; 0 where none can.
    pub edit_source_seconds_max: u32,
    /// The longest clip that can be continued; 0 where none can.
    pub extend_source_seconds_max: u32,
    /// Resolutions, default first.
    pub resolutions: Vec<String>,
    /// Those of clips made from references.
    pub reference_resolutions: Vec<String>,
    /// Aspects, default first.
    pub aspects: Vec<String>,
    /// What can be chosen of the sound: with it, without it, or both.
    pub sound: Vec<bool>,
    /// Whether the last frame can be given.
    pub last_frame: bool,
    /// Whether a seed can be given.
    pub seed: bool,
}
