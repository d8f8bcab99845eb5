//! PNG, and the two formats that hold PNGs of several sizes.

use anyhow::{Context, Result};

/// RGBA pixels as a PNG.
pub(super) fn png(side_px: u32, pixels: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side_px, side_px);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Windows: a directory of sixteen bytes for each picture, then the pictures.
pub(super) fn ico(sides_px: &[u32], png: impl Fn(u32) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let count = u16::try_from(sides_px.len())?;
    let mut file = [0_u16, 1, count].map(u16::to_le_bytes).concat();
    let mut pictures = Vec::new();
    let directory_end = 6 + 16 * sides_px.len();
    for &side_px in sides_px {
        let picture = png(side_px)?;
        // 256 is written as 0.
        let side = u8::try_from(side_px % 256)?;
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        file.extend(u32::try_from(picture.len())?.to_le_bytes());
        file.extend(u32::try_from(directory_end + pictures.len())?.to_le_bytes());
        pictures.extend(picture);
    }
    file.extend(pictures);
    Ok(file)
}

/// macOS: `icns`, the length of everything, then for each picture a name, a length and the PNG.
pub(super) fn icns(png: impl Fn(u32) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let entries: [(&[u8; 4], u32); 8] = [
        (b"ic11", 32),
        (b"ic12", 64),
        (b"ic07", 128),
        (b"ic13", 256),
        (b"ic08", 256),
        (b"ic14", 512),
        (b"ic09", 512),
        (b"ic10", 1024),
    ];
    let mut body = Vec::new();
    for (name, side_px) in entries {
        let picture = png(side_px)?;
        body.extend(name);
        body.extend(
            u32::try_from(picture.len() + 8)
                .context("a picture is too large")?
                .to_be_bytes(),
        );
        body.extend(picture);
    }
    let mut file = b"icns".to_vec();
    file.extend(u32::try_from(body.len() + 8)?.to_be_bytes());
    file.extend(body);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_finds_each_picture_where_the_directory_says() {
        let file = ico(&[16, 256], |side_px| {
            Ok(vec![u8::try_from(side_px / 16).unwrap(); 3])
        })
        .unwrap();
        assert_eq!(&file[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!(file[6 + 16], 0, "256 is written as 0");
        let offset = |entry: usize| {
            u32::from_le_bytes(file[18 + 16 * entry..22 + 16 * entry].try_into().unwrap())
        };
        assert_eq!(file[offset(0) as usize], 1);
        assert_eq!(file[offset(1) as usize], 16);
    }

    #[test]
    fn the_length_of_the_mac_file_is_its_own() {
        let file = icns(|_| Ok(vec![7; 5])).unwrap();
        assert_eq!(
            u32::from_be_bytes(file[4..8].try_into().unwrap()) as usize,
            file.len()
        );
    }
}
