//! A model that makes clips: which knobs it has, and what is asked of it.

use anyai_units::{Tokens, UtcMillis};

use crate::knob::{AskRefusal, Knob, choice, count_within};
use crate::model::{Api, ModelId, Provider};
use crate::picture_tokens::LikelyMost;
use crate::spelled::spelled;

spelled! {
    /// What a clip is made from.
    VideoTask {
        /// Words.
        Text = "text",
        /// A first frame, perhaps a last one.
        Image = "image",
        /// Pictures of what is to be seen in it.
        Reference = "reference",
        /// Another clip, changed.
        Edit = "edit",
        /// Another clip, continued.
        Extend = "extend",
    }
}

spelled! {
    /// Whether a model's clips have sound.
    Sound {
        /// Every one has.
        Always = "always",
        /// None has.
        Never = "never",
        /// As asked; with sound unless asked otherwise.
        Choice = "choice",
    }
}

impl Sound {
    /// What may be asked for.
    #[must_use]
    pub const fn choices(self) -> &'static [bool] {
        match self {
            Self::Always => &[true],
            Self::Never => &[false],
            Self::Choice => &[true, false],
        }
    }
}

/// A model that makes clips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoModel {
    /// Its id, here and at the provider.
    pub id: ModelId,
    /// Its name for people.
    pub label: String,
    /// Who runs it.
    pub provider: Provider,
    /// The protocol that reaches it.
    pub api: Api,
    /// How long a new clip may run, rising.
    pub seconds: Vec<u32>,
    /// One of `seconds`.
    pub seconds_default: u32,
    /// How much longer another clip may be made, rising.
    pub extend_seconds: Vec<u32>,
    /// The longest clip it changes; 0 where it changes none.
    pub edit_source_seconds_max: u32,
    /// The longest clip it continues; 0 where it continues none.
    pub extend_source_seconds_max: u32,
    /// The resolutions, default first.
    pub resolutions: Vec<String>,
    /// The resolutions of clips made from references; all of them where empty.
    pub reference_resolutions: Vec<String>,
    /// The aspects, default first.
    pub aspects: Vec<String>,
    /// Whether clips have sound.
    pub sound: Sound,
    /// What it makes clips from.
    pub tasks: Vec<VideoTask>,
    /// The most reference pictures.
    pub references_max: u32,
    /// Whether the last frame can be given.
    pub takes_last_frame: bool,
    /// Whether a seed can be given.
    pub takes_seed: bool,
    /// The longest prompt, in characters.
    pub prompt_chars_max: u32,
    /// What a clip counts, where tokens are billed; `None` where seconds are.
    pub tokens: Option<ClipTokens>,
    /// Built and tested, and not offered unless the operator's rate card switches it on.
    pub flagged: bool,
    /// When the provider shuts it down, if announced.
    pub shuts_down_at: Option<UtcMillis>,
    /// What it is good at, in one short sentence.
    pub strengths: String,
}

/// How many tokens clips are, going in and coming out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipTokens {
    /// Of a second that is made, by resolution.
    pub second: Vec<SecondTokens>,
    /// Of one picture that is read.
    pub reference: LikelyMost,
    /// Of a second that is read.
    pub source_second: LikelyMost,
    /// Of words the model writes for a clip, thinking included.
    pub words: LikelyMost,
}

/// A row of a token table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondTokens {
    /// The resolution.
    pub resolution: String,
    /// A second's tokens.
    pub tokens: Tokens,
}

/// What is asked of a model that makes clips. `None` is its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoAsk {
    /// What it is made from.
    pub task: VideoTask,
    /// How long it runs, or how much longer; an edit runs as long as its source.
    pub seconds: u32,
    /// Like `720p`. Edits and extensions keep their source's.
    pub resolution: Option<String>,
    /// Like `16:9`. Edits and extensions keep their source's.
    pub aspect: Option<String>,
    /// Whether it has sound.
    pub sound: Option<bool>,
    /// How many reference pictures.
    pub references: u32,
    /// Whether the first frame is given.
    pub first_frame: bool,
    /// Whether the last frame is given.
    pub last_frame: bool,
    /// How long the clip runs that is changed or continued, begun seconds counted whole.
    pub source_seconds: Option<u32>,
    /// The prompt, as counted.
    pub prompt: Tokens,
}

impl VideoModel {
    /// Whether the provider still serves it at this instant.
    #[must_use]
    pub fn is_served(&self, at: UtcMillis) -> bool {
        self.shuts_down_at.is_none_or(|end| at < end)
    }

    /// A clip with every knob untouched.
    #[must_use]
    pub fn default_ask(&self, prompt: Tokens) -> VideoAsk {
        let task = self.tasks.first().copied().unwrap_or(VideoTask::Text);
        VideoAsk {
            task,
            seconds: self.seconds_default,
            resolution: None,
            aspect: None,
            sound: None,
            references: u32::from(task == VideoTask::Reference),
            first_frame: task == VideoTask::Image,
            last_frame: false,
            source_seconds: None,
            prompt,
        }
    }
}

impl VideoTask {
    /// Whether the clip is made from another.
    #[must_use]
    pub const fn has_source(self) -> bool {
        matches!(self, Self::Edit | Self::Extend)
    }
}

impl VideoAsk {
    /// The same ask with every default filled in, and every knob known to be one of the model's.
    ///
    /// # Errors
    /// An [`AskRefusal`] that names the first knob the model does not take so.
    pub fn resolve(&self, model: &VideoModel) -> Result<Self, AskRefusal> {
        let id = &model.id;
        if !model.tasks.contains(&self.task) {
            let tasks: Vec<_> = model.tasks.iter().map(|task| task.as_str()).collect();
            let asked = self.task.as_str();
            return Err(AskRefusal::new(id, Knob::Task, asked, &tasks.join(", ")));
        }
        self.check_pictures(model)?;
        let seconds = self.resolved_seconds(model)?;
        let sound = self.resolved_sound(model)?;
        if self.task.has_source() {
            let (none, source) = (&[], Knob::Resolution);
            let resolution = choice(id, source, self.resolution.as_deref(), none)?;
            let aspect = choice(id, Knob::Aspect, self.aspect.as_deref(), none)?;
            return Ok(Self {
                seconds,
                resolution,
                aspect,
                sound,
                ..self.clone()
            });
        }
        let resolutions = match self.task {
            VideoTask::Reference if !model.reference_resolutions.is_empty() => {
                &model.reference_resolutions
            }
            _ => &model.resolutions,
        };
        Ok(Self {
            seconds,
            resolution: choice(
                id,
                Knob::Resolution,
                self.resolution.as_deref(),
                resolutions,
            )?,
            aspect: choice(id, Knob::Aspect, self.aspect.as_deref(), &model.aspects)?,
            sound,
            ..self.clone()
        })
    }

    fn check_pictures(&self, model: &VideoModel) -> Result<(), AskRefusal> {
        let id = &model.id;
        let (least, most) = match self.task {
            VideoTask::Reference => (1, model.references_max),
            _ => (0, 0),
        };
        count_within(id, Knob::References, self.references, least, most)?;
        let from_frames = self.task == VideoTask::Image;
        if self.first_frame != from_frames {
            let (asked, takes) = match from_frames {
                true => ("none", "one to make a clip from pictures"),
                false => ("of this task", "none here"),
            };
            return Err(AskRefusal::new(id, Knob::FirstFrame, asked, takes));
        }
        if self.last_frame && !(from_frames && model.takes_last_frame) {
            let asked = "of this task";
            return Err(AskRefusal::new(id, Knob::LastFrame, asked, "none here"));
        }
        Ok(())
    }

    fn resolved_seconds(&self, model: &VideoModel) -> Result<u32, AskRefusal> {
        let id = &model.id;
        match (self.task.has_source(), self.source_seconds) {
            (true, None) => {
                let takes = "one to change or continue";
                return Err(AskRefusal::new(id, Knob::Source, "none", takes));
            }
            (false, Some(_)) => {
                return Err(AskRefusal::new(
                    id,
                    Knob::Source,
                    "of this task",
                    "none here",
                ));
            }
            (_, Some(source)) => {
                let most = match self.task {
                    VideoTask::Edit => model.edit_source_seconds_max,
                    _ => model.extend_source_seconds_max,
                };
                count_within(id, Knob::Source, source, 1, most)?;
            }
            (_, None) => {}
        }
        let choices = match self.task {
            VideoTask::Edit => return Ok(self.source_seconds.unwrap_or_default()),
            VideoTask::Extend => &model.extend_seconds,
            _ => &model.seconds,
        };
        if choices.contains(&self.seconds) {
            return Ok(self.seconds);
        }
        let takes: Vec<_> = choices.iter().map(ToString::to_string).collect();
        let asked = self.seconds.to_string();
        Err(AskRefusal::new(
            id,
            Knob::Seconds,
            &asked,
            &takes.join(", "),
        ))
    }

    fn resolved_sound(&self, model: &VideoModel) -> Result<Option<bool>, AskRefusal> {
        match (model.sound, self.sound) {
            (Sound::Choice, wished) => Ok(Some(wished.unwrap_or(true))),
            (Sound::Always, Some(false)) => {
                Err(AskRefusal::new(&model.id, Knob::Sound, "off", "on, always"))
            }
            (Sound::Never, Some(true)) => {
                Err(AskRefusal::new(&model.id, Knob::Sound, "on", "off, always"))
            }
            (sound, _) => Ok(Some(sound == Sound::Always)),
        }
    }
}
