//! How much of one text stands in another.

use std::fmt;

/// A part of a whole in thousandths, rounded down: 1,000 is all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u16);

impl Share {
    /// This many thousandths; more than 1,000 are 1,000.
    #[must_use]
    pub const fn thousandths(thousandths: u16) -> Self {
        Self(if thousandths > 1_000 { 1_000 } else { thousandths })
    }

    /// The part that a weight is of another. A whole that weighs nothing has no parts: the share is zero.
    pub(super) fn of(part: u64, whole: u64) -> Self {
        let thousandths = part.saturating_mul(1_000).checked_div(whole).unwrap_or_default();
        Self::thousandths(u16::try_from(thousandths).unwrap_or(1_000))
    }

    /// The share as a number from 0 to 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }
}

/// In whole per cent, rounded down: `83 %`.
impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} %", self.0 / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_and_never_more_than_all() {
        let shares =
            [(1, 3), (2, 3), (3, 3), (4, 3), (0, 0), (u64::MAX, 1)].map(|(part, whole)| Share::of(part, whole).0);
        assert_eq!(shares, [333, 666, 1_000, 1_000, 0, 1_000]);
        assert_eq!((Share::of(2, 3).to_string(), Share::of(2, 3).fraction()), ("66 %".to_owned(), 0.666));
    }
}
