//! Durations and sizes as people read them.

use std::time::Duration;

/// A duration in whole milliseconds, as reports and pages carry it.
#[must_use]
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A number of milliseconds in words: `350 ms`, `2.4 s`, `1 min 5 s`.
#[must_use]
pub(crate) fn duration(milliseconds: u64) -> String {
    let tenths = milliseconds.div_ceil(100);
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 if tenths.is_multiple_of(10) => format!("{} s", tenths / 10),
        1_000..60_000 => format!("{}.{} s", tenths / 10, tenths % 10),
        _ => match (milliseconds / 60_000, milliseconds % 60_000 / 1_000) {
            (minutes, 0) => format!("{minutes} min"),
            (minutes, seconds) => format!("{minutes} min {seconds} s"),
        },
    }
}

/// A number of bytes in words: `900 bytes`, `64 KiB`, `512 MiB`, `1.5 GiB`.
#[must_use]
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} bytes");
    };
    let tenths = bytes.saturating_mul(10) / unit;
    if tenths.is_multiple_of(10) {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_well() {
        let durations = [0, 350, 2_400, 10_000, 59_950, 60_000, 65_000].map(duration);
        assert_eq!(durations, ["0 ms", "350 ms", "2.4 s", "10 s", "60 s", "1 min", "1 min 5 s"]);
        let sizes = [900, 64 << 10, 512 << 20, 3 << 29].map(size);
        assert_eq!(sizes, ["900 bytes", "64 KiB", "512 MiB", "1.5 GiB"]);
    }
}
