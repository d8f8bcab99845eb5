//! What is on the virtual screen, read from the file it keeps its pixels in (XWD format).

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

/// More colours than this in the middle of the screen are a page; an empty window has one or two.
const COLOURS_OF_A_PAGE: usize = 12;

/// The virtual screen's file.
pub(crate) struct Screen(PathBuf);

impl Screen {
    pub(crate) fn open() -> Result<Self> {
        let path = std::env::var_os("ANYAI_SCREEN_FILE")
            .context("no virtual screen: run this through `cargo xtask`")?;
        Ok(Self(path.into()))
    }

    /// Whether a page is drawn: text has many shades, a blank window has none.
    pub(crate) fn shows_a_page(&self) -> Result<bool> {
        let bytes = std::fs::read(&self.0)?;
        // The header's fields, by position: its own size, the height, bytes per line, colours after it.
        let (size, height) = (field(&bytes, 0)?, field(&bytes, 5)?);
        let (line, colours) = (field(&bytes, 12)?, field(&bytes, 19)?);
        let pixels = bytes
            .get(size + colours * 12..)
            .context("the screen's file is cut")?;
        ensure!(line > 0 && height > 0, "the screen's file is empty");
        let middle = pixels
            .chunks_exact(line)
            .take(height * 3 / 4)
            .skip(height / 4)
            .step_by(3);
        let shades: HashSet<&[u8]> = middle.flat_map(|row| row.chunks_exact(4)).collect();
        Ok(shades.len() > COLOURS_OF_A_PAGE)
    }
}

fn field(bytes: &[u8], position: usize) -> Result<usize> {
    let four = bytes
        .get(position * 4..position * 4 + 4)
        .context("the screen's file is cut")?;
    Ok(usize::try_from(u32::from_be_bytes(four.try_into()?))?)
}
