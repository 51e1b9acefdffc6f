//! What is compared instead of words: numbers that are equal where two texts say the same.

use std::ops::Range;

/// A word or sign in its folded form, as a number. Texts that fold to different forms have the same number by chance alone, with a
/// probability of 2⁻⁶⁴.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Symbol(u64);

/// A symbol, and the bytes of the file that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) symbol: Symbol,
    pub(super) bytes: Range<usize>,
}

impl Symbol {
    /// The symbol of a folded text, by FNV-1a (Fowler, Noll and Vo). The standard library's hashes may change with each release, and
    /// with them what is found.
    pub(super) fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(mixed(hash))
    }
}

/// The hash of some symbols in their order.
pub(super) fn gram<'s>(symbols: impl IntoIterator<Item = &'s Symbol>) -> u64 {
    symbols.into_iter().fold(0, |hash, symbol| mixed(hash.rotate_left(7) ^ symbol.0))
}

/// The last step of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Winnowing takes the smallest hash of a window, so hashes must not
/// be small for a reason.
const fn mixed(hash: u64) -> u64 {
    let hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
