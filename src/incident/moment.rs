//! Times of an incident, and stretches of time.

use std::fmt;

use crate::clock::Timestamp;

const DAY_MS: i64 = 86_400_000;

/// A moment of an incident, in whole milliseconds: since midnight where the files give times of day, since 1970 where they
/// give dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

impl Moment {
    /// A moment by its milliseconds.
    pub(crate) const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Reads `12:03:00`, `12:03:00.250`, or a date and a time such as `2025-11-18T12:03:00Z`.
    ///
    /// # Errors
    /// A sentence that says what is wanted.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let dated = || text.parse::<Timestamp>().ok().map(|time| Self(time.as_micros().div_euclid(1000)));
        time_of_day(text)
            .map(Self)
            .or_else(dated)
            .ok_or_else(|| format!("`{text}` is no time: write 12:03:00, 12:03:00.250 or 2025-11-18T12:03:00Z"))
    }

    /// Milliseconds since midnight or since 1970.
    pub(crate) const fn millis(self) -> i64 {
        self.0
    }

    /// The moment that is so many milliseconds later, or earlier.
    pub(crate) const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The time of day to the second, such as `12:03:00`.
    pub(crate) fn second(self) -> String {
        let seconds = self.0.rem_euclid(DAY_MS) / 1000;
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// The time of day to the minute, such as `12:03`.
    pub(crate) fn minute(self) -> String {
        let minutes = self.0.rem_euclid(DAY_MS) / 60_000;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// The time of day to the millisecond, such as `12:03:00.250`.
impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:03}", self.second(), self.0.rem_euclid(1000))
    }
}

/// `HH:MM:SS` with or without a fraction, in milliseconds since midnight. What is finer than a millisecond is cut off.
fn time_of_day(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = whole.split(':').map(|part| digits(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let in_range = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    let is_fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !in_range || !is_fraction {
        return None;
    }
    let millis = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
    Some(((hour * 60 + minute) * 60 + second) * 1000 + millis)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// A stretch of time, of at least one second and at most a day and a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first moment that belongs to it.
    from: Moment,
    /// The first moment that comes after it.
    end: Moment,
}

impl Window {
    /// From the beginning of the second of `first` to the end of the second of `last`; one second when that isn't later.
    pub(crate) fn of_whole_seconds(first: Moment, last: Moment) -> Self {
        let second = |moment: Moment| moment.0.div_euclid(1000) * 1000;
        let from = second(first);
        Self { from: Moment(from), end: Moment(second(last).saturating_add(1000).max(from.saturating_add(1000))) }
    }

    /// The first moment that belongs to it.
    pub(crate) const fn from(self) -> Moment {
        self.from
    }

    /// The beginning of its last second.
    pub(crate) const fn last_second(self) -> Moment {
        self.end.plus_millis(-1000)
    }

    /// How long it is, in milliseconds.
    pub(crate) const fn length_ms(self) -> i64 {
        self.end.0.saturating_sub(self.from.0)
    }

    /// Whether a moment is in it.
    pub(crate) fn holds(self, moment: Moment) -> bool {
        (self.from..self.end).contains(&moment)
    }

    /// Whether something that lasted from `start` to `end` was going on in it.
    pub(crate) fn overlaps(self, start: Moment, end: Moment) -> bool {
        start < self.end && end >= self.from
    }

    /// The moment in the incident that a person means by a time of day such as `12:03` or `12:03:20.5`.
    ///
    /// # Errors
    /// A sentence that says what is wanted.
    pub(crate) fn time_of_day(self, text: &str) -> Result<Moment, String> {
        let text = text.trim();
        let with_seconds = if text.len() == 5 { format!("{text}:00") } else { text.to_owned() };
        let of_day = time_of_day(&with_seconds).ok_or_else(|| format!("`{text}` is no time such as 12:03:20"))?;
        let midnight = self.from.0.div_euclid(DAY_MS) * DAY_MS;
        // An incident that passes midnight goes on in the next day.
        let over_midnight = self.end.0 > midnight + DAY_MS && of_day < self.from.0.rem_euclid(DAY_MS);
        Ok(Moment(midnight + of_day + if over_midnight { DAY_MS } else { 0 }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_and_shown() {
        let shown = |text: &str| Moment::parse(text).map(|moment| moment.to_string());
        assert_eq!(shown("12:03:00").unwrap(), "12:03:00.000");
        assert_eq!(shown("23:59:59.25").unwrap(), "23:59:59.250");
        assert_eq!(shown("2025-11-18T14:03:00.5+02:00").unwrap(), "12:03:00.500");
        for wrong in ["", "12:03", "24:00:00", "12:60:00", "12:03:00.", "12:03:00.x", "1:2:3", "noon", "12:03:00:00"] {
            assert!(shown(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_of_day_is_in_the_incident() {
        let moment = |text: &str| Moment::parse(text).unwrap();
        let night = Window::of_whole_seconds(moment("2025-11-18T23:50:00Z"), moment("2025-11-19T00:20:00Z"));
        assert_eq!(night.time_of_day("23:55"), Ok(moment("2025-11-18T23:55:00Z")));
        assert_eq!(night.time_of_day("00:10:30"), Ok(moment("2025-11-19T00:10:30Z")));
        assert!(night.time_of_day("later").is_err());
        let noon = Window::of_whole_seconds(moment("12:00:00.400"), moment("12:08:59.100"));
        assert_eq!(noon.time_of_day("12:03:20"), Ok(moment("12:03:20")));
        assert_eq!((noon.from(), noon.last_second()), (moment("12:00:00"), moment("12:08:59")));
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC*", other in "[0-9:.TZ+-]{0,24}") {
            let window = Window::of_whole_seconds(Moment(0), Moment(1));
            for text in [text, other] {
                let _ = (Moment::parse(&text), window.time_of_day(&text));
            }
        }
    }
}
