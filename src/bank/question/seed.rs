//! Seeds, which choose between the variants of a question.

use serde::{Deserialize, Deserializer, Serialize};

use crate::bank::prng::Prng;

/// Chooses a variant of a question; the same seed gives the same variant. It is at most 2⁵³ − 1, so that every JSON reader keeps it exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[schema(value_type = u64, maximum = 9_007_199_254_740_991_u64)]
pub struct Seed(u64);

impl Seed {
    /// The largest seed, 2⁵³ − 1: the largest integer that a reader of JSON with 64-bit floats keeps exactly.
    pub const LARGEST: u64 = (1 << 53) - 1;
    /// The smallest seed, for questions with only one variant.
    pub const ZERO: Self = Self(0);

    /// The seed with this number, unless it is larger than [`Seed::LARGEST`].
    pub const fn new(number: u64) -> Option<Self> {
        if number <= Self::LARGEST { Some(Self(number)) } else { None }
    }

    /// A random seed that can't be predicted.
    pub fn random() -> Self {
        Self(rand::random::<u64>() & Self::LARGEST)
    }

    /// The seed of the `index`-th part of something that has this seed: an attempt's seed gives each of its items one.
    pub fn part(self, index: u32) -> Self {
        let mut prng = Prng::from_text(&format!("part {index} of {}", self.0));
        Self(prng.next() & Self::LARGEST)
    }

    /// Shuffles things into an order that depends only on this seed.
    pub fn shuffle<T>(self, items: &mut [T]) {
        Prng::from_text(&format!("order {}", self.0)).shuffle(items);
    }

    /// The seed as a number, as it is sent and stored.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number: u64 = crate::whole_number::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| {
            serde::de::Error::custom(format_args!("a seed is a whole number from 0 to {}", Self::LARGEST))
        })
    }
}
