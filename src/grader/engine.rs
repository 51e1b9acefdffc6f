//! [`Grader`]: what every grading on this machine shares. What it does with it stands beside the stage that does it:
//! `prepare.rs`, `pipeline.rs`, `shapes/make.rs` and `check/` each add their own methods.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::error::Error;
use super::limits::Limits;
use super::shapes;
use super::toolchain::Toolchain;
use crate::clock::Clock;
use crate::sandbox::{Control, Jailer, MemDir};

/// Bytes in memory that one grading may hold: sources, the library, test binaries.
const GRADING_BYTES: u64 = 1 << 30;
const GRADING_INODES: u64 = 16 << 10;

/// Grades submissions with one sandbox, one toolchain, and one folder for prepared packages. One for the whole process, shared.
#[derive(Debug)]
pub struct Grader {
    pub(super) jailer: Jailer,
    pub(super) toolchain: Toolchain,
    pub(super) data_dir: PathBuf,
    pub(super) clock: Clock,
    /// Shapes of submissions for which a compiler's cache is to be made.
    pub(super) shapes: shapes::Queue,
    /// Tests that run at once in one grading.
    parallel: usize,
}

impl Grader {
    /// Opens a grader that keeps prepared packages in `data_dir`.
    ///
    /// # Errors
    /// When this machine has no Rust toolchain.
    pub fn open(jailer: Jailer, data_dir: PathBuf, clock: Clock) -> Result<Self, Error> {
        let data_dir = std::path::absolute(&data_dir).map_err(Error::file("find", &data_dir))?;
        let toolchain = Toolchain::discover(&jailer)?;
        // One more than there are cores: starting and ending a test is waiting for the kernel in part.
        let parallel = thread::available_parallelism().map_or(1, usize::from) + 1;
        Ok(Self { jailer, toolchain, data_dir, clock, shapes: shapes::Queue::default(), parallel })
    }

    /// Controls of the sandbox that do not hold here and that the operator accepts to do without.
    pub(super) fn waived_controls(&self) -> Vec<String> {
        self.jailer.report().waived().map(Control::name).map(str::to_owned).collect()
    }

    /// Bytes of memory that one grading may need at a time: two compilers that each need all they may, or as many tests as run at
    /// once.
    #[must_use]
    pub fn most_memory_bytes(&self, limits: &Limits) -> u64 {
        let tests = u64::try_from(self.parallel).unwrap_or(u64::MAX);
        limits.build_memory_bytes.saturating_mul(2).max(limits.memory_bytes.saturating_mul(tests))
    }

    /// A folder in memory for one grading.
    pub(super) fn mem_dir(&self) -> Result<MemDir, Error> {
        Ok(self.jailer.mem_dir(GRADING_BYTES, GRADING_INODES)?)
    }

    /// Does `work` for every item, a few at once, and gives the results in the items' order. `done`
    /// hears of each as it ends, here, in this thread.
    pub(super) fn in_parallel<I: Sync, R: Send>(
        &self,
        items: &[I],
        work: impl Fn(&I) -> Result<R, Error> + Sync,
        mut done: impl FnMut(&I, &R),
    ) -> Result<Vec<R>, Error> {
        let next = AtomicUsize::new(0);
        let (sender, results) = mpsc::channel();
        let worker = |sender: mpsc::Sender<(usize, Result<R, Error>)>| {
            while let Some((index, item)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                items.get(index).map(|item| (index, item))
            } {
                let result = work(item);
                let failed = result.is_err();
                if sender.send((index, result)).is_err() || failed {
                    return;
                }
            }
        };
        let span = tracing::Span::current();
        thread::scope(|scope| {
            for _ in 0..self.parallel.min(items.len()) {
                let (sender, worker, span) = (sender.clone(), &worker, &span);
                scope.spawn(move || span.in_scope(|| worker(sender)));
            }
            drop(sender);
            let mut ended: Vec<Option<R>> = items.iter().map(|_| None).collect();
            for (index, result) in results {
                let result = result?;
                if let (Some(item), Some(slot)) = (items.get(index), ended.get_mut(index)) {
                    done(item, &result);
                    *slot = Some(result);
                }
            }
            Ok(ended.into_iter().flatten().collect())
        })
    }
}
