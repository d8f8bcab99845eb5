//! Pictures made from pictures: one sees what they were made of.

use image::imageops::{FilterType, resize};
use image::{Rgba, RgbaImage};

use super::{Fingerprint, Frame, draw, stamp};

/// The first reference under a wash of the new scene's colours, the others as panes along the top.
/// With a mask, the reference stays as it is and the scene shows where the mask is transparent.
pub(crate) fn edited(
    fingerprint: Fingerprint,
    frame: Frame,
    references: &[RgbaImage],
    mask: Option<&RgbaImage>,
) -> RgbaImage {
    let scene = draw(fingerprint, frame);
    let Some(first) = references.first() else {
        return scene;
    };
    let mut picture = resize(first, frame.width, frame.height, FilterType::Triangle);
    match mask {
        Some(mask) => {
            let mask = resize(mask, frame.width, frame.height, FilterType::Nearest);
            for (x, y, point) in picture.enumerate_pixels_mut() {
                if mask.get_pixel(x, y).0[3] < 128 {
                    *point = *scene.get_pixel(x, y);
                }
            }
        }
        None => {
            for (x, y, point) in picture.enumerate_pixels_mut() {
                *point = wash(*point, *scene.get_pixel(x, y));
            }
        }
    }
    for (place, other) in references.iter().skip(1).enumerate() {
        pane(&mut picture, other, place);
    }
    stamp(&mut picture, fingerprint);
    picture
}

/// Two thirds of the reference, a third of the scene.
pub(crate) fn wash(under: Rgba<u8>, over: Rgba<u8>) -> Rgba<u8> {
    let mix = |under: u8, over: u8| ((2 * u16::from(under) + u16::from(over)) / 3) as u8;
    let ([r, g, b, a], [or, og, ob, oa]) = (under.0, over.0);
    Rgba([mix(r, or), mix(g, og), mix(b, ob), a.max(oa)])
}

/// A further reference, small, at its place along the top.
fn pane(picture: &mut RgbaImage, other: &RgbaImage, place: usize) {
    let side = picture.width().min(picture.height()) / 6;
    let gap = side / 8;
    let left = gap + (side + gap) * u32::try_from(place).unwrap_or(u32::MAX / 1_024);
    if side == 0 || left + side > picture.width() {
        return;
    }
    let small = resize(other, side, side, FilterType::Triangle);
    for (x, y, point) in small.enumerate_pixels() {
        picture.put_pixel(left + x, gap + y, *point);
    }
}
