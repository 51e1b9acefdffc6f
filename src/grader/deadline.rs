//! How long a whole grading may take. The stages have limits of their own; this one is for all that they come to together, and no
//! machine that is busy makes it longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::error::Error;
use super::gates;
use super::grading::counted;
use super::prepared::Prepared;
use super::report::Mode;
use crate::sandbox::{self, Cancel, WALL_FACTOR_MAX};

/// How many limits of the build a test file may take to be compiled and linked: it waits for the build, and is linked once more where
/// it doesn't link with a compiler's cache.
const LINK_WALLS: u32 = 2 * (WALL_FACTOR_MAX + 1);
/// How often a test that fails is run.
const RUNS: u32 = 2;
/// How many test files are linked at once, and how many tests run at once, on a machine with one processor.
const AT_ONCE: u32 = 2;

/// Ends a grading that takes too long.
pub(super) struct Deadline {
    cancel: Cancel,
    is_over: Arc<AtomicBool>,
    /// Its thread ends when this is dropped.
    _waiting: Sender<()>,
}

impl Deadline {
    /// One that is over after `limit`, below the switch that ends the grading for other reasons.
    ///
    /// # Errors
    /// [`Error::Sandbox`] when the process has no descriptor or thread left.
    pub(super) fn begin(above: &Cancel, limit: Duration) -> Result<Self, Error> {
        let (cancel, is_over, (waiting, ended)) = (above.below()?, Arc::new(AtomicBool::new(false)), channel());
        let (switch, flag) = (cancel.clone(), Arc::clone(&is_over));
        let thread = thread::Builder::new().name("deadline".to_owned()).spawn(move || {
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                flag.store(true, Ordering::SeqCst);
                switch.cancel();
            }
        });
        thread.map_err(sandbox::Error::from)?;
        Ok(Self { cancel, is_over, _waiting: waiting })
    }

    /// What ends the programs of the grading.
    pub(super) const fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Whether this is why a grading ended.
    pub(super) fn caused(&self, error: &Error) -> bool {
        matches!(error, Error::Sandbox(sandbox::Error::Cancelled)) && self.is_over.load(Ordering::SeqCst)
    }
}

/// The longest that a grading of sources takes by the limits of its stages, on a machine with one processor that is busy with
/// something else.
pub(super) fn longest(prepared: &Prepared) -> Duration {
    let (package, limits) = (&prepared.package, &prepared.package.limits);
    let tests: Vec<_> = counted(prepared, Mode::Graded).collect();
    let walls =
        tests.iter().map(|test| package.rule(&test.full()).and_then(|rule| rule.wall).unwrap_or(limits.test_wall));
    let walls: Vec<Duration> = walls.collect();
    let mut files: Vec<&str> = tests.iter().map(|test| test.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let link = limits.build_wall * LINK_WALLS * u32::try_from(files.len()).unwrap_or(u32::MAX).div_ceil(AT_ONCE);
    // The last one to begin may be the longest.
    let run = (walls.iter().sum::<Duration>() / AT_ONCE + walls.iter().max().copied().unwrap_or_default()) * RUNS;
    (limits.build_wall + link + run + gates::longest(package)) * WALL_FACTOR_MAX
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::grader::package::Package;
    use crate::grader::prepared::{Record, TestName};

    #[test]
    fn what_the_limits_come_to_is_added_up() {
        let package = Package::read(Path::new("tests/fixtures/packages/adder")).unwrap();
        let test = |file: &str, path: &str| TestName { file: file.to_owned(), path: path.to_owned(), ignored: false };
        let hidden = vec![test("adding", "a"), test("adding", "b"), test("other", "c"), test("third", "d")];
        let record = Record { hidden, ..Record::default() };
        let seconds = longest(&Prepared::new(&package, package.folder.clone(), record)).as_secs();
        // Build; two rounds of links; two at once of four tests of six seconds, twice; no gates.
        assert_eq!(seconds, 3 * (60 + 2 * 8 * 60 + (12 + 6) * 2));
    }

    #[test]
    fn what_is_cancelled_for_another_reason_is_not_too_long() {
        let above = Cancel::new().unwrap();
        let deadline = Deadline::begin(&above, Duration::from_secs(3600)).unwrap();
        let cancelled = Error::Sandbox(sandbox::Error::Cancelled);
        assert!(!deadline.cancel().is_cancelled());
        above.cancel();
        assert!(deadline.cancel().below().unwrap().is_cancelled() && !deadline.caused(&cancelled));
        let over = Deadline::begin(&Cancel::new().unwrap(), Duration::ZERO).unwrap();
        while !over.cancel().is_cancelled() {
            thread::yield_now();
        }
        assert!(over.caused(&cancelled) && !over.caused(&Error::Unexpected { what: "a test", detail: String::new() }));
    }
}
