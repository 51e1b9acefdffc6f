//! A worker whose gradings fail again and again, for reasons that are its machine's, leaves the work to others for a while.
//!
//! Without this, a machine with a full disk would claim and fail everything that waits. Failures of one submission alone say
//! nothing about the machine, so different submissions are counted. After each pause one is tried, alone: the machine is
//! trusted again with the first that is graded.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Status;
use crate::clock::Clock;
use crate::id::SubmissionId;

/// How many submissions fail one after the other, with none graded between them, until the machine is doubted.
const DOUBTED_AFTER: usize = 3;
/// The first pause; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(10);
/// The longest that a pause can get.
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Whether this machine is fit to grade, as far as its last gradings tell. It is said in the log and at `/readyz`.
#[derive(Debug)]
pub(super) struct Fitness {
    clock: Clock,
    status: Status,
    record: Mutex<Record>,
}

/// What is known since a submission was last graded.
#[derive(Debug, Default)]
struct Record {
    failed: BTreeSet<SubmissionId>,
    pause: Option<Pause>,
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    length: Duration,
    /// By the clock's uptime, so that a clock which is corrected makes it no longer.
    until: Duration,
}

impl Fitness {
    pub(super) fn new(clock: Clock, status: Status) -> Self {
        Self { clock, status, record: Mutex::default() }
    }

    /// Whether nothing is to be claimed at the moment.
    pub(super) fn is_pausing(&self) -> bool {
        let now = self.clock.uptime();
        self.with(|record| record.pause.is_some_and(|pause| now < pause.until))
    }

    /// Whether the machine is doubted: then one submission at a time is graded.
    pub(super) fn is_doubted(&self) -> bool {
        self.with(|record| record.pause.is_some())
    }

    /// Notes that a grading failed on our side.
    pub(super) fn failed(&self, submission: SubmissionId) {
        let now = self.clock.uptime();
        let Some(pause) = self.with(|record| record.note_failure(submission, now)) else { return };
        let seconds = pause.length.as_secs();
        let reason = format!(
            "gradings of {DOUBTED_AFTER} or more submissions failed one after the other on this machine's side: nothing is \
             graded here until {}, and then one at a time until one succeeds. The log says why each failed",
            self.clock.now() + pause.length
        );
        tracing::error!("{reason} (a pause of {seconds} s)");
        metrics::gauge!("quorate_worker_paused").set(1);
        self.status.set_reason(Some(reason));
    }

    /// Notes that a submission was graded.
    pub(super) fn succeeded(&self) {
        let was_doubted = self.with(|record| std::mem::take(record).pause.is_some());
        if was_doubted {
            tracing::info!("a submission was graded: this machine takes as much work as before");
            metrics::gauge!("quorate_worker_paused").set(0);
            self.status.set_reason(None);
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Record) -> T) -> T {
        look(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Record {
    /// Notes a failure, and returns the pause if one begins with it.
    fn note_failure(&mut self, submission: SubmissionId, now: Duration) -> Option<Pause> {
        self.failed.insert(submission);
        let length = match self.pause {
            None if self.failed.len() < DOUBTED_AFTER => return None,
            None => PAUSE,
            // It was begun before the pause.
            Some(pause) if now < pause.until => return None,
            Some(pause) => (pause.length * 2).min(PAUSE_MAX),
        };
        let pause = Pause { length, until: now + length };
        self.pause = Some(pause);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn fitness() -> (Clock, Status, Fitness) {
        let (clock, status) = (Clock::manual(Timestamp::from_micros(0)), Status::default());
        (clock.clone(), status.clone(), Fitness::new(clock, status))
    }

    fn fail_different(fitness: &Fitness, count: usize) {
        (0..count).for_each(|_| fitness.failed(SubmissionId::new()));
    }

    #[test]
    fn one_submission_that_fails_for_ever_stops_nobody() {
        let (_, _, fitness) = fitness();
        let submission = SubmissionId::new();
        (0..10).for_each(|_| fitness.failed(submission));
        assert!(!fitness.is_pausing() && !fitness.is_doubted());
    }

    #[test]
    fn pauses_get_longer_until_a_submission_is_graded() {
        let (clock, status, fitness) = fitness();
        fail_different(&fitness, DOUBTED_AFTER - 1);
        fitness.succeeded();
        fail_different(&fitness, DOUBTED_AFTER - 1);
        assert!(!fitness.is_pausing(), "not one after the other");
        fail_different(&fitness, 1);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            // Those that were begun before the pause make it no longer.
            fail_different(&fitness, 2);
            let begun = clock.now();
            while fitness.is_pausing() {
                clock.advance(Duration::from_secs(1));
            }
            pauses.push(clock.now().since(begun).as_secs());
            assert!(fitness.is_doubted() && status.get().reason.is_some());
            fail_different(&fitness, 1);
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300]);
        fitness.succeeded();
        assert!(!fitness.is_pausing() && !fitness.is_doubted() && status.get().reason.is_none());
        fail_different(&fitness, DOUBTED_AFTER);
        clock.advance(PAUSE);
        assert!(!fitness.is_pausing(), "the first pause is short again");
    }

    #[test]
    fn a_clock_that_is_corrected_makes_no_pause_longer_or_shorter() {
        let hour = Duration::from_secs(3600);
        let (clock, _, fitness) = fitness();
        fail_different(&fitness, DOUBTED_AFTER);
        clock.correct(clock.now() + hour);
        assert!(fitness.is_pausing());
        clock.correct(clock.now() - hour * 2);
        assert!(fitness.is_pausing());
        clock.advance(PAUSE);
        assert!(!fitness.is_pausing());
    }
}
