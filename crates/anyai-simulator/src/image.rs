//! The size of an attached image, read from its first bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Pixels an image token stands for; a little more than any provider's formula.
const PIXELS_PER_TOKEN: u64 = 2_400;
const IMAGE_TOKENS_MAX: u64 = 750;

/// An image of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    /// `PNG`, `JPEG`, `GIF`, `WebP`, or `image` when unknown.
    pub(crate) format: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: usize,
}

impl Seen {
    /// Reads base64 data; `None` when it is not base64 at all.
    pub(crate) fn from_base64(data: &str) -> Option<Self> {
        STANDARD
            .decode(data.trim())
            .ok()
            .map(|bytes| Self::from_bytes(&bytes))
    }

    /// Reads a `data:` URL; any other address is an image of unknown size.
    pub(crate) fn from_url(url: &str) -> Option<Self> {
        match url.strip_prefix("data:") {
            Some(rest) => Self::from_base64(rest.split_once(";base64,")?.1),
            None => Some(Self {
                format: "image",
                width: 0,
                height: 0,
                bytes: 0,
            }),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let (format, (width, height)) = match bytes {
            [0x89, b'P', b'N', b'G', ..] => ("PNG", png(bytes).unwrap_or_default()),
            [0xFF, 0xD8, ..] => ("JPEG", jpeg(bytes).unwrap_or_default()),
            [b'G', b'I', b'F', b'8', ..] => ("GIF", gif(bytes).unwrap_or_default()),
            [b'R', b'I', b'F', b'F', ..] => ("WebP", webp(bytes).unwrap_or_default()),
            _ => ("image", (0, 0)),
        };
        Self {
            format,
            width,
            height,
            bytes: bytes.len(),
        }
    }

    /// What it adds to the input: a token for 2,400 pixels, 750 at most.
    pub(crate) fn tokens(&self) -> u64 {
        tokens_of(self.width, self.height)
    }
}

/// What an image of this size adds to the input.
pub(crate) fn tokens_of(width: u32, height: u32) -> u64 {
    let pixels = u64::from(width) * u64::from(height);
    // Rounded up: no image is free.
    pixels.div_ceil(PIXELS_PER_TOKEN).clamp(1, IMAGE_TOKENS_MAX)
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    let two = bytes.get(at..at + 2)?;
    Some(u32::from(u16::from_be_bytes(two.try_into().ok()?)))
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    let two = bytes.get(at..at + 2)?;
    Some(u32::from(u16::from_le_bytes(two.try_into().ok()?)))
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    Some(le16(bytes, at)? | u32::from(*bytes.get(at + 2)?) << 16)
}

fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((be32(bytes, 16)?, be32(bytes, 20)?))
}

fn gif(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((le16(bytes, 6)?, le16(bytes, 8)?))
}

/// Walks the segments to the frame header.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
        if is_frame {
            return Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
        }
        at += 2 + be16(bytes, at + 2)? as usize;
    }
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8 " => Some((le16(bytes, 26)? & 0x3FFF, le16(bytes, 28)? & 0x3FFF)),
        b"VP8L" => {
            let packed = le16(bytes, 21)? | le16(bytes, 23)? << 16;
            Some(((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1))
        }
        b"VP8X" => Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_formats_size() {
        let mut png = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13];
        png.extend(b"IHDR\0\0\x05\0\0\0\x02\xd0\x08\x02\0\0\0");
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x11\x08\x01\xe0\x02\x80\x03";
        let gif = b"GIF89a\x40\x01\xf0\0\0";
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x07\0\x37\x04\0";
        for (bytes, format, size) in [
            (png.as_slice(), "PNG", (1280, 720)),
            (jpeg, "JPEG", (640, 480)),
            (gif, "GIF", (320, 240)),
            (webp, "WebP", (1920, 1080)),
            (b"nothing known", "image", (0, 0)),
            (b"\xFF\xD8\xFF", "JPEG", (0, 0)),
        ] {
            let seen = Seen::from_bytes(bytes);
            assert_eq!((seen.format, (seen.width, seen.height)), (format, size));
        }
    }

    #[test]
    fn tokens_follow_the_area_within_bounds() {
        let sized = |width, height| {
            Seen {
                format: "PNG",
                width,
                height,
                bytes: 0,
            }
            .tokens()
        };
        assert_eq!(sized(0, 0), 1);
        assert_eq!(sized(1280, 720), 384);
        assert_eq!(sized(8000, 8000), 750);
    }
}
