//! Small files written by hand, one trait each.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;

fn folded(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("4 0 obj\n<<{dictionary}>>stream\r\n");
    [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
}

fn deflated(dictionary: &str, content: &[u8]) -> Vec<u8> {
    stream(
        &format!("{dictionary}/Filter/FlateDecode"),
        &folded(content),
    )
}

/// A file of so many pages with these streams; its words without the allowances.
fn words(pages: u64, streams: &[Vec<u8>]) -> u64 {
    let page = b"<</Type /Page>>\n".repeat(usize::try_from(pages).unwrap());
    let found = contents(&[b"%PDF-1.4\n", &page[..], &streams.concat()].concat()).unwrap();
    assert_eq!(u64::from(found.pages), pages);
    u64::from(found.text_tokens_max) - FILE_TOKENS - pages * PAGE_TOKENS
}

const HELLO: &[u8] = b"BT /F1 12 Tf (Hello) Tj ET";

#[test]
fn pages_are_counted_in_the_open_and_in_streams() {
    let pages = |pdf: &[u8]| contents(pdf).map(|contents| contents.pages);
    let open = b"%PDF-1.4 <</Type/Pages/Count 2>> <</Type /Page>> <</Type\n/Page/Parent 1 0 R>>";
    assert_eq!(pages(open), Some(2));
    let hidden = deflated(
        "/Type/ObjStm",
        b"<</Type/Page>><</Type/Pages>><</Type /Page >>",
    );
    assert_eq!(pages(&[&open[..], &hidden, &hidden].concat()), Some(6));
    assert_eq!(
        pages(b"%PDF-1.4 <</Type/Pages>>"),
        None,
        "a tree without pages"
    );
}

#[test]
fn every_string_that_is_shown_counts_and_no_other() {
    let content: &[u8] = br"(not shown) /Span <</ActualText (x)>> BDC
        BT (a\)\(b(c)) Tj [(de) -20 <666768>] TJ (i) ' 1 2 (j) \ % (comment) Tj
        ET";
    let shown = b"a)(b(c)".len() + b"de".len() + 3 + b"i".len();
    assert_eq!(words(1, &[deflated("", content)]), shown as u64);
    assert_eq!(words(1, &[stream("", HELLO)]), 5, "also in the open");
    let twice = [deflated("", HELLO), deflated("", HELLO)];
    assert_eq!(words(2, &twice), 10);
}

#[test]
fn a_hidden_text_layer_is_counted_whole() {
    let layer = [b"BT 3 Tr (", &b"word ".repeat(40_000)[..], b") Tj ET"].concat();
    let scan = stream("/Subtype/Image/Filter/DCTDecode", &[0xFF; 900]);
    assert_eq!(words(1, &[scan.clone(), deflated("", &layer)]), 200_000);
    assert_eq!(words(2, &[scan]), 2 * PICTURE_PAGE_TOKENS);
}

#[test]
fn what_is_drawn_again_counts_again() {
    let form = deflated("/Type/XObject/Subtype/Form", HELLO);
    let draws = deflated("", b"q /X1 Do Q q /X1 Do Q /X1 Do");
    assert_eq!(words(1, &[form, draws]), 15);
    // Three pages, and one content.
    assert_eq!(words(3, &[deflated("", HELLO)]), 15);
}

#[test]
fn codes_that_stand_for_more_count_as_more() {
    let map = |codes: &str| deflated("", codes.as_bytes());
    let of = |codes: &str| words(1, &[deflated("", HELLO), map(codes)]);
    assert_eq!(of("1 beginbfchar <4E00> <0041> endbfchar"), 5);
    assert_eq!(of("1 beginbfchar <01> <006600660069> endbfchar"), 5, "ffi");
    assert_eq!(of("1 beginbfchar <01> <4E00> endbfchar"), 15);
    assert_eq!(
        of("1 beginbfrange <01> <02> [<0041> <0E01>] endbfrange"),
        15
    );
    assert_eq!(of("1 beginbfrange <4E01> <4E09> <0041> endbfrange"), 5);
    let long = "0041".repeat(100);
    assert_eq!(of(&format!("1 beginbfchar <01> <{long}> endbfchar")), 500);
}

#[test]
fn what_cannot_be_read_counts_by_its_bytes() {
    let data = [7; 1_000];
    let old = stream("/Filter/LZWDecode", &data);
    assert_eq!(words(1, &[old]), 1_001 * UNREAD_TOKENS_PER_BYTE);
    let twice = stream("/Filter[/ASCII85Decode/FlateDecode]", &data);
    assert_eq!(words(1, &[twice]), 1_001 * UNREAD_TOKENS_PER_BYTE);
    let locked = [b"<</Encrypt 9 0 R>>".to_vec(), stream("", HELLO)];
    assert!(words(1, &locked) >= 26 * UNREAD_TOKENS_PER_BYTE);
    let cut = deflated("", b"BT (Hello) Tj (and the rest");
    assert_eq!(words(1, &[cut]), 17, "a string without an end");
}

#[test]
fn pictures_within_content_are_passed_over() {
    let content = b"BI /W 1 /H 1 ID \x00(((Tj\nEI Q BT (Hello) Tj ET";
    let found = pdf_content::shown(content);
    assert_eq!((found.bytes, found.has_pictures), (5, true));
}

#[test]
fn a_stream_that_unfolds_without_end_is_read_to_its_limit() {
    let page = b"<</Type/Page>>";
    let huge = deflated("/Type/ObjStm", &page.repeat(8_000_000));
    let most = UNFOLDED_BYTES_MAX / page.len() as u64 + 1;
    let counted = contents(&[&huge[..], &huge].concat()).unwrap();
    assert!(u64::from(counted.pages) <= most, "{counted:?} of {most}");
}
