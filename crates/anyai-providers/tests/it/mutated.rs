//! Answers that were damaged on the way: whatever came, it reads the same in every cut and ends once.
//! The fuzz targets in `fuzz/` look further; this is the part that runs each time.

use anyai_providers::Protocol;

use crate::answer::{ALL, greeting};
use crate::recorded::Answer;
use crate::recordings::random_cut;

/// Damaged answers per protocol.
const ROUNDS: u64 = 250;
/// What breaks streams: their own punctuation, and bytes that are no text.
const SPLINTERS: [&[u8]; 16] = [
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"data: ",
    b"event: error\n",
    b"data: [DONE]\n\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"null",
    b"\xff",
    b"\xef\xbb\xbf",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).expect("64 bits") % limit.max(1)
    }
}

fn damage(body: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(body.len());
    let end = (at + 1 + dice.below(24)).min(body.len());
    match dice.below(5) {
        0 => body[at] = u8::try_from(dice.below(256)).expect("a byte"),
        1 => drop(body.drain(at..end)),
        2 => {
            let again = body[at..end].to_vec();
            body.splice(at..at, again);
        }
        3 => body.truncate(at),
        _ => {
            let splinter = SPLINTERS[dice.below(SPLINTERS.len())];
            body.splice(at..at, splinter.iter().copied());
        }
    }
    if body.is_empty() {
        body.push(b'{');
    }
}

#[test]
fn a_damaged_answer_reads_the_same_in_every_cut() {
    for (provider, protocol) in ALL {
        for form in forms(protocol) {
            for seed in 1..=ROUNDS {
                let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let mut body = form.clone();
                for _ in 0..=dice.below(3) {
                    damage(&mut body, &mut dice);
                }
                let whole = Answer::read(provider, protocol, &[&body]);
                let cut = Answer::read(provider, protocol, &random_cut(&body, seed));
                let shown = String::from_utf8_lossy(&body);
                assert_eq!(whole, cut, "{protocol:?} with seed {seed}: {shown}");
            }
        }
    }
}

/// A stream of events, and the same values one a line.
fn forms(protocol: Protocol) -> [Vec<u8>; 2] {
    let stream = greeting(protocol);
    let text = String::from_utf8(stream.clone()).expect("text");
    let lines = text
        .lines()
        .map(|line| line.strip_prefix("data: ").unwrap_or(line));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    [stream, lines.into_bytes()]
}
