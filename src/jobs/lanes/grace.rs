//! How long a process gives up nothing of what waits: after its start, and after its clock was corrected. By a clock that has
//! jumped ahead, everything has waited for days in lanes that nobody has served since.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Timestamp};

/// How long a server that starts gives up nothing: after a long stop, workers start with it, and prepare packages first.
pub const GRACE_AT_START: Duration = Duration::from_secs(3600);
/// How far a clock may get away from the time that has passed between two looks at it. What keeps clocks right without a jump
/// moves them by much less.
const DRIFT_MAX: Duration = Duration::from_secs(60);

/// The time in which a process gives up nothing. Clones share it.
#[derive(Clone)]
pub struct Grace {
    clock: Clock,
    record: Arc<Mutex<Record>>,
}

#[derive(Clone, Copy)]
struct Record {
    /// By the clock's uptime.
    began: Duration,
    last: Look,
}

/// What a clock shows at a moment, and what time has passed.
#[derive(Clone, Copy)]
struct Look {
    now: Timestamp,
    uptime: Duration,
}

impl Look {
    fn at(clock: &Clock) -> Self {
        Self { now: clock.now(), uptime: clock.uptime() }
    }

    /// How far the clock was corrected since an earlier look, in either direction.
    fn drift_since(self, earlier: Self) -> Duration {
        let expected = earlier.now + self.uptime.saturating_sub(earlier.uptime);
        self.now.since(expected).max(expected.since(self.now))
    }
}

impl Grace {
    /// A grace that begins now.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let last = Look::at(&clock);
        Self { clock, record: Arc::new(Mutex::new(Record { began: last.uptime, last })) }
    }

    /// Whether what nobody serves may be given up. It begins anew if the clock was corrected since this was last asked.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let look = Look::at(&self.clock);
        let drift = look.drift_since(record.last);
        record.last = look;
        if drift > DRIFT_MAX {
            record.began = look.uptime;
            let (seconds, grace_seconds) = (drift.as_secs(), GRACE_AT_START.as_secs());
            tracing::warn!(
                seconds,
                grace_seconds,
                "the clock was corrected: nothing that waits is given up for a while"
            );
        }
        look.uptime.saturating_sub(record.began) >= GRACE_AT_START
    }
}
