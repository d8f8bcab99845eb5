//! The models that make pictures and clips, as a studio offers them.

use anyai_catalog::{ImageModel, Provider, VideoModel};
use anyai_units::UtcMillis;
use anyai_wire::{ImageTakes, MediaModelView, MediaModels, MediaTakes, VideoTakes, VideoTask};

use crate::model::{day, provider_label};
use crate::prices::Prices;

pub(crate) fn list(prices: &Prices, now: UtcMillis) -> MediaModels {
    let catalogue = prices.catalogue();
    let images = catalogue.images_offered(now);
    let videos = catalogue.videos_offered(now);
    let images = images.map(|(model, _)| image(prices, model));
    let videos = videos.map(|(model, _)| video(prices, model));
    MediaModels {
        rate_card_version: prices.version(),
        models: images.chain(videos).collect(),
    }
}

/// What models of both kinds say of themselves.
struct Common<'m> {
    id: &'m str,
    label: &'m str,
    provider: Provider,
    strengths: &'m str,
    shuts_down_at: Option<UtcMillis>,
    prompt_chars_max: u32,
    references_max: u32,
}

impl Common<'_> {
    fn view(self, prices: &Prices, takes: MediaTakes) -> MediaModelView {
        let provider = self.provider.as_str();
        MediaModelView {
            id: self.id.to_owned(),
            label: self.label.to_owned(),
            provider: provider.to_owned(),
            provider_label: provider_label(prices, provider),
            strengths: self.strengths.to_owned(),
            ends_on: self.shuts_down_at.map(day),
            offer: prices.offer(provider, self.id),
            prompt_chars_max: self.prompt_chars_max,
            references_max: self.references_max,
            takes,
        }
    }
}

fn image(prices: &Prices, model: &ImageModel) -> MediaModelView {
    let takes = MediaTakes::Image(ImageTakes {
        count_max: model.count_max,
        sizes: model.sizes.clone(),
        aspects: model.aspects.clone(),
        qualities: model.qualities.clone(),
        quality_default: model.quality_default.clone(),
        backgrounds: model.backgrounds.clone(),
        formats: model.formats.clone(),
        mask: model.takes_mask,
        previews: model.previews() > 0,
    });
    let common = Common {
        id: model.id.as_str(),
        label: &model.label,
        provider: model.provider,
        strengths: &model.strengths,
        shuts_down_at: model.shuts_down_at,
        prompt_chars_max: model.prompt_chars_max,
        references_max: model.references_max,
    };
    common.view(prices, takes)
}

fn video(prices: &Prices, model: &VideoModel) -> MediaModelView {
    let takes = MediaTakes::Video(VideoTakes {
        tasks: model.tasks.iter().map(|task| on_the_wire(*task)).collect(),
        seconds: model.seconds.clone(),
        seconds_default: model.seconds_default,
        extend_seconds: model.extend_seconds.clone(),
        edit_source_seconds_max: model.edit_source_seconds_max,
        extend_source_seconds_max: model.extend_source_seconds_max,
        resolutions: model.resolutions.clone(),
        reference_resolutions: match model.reference_resolutions.is_empty() {
            true => model.resolutions.clone(),
            false => model.reference_resolutions.clone(),
        },
        aspects: model.aspects.clone(),
        sound: model.sound.choices().to_vec(),
        last_frame: model.takes_last_frame,
        seed: model.takes_seed,
    });
    let common = Common {
        id: model.id.as_str(),
        label: &model.label,
        provider: model.provider,
        strengths: &model.strengths,
        shuts_down_at: model.shuts_down_at,
        prompt_chars_max: model.prompt_chars_max,
        references_max: model.references_max,
    };
    common.view(prices, takes)
}

const fn on_the_wire(task: anyai_catalog::VideoTask) -> VideoTask {
    match task {
        anyai_catalog::VideoTask::Text => VideoTask::Text,
        anyai_catalog::VideoTask::Image => VideoTask::Image,
        anyai_catalog::VideoTask::Reference => VideoTask::Reference,
        anyai_catalog::VideoTask::Edit => VideoTask::Edit,
        anyai_catalog::VideoTask::Extend => VideoTask::Extend,
    }
}
