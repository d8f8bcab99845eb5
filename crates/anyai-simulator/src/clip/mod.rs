//! Short films drawn from a prompt, as VP8 in WebM: WebKit's and Chromium's free codecs play it,
//! and a lossy WebP picture is a VP8 key frame, so an encoder of pictures makes them. No sound.

mod webm;

use std::sync::Arc;

use bytes::Bytes;
use image::RgbaImage;
use image::imageops::{FilterType, resize};

use crate::picture::{Fingerprint, Frame, Moment, Scene, stamp, wash};

pub(crate) use webm::{duration_ms, first_frame};

/// Frames of a second, up to 1080 lines and beyond.
const RATES: (u32, u32) = (8, 2);
/// Frames of one round of the movement, likewise; what is longer runs in circles.
const ROUNDS: (u32, u32) = (16, 4);
/// Above so many lines, the scene is drawn at half the size, too.
const LINES_MAX: u32 = 1_080;
const QUALITY: f32 = 12.0;

/// A clip to be made.
#[derive(Clone, Debug)]
pub(crate) struct Clip {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) seconds: u32,
    /// A picture it shows through the scene.
    pub(crate) reference: Option<Arc<RgbaImage>>,
}

impl Clip {
    /// Makes the file. It takes a good part of a second: not for the runtime's own threads.
    pub(crate) fn film(&self) -> Bytes {
        let is_large = self.height.min(self.width) > LINES_MAX;
        let (rate, round) = match is_large {
            true => (RATES.1, ROUNDS.1),
            false => (RATES.0, ROUNDS.0),
        };
        let frames = self.seconds * rate;
        let round = frames.min(round);
        let scene = Scene::new(self.fingerprint.seed());
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let places: Vec<u32> = (0..round).collect();
        // Rounded up: the last worker may have less to do, none is left over.
        let shares = places.chunks(places.len().div_ceil(workers).max(1));
        let distinct: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let working: Vec<_> = shares
                .map(|share| {
                    let film = |place: &u32| self.frame(&scene, *place as f32 / round as f32);
                    scope.spawn(move || share.iter().map(film).collect::<Vec<_>>())
                })
                .collect();
            let done = working.into_iter().flat_map(|share| share.join().ok());
            done.flatten().collect()
        });
        let shown = distinct.iter().cycle().take(frames as usize);
        webm::write(self.width, self.height, rate, shown.map(Vec::as_slice)).into()
    }

    /// One key frame.
    fn frame(&self, scene: &Scene, turn: f32) -> Vec<u8> {
        let (width, height) = (self.width, self.height);
        let part = if height.min(width) > LINES_MAX { 2 } else { 1 };
        let size = Frame {
            width: width / part,
            height: height / part,
            transparent: false,
        };
        let moment = Moment { turn, grain: false };
        let mut picture = scene.draw(size, &moment);
        if let Some(reference) = &self.reference {
            let under = resize(
                reference.as_ref(),
                size.width,
                size.height,
                FilterType::Triangle,
            );
            for (point, under) in picture.pixels_mut().zip(under.pixels()) {
                *point = wash(*under, *point);
            }
        }
        if part > 1 {
            picture = resize(&picture, width, height, FilterType::Nearest);
        }
        stamp(&mut picture, self.fingerprint);
        key_frame(&picture)
    }
}

fn key_frame(picture: &RgbaImage) -> Vec<u8> {
    let Ok(mut config) = webp::WebPConfig::new() else {
        return Vec::new();
    };
    config.quality = QUALITY;
    config.method = 1;
    let rgb = image::DynamicImage::from(picture.clone()).into_rgb8();
    let encoder = webp::Encoder::from_rgb(&rgb, picture.width(), picture.height());
    // After "RIFF", a size, "WEBP", "VP8 " and a size stands the frame.
    let written = encoder.encode_advanced(&config);
    written.map_or_else(
        |_| Vec::new(),
        |file| file.get(20..).unwrap_or_default().to_vec(),
    )
}

/// A frame of a clip as a picture's file.
pub(crate) fn as_picture(frame: &[u8]) -> Vec<u8> {
    let padded = frame.len() + frame.len() % 2;
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut file = [
        b"RIFF".as_slice(),
        &length(12 + padded),
        b"WEBPVP8 ",
        &length(frame.len()),
        frame,
    ]
    .concat();
    file.resize(20 + padded, 0);
    file
}
