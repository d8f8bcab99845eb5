//! What may be asked of a model: its own knobs, and nothing else.

use anyai_catalog::{
    Catalogue, ImageAsk, ImageModel, Knob, PixelSize, VideoAsk, VideoModel, VideoTask,
};
use anyai_units::Tokens;

fn image_model(id: &str) -> ImageModel {
    let catalogue = Catalogue::embedded().unwrap();
    let mut models = catalogue.image_models().iter();
    models
        .find(|model| model.id.as_str() == id)
        .unwrap()
        .clone()
}

fn video_model(id: &str) -> VideoModel {
    let catalogue = Catalogue::embedded().unwrap();
    let mut models = catalogue.video_models().iter();
    models
        .find(|model| model.id.as_str() == id)
        .unwrap()
        .clone()
}

fn one() -> ImageAsk {
    ImageAsk {
        count: 1,
        ..ImageAsk::default()
    }
}

fn picture(width: u32, height: u32) -> PixelSize {
    PixelSize { width, height }
}

#[test]
fn untouched_knobs_are_the_models_defaults() {
    let asked = one().resolve(&image_model("gpt-image-2.5-flare")).unwrap();
    assert_eq!(asked.size.as_deref(), Some("1024x1024"));
    assert_eq!(asked.quality.as_deref(), Some("medium"));
    assert_eq!(asked.format.as_deref(), Some("png"));
    assert_eq!(asked.background.as_deref(), Some("auto"));
    assert_eq!(asked.aspect, None, "its size says it");
    let asked = one()
        .resolve(&image_model("gemini-3.1-flash-image"))
        .unwrap();
    assert_eq!(asked.size.as_deref(), Some("1K"));
    assert_eq!(asked.aspect.as_deref(), Some("1:1"));
    assert_eq!((asked.quality, asked.format), (None, None));
    let again = one()
        .resolve(&image_model("grok-imagine-image-2.0"))
        .unwrap();
    let twice = again.resolve(&image_model("grok-imagine-image-2.0"));
    assert_eq!(twice, Ok(again), "a resolved ask stays as it is");
}

#[test]
fn every_default_is_taken_by_its_own_model() {
    let catalogue = Catalogue::embedded().unwrap();
    for model in catalogue.image_models() {
        let ask = model.default_ask(Tokens::new(100));
        assert!(ask.resolve(model).is_ok(), "{}", model.id);
    }
    for model in catalogue.video_models() {
        let ask = model.default_ask(Tokens::new(100));
        assert!(ask.resolve(model).is_ok(), "{}", model.id);
    }
}

#[test]
fn knobs_a_model_lacks_are_refused_by_name() {
    let text = |value: &str| Some(value.to_owned());
    let (flare, banana) = ("gpt-image-2.5-flare", "gemini-nano-banana-2.1");
    for (model, ask, knob, sentence) in [
        (
            flare,
            ImageAsk { count: 11, ..one() },
            Knob::Count,
            "gpt-image-2.5-flare does not take the count 11: it takes 1 to 10",
        ),
        (
            banana,
            ImageAsk {
                size: text("512"),
                ..one()
            },
            Knob::Size,
            "gemini-nano-banana-2.1 does not take the size 512: it takes 1K, 2K, 4K",
        ),
        (
            banana,
            ImageAsk {
                quality: text("high"),
                ..one()
            },
            Knob::Quality,
            "gemini-nano-banana-2.1 does not take the quality high: it takes none here",
        ),
        (
            flare,
            ImageAsk {
                mask: true,
                ..one()
            },
            Knob::Mask,
            "gpt-image-2.5-flare does not take the mask a mask: it takes none here",
        ),
        (
            flare,
            ImageAsk {
                background: text("transparent"),
                format: text("jpeg"),
                ..one()
            },
            Knob::Format,
            "gpt-image-2.5-flare does not take the format jpeg: it takes png or webp for a transparent background",
        ),
        (
            "grok-imagine-image",
            ImageAsk {
                references: vec![picture(10, 10); 4],
                ..one()
            },
            Knob::References,
            "grok-imagine-image does not take the references 4: it takes 0 to 3",
        ),
        (
            "grok-imagine-image",
            ImageAsk {
                previews: 1,
                ..one()
            },
            Knob::Previews,
            "grok-imagine-image does not take the previews 1: it takes 0 to 0",
        ),
    ] {
        let refused = ask.resolve(&image_model(model)).unwrap_err();
        assert_eq!(refused.knob, knob);
        assert_eq!(refused.to_string(), sentence);
    }
}

#[test]
fn free_sizes_are_taken_within_their_bounds() {
    let model = image_model("gpt-image-2");
    for (size, taken) in [
        ("1536x864", true),
        ("3840x2160", true),
        ("2160x3840", true),
        ("3840x1280", true),
        ("3840x1264", false),
        ("1000x1000", false),
        ("2176x2176", false),
        ("3856x2160", false),
        ("0x0", false),
        ("16x", false),
        ("+16x16", false),
        ("99999999999x16", false),
    ] {
        let ask = ImageAsk {
            size: Some(size.to_owned()),
            ..one()
        };
        assert_eq!(ask.resolve(&model).is_ok(), taken, "{size}");
        let fixed = ask.resolve(&image_model("gpt-image-1.5"));
        assert!(fixed.is_err(), "{size} where sizes are not free");
    }
}

fn clip(model: &VideoModel, task: VideoTask) -> VideoAsk {
    VideoAsk {
        task,
        first_frame: task == VideoTask::Image,
        references: u32::from(task == VideoTask::Reference),
        source_seconds: task.has_source().then_some(5),
        ..model.default_ask(Tokens::new(50))
    }
}

#[test]
fn a_clip_is_made_from_what_its_task_says() {
    let grok = video_model("grok-imagine-video");
    for &task in VideoTask::ALL {
        assert!(clip(&grok, task).resolve(&grok).is_ok(), "{task}");
    }
    let edited = clip(&grok, VideoTask::Edit).resolve(&grok).unwrap();
    assert_eq!(edited.seconds, 5, "an edit is as long as its source");
    assert_eq!(edited.resolution, None, "and as sharp");
    let lite = video_model("grok-imagine-video-1.5-lite");
    let refused = clip(&lite, VideoTask::Extend).resolve(&lite).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "grok-imagine-video-1.5-lite does not take the task extend: it takes text, image"
    );
    for (ask, knob) in [
        (
            VideoAsk {
                seconds: 16,
                ..clip(&grok, VideoTask::Text)
            },
            Knob::Seconds,
        ),
        (
            VideoAsk {
                seconds: 11,
                ..clip(&grok, VideoTask::Extend)
            },
            Knob::Seconds,
        ),
        (
            VideoAsk {
                first_frame: false,
                ..clip(&grok, VideoTask::Image)
            },
            Knob::FirstFrame,
        ),
        (
            VideoAsk {
                first_frame: true,
                ..clip(&grok, VideoTask::Text)
            },
            Knob::FirstFrame,
        ),
        (
            VideoAsk {
                last_frame: true,
                ..clip(&grok, VideoTask::Image)
            },
            Knob::LastFrame,
        ),
        (
            VideoAsk {
                references: 0,
                ..clip(&grok, VideoTask::Reference)
            },
            Knob::References,
        ),
        (
            VideoAsk {
                references: 1,
                ..clip(&grok, VideoTask::Text)
            },
            Knob::References,
        ),
        (
            VideoAsk {
                source_seconds: None,
                ..clip(&grok, VideoTask::Edit)
            },
            Knob::Source,
        ),
        (
            VideoAsk {
                source_seconds: Some(10),
                ..clip(&grok, VideoTask::Edit)
            },
            Knob::Source,
        ),
        (
            VideoAsk {
                source_seconds: Some(3),
                ..clip(&grok, VideoTask::Text)
            },
            Knob::Source,
        ),
        (
            VideoAsk {
                sound: Some(false),
                ..clip(&grok, VideoTask::Text)
            },
            Knob::Sound,
        ),
        (
            VideoAsk {
                resolution: Some("1080p".to_owned()),
                ..clip(&grok, VideoTask::Text)
            },
            Knob::Resolution,
        ),
        (
            VideoAsk {
                resolution: Some("480p".to_owned()),
                ..clip(&grok, VideoTask::Edit)
            },
            Knob::Resolution,
        ),
    ] {
        assert_eq!(ask.resolve(&grok).unwrap_err().knob, knob, "{ask:?}");
    }
    let sharp = video_model("grok-imagine-video-1.5");
    let ask = |task| VideoAsk {
        resolution: Some("1080p".to_owned()),
        ..clip(&sharp, task)
    };
    assert!(ask(VideoTask::Text).resolve(&sharp).is_ok());
    let refused = ask(VideoTask::Reference).resolve(&sharp).unwrap_err();
    assert_eq!(refused.takes, "480p, 720p", "references are less sharp");
}
