//! What a knob of a model takes, and the refusal of anything else.

use crate::model::ModelId;
use crate::spelled::spelled;

spelled! {
    /// A knob of a picture or a clip.
    Knob {
        /// How many pictures.
        Count = "count",
        /// A picture's size.
        Size = "size",
        /// Width to height.
        Aspect = "aspect",
        /// A picture's quality.
        Quality = "quality",
        /// What is behind the subject.
        Background = "background",
        /// The file format.
        Format = "format",
        /// Reference pictures.
        References = "references",
        /// Which part of a picture is made anew.
        Mask = "mask",
        /// Pictures as they look so far.
        Previews = "previews",
        /// What a clip is made from.
        Task = "task",
        /// How long a clip runs.
        Seconds = "seconds",
        /// A clip's resolution.
        Resolution = "resolution",
        /// Whether a clip has sound.
        Sound = "sound",
        /// The picture a clip begins with.
        FirstFrame = "first frame",
        /// The picture a clip ends with.
        LastFrame = "last frame",
        /// The clip another is made from.
        Source = "source clip",
    }
}

/// A model does not take a knob so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{model} does not take the {knob} {asked}: it takes {takes}")]
pub struct AskRefusal {
    /// The model.
    pub model: ModelId,
    /// The knob.
    pub knob: Knob,
    /// What was asked.
    pub asked: String,
    /// What it takes.
    pub takes: String,
}

impl AskRefusal {
    pub(crate) fn new(model: &ModelId, knob: Knob, asked: &str, takes: &str) -> Self {
        Self {
            model: model.clone(),
            knob,
            asked: asked.to_owned(),
            takes: takes.to_owned(),
        }
    }
}

/// The wished value where it is one of the choices, the first of them where none is wished.
pub(crate) fn choice(
    model: &ModelId,
    knob: Knob,
    wished: Option<&str>,
    choices: &[String],
) -> Result<Option<String>, AskRefusal> {
    match wished {
        None => Ok(choices.first().cloned()),
        Some(wished) if choices.iter().any(|choice| choice == wished) => {
            Ok(Some(wished.to_owned()))
        }
        Some(wished) if choices.is_empty() => {
            Err(AskRefusal::new(model, knob, wished, "none here"))
        }
        Some(wished) => Err(AskRefusal::new(model, knob, wished, &choices.join(", "))),
    }
}

/// Refuses a number outside its bounds.
pub(crate) fn count_within(
    model: &ModelId,
    knob: Knob,
    asked: u32,
    least: u32,
    most: u32,
) -> Result<(), AskRefusal> {
    if (least..=most).contains(&asked) {
        return Ok(());
    }
    let takes = format!("{least} to {most}");
    Err(AskRefusal::new(model, knob, &asked.to_string(), &takes))
}
