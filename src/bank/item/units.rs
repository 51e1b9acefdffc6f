//! Units of numeric answers.
//!
//! Decimal prefixes are those of the SI, binary ones those of IEC 80000-13: a GB is 10⁹ bytes, a GiB is 2³⁰. A bit per second and a byte per
//! second measure the same thing, so either may answer for the other.

/// A unit by its name.
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

impl Unit {
    /// The unit of that name. Micro may be written with either of its two letters.
    pub(in crate::bank) fn named(name: &str) -> Option<Self> {
        let name = if matches!(name, "µs" | "μs") { "us" } else { name };
        UNITS.into_iter().find(|unit| unit.name == name)
    }

    pub(in crate::bank) const fn name(self) -> &'static str {
        self.name
    }

    /// Names of all units that measure the same, this one among them.
    pub(in crate::bank) fn siblings(self) -> Vec<&'static str> {
        UNITS.iter().filter(|other| other.dimension == self.dimension).map(|other| other.name).collect()
    }

    /// `value` of the unit `other` in this unit, if both measure the same.
    pub(in crate::bank) fn convert(self, value: f64, other: Self) -> Option<f64> {
        (self.dimension == other.dimension).then(|| value * other.factor / self.factor)
    }
}
