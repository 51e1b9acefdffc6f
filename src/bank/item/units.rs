//! Units of numeric answers.
//!
//! Decimal prefixes are those of the SI, binary ones those of IEC 80000-13: a GB is 10⁹ bytes, a GiB is 2³⁰. A bit per second and a byte per
//! second measure the same thing, so either may answer for the other.

/// A unit of measurement, with its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::bank) struct Unit {
    name: &'static str,
    dimension: Dimension,
    /// How many of the dimension's base unit (byte, bit per second, second, per cent, per second) it is.
    factor: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Bytes,
    BitRate,
    Time,
    Share,
    Frequency,
}

const fn unit(name: &'static str, dimension: Dimension, factor: f64) -> Unit {
    Unit { name, dimension, factor }
}

const UNITS: [Unit; 26] = [
    unit("B", Dimension::Bytes, 1.0),
    unit("kB", Dimension::Bytes, 1e3),
    unit("MB", Dimension::Bytes, 1e6),
    unit("GB", Dimension::Bytes, 1e9),
    unit("TB", Dimension::Bytes, 1e12),
    unit("KiB", Dimension::Bytes, 1_024.0),
    unit("MiB", Dimension::Bytes, 1_048_576.0),
    unit("GiB", Dimension::Bytes, 1_073_741_824.0),
    unit("TiB", Dimension::Bytes, 1_099_511_627_776.0),
    unit("bit/s", Dimension::BitRate, 1.0),
    unit("kbit/s", Dimension::BitRate, 1e3),
    unit("Mbit/s", Dimension::BitRate, 1e6),
    unit("Gbit/s", Dimension::BitRate, 1e9),
    unit("B/s", Dimension::BitRate, 8.0),
    unit("kB/s", Dimension::BitRate, 8e3),
    unit("MB/s", Dimension::BitRate, 8e6),
    unit("GB/s", Dimension::BitRate, 8e9),
    unit("ns", Dimension::Time, 1e-9),
    unit("us", Dimension::Time, 1e-6),
    unit("ms", Dimension::Time, 1e-3),
    unit("s", Dimension::Time, 1.0),
    unit("min", Dimension::Time, 60.0),
    unit("h", Dimension::Time, 3_600.0),
    unit("d", Dimension::Time, 86_400.0),
    unit("%", Dimension::Share, 1.0),
    unit("1/s", Dimension::Frequency, 1.0),
];

/// Words and short forms that people write for a unit, in lower case.
const ALIASES: [(&[&str], &str); 10] = [
    (&["byte", "bytes"], "B"),
    (&["nanosecond", "nanoseconds"], "ns"),
    (&["microsecond", "microseconds"], "us"),
    (&["millisecond", "milliseconds", "msec"], "ms"),
    (&["second", "seconds", "sec", "secs"], "s"),
    (&["minute", "minutes", "mins"], "min"),
    (&["hour", "hours", "hr", "hrs"], "h"),
    (&["day", "days"], "d"),
    (&["percent", "per cent"], "%"),
    (&["/s", "per second", "hz", "rps", "qps", "req/s", "requests/s", "requests per second"], "1/s"),
];

/// Why a text isn't a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bank) enum UnitProblem {
    /// The text is neither the name nor an alias of a unit.
    Unknown,
    /// The text could mean bits or bytes.
    BitsOrBytes,
}

impl Unit {
    /// The unit of that name. Micro may be written with either of its two letters.
    pub(in crate::bank) fn named(name: &str) -> Option<Self> {
        let name = if matches!(name, "µs" | "μs") { "us" } else { name };
        UNITS.into_iter().find(|unit| unit.name == name)
    }

    /// The unit that somebody wrote, in whatever case or as a word.
    pub(in crate::bank) fn typed(text: &str) -> Result<Self, UnitProblem> {
        if let Some(unit) = Self::named(text).or_else(|| Self::by_alias(text)) {
            return Ok(unit);
        }
        if text.to_lowercase().ends_with("bps") {
            return Err(UnitProblem::BitsOrBytes);
        }
        let in_any_case = UNITS.into_iter().find(|unit| unit.name.eq_ignore_ascii_case(text));
        let unit = in_any_case.ok_or(UnitProblem::Unknown)?;
        // `Mb` is a megabit to some and a megabyte to others. Where the unit spells `bit` out, case says nothing.
        let says_which = unit.name.contains("bit") || unit.name.contains('B') == text.contains('B');
        if says_which { Ok(unit) } else { Err(UnitProblem::BitsOrBytes) }
    }

    /// Rates with a small `b` are bits, as networks are measured; with a large one, bytes.
    fn by_alias(text: &str) -> Option<Self> {
        if let Some(prefix) = text.strip_suffix("bps").or_else(|| text.strip_suffix("b/s")) {
            return Self::rate(prefix, "bit/s");
        }
        if let Some(prefix) = text.strip_suffix("Bps").or_else(|| text.strip_suffix("B/s")) {
            return Self::rate(prefix, "B/s");
        }
        let lower = text.to_lowercase();
        ALIASES.iter().find(|(aliases, _)| aliases.contains(&lower.as_str())).and_then(|(_, name)| Self::named(name))
    }

    /// A rate by its prefix, in either case: none, k, M or G.
    fn rate(prefix: &str, unit: &str) -> Option<Self> {
        let prefix = if prefix.eq_ignore_ascii_case("k") { "k".to_owned() } else { prefix.to_uppercase() };
        Self::named(&format!("{prefix}{unit}"))
    }

    pub(in crate::bank) const fn name(self) -> &'static str {
        self.name
    }

    /// The names of all units of the same dimension, including this one.
    pub(in crate::bank) fn siblings(self) -> Vec<&'static str> {
        UNITS.iter().filter(|other| other.dimension == self.dimension).map(|other| other.name).collect()
    }

    /// Whether this unit is per cent.
    pub(in crate::bank) fn is_share(self) -> bool {
        self.dimension == Dimension::Share
    }

    /// Converts `value` from the unit `other` to this unit, if both have the same dimension.
    pub(in crate::bank) fn convert(self, value: f64, other: Self) -> Option<f64> {
        (self.dimension == other.dimension).then(|| value * other.factor / self.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_people_write_them() {
        let typed = |text: &str| Unit::typed(text).map(Unit::name);
        for (text, name) in [
            ("KB", "kB"),
            ("gB", "GB"),
            ("KIB", "KiB"),
            ("Mbps", "Mbit/s"),
            ("mbps", "Mbit/s"),
            ("Mb/s", "Mbit/s"),
            ("MBps", "MB/s"),
            ("KB/s", "kB/s"),
            ("bps", "bit/s"),
            ("MBIT/S", "Mbit/s"),
            ("Hours", "h"),
            ("sec", "s"),
            ("MS", "ms"),
            ("μs", "us"),
            ("per cent", "%"),
            ("/s", "1/s"),
        ] {
            assert_eq!(typed(text), Ok(name), "{text}");
        }
        for text in ["Mb", "gb", "kib", "MBPS"] {
            assert_eq!(typed(text), Err(UnitProblem::BitsOrBytes), "{text}");
        }
        for text in ["m", "K", "apples", "bits", ""] {
            assert_eq!(typed(text), Err(UnitProblem::Unknown), "{text}");
        }
    }
}
