//! Stage *run*: each test in a process of its own, in a jail that holds the test binary, the C library and an empty /tmp.
//!
//! A test has passed when our runner, inside that process, has written `<nonce> passed` to a channel that has no name and
//! ended the process. The nonce is drawn for this one run and read before any of the candidate's code runs.

use std::time::Duration;

use super::context::GradingContext;
use super::error::Error;
use super::package::TestRule;
use super::prepared::{Prepared, TestName};
use super::report::{TestVerdict, Verdict};
use super::units::millis;
use crate::sandbox::{self, Channel, Command, EXECUTING, End, Jail, Limit, Limits, Mount, Outcome, Profile, Usage};

/// Files that a test may make under /tmp.
const TEST_INODES: u64 = 1024;
/// Bytes that the runner may say about one test.
const ANSWER_BYTES: u64 = 128;
/// Bytes of the list of a binary's tests.
const LIST_BYTES: u64 = 4 << 20;
/// Bytes of output shown of one test.
const SHOWN_BYTES: usize = 8 << 10;

/// How one test ended.
pub(super) struct TestRun {
    /// For the test.
    pub(super) verdict: TestVerdict,
    /// What it makes the submission, if it is all there is.
    pub(super) cause: Verdict,
    /// What it used.
    pub(super) usage: Usage,
    /// The limit it reached, or how it ended: never what the tests hold.
    pub(super) message: Option<String>,
    /// What it printed.
    pub(super) output: String,
}

/// A jail in which every test binary of the context can run.
pub(super) fn jail(context: &GradingContext<'_>, tests: &[TestName]) -> Result<Jail, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    let mut mounts = grader.toolchain.run_mounts();
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
    let command = command(file, "list", [nonce.as_slice(), &0_u32.to_le_bytes()].concat(), LIST_BYTES);
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

/// Runs one test.
pub(super) fn run(context: &GradingContext<'_>, jail: &Jail, test: &TestName) -> Result<TestRun, Error> {
    run_on(context, jail, test, 0)
}

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
    let input = [nonce.as_slice(), &variant.to_le_bytes(), test.path.as_bytes()].concat();
    let command = command(&test.file, "run", input, ANSWER_BYTES);
    let outcome = match jail.run_until(&command, &limits, context.cancel) {
        Err(sandbox::Error::Setup { step, cause }) if step.starts_with(EXECUTING) => return Ok(not_started(&cause)),
        other => other?,
    };
    let (verdict, cause, message) = judge(&outcome, &nonce, &limits);
    Ok(TestRun { verdict, cause, message, usage: outcome.usage, output: output(&outcome) })
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

fn command(file: &str, what: &str, input: Vec<u8>, answer_bytes: u64) -> Command {
    Command {
        program: format!("/{file}").into(),
        args: vec![what.to_owned()],
        env: Vec::new(),
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
const FAILURES: [(&str, &str); 4] = [
    ("panicked", "it panicked: something was not as the test expects, or the code gave up"),
    ("erred", "it ended with an error"),
    ("calm", "it did not panic, and should have"),
    ("astray", "it panicked, and not with the message that it should have"),
];

/// A reached limit counts before anything that was said: which of the two came first is a matter of luck.
fn judge(outcome: &Outcome, nonce: &[u8; 16], limits: &Limits) -> (TestVerdict, Verdict, Option<String>) {
    let said = |word: &str| !outcome.channel_overflow && outcome.channel == said(nonce, word);
    let failure = || FAILURES.iter().find(|(word, _)| said(word)).map(|(_, sentence)| (*sentence).to_owned());
    let time = |used: Duration, allowed: Duration, kind: &str| {
        format!("not finished after {} ms of {kind} time; {} ms are allowed", millis(used), millis(allowed))
    };
    let Usage { wall, cpu, .. } = outcome.usage;
    let (verdict, cause, message) = match outcome.end {
        End::Exited(_) if said("passed") => return (TestVerdict::Passed, Verdict::Accepted, None),
        End::Exited(code) => match failure() {
            Some(sentence) => (TestVerdict::Failed, Verdict::WrongAnswer, sentence),
            None => (
                TestVerdict::RuntimeError,
                Verdict::RuntimeError,
                format!("the process exited with {code} before the test returned"),
            ),
        },
        End::Signalled(signal) => (
            TestVerdict::RuntimeError,
            Verdict::RuntimeError,
            format!("the process was ended by {}", signal_name(signal)),
        ),
        End::Limit(Limit::Wall) => (TestVerdict::TimeLimit, Verdict::TimeLimit, time(wall, limits.wall, "real")),
        End::Limit(Limit::Cpu) => (TestVerdict::TimeLimit, Verdict::TimeLimit, time(cpu, limits.cpu, "CPU")),
        End::Limit(Limit::Memory) => (
            TestVerdict::MemoryLimit,
            Verdict::MemoryLimit,
            format!("more memory than the {} MiB that are allowed", limits.memory_bytes >> 20),
        ),
        End::Limit(Limit::Output) => (
            TestVerdict::OutputLimit,
            Verdict::OutputLimit,
            format!("more output than the {} KiB that are allowed", limits.output_bytes >> 10),
        ),
        End::Limit(Limit::Processes) => (
            TestVerdict::RuntimeError,
            Verdict::ProcessLimit,
            format!("more threads than the {} that are allowed", limits.processes),
        ),
        End::Limit(Limit::Disk) => (
            TestVerdict::RuntimeError,
            Verdict::DiskLimit,
            format!("more in files than the {} MiB that are allowed", limits.disk_bytes >> 20),
        ),
    };
    (verdict, cause, Some(message))
}

fn signal_name(signal: i32) -> String {
    let meaning = match signal {
        libc::SIGABRT => "SIGABRT: it aborted, or its stack overflowed",
        libc::SIGSEGV => "SIGSEGV: its stack overflowed, or it read memory that is not there",
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
