//! The strip of dark and light cells at the foot of every picture: 64 bits that survive JPEG,
//! WebP and being made smaller.

use image::{Rgba, RgbaImage};

use super::Fingerprint;

/// Cells of a row: one dark and one light to compare with, 32 bits, and a check of 6.
const CELLS: u32 = 40;
const CHECK_BITS: u32 = 6;
const DARK: Rgba<u8> = Rgba([24, 28, 38, 255]);
const LIGHT: Rgba<u8> = Rgba([242, 238, 226, 255]);
/// The least difference in brightness between the dark and the light cell.
const CONTRAST_MIN: u32 = 80;

/// Where a picture's cells are.
struct Grid {
    left: u32,
    top: u32,
    width: u32,
    row_height: u32,
}

impl Grid {
    fn of(picture: &RgbaImage) -> Self {
        let (width, height) = picture.dimensions();
        // All rounded down: a strip a point narrower is still a strip.
        let row_height = (height / 40).max(3).min(height / 2);
        let left = width / 40;
        Self {
            left,
            top: height - 2 * row_height,
            width: width - 2 * left,
            row_height,
        }
    }

    /// The first point of a cell, from the left.
    fn edge(&self, cell: u32) -> u32 {
        self.left + self.width * cell / CELLS
    }
}

/// Draws the strip.
pub(crate) fn stamp(picture: &mut RgbaImage, fingerprint: Fingerprint) {
    let grid = Grid::of(picture);
    for y in grid.top..picture.height() {
        for x in 0..picture.width() {
            picture.put_pixel(x, y, DARK);
        }
    }
    for row in 0..2 {
        let cells = cells(half(fingerprint.bits(), row));
        for cell in (0..CELLS).filter(|cell| cells >> cell & 1 == 1) {
            let top = grid.top + row * grid.row_height;
            for y in top..top + grid.row_height {
                for x in grid.edge(cell)..grid.edge(cell + 1) {
                    picture.put_pixel(x, y, LIGHT);
                }
            }
        }
    }
}

/// Reads the strip; `None` where there is none.
pub(crate) fn read(picture: &RgbaImage) -> Option<u64> {
    if picture.width() < 2 * CELLS || picture.height() < 8 {
        return None;
    }
    let grid = Grid::of(picture);
    let upper = read_row(picture, &grid, 0)?;
    let lower = read_row(picture, &grid, 1)?;
    Some(u64::from(upper) << 32 | u64::from(lower))
}

fn half(bits: u64, row: u32) -> u32 {
    let shifted = if row == 0 { bits >> 32 } else { bits };
    (shifted & u64::from(u32::MAX)) as u32
}

/// The cells of a row, the first in the lowest bit: dark, light, bits, check.
fn cells(bits: u32) -> u64 {
    0b10 | u64::from(bits) << 2 | u64::from(check(bits)) << 34
}

fn check(bits: u32) -> u32 {
    bits.wrapping_mul(0x9E37_79B1) >> (32 - CHECK_BITS)
}

fn read_row(picture: &RgbaImage, grid: &Grid, row: u32) -> Option<u32> {
    let brightness = |cell| brightness(picture, grid, row, cell);
    let (dark, light) = (brightness(0), brightness(1));
    if light < dark + CONTRAST_MIN {
        return None;
    }
    let middle = u32::midpoint(dark, light);
    let read = (0..CELLS)
        .filter(|cell| brightness(*cell) > middle)
        .fold(0u64, |cells, cell| cells | 1 << cell);
    let bits = (read >> 2 & u64::from(u32::MAX)) as u32;
    (cells(bits) == read).then_some(bits)
}

/// The mean brightness of a cell's middle.
fn brightness(picture: &RgbaImage, grid: &Grid, row: u32, cell: u32) -> u32 {
    let (left, right) = (grid.edge(cell), grid.edge(cell + 1));
    let inset = (right - left) / 4;
    let top = grid.top + row * grid.row_height;
    let y = top + grid.row_height / 2;
    let points = left + inset..(right - inset).max(left + inset + 1);
    let count = points.len() as u32;
    let sum: u32 = points
        .map(|x| picture.get_pixel(x, y).0)
        .map(|[red, green, blue, _]| (u32::from(red) + 2 * u32::from(green) + u32::from(blue)) / 4)
        .sum();
    // Rounded down; the count is at least 1.
    sum / count.max(1)
}
