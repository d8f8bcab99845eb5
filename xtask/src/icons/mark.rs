//! The mark: the balance ring at 23 : 20 : 53 on a graphite plate. Spent is a hairline, held is dashed,
//! available is solid; clockwise from 12 o'clock.

use std::f64::consts::TAU;
use std::fmt::Write;

/// A stretch of the ring, in degrees clockwise from 12 o'clock.
struct Arc {
    from: f64,
    to: f64,
    /// Stroke width in parts of the ring's radius.
    stroke: f64,
    /// Number of dashes; one is a solid stroke.
    dashes: u32,
    ink: [u8; 3],
}

/// The inks are those of `--spent`, `--held` and `--have` on a dark ground.
const ARCS: [Arc; 3] = [
    Arc {
        from: 0.0,
        to: 82.8,
        stroke: 0.165,
        dashes: 1,
        ink: [0x9c, 0x9a, 0x96],
    },
    Arc {
        from: 93.6,
        to: 160.2,
        stroke: 0.47,
        dashes: 2,
        ink: [0xdd, 0x97, 0x64],
    },
    Arc {
        from: 171.0,
        to: 349.2,
        stroke: 0.47,
        dashes: 1,
        ink: [0x65, 0xc3, 0xb6],
    },
];
const PLATE: [u8; 3] = [0x1a, 0x1a, 0x18];
/// Half the plate's side, its corners and the ring's radius, in parts of half the icon's side.
const PLATE_HALF: f64 = 0.86;
const PLATE_CORNER: f64 = 0.36;
const RING: f64 = 0.5;
const SAMPLES: u32 = 6;

/// RGBA pixels of the icon.
pub(super) fn paint(side_px: u32) -> Vec<u8> {
    let mut pixels = Vec::with_capacity((side_px * side_px * 4) as usize);
    for y in 0..side_px {
        for x in 0..side_px {
            pixels.extend_from_slice(&pixel(x, y, side_px));
        }
    }
    pixels
}

/// The mean over a grid of samples, so that edges are smooth.
fn pixel(x: u32, y: u32, side_px: u32) -> [u8; 4] {
    let mut sum = [0_u32; 3];
    let mut covered = 0;
    for sample in 0..SAMPLES * SAMPLES {
        let at = |pixel: u32, step: u32| {
            let position = f64::from(pixel) + (f64::from(step) + 0.5) / f64::from(SAMPLES);
            position / f64::from(side_px) * 2.0 - 1.0
        };
        if let Some(ink) = ink_at(at(x, sample % SAMPLES), at(y, sample / SAMPLES), side_px) {
            covered += 1;
            sum.iter_mut()
                .zip(ink)
                .for_each(|(sum, ink)| *sum += u32::from(ink));
        }
    }
    let mean = |sum: u32| u8::try_from(sum / covered.max(1)).unwrap_or(u8::MAX);
    [
        mean(sum[0]),
        mean(sum[1]),
        mean(sum[2]),
        u8::try_from(covered * 255 / (SAMPLES * SAMPLES)).unwrap_or(u8::MAX),
    ]
}

/// What is seen at a point; the icon spans -1 to 1 both ways. Small icons fill their square.
fn ink_at(x: f64, y: f64, side_px: u32) -> Option<[u8; 3]> {
    let grow = if side_px <= 64 { 1.0 / PLATE_HALF } else { 1.0 };
    let (x, y) = (x / grow, y / grow);
    let (dx, dy) = (
        (x.abs() - PLATE_HALF + PLATE_CORNER).max(0.0),
        (y.abs() - PLATE_HALF + PLATE_CORNER).max(0.0),
    );
    if dx.hypot(dy) > PLATE_CORNER {
        return None;
    }
    let turn = x.atan2(-y).rem_euclid(TAU).to_degrees();
    let off_track = (x.hypot(y) - RING).abs();
    let hit = ARCS
        .iter()
        .find(|arc| off_track <= arc.stroke * RING / 2.0 && arc.covers(turn));
    Some(hit.map_or(PLATE, |arc| arc.ink))
}

impl Arc {
    /// A dash is as long as the gap after it; the last one has no gap.
    fn covers(&self, turn: f64) -> bool {
        (self.from..=self.to).contains(&turn)
            && (turn - self.from) % (2.0 * self.dash()) <= self.dash()
    }

    fn dash(&self) -> f64 {
        (self.to - self.from) / f64::from(2 * self.dashes - 1)
    }
}

/// The same as vectors.
pub(super) fn svg() -> String {
    let hex = |ink: [u8; 3]| format!("#{:02x}{:02x}{:02x}", ink[0], ink[1], ink[2]);
    let scale = 256.0;
    let (edge, side, corner) = (
        scale * (1.0 - PLATE_HALF),
        scale * 2.0 * PLATE_HALF,
        scale * PLATE_CORNER,
    );
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 512 512\" fill=\"none\">\n",
    );
    let plate = hex(PLATE);
    let _ = writeln!(
        svg,
        "  <rect x=\"{edge:.2}\" y=\"{edge:.2}\" width=\"{side:.2}\" height=\"{side:.2}\" rx=\"{corner:.2}\" fill=\"{plate}\"/>"
    );
    let radius = scale * RING;
    let point = |degrees: f64| {
        let angle = degrees.to_radians();
        format!(
            "{:.2} {:.2}",
            scale + radius * angle.sin(),
            scale - radius * angle.cos()
        )
    };
    for arc in &ARCS {
        let large = u8::from(arc.to - arc.from > 180.0);
        let dash = radius * arc.dash().to_radians();
        let dashes = if arc.dashes > 1 {
            format!(" stroke-dasharray=\"{dash:.2}\"")
        } else {
            String::new()
        };
        let _ = writeln!(
            svg,
            "  <path stroke=\"{}\" stroke-width=\"{:.2}\"{dashes} d=\"M{}A{radius:.2} {radius:.2} 0 {large} 1 {}\"/>",
            hex(arc.ink),
            arc.stroke * radius,
            point(arc.from),
            point(arc.to)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_reads_spent_held_available() {
        let at = |degrees: f64| {
            let angle = degrees.to_radians();
            ink_at(RING * angle.sin(), -RING * angle.cos(), 512)
        };
        assert_eq!(at(40.0), Some(ARCS[0].ink));
        assert_eq!(at(100.0), Some(ARCS[1].ink));
        assert_eq!(at(126.9), Some(PLATE), "held is dashed");
        assert_eq!(at(150.0), Some(ARCS[1].ink));
        assert_eq!(at(260.0), Some(ARCS[2].ink));
        assert_eq!(at(355.0), Some(PLATE), "a gap before 12 o'clock");
        assert_eq!(ink_at(0.99, 0.99, 512), None, "corners are round");
    }
}
