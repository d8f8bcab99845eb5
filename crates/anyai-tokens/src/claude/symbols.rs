//! What a marked text is made of: characters, and four markers that no text has.

/// A character's code point, or a marker beyond them all.
pub(super) type Symbol = u32;

/// A word begins.
pub(super) const BOW: Symbol = 0x0011_0000;
/// A word ends.
pub(super) const EOW: Symbol = 0x0011_0001;
/// The word begins with a capital.
pub(super) const SHIFT: Symbol = 0x0011_0002;
/// The word is all capitals.
pub(super) const CAPS: Symbol = 0x0011_0003;

/// The symbols of a packed piece; `None` when it is damaged.
pub(super) fn from_packed(piece: &[u8]) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::with_capacity(piece.len());
    let mut rest = piece;
    while let Some((first, tail)) = rest.split_first() {
        let marker = match first {
            0xff => BOW,
            0xfe => EOW,
            0xfd => SHIFT,
            0xfc => CAPS,
            _ => {
                let end = rest
                    .iter()
                    .position(|byte| *byte >= 0xfc)
                    .unwrap_or(rest.len());
                let (text, tail) = rest.split_at(end);
                symbols.extend(std::str::from_utf8(text).ok()?.chars().map(Symbol::from));
                rest = tail;
                continue;
            }
        };
        symbols.push(marker);
        rest = tail;
    }
    Some(symbols)
}
