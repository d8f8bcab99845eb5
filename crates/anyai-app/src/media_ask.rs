//! A draft of pictures or a clip in the catalogue's words, so that it is priced here by the very
//! functions that price it at the server.

use anyai_catalog::{
    AskRefusal, Catalogue, CatalogueError, ImageAsk, ImageModel, ImagePrice, Knob, MediaEstimate,
    MediaEstimateError, ModelId, PixelSize, Provider, VideoAsk, VideoModel, VideoPrice, VideoTask,
};
use anyai_units::{AssetId, Tokens, UtcMillis};
use anyai_wire::{Attachment, ImageKnobs, Media, MediaKnob, PromptPart, VideoKnobs, take_named};

/// A model with its price.
pub(crate) enum MediaModel<'c> {
    Image(&'c ImageModel, &'c ImagePrice),
    Video(&'c VideoModel, &'c VideoPrice),
}

/// What a prompt comes to.
pub(crate) struct MediaPrompt {
    pub(crate) tokens: Tokens,
    pub(crate) chars: u64,
    pictures: Vec<Attachment>,
    /// Begun seconds count whole; 0 where its length is not known.
    source_seconds: Option<u32>,
}

impl MediaPrompt {
    /// `tokens` counts the words, joined as [`words`] joins them.
    pub(crate) fn new(parts: &[PromptPart], words: &str, tokens: Tokens) -> Self {
        let mut pictures = Vec::new();
        let mut source_seconds = None;
        for part in parts {
            match part {
                PromptPart::Image(picture) => pictures.push(picture.clone()),
                PromptPart::Video(clip) => source_seconds = Some(whole_seconds(clip)),
                PromptPart::Text { .. } | PromptPart::Document(_) => {}
            }
        }
        Self {
            tokens,
            chars: words.chars().count() as u64,
            pictures,
            source_seconds,
        }
    }

    /// The pictures that no knob names, by the rule of the server.
    fn references<const N: usize>(
        &self,
        model: &ModelId,
        named: [(Knob, Option<AssetId>); N],
    ) -> Result<Vec<PixelSize>, AskRefusal> {
        let mut others = self.pictures.clone();
        for (knob, wanted) in named {
            take_named(&mut others, wanted).map_err(|wanted| AskRefusal {
                model: model.clone(),
                knob,
                asked: wanted.to_string(),
                takes: "a picture of the prompt that is not used yet".to_owned(),
            })?;
        }
        let size = |picture: &Attachment| PixelSize {
            width: picture.width,
            height: picture.height,
        };
        Ok(others.iter().map(size).collect())
    }
}

/// The words of a prompt, as every server counts them.
pub(crate) fn words(parts: &[PromptPart]) -> String {
    crate::convert::texts(parts)
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn whole_seconds(clip: &Attachment) -> u32 {
    let millis = clip.duration_ms.unwrap_or_default();
    u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX)
}

impl<'c> MediaModel<'c> {
    /// The models of a kind that are offered, in the catalogue's order.
    pub(crate) fn offered(catalogue: &'c Catalogue, media: &Media, now: UtcMillis) -> Vec<Self> {
        match media {
            Media::Image(_) => catalogue
                .images_offered(now)
                .map(|(model, price)| Self::Image(model, price))
                .collect(),
            Media::Video(_) => catalogue
                .videos_offered(now)
                .map(|(model, price)| Self::Video(model, price))
                .collect(),
        }
    }

    /// The model of a turn.
    pub(crate) fn of(
        catalogue: &'c Catalogue,
        media: &Media,
        id: &str,
        now: UtcMillis,
    ) -> Result<Self, CatalogueError> {
        match media {
            Media::Image(_) => catalogue
                .image_offer(id, now)
                .map(|(model, price)| Self::Image(model, price)),
            Media::Video(_) => catalogue
                .video_offer(id, now)
                .map(|(model, price)| Self::Video(model, price)),
        }
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Image(model, _) => model.id.as_str(),
            Self::Video(model, _) => model.id.as_str(),
        }
    }

    pub(crate) fn label(&self) -> &str {
        match self {
            Self::Image(model, _) => &model.label,
            Self::Video(model, _) => &model.label,
        }
    }

    pub(crate) const fn provider(&self) -> Provider {
        match self {
            Self::Image(model, _) => model.provider,
            Self::Video(model, _) => model.provider,
        }
    }

    pub(crate) const fn prompt_chars_max(&self) -> u32 {
        match self {
            Self::Image(model, _) => model.prompt_chars_max,
            Self::Video(model, _) => model.prompt_chars_max,
        }
    }

    /// What the draft costs on it.
    pub(crate) fn estimate(
        &self,
        media: &Media,
        prompt: &MediaPrompt,
    ) -> Result<MediaEstimate, MediaEstimateError> {
        match (self, media) {
            (Self::Image(model, price), Media::Image(knobs)) => {
                price.estimate(model, &image_ask(model, knobs, prompt)?)
            }
            (Self::Video(model, price), Media::Video(knobs)) => {
                price.estimate(model, &video_ask(model, knobs, prompt)?)
            }
            (Self::Image(model, _), Media::Video(_)) => Err(other_kind(&model.id).into()),
            (Self::Video(model, _), Media::Image(_)) => Err(other_kind(&model.id).into()),
        }
    }

    /// The draft with every value the model does not take left to its default.
    pub(crate) fn fitted(&self, media: &Media) -> Media {
        match (self, media) {
            (Self::Image(model, _), Media::Image(knobs)) => {
                Media::Image(fitted_image(model, knobs))
            }
            (Self::Video(model, _), Media::Video(knobs)) => {
                Media::Video(fitted_video(model, knobs))
            }
            _ => media.clone(),
        }
    }
}

fn other_kind(model: &ModelId) -> AskRefusal {
    AskRefusal {
        model: model.clone(),
        knob: Knob::Task,
        asked: "of another kind".to_owned(),
        takes: "its own".to_owned(),
    }
}

fn image_ask(
    model: &ImageModel,
    knobs: &ImageKnobs,
    prompt: &MediaPrompt,
) -> Result<ImageAsk, AskRefusal> {
    Ok(ImageAsk {
        count: knobs.count,
        size: knobs.size.clone(),
        aspect: knobs.aspect.clone(),
        quality: knobs.quality.clone(),
        background: knobs.background.clone(),
        format: knobs.format.clone(),
        references: prompt.references(&model.id, [(Knob::Mask, knobs.mask)])?,
        mask: knobs.mask.is_some(),
        prompt: prompt.tokens,
        previews: model.previews(),
    })
}

fn video_ask(
    model: &VideoModel,
    knobs: &VideoKnobs,
    prompt: &MediaPrompt,
) -> Result<VideoAsk, AskRefusal> {
    let frames = [
        (Knob::FirstFrame, knobs.first_frame),
        (Knob::LastFrame, knobs.last_frame),
    ];
    let references = prompt.references(&model.id, frames)?;
    Ok(VideoAsk {
        task: task(knobs.task),
        seconds: knobs.seconds,
        resolution: knobs.resolution.clone(),
        aspect: knobs.aspect.clone(),
        sound: knobs.sound,
        references: u32::try_from(references.len()).unwrap_or(u32::MAX),
        first_frame: knobs.first_frame.is_some(),
        last_frame: knobs.last_frame.is_some(),
        source_seconds: prompt.source_seconds,
        prompt: prompt.tokens,
    })
}

fn fitted_image(model: &ImageModel, knobs: &ImageKnobs) -> ImageKnobs {
    let kept_size = knobs.size.as_deref().and_then(PixelSize::parse);
    let takes_size = model.free_size.zip(kept_size);
    ImageKnobs {
        count: knobs.count.clamp(1, model.count_max),
        size: match takes_size {
            Some((free, size)) if free.takes(size) => knobs.size.clone(),
            _ => listed(knobs.size.as_ref(), &model.sizes),
        },
        aspect: listed(knobs.aspect.as_ref(), &model.aspects),
        quality: listed(knobs.quality.as_ref(), &model.qualities)
            .or_else(|| model.quality_default.clone()),
        background: listed(knobs.background.as_ref(), &model.backgrounds),
        format: listed(knobs.format.as_ref(), &model.formats),
        mask: knobs.mask,
    }
}

fn fitted_video(model: &VideoModel, knobs: &VideoKnobs) -> VideoKnobs {
    let of_task = match knobs.task {
        anyai_wire::VideoTask::Extend => &model.extend_seconds,
        _ => &model.seconds,
    };
    let resolutions = match knobs.task {
        anyai_wire::VideoTask::Edit | anyai_wire::VideoTask::Extend => &Vec::new(),
        anyai_wire::VideoTask::Reference if !model.reference_resolutions.is_empty() => {
            &model.reference_resolutions
        }
        _ => &model.resolutions,
    };
    let aspects = match task(knobs.task).has_source() {
        true => &Vec::new(),
        false => &model.aspects,
    };
    VideoKnobs {
        seconds: nearest(knobs.seconds, of_task).unwrap_or(knobs.seconds),
        resolution: listed(knobs.resolution.as_ref(), resolutions),
        aspect: listed(knobs.aspect.as_ref(), aspects),
        sound: knobs
            .sound
            .filter(|sound| model.sound.choices().contains(sound)),
        seed: knobs.seed.filter(|_| model.takes_seed),
        ..knobs.clone()
    }
}

fn listed(wished: Option<&String>, values: &[String]) -> Option<String> {
    wished.filter(|wished| values.contains(wished)).cloned()
}

/// The closest of the values; of two the longer.
fn nearest(wished: u32, values: &[u32]) -> Option<u32> {
    let closest = values
        .iter()
        .min_by_key(|value| (value.abs_diff(wished), std::cmp::Reverse(**value)));
    closest.copied()
}

/// Which part of a draft a refusal is about.
pub(crate) const fn refused_knob(refusal: &AskRefusal) -> MediaKnob {
    match refusal.knob {
        Knob::Task => MediaKnob::Task,
        Knob::References => MediaKnob::References,
        Knob::Mask => MediaKnob::Mask,
        Knob::FirstFrame => MediaKnob::FirstFrame,
        Knob::LastFrame => MediaKnob::LastFrame,
        Knob::Source => MediaKnob::Source,
        Knob::Count
        | Knob::Size
        | Knob::Aspect
        | Knob::Quality
        | Knob::Background
        | Knob::Format
        | Knob::Previews
        | Knob::Seconds
        | Knob::Resolution
        | Knob::Sound => MediaKnob::Value,
    }
}

pub(crate) const fn task(task: anyai_wire::VideoTask) -> VideoTask {
    match task {
        anyai_wire::VideoTask::Text => VideoTask::Text,
        anyai_wire::VideoTask::Image => VideoTask::Image,
        anyai_wire::VideoTask::Reference => VideoTask::Reference,
        anyai_wire::VideoTask::Edit => VideoTask::Edit,
        anyai_wire::VideoTask::Extend => VideoTask::Extend,
    }
}
