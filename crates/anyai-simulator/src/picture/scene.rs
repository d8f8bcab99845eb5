//! The scenes: a sky, what shines in it, and the land or water before it.

use image::{Rgba, RgbaImage};

use super::Frame;
use crate::composer::Draws;

/// Colours of a scene: upper sky, lower sky, light, and the land from far to near.
type Palette = [[u8; 3]; 6];

const PALETTES: [Palette; 8] = [
    // Dawn.
    [
        [52, 58, 110],
        [247, 178, 138],
        [255, 232, 190],
        [150, 108, 140],
        [94, 72, 116],
        [46, 42, 78],
    ],
    // Clear morning.
    [
        [74, 144, 196],
        [214, 234, 240],
        [255, 247, 214],
        [140, 176, 176],
        [84, 134, 128],
        [40, 82, 82],
    ],
    // Desert.
    [
        [96, 158, 178],
        [250, 222, 172],
        [255, 246, 220],
        [232, 172, 112],
        [200, 118, 74],
        [134, 66, 52],
    ],
    // Night.
    [
        [10, 14, 36],
        [44, 56, 104],
        [240, 240, 214],
        [36, 48, 84],
        [24, 32, 62],
        [12, 16, 34],
    ],
    // Rose evening.
    [
        [66, 36, 82],
        [236, 130, 128],
        [255, 214, 150],
        [128, 62, 98],
        [82, 40, 78],
        [42, 22, 52],
    ],
    // Northern.
    [
        [18, 44, 62],
        [128, 204, 178],
        [226, 250, 226],
        [60, 112, 116],
        [34, 74, 86],
        [16, 38, 50],
    ],
    // Paper.
    [
        [224, 214, 196],
        [246, 240, 226],
        [214, 86, 62],
        [178, 186, 170],
        [118, 142, 132],
        [62, 84, 84],
    ],
    // Storm.
    [
        [58, 66, 80],
        [164, 172, 176],
        [244, 238, 206],
        [104, 116, 122],
        [70, 84, 92],
        [36, 46, 54],
    ],
];

/// What stands before the sky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hills,
    Sea,
    City,
    Planets,
}

/// A scene, before it has a size.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    kind: Kind,
    palette: Palette,
    seed: u64,
    horizon: f32,
    lights: Vec<Light>,
    ridges: Vec<Ridge>,
}

/// A disc in the sky; places and sizes in heights of the picture.
#[derive(Clone, Copy, Debug)]
struct Light {
    x: f32,
    y: f32,
    radius: f32,
    colour: [u8; 3],
    drift: f32,
    glows: bool,
}

/// An edge of land, as waves over the width.
#[derive(Clone, Copy, Debug)]
struct Ridge {
    base: f32,
    rise: f32,
    waves: [(f32, f32); 3],
    /// Whole wave lengths it moves in one round, so that a clip can run in circles.
    speed: f32,
    colour: [u8; 3],
}

/// A moment of a scene's movement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Where in its round it is: 0 up to 1.
    pub(crate) turn: f32,
    /// Whether it has the grain of film; grain costs a clip more bytes than everything else.
    pub(crate) grain: bool,
}

impl Moment {
    pub(crate) const fn still() -> Self {
        Self {
            turn: 0.0,
            grain: true,
        }
    }
}

impl Scene {
    pub(crate) fn new(seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let kind = match draws.below(4) {
            0 => Kind::Hills,
            1 => Kind::Sea,
            2 => Kind::City,
            _ => Kind::Planets,
        };
        let palette = PALETTES[draws.below(PALETTES.len())];
        let horizon = 0.46 + 0.2 * share(&mut draws);
        let lights = lights(kind, &palette, horizon, &mut draws);
        let ridges = ridges(kind, &palette, horizon, &mut draws);
        Self {
            kind,
            palette,
            seed,
            horizon,
            lights,
            ridges,
        }
    }

    /// Draws the scene in a frame.
    pub(crate) fn draw(&self, frame: Frame, moment: &Moment) -> RgbaImage {
        let mut picture = RgbaImage::new(frame.width, frame.height);
        let height = frame.height as f32;
        let tops: Vec<Vec<f32>> = (self.ridges.iter())
            .map(|ridge| self.tops(ridge, frame, moment.turn))
            .collect();
        let reach = self.reach(frame, moment.turn);
        for (y, row) in picture.rows_mut().enumerate() {
            let line = y as f32 / height;
            let sky = blend(self.palette[0], self.palette[1], line / self.horizon);
            for (x, point) in row.enumerate() {
                let front = tops.iter().rposition(|tops| line >= tops[x]);
                let (mut colour, mut alpha) = (sky, if frame.transparent { 0 } else { u8::MAX });
                let above = front.is_none() && line < reach;
                if above && let Some(lit) = self.lit(x as f32 / height, line, sky, frame, moment) {
                    (colour, alpha) = (lit, u8::MAX);
                }
                if let Some(at) = front {
                    let depth = line - tops[at][x];
                    colour = self.ground(at, (x as f32 / height, line), depth, moment.turn);
                    alpha = u8::MAX;
                }
                if moment.grain {
                    colour = grainy(colour, x, y);
                }
                *point = Rgba([colour[0], colour[1], colour[2], alpha]);
            }
        }
        picture
    }

    /// How far down anything shines, to leave the rest of the sky alone.
    fn reach(&self, frame: Frame, turn: f32) -> f32 {
        if self.kind == Kind::Planets {
            return 1.0;
        }
        (self.lights.iter())
            .map(|light| light.place(frame, turn).1 + light.radius * 2.2)
            .fold(0.0, f32::max)
    }

    /// The top of a ridge above each column, in heights from the top.
    fn tops(&self, ridge: &Ridge, frame: Frame, turn: f32) -> Vec<f32> {
        let width = frame.width as f32;
        (0..frame.width)
            .map(|x| {
                let along = x as f32 / width;
                if self.kind == Kind::City {
                    return ridge.base - ridge.rise * roof(self.seed, along, ridge.waves[0].0);
                }
                let swell: f32 = (ridge.waves.iter().enumerate())
                    .map(|(order, (length, phase))| {
                        let moved = turn * ridge.speed;
                        wave(along * length + phase + moved) / (order + 1) as f32
                    })
                    .sum();
                ridge.base - ridge.rise * (0.5 + 0.27 * swell)
            })
            .collect()
    }

    /// The colour of a point in the sky that something shines on.
    fn lit(&self, x: f32, y: f32, sky: [u8; 3], frame: Frame, moment: &Moment) -> Option<[u8; 3]> {
        for light in &self.lights {
            let (cx, cy) = light.place(frame, moment.turn);
            let (dx, dy) = (x - cx, y - cy);
            let apart = (dx * dx + dy * dy).sqrt() / light.radius;
            if apart < 1.0 {
                let shade = if light.glows {
                    0.0
                } else {
                    ((dx + dy) / light.radius + 0.6) * 0.5
                };
                return Some(blend(light.colour, self.palette[5], shade));
            }
            if light.glows && apart < 2.2 {
                let fading = (2.2 - apart) / 1.2;
                return Some(blend(sky, light.colour, fading * fading * 0.4));
            }
        }
        if self.kind == Kind::Planets && is_star(self.seed, x, y) {
            return Some(self.palette[2]);
        }
        None
    }

    /// The colour of the land or the water.
    fn ground(&self, at: usize, place: (f32, f32), depth: f32, turn: f32) -> [u8; 3] {
        let ridge = &self.ridges[at];
        let base = blend(ridge.colour, self.palette[5], depth * 1.4);
        match self.kind {
            Kind::Sea => {
                let row = (depth * 90.0).sqrt() * 6.0;
                let swell = wave(place.0 * 3.0 + row * 0.37 + turn * 2.0) * wave(row - turn);
                let path = 1.0 - ((place.0 - self.lights[0].x).abs() * 2.4).min(1.0);
                blend(base, self.palette[2], (swell - 0.3) * (0.3 + path))
            }
            Kind::City if is_window(self.seed, place, at, turn) => self.palette[2],
            _ => base,
        }
    }
}

impl Light {
    /// Where it is, in heights of the frame.
    fn place(&self, frame: Frame, turn: f32) -> (f32, f32) {
        let wide = frame.width as f32 / frame.height as f32;
        let sway = wave(turn) * self.drift;
        (
            self.x * wide + sway,
            self.y - wave(turn + 0.25) * self.drift * 0.3,
        )
    }
}

fn lights(kind: Kind, palette: &Palette, horizon: f32, draws: &mut Draws) -> Vec<Light> {
    let mut light = |radius: f32, colour: [u8; 3], glows: bool| Light {
        x: 0.15 + 0.7 * share(draws),
        y: horizon * (0.25 + 0.5 * share(draws)),
        radius: radius * (0.7 + 0.6 * share(draws)),
        colour,
        drift: 0.05 + 0.08 * share(draws),
        glows,
    };
    if kind == Kind::Planets {
        vec![
            light(0.16, palette[3], false),
            light(0.05, palette[2], true),
            light(0.08, palette[4], false),
        ]
    } else {
        vec![light(0.09, palette[2], true)]
    }
}

fn ridges(kind: Kind, palette: &Palette, horizon: f32, draws: &mut Draws) -> Vec<Ridge> {
    let count = match kind {
        Kind::Sea | Kind::Planets => 1,
        Kind::City => 2,
        Kind::Hills => 3,
    };
    let mut ridges = Vec::new();
    for order in 0..count {
        let near = order as f32 / 3.0;
        let length = match kind {
            Kind::City => 14.0 + 10.0 * share(draws),
            _ => 1.0 + 2.0 * share(draws),
        };
        let mut wave = |factor: f32| (length * factor, share(draws));
        let waves = [wave(1.0), wave(2.3), wave(5.1)];
        let (base, rise) = match kind {
            Kind::Hills => (horizon + 0.12 + near * 0.36, 0.26 - near * 0.1),
            Kind::Sea => (horizon, 0.0),
            Kind::City => (horizon + 0.22 + near * 0.3, 0.34 - near * 0.1),
            Kind::Planets => (0.98, 0.16),
        };
        ridges.push(Ridge {
            base,
            rise,
            waves,
            speed: (order + 1) as f32,
            colour: palette[3 + order.min(2)],
        });
    }
    ridges
}

/// A draw between 0 and 1.
fn share(draws: &mut Draws) -> f32 {
    (draws.next() >> 40) as f32 / (1u64 << 24) as f32
}

/// A smooth wave between -1 and 1 that repeats at every whole number; no sine, whose last bits
/// differ from machine to machine.
fn wave(turns: f32) -> f32 {
    let at = turns - turns.floor() - 0.5;
    -16.0 * at * (0.5 - at.abs())
}

/// Chance from two numbers and a seed.
fn spot(seed: u64, x: u32, y: u32) -> u64 {
    let place = u64::from(x) << 32 | u64::from(y);
    Draws::new(seed ^ place.wrapping_mul(0xD6E8_FEB8_6659_FD93)).next()
}

/// How high the roofs are along the street, of 1.
fn roof(seed: u64, along: f32, houses: f32) -> f32 {
    let house = (along * houses) as u32;
    (spot(seed, house, houses as u32) % 1_000) as f32 / 1_000.0
}

fn is_window(seed: u64, (x, y): (f32, f32), row: usize, turn: f32) -> bool {
    let (column, floor) = (x * 52.0, y * 44.0);
    let inside = (0.25..0.75).contains(&column.fract()) && (0.25..0.7).contains(&floor.fract());
    // A third of the windows are lit, and one in sixteen is only for half of the round.
    let drawn = spot(seed ^ row as u64, column as u32, floor as u32);
    inside && drawn.is_multiple_of(3) && !(drawn >> 8 & 0xF == 0 && turn >= 0.5)
}

fn is_star(seed: u64, x: f32, y: f32) -> bool {
    let (column, row) = (x * 60.0, y * 60.0);
    let drawn = spot(seed, column as u32, row as u32);
    drawn.is_multiple_of(9)
        && (0.4..0.56).contains(&column.fract())
        && (0.4..0.56).contains(&row.fract())
}

/// A mix of two colours; shares beyond 0 and 1 are those.
fn blend(from: [u8; 3], to: [u8; 3], share: f32) -> [u8; 3] {
    let part = (share.clamp(0.0, 1.0) * 256.0) as i32;
    let mix = |at: usize| {
        let (from, to) = (i32::from(from[at]), i32::from(to[at]));
        (from + (to - from) * part / 256) as u8
    };
    [mix(0), mix(1), mix(2)]
}

/// Film grain: two steps lighter or darker, the same for the same point.
fn grainy(colour: [u8; 3], x: usize, y: usize) -> [u8; 3] {
    let mixed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    let drawn = (mixed ^ mixed >> 15).wrapping_mul(0xC2B2_AE3D) >> 30;
    colour.map(|channel| match drawn {
        0 => channel.saturating_add(2),
        1 => channel.saturating_sub(2),
        _ => channel,
    })
}
