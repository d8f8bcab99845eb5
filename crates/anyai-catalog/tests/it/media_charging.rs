//! From what pictures and clips used to a charge.

use anyai_catalog::{
    Catalogue, ChargeError, ImageAsk, MediaCharge, MediaLineKind, MediaUsage, VideoAsk, VideoTask,
};
use anyai_units::{Credits, NanoUsd, Tokens, UtcMillis};

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

fn charge_picture(model: &str, ask: &ImageAsk, usage: &MediaUsage) -> MediaCharge {
    let catalogue = Catalogue::embedded().unwrap();
    let (model, price) = catalogue.image_offer(model, NOW).unwrap();
    let ask = ask.resolve(model).unwrap();
    price.charge(&ask, usage).unwrap()
}

fn charge_clip(model: &str, ask: impl Fn(VideoAsk) -> VideoAsk, usage: &MediaUsage) -> MediaCharge {
    let catalogue = Catalogue::embedded().unwrap();
    let (model, price) = catalogue.video_offer(model, NOW).unwrap();
    let ask = ask(model.default_ask(Tokens::new(20)))
        .resolve(model)
        .unwrap();
    price.charge(&ask, usage).unwrap()
}

fn one() -> ImageAsk {
    ImageAsk {
        count: 1,
        ..ImageAsk::default()
    }
}

fn of(charge: &MediaCharge, kind: MediaLineKind) -> Option<u64> {
    let line = charge.lines.iter().find(|line| line.kind == kind);
    line.map(|line| line.quantity)
}

#[test]
fn a_picture_by_tokens_is_the_sum_of_its_lines() {
    // As recorded: 43 of words in, 388 of pictures in, 1,056 of picture and 308 of words out.
    let usage = MediaUsage {
        text_input: Tokens::new(43),
        image_input: Tokens::new(388),
        image_output: Tokens::new(1_056),
        text_output: Tokens::new(308),
        pictures: 1,
        input_pictures: 2,
        ..MediaUsage::default()
    };
    let ask = ImageAsk {
        references: vec![
            anyai_catalog::PixelSize {
                width: 512,
                height: 512,
            };
            2
        ],
        ..one()
    };
    let charge = charge_picture("gpt-image-1.5", &ask, &usage);
    // Nano-dollars: 215,000 + 3,104,000 + 33,792,000 + 3,080,000 = 40,191,000, so 4.0191 credits.
    assert_eq!(charge.total.to_string(), "4.02");
    assert_eq!(charge.by_rate_card, charge.total);
    let exact: u128 = charge.lines.iter().map(|line| line.picocredits).sum();
    assert_eq!(exact, 4_019_100_000_000);
    let kinds: Vec<_> = charge.lines.iter().map(|line| line.kind.as_str()).collect();
    let expected = ["text_input", "image_input", "text_output", "image_output"];
    assert_eq!(kinds, expected, "pictures are not billed twice");
}

#[test]
fn a_picture_by_the_piece_costs_its_size_and_quality() {
    let ask = |size: &str, quality: &str| ImageAsk {
        size: Some(size.to_owned()),
        quality: Some(quality.to_owned()),
        ..one()
    };
    let usage = MediaUsage {
        pictures: 3,
        input_pictures: 2,
        ..MediaUsage::default()
    };
    for (size, quality, credits) in [
        ("1k", "low", "14"),
        ("1k", "medium", "20"),
        ("2k", "low", "20"),
        ("2k", "medium", "26"),
    ] {
        let charge = charge_picture("grok-imagine-image-2.0", &ask(size, quality), &usage);
        assert_eq!(charge.total.to_string(), credits, "{size} {quality}");
        assert_eq!(of(&charge, MediaLineKind::Picture), Some(3));
        assert_eq!(of(&charge, MediaLineKind::InputPicture), Some(2));
    }
}

#[test]
fn what_the_provider_reports_is_charged_and_ours_stays_beside_it() {
    // xAI's own figure of a picture, 200,000,000 ticks.
    let usage = MediaUsage {
        pictures: 1,
        provider_cost: Some(NanoUsd::from_nano(70_000_001)),
        ..MediaUsage::default()
    };
    let charge = charge_picture("grok-imagine-image", &one(), &usage);
    assert_eq!(charge.by_rate_card, Credits::from_millicredits(2_000));
    let reported = Some(Credits::from_millicredits(7_001));
    assert_eq!(charge.by_provider, reported, "rounded up once");
    assert_eq!(Some(charge.total), reported);
    let free = MediaUsage {
        provider_cost: Some(NanoUsd::ZERO),
        ..usage
    };
    let charge = charge_picture("grok-imagine-image", &one(), &free);
    assert_eq!(charge.total, Credits::ZERO, "a cost of nothing is a cost");
    let nonsense = MediaUsage {
        provider_cost: Some(NanoUsd::from_nano(-1)),
        ..usage
    };
    let charge = charge_picture("grok-imagine-image", &one(), &nonsense);
    assert_eq!(charge.total, charge.by_rate_card, "a negative one is none");
}

#[test]
fn nothing_made_is_nothing_charged() {
    let charge = charge_picture("grok-imagine-image-2.0", &one(), &MediaUsage::default());
    assert_eq!((charge.total, charge.lines.len()), (Credits::ZERO, 0));
    let charge = charge_clip("grok-imagine-video", |ask| ask, &MediaUsage::default());
    assert_eq!((charge.total, charge.lines.len()), (Credits::ZERO, 0));
}

#[test]
fn a_clip_costs_its_seconds_and_what_it_was_made_from() {
    let clip = |milliseconds| MediaUsage {
        milliseconds,
        ..MediaUsage::default()
    };
    let six = |ask| ask;
    let sharp = |ask| VideoAsk {
        resolution: Some("1080p".to_owned()),
        ..ask
    };
    let model = "grok-imagine-video-1.5";
    let credits = |ask: fn(VideoAsk) -> VideoAsk, milliseconds| {
        let charge = charge_clip(model, ask, &clip(milliseconds));
        charge.total.to_string()
    };
    assert_eq!(credits(six, 6_000), "48");
    assert_eq!(credits(sharp, 6_000), "150");
    assert_eq!(credits(six, 6_042), "48", "a frame over");
    assert_eq!(credits(six, 5_001), "48", "a begun second");
    assert_eq!(credits(six, 4_000), "32", "cut short");
    let animated = MediaUsage {
        input_pictures: 1,
        ..clip(1_000)
    };
    // As users were billed: US$0.05 and US$0.002.
    let charge = charge_clip("grok-imagine-video", six, &animated);
    assert_eq!(charge.total.to_string(), "5.2");
    let edit = |ask| VideoAsk {
        task: VideoTask::Edit,
        source_seconds: Some(4),
        ..ask
    };
    // Four seconds at the dearer resolution, for it is the source's, and four that are read.
    let charge = charge_clip("grok-imagine-video", edit, &clip(4_000));
    assert_eq!(charge.total.to_string(), "32");
    assert_eq!(of(&charge, MediaLineKind::InputSecond), Some(4));
}

#[test]
fn a_clip_by_tokens_costs_what_came() {
    // As a seller's example has it: 45,712 tokens for eight seconds.
    let usage = MediaUsage {
        text_input: Tokens::new(20),
        video_output: Tokens::new(45_712),
        milliseconds: 8_000,
        ..MediaUsage::default()
    };
    let charge = charge_clip("gemini-omni-1.1-flash", |ask| ask, &usage);
    // 30,000 + 799,960,000 nano-dollars.
    assert_eq!(charge.total.to_string(), "79.999");
    assert_eq!(
        charge.lines.len(),
        2,
        "seconds are not billed beside tokens"
    );
}

#[test]
fn an_impossible_usage_is_refused_not_wrapped() {
    let catalogue = Catalogue::embedded().unwrap();
    let usage = MediaUsage {
        image_output: Tokens::new(u64::MAX),
        ..MediaUsage::default()
    };
    let price = catalogue.image_price("gemini-3-pro-image", NOW).unwrap();
    let charge = price.charge(&ImageAsk::default(), &usage);
    assert_eq!(charge, Err(ChargeError::TooLarge));
}
