//! What a file is, told by its first bytes: what it is said to be cannot be relied on.

/// The media type of a picture or a clip of a kind that browsers show; `None` for anything else.
#[must_use]
pub fn media_type_of(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "video/webm",
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => "image/webp",
        _ if bytes.get(4..8) == Some(b"ftyp") => match bytes.get(8..12) {
            Some(b"qt  ") => "video/quicktime",
            Some(b"avif" | b"avis") => "image/avif",
            Some(b"heic" | b"heix" | b"mif1") => "image/heic",
            _ => "video/mp4",
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        for (bytes, mime) in [
            (&b"\x89PNG\r\n"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"\0\0\0 ftypisom\0\0\x02\0", Some("video/mp4")),
            (b"\0\0\0\x14ftypqt  ", Some("video/quicktime")),
            (b"\0\0\0\x1cftypavif", Some("image/avif")),
            (b"\x1aE\xdf\xa3\x9fB\x86", Some("video/webm")),
            (b"<svg xmlns=", None),
            (b"<!doctype html>", None),
            (b"", None),
        ] {
            assert_eq!(media_type_of(bytes), mime, "{bytes:?}");
        }
    }
}
