//! Points: what a score is made of.

use std::fmt;

use serde::{Serialize, Serializer};

/// Points, in whole thousandths: `Points` add up exactly, in any order, on any machine.
///
/// A share of a score is rounded once, to the nearest thousandth, halves up. JSON shows `1`, `0.5` or `0.667`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points {
    thousandths: u32,
}

impl Points {
    /// No points at all.
    pub const ZERO: Self = Self { thousandths: 0 };
    /// One point, which is what a question earns when it does not say.
    pub const ONE: Self = Self { thousandths: 1_000 };

    /// So many thousandths of a point.
    pub const fn from_thousandths(thousandths: u32) -> Self {
        Self { thousandths }
    }

    /// The points in thousandths, the form in which they are stored.
    pub const fn thousandths(self) -> u32 {
        self.thousandths
    }

    /// `part / whole` of these points, never less than none and never more than all of them.
    pub fn share(self, part: u64, whole: u64) -> Self {
        let part = u128::from(part.min(whole));
        let whole = u128::from(whole.max(1));
        let doubled = 2 * u128::from(self.thousandths) * part + whole;
        let thousandths = u32::try_from(doubled / (2 * whole)).unwrap_or(self.thousandths);
        Self { thousandths }
    }

    /// The sum, at most [`u32::MAX`] thousandths.
    pub fn plus(self, other: Self) -> Self {
        Self { thousandths: self.thousandths.saturating_add(other.thousandths) }
    }

    /// What is left, never less than none.
    pub fn minus(self, other: Self) -> Self {
        Self { thousandths: self.thousandths.saturating_sub(other.thousandths) }
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.thousandths / 1_000, self.thousandths % 1_000);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{rest:03}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.thousandths.is_multiple_of(1_000) {
            serializer.serialize_u32(self.thousandths / 1_000)
        } else {
            serializer.serialize_f64(f64::from(self.thousandths) / 1_000.0)
        }
    }
}

impl utoipa::PartialSchema for Points {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .description(Some("Points, to the nearest thousandth."))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Points {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_text_show_at_most_three_decimals() {
        let shown = |points: Points| (points.to_string(), serde_json::to_string(&points).unwrap());
        assert_eq!(shown(Points::ONE), ("1".into(), "1".into()));
        assert_eq!(shown(Points::ONE.share(2, 3)), ("0.667".into(), "0.667".into()));
        assert_eq!(shown(Points::from_thousandths(12_500)), ("12.5".into(), "12.5".into()));
        assert_eq!(shown(Points::from_thousandths(7)), ("0.007".into(), "0.007".into()));
    }

    proptest::proptest! {
        #[test]
        fn a_share_lies_between_none_and_all_and_grows_with_its_part(
            thousandths in 0..=1_000_000u32, whole in 1..=1_000_000u64, part in 0..=2_000_000u64,
        ) {
            let points = Points::from_thousandths(thousandths);
            let share = points.share(part, whole);
            assert!(share <= points);
            assert!(points.share(part.saturating_sub(1), whole) <= share);
            assert_eq!(points.share(whole, whole), points);
            assert_eq!(points.share(0, whole), Points::ZERO);
        }
    }
}
