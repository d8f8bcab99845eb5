//! How many pages a PDF has: its page objects are counted, also those inside compressed object
//! streams. What cannot be counted has no price.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// Bytes that all compressed streams together may unfold to.
const UNFOLDED_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The pages of a PDF, or a few more where objects were replaced; `None` where none is found.
pub(super) fn pages(pdf: &[u8]) -> Option<u32> {
    let mut count = page_objects(pdf);
    let mut left = UNFOLDED_BYTES_MAX;
    let mut rest = pdf;
    while let Some(at) = find(rest, b"/ObjStm") {
        rest = &rest[at..];
        let Some(start) = find(rest, b"stream") else {
            break;
        };
        rest = &rest[start + b"stream".len()..];
        let data = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n"));
        let mut unfolded = Vec::new();
        // A damaged stream counts as far as it goes.
        let _ = ZlibDecoder::new(data.unwrap_or(rest))
            .take(left)
            .read_to_end(&mut unfolded);
        left = left.saturating_sub(unfolded.len() as u64);
        count = count.saturating_add(page_objects(&unfolded));
    }
    (count > 0).then_some(count)
}

/// Objects of the type `Page`, which is not `Pages`.
fn page_objects(bytes: &[u8]) -> u32 {
    let mut count: u32 = 0;
    let mut rest = bytes;
    while let Some(at) = find(rest, b"/Type") {
        rest = &rest[at + b"/Type".len()..];
        let name = rest.trim_ascii_start();
        let after = name.strip_prefix(b"/Page").map(|after| after.first());
        if let Some(after) = after
            && !after.is_some_and(u8::is_ascii_alphanumeric)
        {
            count = count.saturating_add(1);
        }
    }
    count
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn folded(objects: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(objects).unwrap();
        let data = encoder.finish().unwrap();
        [
            b"<</Type/ObjStm/Filter/FlateDecode>>stream\r\n",
            &data[..],
            b"endstream",
        ]
        .concat()
    }

    #[test]
    fn pages_are_counted_in_the_open_and_in_streams() {
        let open =
            b"%PDF-1.4 <</Type/Pages/Count 2>> <</Type /Page>> <</Type\n/Page/Parent 1 0 R>>";
        assert_eq!(pages(open), Some(2));
        let hidden = folded(b"<</Type/Page>><</Type/Pages>><</Type /Page >>");
        assert_eq!(pages(&[&open[..], &hidden, &hidden].concat()), Some(6));
        assert_eq!(
            pages(b"%PDF-1.4 <</Type/Pages>>"),
            None,
            "a tree without pages"
        );
    }

    #[test]
    fn a_stream_that_unfolds_without_end_is_read_to_its_limit() {
        let page = b"<</Type/Page>>";
        let huge = folded(&page.repeat(4_000_000));
        let most = UNFOLDED_BYTES_MAX / page.len() as u64 + 1;
        let counted = pages(&[&huge[..], &huge].concat()).unwrap();
        assert!(u64::from(counted) <= most, "{counted} of {most}");
    }
}
