//! How much it says that two documents have a fingerprint in common: the fewer others have it, the more.
//!
//! The weight is the information in it, −log₂ of the share of the other documents that have it too: the inverse document frequency of
//! K. Spärck Jones, *A statistical interpretation of term specificity and its application in retrieval*, Journal of Documentation 28(1),
//! 1972. What nearly everybody wrote, because the exercise leaves no choice, weighs next to nothing. It isn't left out at a fixed
//! number: if many hand in one leaked solution, they have all of it in common, and its weight counts in the part and in the whole.

/// So many units of weight are one bit.
const UNITS_A_BIT: u32 = 8;

/// The weight of a fingerprint that so many of all documents have, in eighths of a bit. Of a pair that has it, the two themselves don't
/// count; one more that has it and one that hasn't are assumed, since a few documents say little about all that could be written. Nothing
/// weighs nothing: otherwise, if all handed in the same, they would have nothing in common.
pub(super) fn weight(having: usize, all: usize) -> u64 {
    const LEAST: u64 = 1;
    let having = having.max(2);
    let bits = |number: usize| u128::try_from(number).unwrap_or(u128::MAX).saturating_pow(UNITS_A_BIT).max(1).ilog2();
    u64::from(bits(all + 1).saturating_sub(bits(having - 1))).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_weighs_much_and_what_all_have_weighs_little() {
        // log₂(2001) is 10.97, log₂(2001 ÷ 250) is 3.0.
        assert_eq!([2, 251, 2_000].map(|having| weight(having, 2_000)), [87, 24, 1]);
        assert_eq!(weight(1, 2_000), weight(2, 2_000));
    }

    #[test]
    fn two_documents_have_only_each_other() {
        assert_eq!(weight(2, 2), 12);
    }

    proptest::proptest! {
        #[test]
        fn more_documents_never_weigh_more(having in 1..2_000_usize, more in 0..10_usize, all in 2..2_000_usize) {
            proptest::prop_assert!(weight(having + more, all) <= weight(having, all));
        }
    }
}
