//! What pictures and clips will cost, and the ceiling nothing within the ask exceeds.

use std::sync::LazyLock;

use anyai_catalog::{
    Catalogue, ImageAsk, MediaEstimate, MediaEstimateError, MediaUsage, PixelSize, VideoAsk,
    VideoTask,
};
use anyai_units::{Credits, Tokens, UtcMillis};
use proptest::prelude::*;

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

fn picture(model: &str, ask: &ImageAsk) -> Result<MediaEstimate, MediaEstimateError> {
    let (model, price) = CATALOGUE.image_offer(model, NOW).unwrap();
    price.estimate(model, ask)
}

fn clip(model: &str, change: impl Fn(VideoAsk) -> VideoAsk) -> MediaEstimate {
    let (model, price) = CATALOGUE.video_offer(model, NOW).unwrap();
    let ask = change(model.default_ask(Tokens::new(100)));
    price.estimate(model, &ask).unwrap()
}

fn ask(size: &str, quality: &str) -> ImageAsk {
    ImageAsk {
        count: 1,
        size: Some(size.to_owned()),
        quality: Some(quality.to_owned()),
        ..ImageAsk::default()
    }
}

#[test]
fn a_picture_with_a_table_is_estimated_to_the_token() {
    let estimate = picture("gpt-image-2", &ask("1536x864", "low")).unwrap();
    // 120 tokens at 30,000 nano-dollars, as was recorded.
    assert_eq!(estimate.likely.to_string(), "0.36");
    assert_eq!(
        (estimate.low, estimate.high),
        (estimate.likely, estimate.likely)
    );
    // A tenth more tokens and 32 of a prompt's frame: 132 x 30,000 + 32 x 5,000.
    assert_eq!(estimate.ceiling.to_string(), "0.412");
}

#[test]
fn a_size_of_ones_own_costs_by_its_pixels() {
    let credits = |size| {
        let estimate = picture("gpt-image-2.5-flare", &ask(size, "high")).unwrap();
        estimate.likely.millicredits()
    };
    let (small, square, tall, large) = (
        credits("1024x768"),
        credits("1024x1024"),
        credits("1024x1536"),
        credits("3840x2160"),
    );
    // The published US$0.03612, 0.05268, 0.04116 and 0.10008.
    assert_eq!((small, square, tall, large), (3_612, 5_268, 4_116, 10_008));
    assert_eq!(credits("1536x1024"), tall, "lying or standing");
    // 16 cells by 10.67: to the nearest. The published US$0.00474.
    let small = picture("gpt-image-2.5-flare", &ask("1024x1536", "low")).unwrap();
    assert_eq!(small.likely, Credits::from_millicredits(474));
    let ceiling = |size| {
        picture("gpt-image-2.5-flare", &ask(size, "high"))
            .unwrap()
            .ceiling
    };
    assert!(ceiling("1280x1024") > ceiling("1024x768"));
}

#[test]
fn where_the_provider_chooses_the_ceiling_is_the_dearest_choice() {
    let open = picture("gpt-image-2.5-flare", &ask("auto", "auto")).unwrap();
    let dearest = picture("gpt-image-2.5-flare", &ask("2160x2160", "max")).unwrap();
    let usual = picture("gpt-image-2.5-flare", &ask("1024x1024", "medium")).unwrap();
    assert_eq!((open.likely, open.ceiling), (usual.likely, dearest.ceiling));
    assert!(open.low < open.likely && open.likely < open.high);
    for size in ["3840x2160", "3840x1280", "2176x2160", "2048x2048"] {
        let asked = picture("gpt-image-2.5-flare", &ask(size, "max")).unwrap();
        assert!(asked.ceiling < open.ceiling, "{size}");
    }
    let half_open = picture("gpt-image-2.5-flare", &ask("1024x1024", "auto")).unwrap();
    let max = picture("gpt-image-2.5-flare", &ask("1024x1024", "max")).unwrap();
    assert_eq!(half_open.ceiling, max.ceiling);
}

#[test]
fn pictures_by_the_piece_cost_exactly_that() {
    let asked = ImageAsk {
        count: 4,
        references: vec![
            PixelSize {
                width: 640,
                height: 480
            };
            3
        ],
        prompt: Tokens::new(5_000),
        ..ask("2k", "medium")
    };
    let estimate = picture("grok-imagine-image-2.0", &asked).unwrap();
    assert_eq!(estimate.likely.to_string(), "35");
    assert_eq!(estimate.ceiling, estimate.likely);
}

#[test]
fn references_previews_and_count_all_cost() {
    let plain = ask("1024x1024", "low");
    let cost = |change: &dyn Fn(ImageAsk) -> ImageAsk| {
        let estimate = picture("gpt-image-2", &change(plain.clone())).unwrap();
        (estimate.likely, estimate.ceiling)
    };
    let base = cost(&|ask| ask);
    let dearer: [&dyn Fn(ImageAsk) -> ImageAsk; 4] = [
        &|ask| ImageAsk { count: 2, ..ask },
        &|ask| ImageAsk { previews: 1, ..ask },
        &|ask| ImageAsk {
            prompt: Tokens::new(900),
            ..ask
        },
        &|ask| ImageAsk {
            references: vec![PixelSize {
                width: 64,
                height: 64,
            }],
            ..ask
        },
    ];
    for change in dearer {
        let cost = cost(change);
        assert!(cost.0 > base.0 && cost.1 > base.1, "{cost:?} {base:?}");
    }
}

#[test]
fn clips_are_estimated_by_the_second() {
    let six = clip("grok-imagine-video-1.5", |ask| ask);
    assert_eq!(six.likely.to_string(), "48");
    assert_eq!(six.ceiling, six.likely);
    let omni = clip("gemini-omni-1.1-flash", |ask| ask);
    // Eight seconds of 5,715 tokens at 17,500 nano-dollars and a prompt: 80.01 and 0.015.
    assert_eq!(omni.likely.to_string(), "80.025");
    assert!(omni.ceiling > omni.likely, "tokens may be a tenth more");
    let edit = clip("grok-imagine-video", |ask| VideoAsk {
        task: VideoTask::Edit,
        source_seconds: Some(9),
        ..ask
    });
    assert_eq!(edit.ceiling.to_string(), "72", "nine at 720p, nine read");
}

#[test]
fn the_ceiling_of_a_continuation_covers_what_it_continues() {
    let (model, price) = CATALOGUE.video_offer("gemini-omni-1.1-flash", NOW).unwrap();
    let ask = VideoAsk {
        task: VideoTask::Extend,
        seconds: 10,
        source_seconds: Some(30),
        ..model.default_ask(Tokens::new(100))
    };
    let ask = ask.resolve(model).unwrap();
    let estimate = price.estimate(model, &ask).unwrap();
    // Forty seconds in the dearest resolution, a tenth above the table, and thirty that were read.
    let usage = MediaUsage {
        image_input: Tokens::new(30 * 1_200),
        video_output: Tokens::new(40 * 17_145 * 11 / 10),
        text_output: Tokens::new(4_096),
        milliseconds: 40_000,
        ..MediaUsage::default()
    };
    let charge = price.charge(&ask, &usage).unwrap();
    assert!(charge.total <= estimate.ceiling, "{}", charge.total);
    assert!(estimate.likely < estimate.ceiling);
    let by_second = clip("grok-imagine-video", |ask| VideoAsk {
        task: VideoTask::Extend,
        seconds: 10,
        source_seconds: Some(30),
        ..ask
    });
    // Ten seconds at 720p and thirty read; at most all forty made.
    assert_eq!(by_second.high.to_string(), "100");
    assert_eq!(by_second.ceiling.to_string(), "310");
}

#[test]
fn the_limit_a_request_carries_is_the_one_the_ceiling_counts_on() {
    let (model, _) = CATALOGUE
        .image_offer("gemini-nano-banana-2.1", NOW)
        .unwrap();
    let asked = model.default_ask(Tokens::new(10)).resolve(model).unwrap();
    // 1,120 and a tenth, and 4,096 of words.
    assert_eq!(model.output_tokens_max(&asked), Some(Tokens::new(5_328)));
    let (model, _) = CATALOGUE.image_offer("grok-imagine-image", NOW).unwrap();
    let asked = model.default_ask(Tokens::new(10)).resolve(model).unwrap();
    assert_eq!(model.output_tokens_max(&asked), None);
}

#[test]
fn a_knob_the_model_lacks_has_no_estimate() {
    let refused = picture("gpt-image-1.5", &ask("1024x768", "low")).unwrap_err();
    assert!(
        matches!(refused, MediaEstimateError::Refused(_)),
        "{refused}"
    );
}

#[test]
fn every_offered_model_has_an_estimate_for_every_choice() {
    for (model, price) in CATALOGUE.images_offered(NOW) {
        let or_none = |values: &[String]| match values {
            [] => vec![None],
            values => values.iter().cloned().map(Some).collect(),
        };
        for size in or_none(&model.sizes) {
            for quality in or_none(&model.qualities) {
                let ask = ImageAsk {
                    size: size.clone(),
                    quality: quality.clone(),
                    ..model.default_ask(Tokens::new(10))
                };
                let estimate = price.estimate(model, &ask).unwrap();
                assert!(
                    estimate.low > Credits::ZERO,
                    "{} {size:?} {quality:?}",
                    model.id
                );
                let rising = [
                    estimate.low,
                    estimate.likely,
                    estimate.high,
                    estimate.ceiling,
                ];
                assert!(rising.is_sorted(), "{} {rising:?}", model.id);
            }
        }
    }
    for (model, price) in CATALOGUE.videos_offered(NOW) {
        for resolution in &model.resolutions {
            let ask = VideoAsk {
                resolution: Some(resolution.clone()),
                ..model.default_ask(Tokens::new(10))
            };
            let estimate = price.estimate(model, &ask).unwrap();
            assert!(estimate.low > Credits::ZERO, "{} {resolution}", model.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// No usage within an ask, and a tenth above the tables, costs more than the ceiling.
    #[test]
    fn no_picture_costs_more_than_its_ceiling(
        model in 0usize..11,
        (wide, high) in (1u32..240, 1u32..136),
        quality in 0usize..6,
        count in 1u32..10,
        references in 0usize..3,
        previews in 0u32..4,
        prompt in 0u64..4_000,
        permille in 0u64..=1_000,
    ) {
        let model = &CATALOGUE.image_models()[model];
        let price = CATALOGUE.image_price(model.id.as_str(), NOW).unwrap();
        let size = PixelSize { width: wide * 16, height: high * 16 };
        let free = model.free_size.is_some_and(|free| free.takes(size));
        let ask = ImageAsk {
            count: count.min(model.count_max),
            size: free.then(|| size.to_string()),
            quality: model.qualities.get(quality).cloned(),
            references: vec![size; references],
            previews: previews.min(model.previews_max),
            prompt: Tokens::new(prompt),
            ..ImageAsk::default()
        };
        let ask = ask.resolve(model).unwrap();
        let estimate = price.estimate(model, &ask).unwrap();
        let rising = [estimate.low, estimate.likely, estimate.high, estimate.ceiling];
        prop_assert!(rising.is_sorted(), "{} {rising:?}", model.id);
        let part = |tokens: Tokens, of: u64| Tokens::new(tokens.count() * of * permille / 1_000);
        let tokens = model.tokens.as_ref();
        let pictures = u64::from(ask.count);
        let size = ask.size.as_deref().filter(|size| *size != "auto");
        let quality = ask.quality.as_deref().filter(|quality| *quality != "auto").or(
            model.quality_default.as_deref(),
        );
        let made = tokens.and_then(|tokens| tokens.made.of(size, quality)).unwrap_or_default();
        let each = tokens.map_or(Tokens::ZERO, |tokens| {
            let preview = tokens.preview.count() * u64::from(ask.previews);
            Tokens::new((made.count() + preview) * 11 / 10)
        });
        let read = tokens.map_or(Tokens::ZERO, |tokens| tokens.reference.most);
        let words = tokens.map_or(Tokens::ZERO, |tokens| tokens.words.most);
        let usage = MediaUsage {
            text_input: Tokens::new(prompt + prompt / 4 + 32),
            image_input: part(read, ask.references.len() as u64),
            text_output: part(words, pictures),
            image_output: part(each, pictures),
            pictures: ask.count,
            input_pictures: u32::try_from(ask.references.len()).unwrap(),
            ..MediaUsage::default()
        };
        let charge = price.charge(&ask, &usage).unwrap();
        prop_assert!(charge.total <= estimate.ceiling, "{}: {} > {}", model.id, charge.total, estimate.ceiling);
    }
}
