//! Numbers as people read them, and places as SVG takes them.

/// A number with separators between thousands and at most two decimals, such as `1,260` or `0.25`.
pub(super) fn number(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    let point = if decimals.is_empty() { "" } else { "." };
    let sign = if value < 0.0 && text != "0.00" { "\u{2212}" } else { "" };
    format!("{sign}{}{point}{decimals}", grouped(whole))
}

/// Milliseconds with their unit, such as `27,364 ms`.
pub(super) fn milliseconds(millis: i64) -> String {
    format!("{}{} ms", if millis < 0 { "\u{2212}" } else { "" }, grouped(&millis.unsigned_abs().to_string()))
}

/// How many there are of something, such as `1 span` or `1,123 lines`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(&number.to_string()), if number == 1 { one } else { many })
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How much `part` is of `whole`, in thousandths of a percent from 0 to 100,000.
pub(super) fn share(part: i64, whole: i64) -> i64 {
    let whole = whole.max(1);
    part.clamp(0, whole).saturating_mul(100_000) / whole
}

/// The same as a length of SVG, such as `12.500%`.
pub(super) fn percent(part: i64, whole: i64) -> String {
    let share = share(part, whole);
    format!("{}.{:03}%", share / 1000, share % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let shown = [0.0, 12.0, 1260.0, 237_000.5, 0.25, -1234.567, -0.001, 1e15].map(number);
        assert_eq!(shown, ["0", "12", "1,260", "237,000.5", "0.25", "−1,234.57", "0", "1,000,000,000,000,000"]);
        assert_eq!((milliseconds(27_364), count(1, "span", "spans")), ("27,364 ms".to_owned(), "1 span".to_owned()));
        assert_eq!(
            (percent(1, 8), percent(9, 8), percent(1, 0)),
            ("12.500%".into(), "100.000%".into(), "100.000%".into())
        );
    }
}
