//! The WebM container: as much of it as a silent film of key frames needs, with its index in
//! front so that a player can seek before it has the whole.

/// Milliseconds a cluster holds at most; a block counts from its cluster in 16 bits.
const CLUSTER_MS: u64 = 1_000;
const TRACK: u64 = 1;

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_AE6B;
const CUES: u32 = 0x1C53_BB6B;
const CLUSTER: u32 = 0x1F43_B675;
const SIMPLE_BLOCK: u32 = 0xA3;
/// Track, time in the cluster, and flags come before the frame in a block.
const BLOCK_HEAD: usize = 4;

/// Writes a film of key frames shown for the same time each.
pub(super) fn write<'a>(
    width: u32,
    height: u32,
    rate: u32,
    frames: impl Iterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let frame_ms = u64::from(1_000 / rate.max(1));
    let mut clusters: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut shown_ms = 0;
    for frame in frames {
        let starts = match clusters.last() {
            Some((start_ms, _)) => shown_ms - start_ms >= CLUSTER_MS,
            None => true,
        };
        if starts {
            clusters.push((shown_ms, unsigned(0xE7, shown_ms)));
        }
        if let Some((start_ms, body)) = clusters.last_mut() {
            body.extend(block(shown_ms - *start_ms, frame));
        }
        shown_ms += frame_ms;
    }
    let head = [
        element(INFO, &info(shown_ms)),
        element(TRACKS, &tracks(width, height, frame_ms)),
    ]
    .concat();
    let clusters: Vec<(u64, Vec<u8>)> = (clusters.into_iter())
        .map(|(start_ms, body)| (start_ms, element(CLUSTER, &body)))
        .collect();
    let mut segment = with_index(head, &clusters);
    for (_, cluster) in &clusters {
        segment.extend(cluster);
    }
    [element(EBML, &file_type()), element(SEGMENT, &segment)].concat()
}

/// The head and the index, which says where each cluster starts.
fn with_index(head: Vec<u8>, clusters: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let index = |first_at: u64| {
        let mut at = first_at;
        let mut points = Vec::new();
        for (start_ms, cluster) in clusters {
            // The place has its full width, so that the index is as long whatever it says.
            let place = element(0xF1, &at.to_be_bytes());
            let track = [unsigned(0xF7, TRACK), place].concat();
            let point = [unsigned(0xB3, *start_ms), element(0xB7, &track)].concat();
            points.extend(element(0xBB, &point));
            at += cluster.len() as u64;
        }
        element(CUES, &points)
    };
    let length = head.len() + index(0).len();
    [head, index(length as u64)].concat()
}

fn file_type() -> Vec<u8> {
    [
        unsigned(0x4286, 1),
        unsigned(0x42F7, 1),
        unsigned(0x42F2, 4),
        unsigned(0x42F3, 8),
        element(0x4282, b"webm"),
        unsigned(0x4287, 4),
        unsigned(0x4285, 2),
    ]
    .concat()
}

fn info(shown_ms: u64) -> Vec<u8> {
    let writer = b"Any AI Studio simulator";
    [
        // Times are in milliseconds.
        unsigned(0x2A_D7B1, 1_000_000),
        element(DURATION, &(shown_ms as f64).to_be_bytes()),
        element(0x4D80, writer),
        element(0x5741, writer),
    ]
    .concat()
}

fn tracks(width: u32, height: u32, frame_ms: u64) -> Vec<u8> {
    let size = [
        unsigned(0xB0, u64::from(width)),
        unsigned(0xBA, u64::from(height)),
    ]
    .concat();
    let entry = [
        unsigned(0xD7, TRACK),
        unsigned(0x73C5, TRACK),
        unsigned(0x9C, 0),
        unsigned(0x83, 1),
        element(0x86, b"V_VP8"),
        unsigned(0x23_E383, frame_ms * 1_000_000),
        element(0xE0, &size),
    ]
    .concat();
    element(0xAE, &entry)
}

fn block(after_ms: u64, frame: &[u8]) -> Vec<u8> {
    let after = i16::try_from(after_ms).unwrap_or(i16::MAX).to_be_bytes();
    let key_frame = 0x80;
    let head = [0x80 | TRACK as u8, after[0], after[1], key_frame];
    element(SIMPLE_BLOCK, &[head.as_slice(), frame].concat())
}

fn unsigned(id: u32, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let leading = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    element(id, &bytes[leading..])
}

/// An element: its id, the length in 8 bytes, the content.
fn element(id: u32, content: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let leading = id.iter().take_while(|byte| **byte == 0).count();
    let length = (1u64 << 56 | content.len() as u64).to_be_bytes();
    [&id[leading..], &length, content].concat()
}

/// The first frame of a film, if the bytes are one.
pub(crate) fn first_frame(bytes: &[u8]) -> Option<&[u8]> {
    let cluster = inside(segment(bytes)?, CLUSTER)?;
    inside(cluster, SIMPLE_BLOCK)?.get(BLOCK_HEAD..)
}

/// How long a film is.
pub(crate) fn duration_ms(bytes: &[u8]) -> Option<u64> {
    let duration = inside(inside(segment(bytes)?, INFO)?, DURATION)?;
    let duration_ms = f64::from_be_bytes(duration.try_into().ok()?);
    // Rounded down: a started millisecond is not shown.
    (duration_ms >= 0.0).then_some(duration_ms as u64)
}

fn segment(bytes: &[u8]) -> Option<&[u8]> {
    let (id, _, rest) = next(bytes)?;
    (id == EBML).then_some(())?;
    inside(rest, SEGMENT)
}

/// The content of the first element with this id.
fn inside(mut bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    loop {
        let (id, content, rest) = next(bytes)?;
        if id == wanted {
            return Some(content);
        }
        bytes = rest;
    }
}

/// The next element: its id, its content, and what follows.
fn next(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let id_length = bytes.first()?.leading_zeros() as usize + 1;
    let id = bytes.get(..id_length).filter(|id| id.len() <= 4)?;
    let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let bytes = &bytes[id_length..];
    let size_length = bytes.first()?.leading_zeros() as usize + 1;
    let size = bytes.get(..size_length).filter(|size| size.len() <= 8)?;
    let size = size
        .iter()
        .fold(0, |size, byte| size << 8 | u64::from(*byte));
    let size = size & ((1u64 << (7 * size_length)) - 1);
    let (_, bytes) = bytes.split_at(size_length);
    let size = usize::try_from(size).ok()?;
    Some((id, bytes.get(..size)?, &bytes[size..]))
}
