//! The pieces of a Claude vocabulary, and the fewest of them that make up a marked text.
//!
//! Pieces are kept backwards in a tree: a tiling is built from left to right, and at each end the
//! pieces that could be the last one are found by walking back.

use std::collections::HashSet;

use super::symbols::{Symbol, from_packed};

/// The most bytes of a character in UTF-8.
const CHARACTER_BYTES_MAX: usize = 4;

/// Below this, the first step of a walk is looked up, not searched for.
const DIRECT: usize = 0x250;

/// A vocabulary in which every piece costs one token.
#[derive(Debug)]
pub(super) struct Vocabulary {
    nodes: Vec<Node>,
    /// Edges of all nodes, those of one node together and in the order of their symbols.
    symbols: Vec<Symbol>,
    targets: Vec<u32>,
    /// The node after one step, by symbol.
    direct: Vec<u32>,
    /// Parts of characters that are no piece.
    byte_strings: HashSet<Box<[u8]>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    first_edge: u32,
    edges: u16,
    is_piece: bool,
}

/// No node: the root is nobody's child.
const NOWHERE: u32 = 0;

impl Vocabulary {
    /// Reads a packed vocabulary; `None` when it is damaged.
    pub(super) fn unpack(packed: &[u8]) -> Option<Self> {
        let mut rest = packed;
        let pieces = list(&mut rest)?;
        let byte_strings = list(&mut rest)?;
        let mut backwards = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let mut symbols = from_packed(piece)?;
            symbols.reverse();
            backwards.push(symbols);
        }
        backwards.sort_unstable();
        let mut vocabulary = Self {
            nodes: vec![Node::default()],
            symbols: Vec::new(),
            targets: Vec::new(),
            direct: vec![NOWHERE; DIRECT],
            byte_strings: byte_strings.into_iter().map(Box::from).collect(),
        };
        vocabulary.grow(0, &backwards, 0)?;
        for symbol in 0..DIRECT {
            let symbol = Symbol::try_from(symbol).ok()?;
            vocabulary.direct[symbol as usize] = vocabulary.search(0, symbol);
        }
        Some(vocabulary)
    }

    /// Makes the children of a node from the pieces that lead to it, which are sorted.
    fn grow(&mut self, node: usize, pieces: &[Vec<Symbol>], depth: usize) -> Option<()> {
        let mut pieces = pieces;
        if pieces.first().is_some_and(|piece| piece.len() == depth) {
            self.nodes[node].is_piece = true;
            pieces = &pieces[1..];
        }
        let groups: Vec<&[Vec<Symbol>]> = pieces
            .chunk_by(|one, other| one[depth] == other[depth])
            .collect();
        self.nodes[node].first_edge = u32::try_from(self.symbols.len()).ok()?;
        self.nodes[node].edges = u16::try_from(groups.len()).ok()?;
        let first = self.nodes.len();
        for (at, group) in groups.iter().enumerate() {
            self.symbols.push(group[0][depth]);
            self.targets.push(u32::try_from(first + at).ok()?);
            self.nodes.push(Node::default());
        }
        for (at, group) in groups.into_iter().enumerate() {
            self.grow(first + at, group, depth + 1)?;
        }
        Some(())
    }

    fn child(&self, node: u32, symbol: Symbol) -> u32 {
        if node == 0 && (symbol as usize) < DIRECT {
            return self.direct[symbol as usize];
        }
        self.search(node, symbol)
    }

    fn search(&self, node: u32, symbol: Symbol) -> u32 {
        let node = self.nodes[node as usize];
        let edges = node.first_edge as usize..node.first_edge as usize + usize::from(node.edges);
        let found = self.symbols[edges].binary_search(&symbol);
        found.map_or(NOWHERE, |at| self.targets[node.first_edge as usize + at])
    }

    /// The fewest tokens that make up the symbols. `best` is scratch space.
    pub(super) fn tokens(&self, symbols: &[Symbol], best: &mut Vec<u32>) -> u64 {
        best.clear();
        best.push(0);
        for end in 1..=symbols.len() {
            let mut node = self.child(0, symbols[end - 1]);
            let alone = if self.nodes[node as usize].is_piece && node != NOWHERE {
                1
            } else {
                self.uncovered(symbols[end - 1])
            };
            let mut least = best[end - 1] + alone;
            let mut start = end - 1;
            while node != NOWHERE && start > 0 {
                start -= 1;
                node = self.child(node, symbols[start]);
                if node != NOWHERE && self.nodes[node as usize].is_piece {
                    least = least.min(best[start] + 1);
                }
            }
            best.push(least);
        }
        best.last().copied().map_or(0, u64::from)
    }

    /// A character that is no piece: the fewest known parts of its bytes, a byte at worst.
    fn uncovered(&self, symbol: Symbol) -> u32 {
        let Some(character) = char::from_u32(symbol) else {
            return 1;
        };
        let mut buffer = [0; CHARACTER_BYTES_MAX];
        let bytes = character.encode_utf8(&mut buffer).as_bytes();
        let mut best = [0_u32; CHARACTER_BYTES_MAX + 1];
        for end in 1..=bytes.len() {
            best[end] = best[end - 1] + 1;
            for start in 0..end - 1 {
                if self.byte_strings.contains(&bytes[start..end]) {
                    best[end] = best[end].min(best[start] + 1);
                }
            }
        }
        best[bytes.len()]
    }
}

/// Takes one list off the front.
fn list<'a>(rest: &mut &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let (count, tail) = rest.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    let (lengths, mut bytes) = tail.split_at_checked(count)?;
    let mut entries = Vec::with_capacity(count);
    for length in lengths {
        let (entry, tail) = bytes.split_at_checked(usize::from(*length))?;
        entries.push(entry);
        bytes = tail;
    }
    *rest = bytes;
    Some(entries)
}
