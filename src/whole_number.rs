//! Whole numbers in JSON. To JSON, `3` and `3.0` are one number, and there are writers that send every number with a point.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// Reads a whole number, however it is written; for `#[serde(deserialize_with = "…")]`.
///
/// # Errors
/// The deserializer's, for what is no whole number or doesn't fit into `N`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, N: TryFrom<i64>>(deserializer: D) -> Result<N, D::Error> {
    deserializer.deserialize_i64(WholeNumber(PhantomData))
}

/// The same for a field that can be left out; for `#[serde(default, deserialize_with = "…")]`.
///
/// # Errors
/// The deserializer's, for what is no whole number or doesn't fit into `N`.
pub(crate) fn deserialize_option<'de, D: Deserializer<'de>, N: TryFrom<i64>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    deserialize(deserializer).map(Some)
}

struct WholeNumber<N>(PhantomData<N>);

impl<N: TryFrom<i64>> Visitor<'_> for WholeNumber<N> {
    type Value = N;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number in range")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<N, E> {
        N::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<N, E> {
        let signed = i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
        self.visit_i64(signed)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<N, E> {
        // Written out, a float without a fraction has the digits of the whole number that it is.
        let whole = format!("{number}").parse().map_err(|_| E::invalid_value(Unexpected::Float(number), &self))?;
        self.visit_i64(whole)
    }
}

#[cfg(test)]
mod tests {
    #[derive(serde::Deserialize)]
    struct Hints(#[serde(deserialize_with = "super::deserialize")] u8);

    #[test]
    fn a_point_does_not_make_a_fraction() {
        let read = |json: &str| serde_json::from_str::<Hints>(json).map(|hints| hints.0).ok();
        for same in ["3", "3.0", "3e0", "0.3e1"] {
            assert_eq!(read(same), Some(3), "{same}");
        }
        for none in ["3.5", "-1", "-1.0", "256", "256.0", "1e300", "\"3\"", "null"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
