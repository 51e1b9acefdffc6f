//! Numbers as people type and paste them.
//!
//! Full-width digits, any minus, any space, either decimal mark, and thousands that are set apart are all read. What could mean two
//! numbers is refused, and the message names both.

use super::fold;
use super::units::{Unit, UnitProblem};

/// The longest number with its unit, in characters.
const LONGEST: usize = 64;

/// A number that was typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::bank) struct Typed {
    /// In the question's unit, if it has one.
    pub(in crate::bank) value: f64,
    /// Whether a unit stood behind it.
    pub(in crate::bank) has_unit: bool,
}

/// Reads a number for a question with this unit.
///
/// # Errors
/// A sentence for the person who typed it.
pub(in crate::bank) fn read(text: &str, unit: Option<Unit>) -> Result<Typed, String> {
    let shown: String = text.trim().chars().take(LONGEST).collect();
    let plain = fold::plain(text);
    let parts = Parts::of(plain.trim());
    let not_a_number = || format!("“{shown}” is not a number: {}", wanted(unit));
    let has_digits = parts.mantissa.contains(|c: char| c.is_ascii_digit());
    let may_be_unit = parts.unit.chars().next().is_none_or(|c| c.is_alphanumeric() || matches!(c, '%' | '/'));
    if text.chars().count() > LONGEST || !has_digits || !may_be_unit {
        return Err(not_a_number());
    }
    let always_decimal = !parts.exponent.is_empty() || unit.is_some_and(Unit::is_share);
    let digits = match without_separators(parts.mantissa.trim_end(), always_decimal) {
        Ok(digits) => digits,
        Err(Separators::Unclear) => {
            return Err(format!(
                "the separators of “{shown}” don't set thousands apart: write the number without them, and at most one decimal mark"
            ));
        }
        Err(Separators::TwoMeanings { thousands, decimal }) => {
            return Err(format!(
                "“{shown}” can mean {thousands} or {decimal}: write {thousands} without a separator, or {decimal}0 with one more decimal"
            ));
        }
    };
    let number: f64 = format!("{}{digits}{}", parts.sign, parts.exponent).parse().map_err(|_| not_a_number())?;
    let value = if parts.unit.is_empty() { number } else { in_unit(number, parts.unit, unit)? };
    if value.is_finite() { Ok(Typed { value, has_unit: !parts.unit.is_empty() }) } else { Err(not_a_number()) }
}

/// Whether a text is a number for a question whose unit has this name.
///
/// # Errors
/// A sentence for the person who typed it.
pub(in crate::bank) fn check(text: &str, unit: Option<&str>) -> Result<(), String> {
    read(text, unit.and_then(Unit::named)).map(|_| ())
}

/// What to type, said at the end of a message.
fn wanted(unit: Option<Unit>) -> String {
    match unit {
        None => "write digits such as 3.5, without a unit".to_owned(),
        Some(unit) => {
            format!("write digits such as 3.5, or 3.5 {} with one of the units {}", unit.name(), siblings(unit))
        }
    }
}

fn siblings(unit: Unit) -> String {
    unit.siblings().join(", ")
}

fn in_unit(number: f64, typed: &str, wanted: Option<Unit>) -> Result<f64, String> {
    let Some(wanted) = wanted else {
        return Err(format!("this answer has no unit: leave out “{typed}”"));
    };
    match Unit::typed(typed) {
        Ok(unit) => wanted.convert(number, unit).ok_or_else(|| {
            format!("{} doesn't measure what is asked for: use one of the units {}", unit.name(), siblings(wanted))
        }),
        Err(UnitProblem::BitsOrBytes) => {
            Err(format!("“{typed}” can mean bits or bytes: use one of the units {}", siblings(wanted)))
        }
        Err(UnitProblem::Unknown) => {
            Err(format!("“{typed}” is not a unit here: use one of the units {}", siblings(wanted)))
        }
    }
}

/// `-1 234.5e3 GB` in its parts.
struct Parts<'t> {
    /// A minus or nothing.
    sign: &'static str,
    /// Digits with separators and a decimal mark, as they were typed, such as `1 234.5`.
    mantissa: &'t str,
    /// Such as `e3`, or nothing.
    exponent: &'t str,
    unit: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Self {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let rest = rest.trim_start();
        // The only unit that begins with a digit.
        if let Some(mantissa) = rest.strip_suffix("1/s").filter(|mantissa| mantissa.ends_with(' ')) {
            return Self { sign, mantissa, exponent: "", unit: "1/s" };
        }
        let end = rest.find(|c: char| !(c.is_ascii_digit() || is_separator(c))).unwrap_or(rest.len());
        let (mantissa, rest) = rest.split_at(end);
        let (exponent, unit) = rest.split_at(if mantissa.ends_with(' ') { 0 } else { exponent_length(rest) });
        Self { sign, mantissa, exponent, unit: unit.trim() }
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | ',' | '\'' | '_') || c.is_whitespace()
}

/// How many bytes at the beginning are an exponent such as `e-9`.
fn exponent_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 { 0 } else { text.len() - digits.len() + count }
}

/// Why separators don't say which number is meant.
enum Separators {
    Unclear,
    /// One separator before three digits.
    TwoMeanings {
        thousands: String,
        decimal: String,
    },
}

/// Digits with at most a decimal point among them, from digits with separators.
fn without_separators(text: &str, always_decimal: bool) -> Result<String, Separators> {
    let mut kinds: Vec<(char, usize)> = Vec::new();
    for separator in text.chars().filter(|c| !c.is_ascii_digit()) {
        let separator = if separator.is_whitespace() { ' ' } else { separator };
        match kinds.iter_mut().find(|(known, _)| *known == separator) {
            Some((_, count)) => *count += 1,
            None => kinds.push((separator, 1)),
        }
    }
    match *kinds.as_slice() {
        [] => Ok(text.to_owned()),
        [(mark @ ('.' | ','), 1)] => decimal(text, mark, always_decimal),
        [(separator, _)] => thousands(text, separator),
        [(separator, _), (mark @ ('.' | ','), 1)] => match text.rsplit_once(mark) {
            Some((whole, part)) if !part.contains(is_separator) => {
                Ok(format!("{}.{part}", thousands(whole, separator)?))
            }
            _ => Err(Separators::Unclear),
        },
        _ => Err(Separators::Unclear),
    }
}

fn decimal(text: &str, mark: char, always: bool) -> Result<String, Separators> {
    let (whole, part) = text.split_once(mark).unwrap_or((text, ""));
    let decimal = format!("{whole}.{part}");
    let looks_like_thousands = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && part.len() == 3;
    if looks_like_thousands && !always {
        return Err(Separators::TwoMeanings { thousands: format!("{whole}{part}"), decimal });
    }
    Ok(decimal)
}

/// Groups of three digits, the first of one to three.
fn thousands(text: &str, separator: char) -> Result<String, Separators> {
    let is_here = |c: char| c == separator || (separator == ' ' && c.is_whitespace());
    let mut groups = text.split(is_here);
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    if first && groups.all(|group| group.len() == 3) {
        Ok(text.chars().filter(char::is_ascii_digit).collect())
    } else {
        Err(Separators::Unclear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        read(text, None).unwrap().value
    }

    #[test]
    fn numbers_are_read_as_people_paste_them() {
        for (text, number) in [
            ("12,5", 12.5),
            ("12.5", 12.5),
            ("0,125", 0.125),
            (".5", 0.5),
            ("1 000", 1_000.0),
            ("1\u{2009}000\u{2009}000", 1_000_000.0),
            ("1\u{202f}000,5", 1_000.5),
            ("1,234,567", 1_234_567.0),
            ("1,234.5", 1_234.5),
            ("1.234,5", 1_234.5),
            ("1'000.25", 1_000.25),
            ("1’000", 1_000.0),
            ("1_000", 1_000.0),
            ("\u{2212}5", -5.0),
            ("+ 7", 7.0),
            ("１２", 12.0),
            ("1.234e3", 1_234.0),
            ("1e-9", 1e-9),
            ("\u{200b}42 ", 42.0),
            ("1234.567", 1_234.567),
        ] {
            assert_eq!(value(text), number, "{text}");
        }
    }

    #[test]
    fn what_can_mean_two_numbers_is_refused_with_both() {
        let said = read("1.000", None).unwrap_err();
        assert_eq!(
            said,
            "“1.000” can mean 1000 or 1.000: write 1000 without a separator, or 1.0000 with one more decimal"
        );
        assert!(read("12,345 ms", Unit::named("ms")).unwrap_err().contains("can mean 12345 or 12.345"));
        assert_eq!((value("1000"), value("1.0000"), value("12.3450")), (1_000.0, 1.0, 12.345));
        // Nobody writes thousands of per cent.
        assert_eq!(read("99,995 %", Unit::named("%")).unwrap().value, 99.995);
    }

    #[test]
    fn what_is_no_number_is_named() {
        for (text, said) in [
            ("many", "“many” is not a number: write digits such as 3.5, without a unit"),
            ("", "“” is not a number"),
            ("10²", "“10²” is not a number"),
            ("1,00,0", "don't set thousands apart"),
            ("1.000.00", "don't set thousands apart"),
            ("1,5.5,5", "don't set thousands apart"),
            ("12 requests", "this answer has no unit: leave out “requests”"),
            ("1e999", "is not a number"),
            ("--5", "is not a number"),
            ("5 5", "don't set thousands apart"),
        ] {
            let refused = read(text, None).unwrap_err();
            assert!(refused.contains(said), "{text}: {refused}");
        }
    }

    #[test]
    fn units_are_converted_or_named() {
        let in_unit = |text: &str, unit: &str| read(text, Unit::named(unit)).map(|typed| typed.value);
        assert_eq!(in_unit("512 KB", "kB"), Ok(512.0));
        assert_eq!(in_unit("10 Mbps", "Mbit/s"), Ok(10.0));
        assert_eq!(in_unit("2 hours", "min"), Ok(120.0));
        assert_eq!(in_unit("1,5 GiB", "MiB"), Ok(1_536.0));
        assert_eq!(in_unit("3.5", "GiB"), Ok(3.5));
        assert_eq!(in_unit("2,000,000 1/s", "1/s"), Ok(2_000_000.0));
        assert_eq!(in_unit("50 rps", "1/s"), Ok(50.0));
        assert!(in_unit("3 Mb", "MB").unwrap_err().contains("bits or bytes"));
        assert!(in_unit("3 s", "MB").unwrap_err().starts_with("s doesn't measure what is asked for"));
        assert!(in_unit("3 apples", "s").unwrap_err().starts_with("“apples” is not a unit here"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.,' _eE+%a-z\u{2212}\u{2009}-]{0,16}") {
            for unit in [None, Unit::named("GiB"), Unit::named("%")] {
                if let Ok(typed) = read(&text, unit) {
                    assert!(typed.value.is_finite());
                }
            }
        }
    }
}
