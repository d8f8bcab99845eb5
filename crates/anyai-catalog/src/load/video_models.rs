//! Models that make clips, as the model list writes them.

use serde::Deserialize;
use toml::value::Datetime;

use super::image_models::{LikelyMostText, has_twins, impossible, possible, remote_provider};
use super::image_prices::uncovered;
use super::{LoadError, instant};
use crate::model::{Api, ModelId};
use crate::video::{ClipTokens, SecondTokens, Sound, VideoModel, VideoTask};

/// No clip of one turn is longer.
const SECONDS_MAX: u32 = 3_600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VideoModelText {
    id: String,
    label: String,
    provider: String,
    api: String,
    seconds: Vec<u32>,
    seconds_default: u32,
    #[serde(default)]
    extend_seconds: Vec<u32>,
    #[serde(default)]
    edit_source_seconds_max: u32,
    #[serde(default)]
    extend_source_seconds_max: u32,
    resolutions: Vec<String>,
    #[serde(default)]
    reference_resolutions: Vec<String>,
    aspects: Vec<String>,
    sound: String,
    tasks: Vec<String>,
    #[serde(default)]
    references_max: u32,
    #[serde(default)]
    takes_last_frame: bool,
    #[serde(default)]
    takes_seed: bool,
    prompt_chars_max: u32,
    tokens: Option<ClipTokensText>,
    #[serde(default)]
    flagged: bool,
    shuts_down: Option<Datetime>,
    strengths: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClipTokensText {
    second: Vec<SecondText>,
    #[serde(default)]
    reference: LikelyMostText,
    #[serde(default)]
    source_second: LikelyMostText,
    #[serde(default)]
    words: LikelyMostText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecondText {
    resolution: String,
    tokens: u64,
}

impl VideoModelText {
    pub(super) fn check(self) -> Result<VideoModel, LoadError> {
        let word = |field, value: &str| LoadError::UnknownWord {
            model: self.id.clone(),
            field,
            value: value.to_owned(),
        };
        let tasks = self.tasks.iter();
        let tasks = tasks
            .map(|task| VideoTask::from_text(task).ok_or_else(|| word("tasks", task)))
            .collect::<Result<Vec<_>, _>>()?;
        self.check_limits(&tasks)?;
        let model = VideoModel {
            id: ModelId::new(&self.id),
            provider: remote_provider(&self.provider)
                .ok_or_else(|| word("provider", &self.provider))?,
            api: Api::from_text(&self.api)
                .filter(|api| api.makes_clips())
                .ok_or_else(|| word("api", &self.api))?,
            sound: Sound::from_text(&self.sound).ok_or_else(|| word("sound", &self.sound))?,
            tokens: match &self.tokens {
                Some(tokens) => Some(tokens.check(&self.id)?),
                None => None,
            },
            shuts_down_at: self.shuts_down.as_ref().map(instant).transpose()?,
            tasks,
            label: self.label,
            seconds: self.seconds,
            seconds_default: self.seconds_default,
            extend_seconds: self.extend_seconds,
            edit_source_seconds_max: self.edit_source_seconds_max,
            extend_source_seconds_max: self.extend_source_seconds_max,
            resolutions: self.resolutions,
            reference_resolutions: self.reference_resolutions,
            aspects: self.aspects,
            references_max: self.references_max,
            takes_last_frame: self.takes_last_frame,
            takes_seed: self.takes_seed,
            prompt_chars_max: self.prompt_chars_max,
            flagged: self.flagged,
            strengths: self.strengths,
        };
        every_choice_has_tokens(&model)?;
        Ok(model)
    }

    fn check_limits(&self, tasks: &[VideoTask]) -> Result<(), LoadError> {
        let does = |task| tasks.contains(&task);
        let of_ours = |resolution| self.resolutions.contains(resolution);
        let field = if self.id.trim().is_empty() {
            "id"
        } else if self.label.trim().is_empty() {
            "label"
        } else if tasks.is_empty() {
            "tasks"
        } else if !are_lengths(&self.seconds) || self.seconds.is_empty() {
            "seconds"
        } else if !self.seconds.contains(&self.seconds_default) {
            "seconds_default"
        } else if !are_lengths(&self.extend_seconds)
            || self.extend_seconds.is_empty() == does(VideoTask::Extend)
        {
            "extend_seconds"
        } else if !is_limit(self.edit_source_seconds_max, does(VideoTask::Edit)) {
            "edit_source_seconds_max"
        } else if !is_limit(self.extend_source_seconds_max, does(VideoTask::Extend)) {
            "extend_source_seconds_max"
        } else if self.resolutions.is_empty() || has_twins(&self.resolutions) {
            "resolutions"
        } else if !self.reference_resolutions.iter().all(of_ours) {
            "reference_resolutions"
        } else if (self.references_max > 0) != does(VideoTask::Reference) {
            "references_max"
        } else if self.takes_last_frame && !does(VideoTask::Image) {
            "takes_last_frame"
        } else if self.prompt_chars_max == 0 {
            "prompt_chars_max"
        } else {
            return Ok(());
        };
        Err(impossible(&self.id, field))
    }
}

impl ClipTokensText {
    fn check(&self, model: &str) -> Result<ClipTokens, LoadError> {
        let rows = self.second.iter().map(|row| {
            Ok(SecondTokens {
                resolution: row.resolution.clone(),
                tokens: possible(model, "tokens", row.tokens)?,
            })
        });
        Ok(ClipTokens {
            second: rows.collect::<Result<_, LoadError>>()?,
            reference: self.reference.check(model, "reference")?,
            source_second: self.source_second.check(model, "source_second")?,
            words: self.words.check(model, "words")?,
        })
    }
}

/// Something where it is needed, nothing elsewhere.
fn is_limit(seconds: u32, needed: bool) -> bool {
    (seconds > 0) == needed && seconds <= SECONDS_MAX
}

/// Rising, and none of them absurd.
fn are_lengths(seconds: &[u32]) -> bool {
    seconds.is_sorted_by(|a, b| a < b) && seconds.iter().all(|s| (1..=SECONDS_MAX).contains(s))
}

fn every_choice_has_tokens(model: &VideoModel) -> Result<(), LoadError> {
    let Some(tokens) = &model.tokens else {
        return Ok(());
    };
    for resolution in &model.resolutions {
        if !tokens
            .second
            .iter()
            .any(|row| row.resolution == *resolution)
        {
            let choice = [Some(resolution.as_str())];
            return Err(uncovered(&model.id, "count of tokens", &choice));
        }
    }
    Ok(())
}
