//! Pictures as bytes.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageReader, Limits, RgbaImage};

/// The most memory a picture sent to the simulator may take.
const DECODED_BYTES_MAX: u64 = 256 * 1024 * 1024;
const JPEG_QUALITY: u8 = 85;
const WEBP_QUALITY: f32 = 80.0;

/// How a picture is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    #[default]
    Png,
    Jpeg,
    WebP,
}

impl Format {
    /// The format of this word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "png" => Some(Self::Png),
            "jpeg" => Some(Self::Jpeg),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
        }
    }

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    pub(crate) const fn has_alpha(self) -> bool {
        !matches!(self, Self::Jpeg)
    }
}

/// Writes a picture; empty only if the encoder fails, which none of these does on such pictures.
pub(crate) fn encode(picture: &RgbaImage, format: Format) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let is_opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let rgb = || DynamicImage::from(picture.clone()).into_rgb8();
    let mut bytes = Cursor::new(Vec::new());
    let written = match format {
        Format::Png => {
            let encoder =
                PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up);
            if is_opaque {
                encoder.write_image(&rgb(), width, height, ExtendedColorType::Rgb8)
            } else {
                encoder.write_image(picture, width, height, ExtendedColorType::Rgba8)
            }
        }
        Format::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
            &rgb(),
            width,
            height,
            ExtendedColorType::Rgb8,
        ),
        Format::WebP => {
            let encoder = webp::Encoder::from_rgba(picture, width, height);
            return encoder.encode(WEBP_QUALITY).to_vec();
        }
    };
    written.map(|()| bytes.into_inner()).unwrap_or_default()
}

/// Reads a picture of any of these formats; `None` when it is none.
pub(crate) fn decode(bytes: &[u8]) -> Option<RgbaImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    reader.decode().ok().map(DynamicImage::into_rgba8)
}
