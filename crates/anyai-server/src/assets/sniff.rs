//! What a file's first bytes say it is.

/// Bytes that tell every kind apart.
pub(super) const HEAD_BYTES: usize = 64;

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Png,
    Jpeg,
    WebP,
    Gif,
    Mp4,
    WebM,
    Pdf,
    /// Anything else, if it turns out to be words.
    Text,
}

impl Kind {
    /// The kind of a file that begins with these bytes.
    pub(super) fn of(head: &[u8]) -> Self {
        let at = |from: usize, what: &[u8]| head.get(from..from + what.len()) == Some(what);
        if at(0, b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if at(0, b"\xff\xd8\xff") {
            Self::Jpeg
        } else if at(0, b"RIFF") && at(8, b"WEBP") {
            Self::WebP
        } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
            Self::Gif
        } else if at(4, b"ftyp") {
            Self::Mp4
        } else if at(0, b"\x1a\x45\xdf\xa3") {
            Self::WebM
        } else if at(0, b"%PDF-") {
            Self::Pdf
        } else {
            Self::Text
        }
    }

    pub(super) const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_and_nothing_after_them() {
        for (head, kind) in [
            (&b"\x89PNG\r\n\x1a\n%PDF-"[..], Kind::Png),
            (b"\xff\xd8\xff\xe0<script>", Kind::Jpeg),
            (b"RIFF\0\0\0\0WEBPVP8 ", Kind::WebP),
            (b"RIFF\0\0\0\0WAVE", Kind::Text),
            (b"GIF89a/*", Kind::Gif),
            (b"\0\0\0\x18ftypisom", Kind::Mp4),
            (b"\x1a\x45\xdf\xa3\x9f", Kind::WebM),
            (b"%PDF-1.7", Kind::Pdf),
            (b" %PDF-1.7", Kind::Text),
            (b"<svg", Kind::Text),
            (b"", Kind::Text),
        ] {
            assert_eq!(Kind::of(head), kind, "{}", String::from_utf8_lossy(head));
        }
    }
}
