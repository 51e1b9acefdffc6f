//! Package + submitted files → [`Report`]: unpack, policy, build, link, run, score.
//!
//! What this module promises, and how:
//! - A test passes only when our runner says so where the candidate's code cannot speak (`run`).
//! - Hidden tests exist only in the jail that links them, where no code of the candidate's runs (`link`), and no type that
//!   can be serialised holds their text.
//! - What is compiled is the server's manifest, lock file, flags and toolchain; of the candidate only `src/` (`build`).
//! - A candidate's failure is data, a [`Report`]; ours is an [`Error`].
//!
//! There is no database and no web here, and nothing is async: the server calls it from a blocking thread.

mod bare;
mod build;
mod check;
pub(crate) mod diagnosis;
mod diagnostics;
mod error;
mod files;
pub(crate) mod gates;
mod job;
mod link;
mod manifest;
mod package;
mod pipeline;
mod policy;
mod prepare;
mod prepared;
mod report;
mod run;
mod score;
mod shape;
mod sweep;
mod toolchain;
mod tree;
mod units;
pub(crate) mod unpack;
mod write_tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::clock::Clock;
use crate::sandbox::{Cancel, Control, Jailer, Tree};

use job::Job;

pub(crate) use bare::Bare;
pub(crate) use check::{Check, Finding};
pub(crate) use error::Error;
pub(crate) use files::{Refusal, SubmittedFiles};
pub(crate) use package::{Asked, Broken, Gate, Limits, Package, Registry};
pub(crate) use prepared::Prepared;
pub(crate) use report::{Event, Mode, Report, TestReport, TestVerdict, Verdict};
pub(crate) use toolchain::Toolchain;
pub(crate) use tree::is_cache;
pub(crate) use units::{parse_duration, parse_size};

/// Bytes in memory that one grading may hold: sources, the library, test binaries.
const TREE_BYTES: u64 = 1 << 30;
const TREE_INODES: u64 = 16 << 10;

/// Where gradings are done: a sandbox, a toolchain, a folder for prepared packages. One for the whole process, shared.
#[derive(Debug)]
pub struct Workshop {
    jailer: Jailer,
    toolchain: Toolchain,
    data_dir: PathBuf,
    clock: Clock,
    /// Tests that run at once in one grading.
    parallel: usize,
}

impl Workshop {
    /// Opens a workshop that keeps prepared packages in `data_dir`.
    ///
    /// # Errors
    /// When this machine has no Rust toolchain.
    pub fn open(jailer: Jailer, data_dir: PathBuf, clock: Clock) -> Result<Self, Error> {
        let data_dir = std::path::absolute(&data_dir).map_err(Error::file("find", &data_dir))?;
        let toolchain = Toolchain::discover(&jailer)?;
        // One more than there are cores: starting and ending a test is waiting for the kernel in part.
        let parallel = thread::available_parallelism().map_or(1, usize::from) + 1;
        Ok(Self { jailer, toolchain, data_dir, clock, parallel })
    }

    /// The toolchain that grades.
    #[must_use]
    pub const fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Makes a package ready to be graded. Does everything once; when nothing has changed, it reads a few small files.
    ///
    /// # Errors
    /// When the package cannot be graded: the reason is its author's to read.
    pub fn prepare(&self, package: &Package) -> Result<Prepared, Error> {
        prepare::prepare(self, package)
    }

    /// Removes prepared packages that nobody has used for long, and returns their folders.
    ///
    /// # Errors
    /// When one cannot be looked at or removed.
    pub fn sweep(&self) -> Result<Vec<PathBuf>, Error> {
        let parent = self.data_dir.join("prepared");
        sweep::sweep(&parent, &sweep::BOUNDS).map_err(Error::file("remove old prepared packages from", &parent))
    }

    /// Grades a submission.
    ///
    /// # Errors
    /// Ours alone; whatever the candidate hands in gets a report.
    pub fn grade(
        &self,
        prepared: &Prepared,
        files: &SubmittedFiles,
        mode: Mode,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Report, Error> {
        self.grade_until(prepared, files, mode, &Cancel::new()?, progress)
    }

    /// Grades a submission unless it is cancelled before.
    ///
    /// # Errors
    /// Those of [`Workshop::grade`], and that it was cancelled: see [`Error::is_cancelled`].
    pub fn grade_until(
        &self,
        prepared: &Prepared,
        files: &SubmittedFiles,
        mode: Mode,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Report, Error> {
        let tree = self.tree()?;
        let job = Job { shop: self, prepared, mode, tree: &tree, cancel };
        pipeline::grade(&job, files, progress)
    }

    /// Whether the hidden tests compile with a library of these files; `None`: they are no library.
    fn links(&self, prepared: &Prepared, files: &SubmittedFiles) -> Result<Option<bool>, Error> {
        let (tree, cancel) = (self.tree()?, Cancel::new()?);
        let job = Job { shop: self, prepared, mode: Mode::Graded, tree: &tree, cancel: &cancel };
        pipeline::links(&job, files)
    }

    /// The report on a submission that could not even be unpacked.
    #[must_use]
    pub fn refuse(&self, prepared: &Prepared, mode: Mode, refusals: &[Refusal]) -> Report {
        pipeline::refuse(self, prepared, mode, refusals)
    }

    /// Proves a package by its solution, starter and samples.
    ///
    /// # Errors
    /// When it cannot be read or prepared, or the sandbox fails.
    pub fn check(&self, package: &Package, repeat: usize) -> Result<Check, Error> {
        check::check(self, package, repeat)
    }

    /// Controls of the sandbox that the operator accepts to be without.
    fn waived_controls(&self) -> Vec<String> {
        self.jailer.report().waived().map(Control::name).map(str::to_owned).collect()
    }

    fn tree(&self) -> Result<Tree, Error> {
        Ok(self.jailer.tree(TREE_BYTES, TREE_INODES)?)
    }

    /// Does `work` for every item, a few at once, and gives the results in the items' order. `done`
    /// hears of each as it ends, here, in this thread.
    fn in_parallel<I: Sync, R: Send>(
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
