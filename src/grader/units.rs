//! Durations and sizes as people write them in a package: `"10s"`, `"512MiB"`.

use std::time::Duration;

/// Parses `"250ms"`, `"10s"` or `"2min"`.
///
/// # Errors
/// A sentence that says what is wanted instead.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    const WANTED: &str = "a whole number with one of ms, s, min, such as \"10s\"";
    let (number, unit) = split(text).ok_or_else(|| format!("`{text}` is not {WANTED}"))?;
    let millis = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "min" => number.checked_mul(60_000),
        _ => None,
    };
    millis.map(Duration::from_millis).ok_or_else(|| format!("`{text}` is not {WANTED}"))
}

/// Parses `"4096B"`, `"64KiB"`, `"512MiB"` or `"1GiB"` into bytes.
///
/// # Errors
/// A sentence that says what is wanted instead.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    const WANTED: &str = "a whole number with one of B, KiB, MiB, GiB, such as \"64KiB\"";
    let (number, unit) = split(text).ok_or_else(|| format!("`{text}` is not {WANTED}"))?;
    let factor = match unit {
        "B" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    factor.and_then(|factor: u64| number.checked_mul(factor)).ok_or_else(|| format!("`{text}` is not {WANTED}"))
}

fn split(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_need_a_known_unit_and_must_fit() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("2 min"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_size("64KiB"), Ok(65_536));
        for wrong in ["", "10", "s", "-1s", "1.5s", "1h", "99999999999999999999s", "18446744073709551615min"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
        for wrong in ["64", "64KB", "MiB", "18446744073709551615GiB"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
