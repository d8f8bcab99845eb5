//! How large a clip is and how long it runs, from its head. No decoder: boxes are walked, and one
//! that claims more than its parent has ends the walk.

use std::io::{Read, Seek, SeekFrom};

/// Boxes that are looked at in one file: a real one has a few dozen on the way.
const BOXES_MAX: usize = 4_096;

/// What a clip's head says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clip {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) duration_ms: u64,
}

/// Reads an MP4.
pub(super) fn mp4(file: &mut (impl Read + Seek), bytes: u64) -> Option<Clip> {
    let mut clip = Clip::default();
    let mut left = BOXES_MAX;
    walk_mp4(file, (0, bytes), 0, &mut left, &mut clip)?;
    (clip.width > 0 && clip.duration_ms > 0).then_some(clip)
}

fn walk_mp4<F: Read + Seek>(
    file: &mut F,
    (from, to): (u64, u64),
    depth: usize,
    left: &mut usize,
    clip: &mut Clip,
) -> Option<()> {
    let mut at = from;
    while at.checked_add(8)? <= to {
        *left = left.checked_sub(1)?;
        file.seek(SeekFrom::Start(at)).ok()?;
        let head: [u8; 8] = read(file)?;
        let (short, kind) = head.split_at(4);
        let (body, end) = match u32::from_be_bytes(short.try_into().ok()?) {
            0 => (at + 8, to),
            1 => (at + 16, at.checked_add(u64::from_be_bytes(read(file)?))?),
            size => (at + 8, at + u64::from(size)),
        };
        if end > to || end < body {
            return None;
        }
        match (depth, kind) {
            (0, b"moov") | (1, b"trak") => walk_mp4(file, (body, end), depth + 1, left, clip)?,
            (1, b"mvhd") => clip.duration_ms = movie_head(file)?,
            (2, b"tkhd") => track_head(file, end, clip)?,
            _ => {}
        }
        at = end;
    }
    Some(())
}

/// Milliseconds, rounded up: a begun one is shown.
fn movie_head(file: &mut impl Read) -> Option<u64> {
    let version: [u8; 4] = read(file)?;
    let (scale, duration) = if version[0] == 1 {
        let _made: [u8; 16] = read(file)?;
        (read(file)?, u64::from_be_bytes(read(file)?))
    } else {
        let _made: [u8; 8] = read(file)?;
        (read(file)?, u64::from(u32::from_be_bytes(read(file)?)))
    };
    let scale = u32::from_be_bytes(scale);
    let thousandths = u128::from(duration) * 1_000;
    let millis = thousandths.checked_add(u128::from(scale).checked_sub(1)?)? / u128::from(scale);
    u64::try_from(millis).ok()
}

/// Width and height are the last eight bytes, in whole pixels and fractions; sound has none.
fn track_head(file: &mut (impl Read + Seek), end: u64, clip: &mut Clip) -> Option<()> {
    file.seek(SeekFrom::Start(end.checked_sub(8)?)).ok()?;
    let (width, height): ([u8; 4], [u8; 4]) = (read(file)?, read(file)?);
    let whole = |fixed: [u8; 4]| u32::from_be_bytes(fixed) >> 16;
    if clip.width == 0 && whole(width) > 0 {
        (clip.width, clip.height) = (whole(width), whole(height));
    }
    Some(())
}

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMECODE_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const CLUSTER: u32 = 0x1f43_b675;

/// Nanoseconds of a WebM's unit of time, unless it says otherwise.
const USUAL_SCALE_NS: u64 = 1_000_000;

/// Reads a WebM.
pub(super) fn webm(file: &mut (impl Read + Seek), bytes: u64) -> Option<Clip> {
    let mut found = Found {
        scale_ns: USUAL_SCALE_NS,
        ..Found::default()
    };
    let mut left = BOXES_MAX;
    walk_webm(file, (0, bytes), 0, &mut left, &mut found)?;
    let nanos = found.units.checked_mul(u128::from(found.scale_ns))?;
    let clip = Clip {
        duration_ms: u64::try_from(nanos.div_ceil(1_000_000)).ok()?,
        ..found.clip
    };
    (clip.width > 0 && clip.duration_ms > 0).then_some(clip)
}

#[derive(Default)]
struct Found {
    clip: Clip,
    scale_ns: u64,
    /// How long it runs, in its unit of time, begun ones counted whole.
    units: u128,
}

fn walk_webm<F: Read + Seek>(
    file: &mut F,
    (from, to): (u64, u64),
    depth: usize,
    left: &mut usize,
    found: &mut Found,
) -> Option<()> {
    let mut at = from;
    while at < to {
        *left = left.checked_sub(1)?;
        file.seek(SeekFrom::Start(at)).ok()?;
        let (id, id_bytes) = number(file, false)?;
        let (size, size_bytes) = number(file, true)?;
        let body = at.checked_add(id_bytes + size_bytes)?;
        let is_open = size == (1 << (7 * size_bytes)) - 1;
        let end = if is_open { to } else { body.checked_add(size)? };
        if end > to {
            return None;
        }
        let id = u32::try_from(id).ok()?;
        match (depth, id) {
            (0, SEGMENT) | (1, INFO | TRACKS) | (2, TRACK) | (3, VIDEO) => {
                walk_webm(file, (body, end), depth + 1, left, found)?;
            }
            (2, TIMECODE_SCALE) => found.scale_ns = unsigned(file, size)?,
            (2, DURATION) => found.units = whole_float(file, size)?,
            (4, PIXEL_WIDTH) => found.clip.width = u32::try_from(unsigned(file, size)?).ok()?,
            (4, PIXEL_HEIGHT) => found.clip.height = u32::try_from(unsigned(file, size)?).ok()?,
            // The pictures begin: all that is wanted came before.
            (1, CLUSTER) => return Some(()),
            _ => {}
        }
        at = end;
    }
    Some(())
}

/// A number whose length its first byte says, with or without the bit that says it.
fn number(file: &mut impl Read, unmarked: bool) -> Option<(u64, u64)> {
    let [first] = read::<1>(file)?;
    let more = first.leading_zeros();
    if more > 7 {
        return None;
    }
    let marked = u64::from(first);
    let mut value = if unmarked {
        marked & ((1_u64 << (7 - more)) - 1)
    } else {
        marked
    };
    for _ in 0..more {
        let [next] = read::<1>(file)?;
        value = value << 8 | u64::from(next);
    }
    Some((value, u64::from(more) + 1))
}

fn unsigned(file: &mut impl Read, size: u64) -> Option<u64> {
    if size > 8 {
        return None;
    }
    (0..size).try_fold(0, |value, _| {
        let [next] = read::<1>(file)?;
        Some(value << 8 | u64::from(next))
    })
}

/// A length of time is a float there. Rounded up; what is no length is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast of a float saturates, and takes what is no number for 0"
)]
fn whole_float(file: &mut impl Read, size: u64) -> Option<u128> {
    let value = match size {
        4 => f64::from(f32::from_be_bytes(read(file)?)),
        8 => f64::from_be_bytes(read(file)?),
        _ => return None,
    };
    Some(value.ceil() as u64 as u128)
}

fn read<const N: usize>(file: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn part(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes(), &kind[..], body].concat()
    }

    fn small_mp4() -> Vec<u8> {
        // Version 0, two dates, 600 units a second, 901 of them.
        let head = [&[0; 12][..], &600_u32.to_be_bytes(), &901_u32.to_be_bytes()].concat();
        let sound = part(b"trak", &part(b"tkhd", &[0; 84]));
        let mut sized = vec![0; 76];
        sized.extend((640_u32 << 16).to_be_bytes());
        sized.extend((360_u32 << 16).to_be_bytes());
        let sight = part(b"trak", &part(b"tkhd", &sized));
        let movie = part(b"moov", &[part(b"mvhd", &head), sound, sight].concat());
        [
            part(b"ftyp", b"isom\0\0\0\0"),
            part(b"mdat", &[7; 50]),
            movie,
        ]
        .concat()
    }

    fn of(bytes: &[u8]) -> Option<Clip> {
        mp4(&mut Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn an_mp4_says_its_size_and_length_wherever_its_head_is() {
        let clip = Clip {
            width: 640,
            height: 360,
            duration_ms: 1_502,
        };
        assert_eq!(of(&small_mp4()), Some(clip));
    }

    #[test]
    fn a_head_that_claims_more_than_there_is_is_no_clip() {
        let whole = small_mp4();
        for cut in 0..whole.len() {
            assert_eq!(of(&whole[..cut]), None, "cut at {cut}");
        }
        let mut endless = whole.clone();
        // A box of length 8 says nothing and goes nowhere but forward; one of less goes nowhere.
        endless[0..4].copy_from_slice(&4_u32.to_be_bytes());
        assert_eq!(of(&endless), None);
        let mut scaleless = whole;
        let at = scaleless
            .windows(4)
            .position(|part| part == b"mvhd")
            .unwrap()
            + 16;
        scaleless[at..at + 4].fill(0);
        assert_eq!(of(&scaleless), None, "no units a second");
        let nested = (0..10_000).fold(Vec::new(), |inner, _| part(b"moov", &inner));
        assert_eq!(of(&nested), None);
    }

    fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
        let size = 0x4000 | u16::try_from(body.len()).unwrap();
        [id, &size.to_be_bytes(), body].concat()
    }

    #[test]
    fn a_webm_says_its_size_and_length() {
        let info = element(
            b"\x15\x49\xa9\x66",
            &element(b"\x44\x89", &1_500.4_f64.to_be_bytes()),
        );
        let sight = [element(b"\xb0", &[2, 128]), element(b"\xba", &[1, 104])].concat();
        let tracks = element(
            b"\x16\x54\xae\x6b",
            &element(b"\xae", &element(b"\xe0", &sight)),
        );
        let head = element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm");
        let segment = element(b"\x18\x53\x80\x67", &[info, tracks].concat());
        let whole = [head, segment].concat();
        let read = |bytes: &[u8]| webm(&mut Cursor::new(bytes), bytes.len() as u64);
        let clip = Clip {
            width: 640,
            height: 360,
            duration_ms: 1_501,
        };
        assert_eq!(read(&whole), Some(clip));
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), None, "cut at {cut}");
        }
    }
}
