//! Stage *run*: each test in a process of its own, in a jail that holds the test binary, the C library and an empty /tmp.
//!
//! A test has passed when our runner, inside that process, has written `<nonce> passed` to a channel that has no name and
//! ended the process. The nonce is drawn for this one run and read before any of the candidate's code runs.

use std::path::Path;
use std::time::Duration;

use super::context::GradingContext;
use super::error::Error;
use super::files::SubmittedFiles;
use super::manifest::crate_environment;
use super::package::{Package, TestRule};
use super::prepared::{Prepared, TestName};
use super::report::{Mode, TestVerdict, Verdict};
use super::toolchain::read_only;
use super::tree;
use crate::quantity::millis;
use crate::sandbox::{self, Channel, Command, EXECUTING, End, Jail, Limit, Limits, Mount, Outcome, Profile, Usage};

/// Files that a test may make under /tmp.
const TEST_INODES: u64 = 1024;
/// Bytes that the runner may say about one test: a nonce, a word, and the place of a panic.
const ANSWER_BYTES: u64 = 512;
/// Processors that a test sees at most, however many the machine has.
const MAX_PROCESSORS: u32 = 4;
/// Threads that a test may start for each processor that it sees: libraries start one or a few, and ask nobody.
const THREADS_EACH: u32 = 4;
/// Bytes of the list of a binary's tests.
const LIST_BYTES: u64 = 4 << 20;
/// Bytes of output shown of one test.
const SHOWN_BYTES: usize = 8 << 10;

/// How one run of one test ended, and what may be told of it.
pub(super) struct TestRun {
    /// The verdict on this test.
    pub(super) verdict: TestVerdict,
    /// What it makes the submission, if it is all there is.
    pub(super) cause: Verdict,
    /// Time and memory of the test's process and its threads.
    pub(super) usage: Usage,
    /// The limit it reached, or how it ended: never what the tests hold.
    pub(super) message: Option<String>,
    /// What it printed to standard error and standard output, cut to what is shown.
    pub(super) output: String,
}

/// The folder of the grading's, and of a jail, with what tests find beside them while they run.
const CRATE: &str = "run/crate";

/// Lays out what `cargo test` would have around a test: what was handed in, and the package's data.
pub(super) fn lay_out(context: &GradingContext<'_>, files: &SubmittedFiles) -> Result<(), Error> {
    let GradingContext { prepared, dir, .. } = *context;
    let write = |path: &str, bytes: &[u8]| {
        dir.write(format!("{CRATE}/{path}"), bytes).map_err(Error::file("write to the sandbox", Path::new(path)))
    };
    let read = |path: &Path| std::fs::read(path).map_err(Error::file("read", path));
    if files.get("Cargo.toml").is_none() {
        write("Cargo.toml", &read(&prepared.path("starter/Cargo.toml"))?)?;
    }
    for (path, text) in files.iter() {
        write(path, text.as_bytes())?;
    }
    let data = prepared.path("data");
    if data.is_dir() {
        for file in tree::files(&data).map_err(Error::file("read", &data))? {
            let name = file.strip_prefix(&data).unwrap_or(&file).to_string_lossy().into_owned();
            write(&name, &read(&file)?)?;
        }
    }
    Ok(())
}

/// A jail in which every test binary of the context can run.
pub(super) fn jail(context: &GradingContext<'_>, tests: &[TestName]) -> Result<Jail, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    let mut mounts = grader.toolchain.run_mounts();
    mounts.push(read_only(dir.path(CRATE), "/crate"));
    for stem in files(tests) {
        mounts.push(Mount::ExecuteOnly { from: dir.path(format!("tests/{stem}")), to: format!("/{stem}").into() });
    }
    Ok(grader.jailer.jail(&mounts, &limits(prepared, None))?)
}

fn files(tests: &[TestName]) -> Vec<&str> {
    let mut files: Vec<&str> = tests.iter().map(|test| test.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The tests that a linked binary has. Runs the binary, but none of its tests.
pub(super) fn list(context: &GradingContext<'_>, file: &str) -> Result<Vec<TestName>, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    let mut mounts = grader.toolchain.run_mounts();
    mounts.push(Mount::ExecuteOnly { from: dir.path(format!("tests/{file}")), to: format!("/{file}").into() });
    let nonce = nonce();
    let command = command(&prepared.package, file, "list", [nonce.as_slice(), &[0; 40]].concat(), LIST_BYTES);
    let outcome = context.run(&mounts, &command, &limits(prepared, None))?;
    let answer = outcome.channel.strip_prefix(&said(&nonce, "list")[..]).map(String::from_utf8_lossy);
    let Some(lines) = answer else {
        let detail = format!("{:?}: {}", outcome.end, String::from_utf8_lossy(&outcome.stderr));
        return Err(Error::Unexpected { what: "a test binary's list of tests", detail });
    };
    let test = |line: &str| {
        let (path, ignored) = line.split_once('\t')?;
        Some(TestName { file: file.to_owned(), path: path.to_owned(), ignored: !ignored.is_empty() })
    };
    Ok(lines.lines().filter_map(test).collect())
}

/// Runs one test; if it fails, once more with other random numbers, to tell whether that is why. What counts is the first run.
pub(super) fn run(context: &GradingContext<'_>, jail: &Jail, test: &TestName) -> Result<TestRun, Error> {
    let mut run = run_on(context, jail, test, 0)?;
    if run.verdict == TestVerdict::Failed {
        let another = GradingContext { seed: context.seed.another(), ..*context };
        if run_on(&another, jail, test, 0)?.verdict == TestVerdict::Passed {
            run.message = run.message.map(|message| format!("{message}; {BY_CHANCE}"));
        }
    }
    Ok(run)
}

/// Said of a test that fails with some random numbers and passes with others.
const BY_CHANCE: &str =
    "with other random numbers, and so another order of every HashMap, it passes: the code depends on chance";

/// Runs one test on an implementation, where there are several.
pub(super) fn run_on(
    context: &GradingContext<'_>,
    jail: &Jail,
    test: &TestName,
    variant: u32,
) -> Result<TestRun, Error> {
    let prepared = context.prepared;
    let limits = limits(prepared, prepared.package.rule(&test.full()));
    let nonce = nonce();
    let processors = (limits.processes / THREADS_EACH).clamp(1, MAX_PROCESSORS);
    // An implementation has no seed of its own: random numbers must not tell which one it is.
    let seed = context.seed.of_test(&test.full());
    let (variant, processors) = (variant.to_le_bytes(), processors.to_le_bytes());
    let input = [nonce.as_slice(), &variant, &processors, &seed, test.path.as_bytes()].concat();
    let what = if context.mode == Mode::Public { "run-named" } else { "run" };
    let command = command(&prepared.package, &test.file, what, input, ANSWER_BYTES);
    let outcome = match jail.run_until(&command, &limits, context.cancel) {
        Err(sandbox::Error::Setup { step, cause }) if step.starts_with(EXECUTING) && is_of_the_binary(&cause) => {
            return Ok(not_started(&cause));
        }
        other => other?,
    };
    if outcome.end == End::Signalled(libc::SIGKILL) && !may_signal(&prepared.package) {
        return Err(Error::Machine { doing: "run a test", detail: "somebody killed it".to_owned() });
    }
    let (verdict, cause, message) = judge(&outcome, &nonce, &limits, prepared.package.kind.handed_in().folder());
    Ok(TestRun { verdict, cause, message, usage: outcome.usage, output: output(&outcome) })
}

/// Whether what is handed in can send a signal to itself: the standard library has no function for that.
fn may_signal(package: &Package) -> bool {
    package.allow_unsafe || !package.dependencies.is_empty()
}

/// What the kernel says of a binary that it can't execute, whatever the machine's state (`execve(2)`).
const BINARY_REFUSED: [i32; 5] = [libc::ENOEXEC, libc::ENOENT, libc::EINVAL, libc::EACCES, libc::ELIBBAD];

/// Whether a program didn't start for what it is, and not for want of memory, processes or descriptors.
fn is_of_the_binary(cause: &std::io::Error) -> bool {
    cause.raw_os_error().is_some_and(|code| BINARY_REFUSED.contains(&code))
}

/// A test binary that the kernel cannot start was linked from what was handed in: no doing of ours.
fn not_started(source: &std::io::Error) -> TestRun {
    TestRun {
        verdict: TestVerdict::RuntimeError,
        cause: Verdict::RuntimeError,
        usage: Usage::default(),
        message: Some(format!("the program does not start: {source}")),
        output: String::new(),
    }
}

/// 128 bits that nobody can guess.
fn nonce() -> [u8; 16] {
    rand::random()
}

/// What our runner says about a test, or before a list of them.
fn said(nonce: &[u8; 16], word: &str) -> Vec<u8> {
    [nonce, b" ".as_slice(), word.as_bytes()].concat()
}

fn command(package: &Package, file: &str, what: &str, input: Vec<u8>, answer_bytes: u64) -> Command {
    Command {
        program: format!("/{file}").into(),
        args: vec![what.to_owned()],
        // As `cargo test` has it, and nothing else.
        env: crate_environment(package),
        cwd: "/tmp".into(),
        profile: Profile::Program,
        channel: Some(Channel { input, output_bytes: answer_bytes }),
    }
}

fn limits(prepared: &Prepared, rule: Option<&TestRule>) -> Limits {
    let limits = &prepared.package.limits;
    Limits {
        wall: rule.and_then(|rule| rule.wall).unwrap_or(limits.test_wall),
        cpu: rule.and_then(|rule| rule.cpu).unwrap_or(limits.test_cpu),
        memory_bytes: limits.memory_bytes,
        processes: limits.processes,
        output_bytes: limits.output_bytes,
        disk_bytes: limits.disk_bytes,
        inodes: TEST_INODES,
    }
}

/// What our runner says of a test that failed, and in a sentence. No word of the test's own: it may be hidden.
const FAILURES: [(&str, &str); 3] = [
    ("erred", "it ended with an error"),
    ("calm", "it did not panic, and should have"),
    ("astray", "it panicked, and not with the message that it should have"),
];

/// What is told of a panic by its place, `file:line:column`. Only a place in a file of the candidate's, in folder `own`, is named.
fn panic_sentence(place: &str, own: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
    if place.starts_with(own) && place.chars().all(plain) {
        format!("it panicked at {place}")
    } else if place.starts_with("tests/") {
        "something was not as the test expects".to_owned()
    } else if place.starts_with("src/") {
        "it panicked in the code that is tested".to_owned()
    } else {
        "it panicked, in the standard library or a dependency".to_owned()
    }
}

/// How the process ended, where our runner had no more to say: verdict, cause, sentence.
type Judgement = (TestVerdict, Verdict, Option<String>);

/// A reached limit counts before anything that was said: which of the two came first is a matter of luck.
fn judge(outcome: &Outcome, nonce: &[u8; 16], limits: &Limits, own: &str) -> Judgement {
    let told = outcome.channel.strip_prefix(&said(nonce, "")[..]).filter(|_| !outcome.channel_overflow);
    let told = told.and_then(|told| std::str::from_utf8(told).ok()).unwrap_or_default();
    match outcome.end {
        End::Exited(_) if told == "passed" => (TestVerdict::Passed, Verdict::Accepted, None),
        End::Exited(code) => exited(code, told, own),
        End::Signalled(signal) => signalled(signal, &outcome.stderr),
        End::Limit(limit) => limited(limit, outcome.usage, limits),
    }
}

fn exited(code: i32, told: &str, own: &str) -> Judgement {
    let known = FAILURES.iter().find(|(word, _)| *word == told).map(|(_, sentence)| (*sentence).to_owned());
    let panicked = || told.strip_prefix("panicked ").map(|place| panic_sentence(place, own));
    match known.or_else(panicked) {
        Some(sentence) => (TestVerdict::Failed, Verdict::WrongAnswer, Some(sentence)),
        None => runtime_error(format!("the process exited with {code} before the test returned")),
    }
}

/// The standard library says on standard error why it aborts. Whoever forges that chooses among the words for their failure.
fn signalled(signal: i32, stderr: &[u8]) -> Judgement {
    let says = |text: &str| stderr.windows(text.len()).any(|part| part == text.as_bytes());
    match signal {
        libc::SIGABRT if says("memory allocation of ") => (
            TestVerdict::MemoryLimit,
            Verdict::MemoryLimit,
            Some("it asked for more memory at once than there is".to_owned()),
        ),
        libc::SIGABRT | libc::SIGSEGV if says(" has overflowed its stack") => {
            runtime_error("its stack overflowed: is there a recursion without an end?".to_owned())
        }
        signal => runtime_error(format!("the process was ended by {}", signal_name(signal))),
    }
}

fn runtime_error(sentence: String) -> Judgement {
    (TestVerdict::RuntimeError, Verdict::RuntimeError, Some(sentence))
}

fn limited(limit: Limit, used: Usage, limits: &Limits) -> Judgement {
    let time = |used: Duration, allowed: Duration, kind: &str| {
        format!("not finished after {} ms of {kind} time; {} ms are allowed", millis(used), millis(allowed))
    };
    let (verdict, cause, message) = match limit {
        Limit::Wall => (TestVerdict::TimeLimit, Verdict::TimeLimit, time(used.wall, limits.wall, "real")),
        Limit::Cpu => (TestVerdict::TimeLimit, Verdict::TimeLimit, time(used.cpu, limits.cpu, "CPU")),
        Limit::Memory => (
            TestVerdict::MemoryLimit,
            Verdict::MemoryLimit,
            format!("more memory than the {} MiB that are allowed", limits.memory_bytes >> 20),
        ),
        Limit::Output => (
            TestVerdict::OutputLimit,
            Verdict::OutputLimit,
            format!(
                "more output than the {} KiB that are allowed: take out what it prints, or print less",
                limits.output_bytes >> 10
            ),
        ),
        Limit::Processes => (
            TestVerdict::RuntimeError,
            Verdict::ProcessLimit,
            format!("more threads than the {} that are allowed", limits.processes),
        ),
        Limit::Disk => (
            TestVerdict::RuntimeError,
            Verdict::DiskLimit,
            format!("more in files than the {} MiB that are allowed", limits.disk_bytes >> 20),
        ),
    };
    (verdict, cause, Some(message))
}

fn signal_name(signal: i32) -> String {
    let meaning = match signal {
        libc::SIGABRT => "SIGABRT: it aborted",
        libc::SIGSEGV => "SIGSEGV: it read or wrote memory that is not there",
        libc::SIGILL => "SIGILL: an illegal instruction",
        libc::SIGSYS => "SIGSYS: a system call that is not allowed here",
        _ => return format!("signal {signal}"),
    };
    meaning.to_owned()
}

/// Both streams as a candidate may see them, if they may.
fn output(outcome: &Outcome) -> String {
    let (errors, printed) = (String::from_utf8_lossy(&outcome.stderr), String::from_utf8_lossy(&outcome.stdout));
    let kept = errors.lines().filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE"));
    let text = kept.chain(printed.lines()).map(str::trim_end).collect::<Vec<_>>().join("\n");
    text.trim().chars().take(SHOWN_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_binary_that_the_kernel_refuses_is_told_from_a_machine_that_is_short_of_something() {
        assert!(is_of_the_binary(&io::Error::from_raw_os_error(libc::ENOEXEC)));
        for short_of in [libc::ENOMEM, libc::EAGAIN, libc::EMFILE, libc::EIO, libc::ETXTBSY] {
            assert!(!is_of_the_binary(&io::Error::from_raw_os_error(short_of)), "{short_of}");
        }
    }

    #[test]
    fn safe_code_without_dependencies_kills_nobody() {
        let package = |slug: &str| Package::read(&Path::new("tests/fixtures/packages").join(slug)).unwrap();
        assert!(!may_signal(&package("adder")));
        assert!(may_signal(&package("unsafe-allowed")) && may_signal(&package("async-kv")));
    }
}
