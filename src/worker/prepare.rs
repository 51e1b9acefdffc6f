//! Keeps packages prepared: all of them when a worker starts, again what changes, and again, later and later, what failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{LOOK_EVERY, SubmissionGrader, WorkerConfig};
use crate::exercises::{Availability, Exercises};

/// The wait after an exercise could not be prepared for the first time; it doubles with each further one.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// The longest such wait: most failures are for an author to mend, and each attempt takes a compiler's time.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Keeps every package prepared, in a thread of its own.
pub(super) fn keep_prepared(config: &WorkerConfig, stopped: watch::Receiver<bool>) {
    let (exercises, grader) = (config.exercises.clone(), Arc::clone(&config.grader));
    let spawned = std::thread::Builder::new().name("prepare".to_owned()).spawn(move || {
        let mut folders = exercises.watch();
        let mut preparer = Preparer { exercises, grader, stopped, failed: BTreeMap::new() };
        preparer.prepare_all();
        preparer.grader.sweep();
        while !preparer.is_stopped() {
            std::thread::sleep(LOOK_EVERY);
            if folders.look() {
                preparer.prepare_all();
            } else {
                preparer.prepare_again(Instant::now());
            }
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "failed to start a thread that prepares exercises");
    }
}

struct Preparer {
    exercises: Exercises,
    grader: Arc<dyn SubmissionGrader>,
    stopped: watch::Receiver<bool>,
    /// The exercises that could not be prepared as they lie in their folders now.
    failed: BTreeMap<String, Failed>,
}

/// How often an exercise could not be prepared, and when to try again.
struct Failed {
    times: u32,
    again_at: Instant,
}

impl Preparer {
    fn is_stopped(&self) -> bool {
        // The sender goes with the worker.
        self.stopped.has_changed().is_err() || *self.stopped.borrow()
    }

    /// Prepares every package, one after the other. Those that somebody asks for meanwhile come first.
    fn prepare_all(&mut self) {
        self.failed.clear();
        let mut waiting: BTreeSet<String> = self.exercises.slugs().into_iter().collect();
        while !self.is_stopped()
            && let Some(slug) = self.exercises.take_next(&mut waiting)
        {
            if self.prepare(&slug, Instant::now()) {
                tracing::debug!(exercise = slug, "prepared");
            }
        }
    }

    /// Prepares again what failed and is due.
    fn prepare_again(&mut self, now: Instant) {
        let due = self.failed.iter().filter(|(_, failed)| failed.again_at <= now);
        let due: Vec<String> = due.map(|(slug, _)| slug.clone()).collect();
        for slug in due {
            if self.is_stopped() {
                return;
            }
            if self.prepare(&slug, now) {
                tracing::info!(exercise = slug, "prepared, after it had failed");
            }
        }
    }

    /// Prepares one package, and says whether that went well.
    fn prepare(&mut self, slug: &str, now: Instant) -> bool {
        match self.grader.prepare(slug) {
            Ok(()) => {
                self.failed.remove(slug);
                self.exercises.set(slug, Availability::ready());
                true
            }
            Err(error) => {
                let retry_in = self.note_failure(slug, now);
                let is_ready = self.exercises.ready().iter().any(|ready| ready == slug);
                tracing::error!(exercise = slug, %error, "failed to prepare an exercise: {} (the next attempt is in {} s)",
                    if is_ready { "it's graded as it was before it changed" } else { "it can't be graded" },
                    retry_in.as_secs());
                if !is_ready {
                    // The error may quote hidden tests.
                    let reason = "it can't be graded on this server: the server's log says why";
                    self.exercises.set(slug, Availability::unavailable(reason));
                }
                false
            }
        }
    }

    /// Notes that an exercise could not be prepared, and says how long to wait before the next attempt.
    fn note_failure(&mut self, slug: &str, now: Instant) -> Duration {
        let failed = self.failed.entry(slug.to_owned()).or_insert(Failed { times: 0, again_at: now });
        let wait = RETRY_AFTER.saturating_mul(1 << failed.times.min(16)).min(RETRY_AFTER_MAX);
        failed.times = failed.times.saturating_add(1);
        failed.again_at = now + wait;
        wait
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::submissions::events::Progress;
    use crate::submissions::queue::GradingJob;
    use crate::submissions::{Graded, Mode};
    use crate::worker::Failure;

    /// Prepares what it's told to, and counts how often it was asked.
    #[derive(Default)]
    struct Moody {
        asked: Mutex<u32>,
        well: Mutex<bool>,
    }

    impl SubmissionGrader for Moody {
        fn prepare(&self, exercise: &str) -> Result<(), Failure> {
            if exercise != "adder" {
                return Ok(());
            }
            *self.asked.lock().unwrap() += 1;
            if *self.well.lock().unwrap() { Ok(()) } else { Err("no space left on device".into()) }
        }

        fn grade(&self, _: &GradingJob, _: Mode, _: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
            Err("nothing is graded here".into())
        }
    }

    fn preparer() -> (Arc<Moody>, Preparer, watch::Sender<bool>) {
        let (moody, (stop, stopped)) = (Arc::<Moody>::default(), watch::channel(false));
        let exercises = Exercises::read(&["tests/fixtures/packages".into()]);
        (Arc::clone(&moody), Preparer { exercises, grader: moody, stopped, failed: BTreeMap::new() }, stop)
    }

    fn is_ready(preparer: &Preparer) -> bool {
        preparer.exercises.ready().contains(&"adder".to_owned())
    }

    #[test]
    fn what_failed_is_prepared_again_later_and_later() {
        let (moody, mut preparer, _stop) = preparer();
        preparer.prepare_all();
        assert!(!is_ready(&preparer));
        assert!(preparer.exercises.ready().contains(&"async-kv".to_owned()), "the others are ready");
        let mut now = preparer.failed["adder"].again_at;
        preparer.prepare_again(now - Duration::from_secs(1));
        assert_eq!(*moody.asked.lock().unwrap(), 1, "it isn't due");
        let mut waits = Vec::new();
        for _ in 0..10 {
            preparer.prepare_again(now);
            waits.push((preparer.failed["adder"].again_at - now).as_secs());
            now = preparer.failed["adder"].again_at;
        }
        assert_eq!(waits, [20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        assert_eq!(*moody.asked.lock().unwrap(), 11);
        *moody.well.lock().unwrap() = true;
        preparer.prepare_again(now);
        assert!(is_ready(&preparer) && preparer.failed.is_empty());
    }

    /// Looks at an exercise while the first one is being prepared, and notes the order.
    struct Asking {
        exercises: Exercises,
        order: Mutex<Vec<String>>,
    }

    impl SubmissionGrader for Asking {
        fn prepare(&self, exercise: &str) -> Result<(), Failure> {
            let mut order = self.order.lock().unwrap();
            if order.is_empty() {
                self.exercises.exercise("unsafe-allowed").unwrap();
                self.exercises.check_open("counter-tests").unwrap();
            }
            order.push(exercise.to_owned());
            Ok(())
        }

        fn grade(&self, _: &GradingJob, _: Mode, _: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
            Err("nothing is graded here".into())
        }
    }

    #[test]
    fn what_is_asked_for_is_prepared_first() {
        let (_, preparer, _stop) = preparer();
        let exercises = preparer.exercises.clone();
        let asking = Arc::new(Asking { exercises, order: Mutex::default() });
        Preparer { grader: asking.clone(), ..preparer }.prepare_all();
        let order = asking.order.lock().unwrap();
        assert_eq!(*order, ["adder", "unsafe-allowed", "counter-tests", "async-kv", "runner-zoo"]);
    }

    #[test]
    fn what_was_prepared_before_stays_ready() {
        let (moody, mut preparer, stop) = preparer();
        *moody.well.lock().unwrap() = true;
        preparer.prepare_all();
        *moody.well.lock().unwrap() = false;
        preparer.prepare_all();
        assert!(is_ready(&preparer), "it's graded as it was");
        stop.send_replace(true);
        preparer.prepare_all();
        assert_eq!(*moody.asked.lock().unwrap(), 2, "a worker that stops begins nothing");
    }
}
