//! The only place that asks what time it is, so that a test can say it.
//!
//! A clock can be corrected, forwards and backwards. What is kept, or compared with another machine's, is a [`Timestamp`]
//! all the same. What a process measures for itself is measured by [`Clock::uptime`], which no correction moves.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in UTC, whole microseconds since 1970: what both databases keep without loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The time in microseconds since 1970 (UTC).
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The same, lent: a database binds by reference.
    pub(crate) const fn as_micros_ref(&self) -> &i64 {
        &self.0
    }

    /// Whole seconds since 1970, as tokens want them.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }
}

/// RFC 3339, in UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok())
            .ok_or(fmt::Error)?;
        formatter.write_str(&text)
    }
}

impl FromStr for Timestamp {
    type Err = time::error::Parse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = OffsetDateTime::parse(text, &Rfc3339)?;
        let micros = moment.unix_timestamp_nanos().div_euclid(1000);
        Ok(Self(i64::try_from(micros).unwrap_or(i64::MAX)))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Timestamp {}

/// Where time comes from.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Moves only when told to.
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    now: AtomicI64,
    /// Microseconds that have passed, whatever the clock shows.
    uptime: AtomicI64,
}

/// What [`Clock::uptime`] counts from, on this machine's clock.
static FIRST_LOOK: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock for tests, which stands still at `start` until [`Clock::advance`].
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(Manual { now: AtomicI64::new(start.0), uptime: AtomicI64::new(0) })))
    }

    /// Moves a manual clock on; the machine's clock takes no orders.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(clock) = &self.0 {
            clock.now.fetch_add(micros(by), Ordering::SeqCst);
            clock.uptime.fetch_add(micros(by), Ordering::SeqCst);
        }
    }

    /// Corrects a manual clock: it shows another time, and no time has passed.
    pub fn correct(&self, to: Timestamp) {
        if let Source::Manual(clock) = &self.0 {
            clock.now.store(to.0, Ordering::SeqCst);
        }
    }

    /// The time that it is now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp(micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())),
            Source::Manual(clock) => Timestamp(clock.now.load(Ordering::SeqCst)),
        }
    }

    /// How much time has passed since some moment in the life of this process, however the clock was corrected meanwhile.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        match &self.0 {
            Source::System => FIRST_LOOK.elapsed(),
            Source::Manual(clock) => Timestamp(clock.uptime.load(Ordering::SeqCst)).since(Timestamp(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_text_to_the_microsecond() {
        let moment = Timestamp::from_micros(1_764_000_000_123_456);
        assert_eq!(moment.to_string(), "2025-11-24T16:00:00.123456Z");
        assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
    }
}
