//! The drawing language of PDFs, as far as it shows words: one pass without a font.

/// What a content stream shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// Bytes of the strings it shows: each is a code, or a part of one.
    pub(super) bytes: u64,
    /// How often it draws something by name.
    pub(super) draws: u64,
    /// Whether pictures stand in it.
    pub(super) has_pictures: bool,
}

/// What a font says of its codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CodeMap {
    /// The most letters one code stands for.
    pub(super) letters_max: u64,
    /// Whether codes stand for letters of which one can be several tokens.
    pub(super) is_dense: bool,
}

enum Piece<'a> {
    /// A string of so many bytes, to its end.
    Text(u64),
    /// The digits of a string in hexadecimal.
    Hex(&'a [u8]),
    /// A string without an end.
    Open(u64),
    /// A number, an operator, or a name with its slash.
    Word(&'a [u8]),
    Bracket(u8),
}

/// The pieces of a stream.
struct Pieces<'a>(&'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let (&first, rest) = self.0.split_first()?;
            match first {
                b'%' => {
                    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                    self.0 = &rest[end.unwrap_or(rest.len())..];
                }
                b'(' => return Some(self.text(rest)),
                b'<' if rest.first() == Some(&b'<') => self.0 = &rest[1..],
                b'<' => {
                    let end = rest.iter().position(|&byte| byte == b'>');
                    let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
                    self.0 = after.get(1..).unwrap_or_default();
                    return Some(Piece::Hex(digits));
                }
                b'[' | b']' => {
                    self.0 = rest;
                    return Some(Piece::Bracket(first));
                }
                b'>' | b')' | b'{' | b'}' => self.0 = rest,
                _ if is_space(first) => self.0 = rest,
                _ => {
                    let end = rest.iter().position(|&byte| !is_regular(byte));
                    let (word, after) = self.0.split_at(1 + end.unwrap_or(rest.len()));
                    self.0 = after;
                    return Some(Piece::Word(word));
                }
            }
        }
    }
}

impl<'a> Pieces<'a> {
    /// A string in brackets, which may hold brackets in pairs.
    fn text(&mut self, mut rest: &'a [u8]) -> Piece<'a> {
        let (mut depth, mut bytes) = (1_u32, 0);
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'\\' => rest = after.get(1..).unwrap_or_default(),
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.0 = rest;
                return Piece::Text(bytes);
            }
            bytes += 1;
        }
        self.0 = rest;
        Piece::Open(bytes)
    }

    /// Goes past the bytes of a picture that stands in the stream.
    fn pass_picture(&mut self) {
        let mut ends = memchr::memmem::find_iter(self.0, b"EI");
        let end = ends.find(|&at| {
            let before = at.checked_sub(1).map(|before| self.0[before]);
            let after = self.0.get(at + 2);
            before.is_some_and(is_space) && after.is_none_or(|&after| is_space(after))
        });
        self.0 = end.map_or(&[], |end| &self.0[end + 2..]);
    }
}

/// What a content stream shows; nothing of a stream that is something else.
pub(super) fn shown(content: &[u8]) -> Shown {
    let mut pieces = Pieces(content);
    let (mut found, mut pending, mut writes) = (Shown::default(), 0, false);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(bytes) => pending += bytes,
            Piece::Hex(digits) => pending += (digits.len() as u64).div_ceil(2),
            // Cut off, or damaged: it counts where words were written before.
            Piece::Open(bytes) if writes => found.bytes += pending + bytes,
            Piece::Open(_) | Piece::Bracket(_) => {}
            Piece::Word(b"Tj" | b"TJ" | b"'" | b"\"") => {
                found.bytes += std::mem::take(&mut pending);
                writes = true;
            }
            Piece::Word(b"Do") => {
                found.draws += 1;
                pending = 0;
            }
            Piece::Word(b"ID") => {
                found.has_pictures = true;
                pending = 0;
                pieces.pass_picture();
            }
            Piece::Word(word) if word[0].is_ascii_alphabetic() => {
                writes |= word == b"BT";
                pending = 0;
            }
            Piece::Word(_) => {}
        }
    }
    found
}

/// What the map of a font's codes to letters says.
pub(super) fn code_map(content: &[u8]) -> CodeMap {
    let mut map = CodeMap::default();
    // Letters stand at the last of so many places.
    let (mut places, mut place, mut in_list) = (0, 0, false);
    for piece in Pieces(content) {
        match piece {
            Piece::Word(b"beginbfchar") => (places, place) = (2, 0),
            Piece::Word(b"beginbfrange") => (places, place) = (3, 0),
            Piece::Word(word) if word.starts_with(b"end") => places = 0,
            Piece::Bracket(bracket) => {
                in_list = bracket == b'[';
                place += usize::from(!in_list);
            }
            Piece::Hex(digits) if places > 0 => {
                if in_list || place % places == places - 1 {
                    map.take(digits);
                }
                place += usize::from(!in_list);
            }
            Piece::Hex(_) | Piece::Text(_) | Piece::Open(_) | Piece::Word(_) => {}
        }
    }
    map
}

impl CodeMap {
    /// Takes what one code stands for, in UTF-16.
    fn take(&mut self, digits: &[u8]) {
        let letters = digits.chunks(4);
        self.letters_max = self.letters_max.max(letters.len() as u64);
        self.is_dense |= letters
            .filter_map(|digits| {
                let digits = std::str::from_utf8(digits).ok()?;
                u16::from_str_radix(digits, 16).ok()
            })
            .any(is_dense);
    }
}

/// Everything but the alphabets of Europe, punctuation, symbols and joined letters.
const fn is_dense(unit: u16) -> bool {
    !matches!(unit, 0..=0x058F | 0x1E00..=0x2BFF | 0xFB00..=0xFB06 | 0xFEFF..=0xFFFF)
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

const fn is_regular(byte: u8) -> bool {
    !is_space(byte)
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        )
}
