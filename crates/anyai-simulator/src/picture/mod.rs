//! Small pictures drawn from a prompt: the same prompt draws the same picture, another draws
//! another, and a strip of cells at the foot says which prompt it was.

mod codec;
mod edit;
mod fingerprint;
mod scene;
mod strip;

pub(crate) use codec::{Format, decode, encode};
pub(crate) use edit::{edited, wash};
pub use fingerprint::Fingerprint;
pub(crate) use scene::{Moment, Scene};
pub(crate) use strip::stamp;

use image::RgbaImage;

/// A picture to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Frame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether the sky is left out.
    pub(crate) transparent: bool,
}

/// Draws the picture with this fingerprint.
pub(crate) fn draw(fingerprint: Fingerprint, frame: Frame) -> RgbaImage {
    let scene = Scene::new(fingerprint.seed());
    let mut picture = scene.draw(frame, &Moment::still());
    stamp(&mut picture, fingerprint);
    picture
}

/// The picture as it looks while it is being made: the coarser, the fewer of its steps are done.
pub(crate) fn draft(whole: &RgbaImage, step: u32) -> RgbaImage {
    let block = 32u32 >> step.min(4);
    RgbaImage::from_fn(whole.width(), whole.height(), |x, y| {
        // Rounded down: each block shows its upper left point.
        *whole.get_pixel(x / block * block, y / block * block)
    })
}
