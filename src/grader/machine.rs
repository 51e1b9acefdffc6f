//! Tells what the machine did to a compiler or a linker from what a source did to it: the first is ours, the second a verdict.
//!
//! Nothing that is handed in runs while it's compiled, so no source kills a tool, and none keeps it from a thread. What a source
//! can do is to need too much: that reaches a limit of the run. What a source can also do is to put words into a message. So
//! only whole sentences count, at places where the tools speak and no source does.

use super::diagnostics;
use super::error::Error;
use super::package::Package;
use crate::sandbox::{End, Limit, Outcome, refuses_memory_early};

/// How the compiler words the end of a linker that somebody killed.
const LINKER_ENDED: [&str; 2] = ["signal: 9 (SIGKILL)", "signal: 7 (SIGBUS)"];
/// How a linker, or the program that has started it, says so itself: the beginning of the line, and its end.
const LINKER_SAID: [(&str, &str); 6] = [
    ("collect2: fatal error: ld terminated with signal 9", ""),
    ("collect2: fatal error: ld terminated with signal 7", ""),
    ("clang: error: unable to execute command: Killed", ""),
    ("  what():  Resource temporarily unavailable", ""),
    ("ld.lld: error: failed to open /", ": Cannot allocate memory"),
    ("/", ": Text file busy (os error 26)"),
];
/// How a tool says that it was refused memory without how much: the beginning of the line. Where the machine doesn't refuse memory
/// early, only a source that asks for more than the machine has makes it say so.
const REFUSED_MEMORY: [(&str, &str); 4] = [
    ("rustc-LLVM ERROR: out of memory", ""),
    ("LLVM ERROR: out of memory", ""),
    ("Fatal glibc error: failed to register TLS destructor: out of memory", ""),
    ("  what():  std::bad_alloc", ""),
];
/// How the compiler says that it was refused a thread: the beginning of the line, and its end.
const REFUSED_THREAD: (&str, &str) = ("failed to spawn ", "Resource temporarily unavailable\" }");
/// The exit code of the loader when it can't load a program. No tool has it.
const NOT_LOADED: i32 = 127;
/// Longest part of what a tool said that goes into an error, in characters.
const DETAIL_MAX_CHARS: usize = 300;

/// Who can have put words into what a linker prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkerOutput {
    /// The tools alone: names in a crate without unsafe code are names of Rust.
    Tools,
    /// The source too: with unsafe code, a symbol or a library may have any name, with line breaks in it. Before edition 2024,
    /// a block of foreign functions, which names a library, needs no `unsafe`.
    Source,
}

/// The editions in which a crate can name a library to link without the word `unsafe`.
const LOOSE_EDITIONS: [&str; 3] = ["2015", "2018", "2021"];

impl LinkerOutput {
    /// Of what is linked for a package.
    pub(super) fn of(package: &Package) -> Self {
        let loose = LOOSE_EDITIONS.contains(&package.edition());
        if package.allow_unsafe || loose { Self::Source } else { Self::Tools }
    }
}

/// How a tool's run ended because of its input: what is left of [`End`] when the ends that are ours are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToolEnd {
    /// It has done its work.
    Succeeded,
    /// It refused its input.
    Refused,
    /// A signal ended it, as when it crashes.
    Crashed,
    /// It used more real time or CPU time than it may.
    TooLong,
    /// It used more memory than it may.
    TooMuchMemory,
    /// It printed more than it may.
    TooMuchOutput,
    /// It wrote more to files than it may.
    TooMuchDisk,
}

/// How a tool's run ended, by its end alone.
///
/// # Errors
/// [`Error::Machine`] when the machine is the likelier cause than the input.
pub(super) fn check_end(doing: &'static str, outcome: &Outcome) -> Result<ToolEnd, Error> {
    let ours = |detail: &str| Err(Error::Machine { doing, detail: detail.to_owned() });
    match outcome.end {
        End::Exited(0) => Ok(ToolEnd::Succeeded),
        End::Exited(_) | End::Signalled(libc::SIGABRT)
            if let Some(detail) = refused(outcome, refuses_memory_early()) =>
        {
            ours(&detail)
        }
        End::Exited(NOT_LOADED) => ours("it could not be loaded"),
        End::Exited(_) => Ok(ToolEnd::Refused),
        End::Signalled(libc::SIGKILL) => ours("somebody killed it"),
        // No source has a compiler read beyond the end of a file; a disk that fails has.
        End::Signalled(libc::SIGBUS) => ours("a file that it had mapped could not be read"),
        End::Signalled(_) => Ok(ToolEnd::Crashed),
        End::Limit(Limit::Wall | Limit::Cpu) => Ok(ToolEnd::TooLong),
        End::Limit(Limit::Memory) => Ok(ToolEnd::TooMuchMemory),
        End::Limit(Limit::Output) => Ok(ToolEnd::TooMuchOutput),
        End::Limit(Limit::Disk) => Ok(ToolEnd::TooMuchDisk),
        // How many threads a tool starts depends on the number of processors alone.
        End::Limit(Limit::Processes) => ours("it needs more threads than the sandbox gives a compiler"),
    }
}

/// The line in which a tool says that it was refused memory or a thread, though its run was within its limits. No source can have put
/// it there: the compiler quotes sources in JSON, in which a line break is escaped.
fn refused(outcome: &Outcome, early: bool) -> Option<String> {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let aborted = outcome.end == End::Signalled(libc::SIGABRT);
    let limit = outcome.memory_limit_bytes.unwrap_or(u64::MAX);
    let has_room_for = |bytes: u64| outcome.usage.memory_peak_bytes.saturating_add(bytes) <= limit;
    // What it says after the first line, it says while it ends.
    let asked = stderr.lines().find_map(bytes_refused).filter(|(_, bytes)| aborted && has_room_for(*bytes));
    let unmeasured = || {
        let line = stderr.lines().find(|line| is_one_of(line, &REFUSED_MEMORY));
        line.filter(|_| early && aborted && has_room_for(limit / 2))
    };
    let thread = || stderr.lines().find(|line| !aborted && is_one_of(line, &[REFUSED_THREAD]));
    let line = asked.map(|(line, _)| line).or_else(unmeasured).or_else(thread)?;
    Some(line.chars().take(DETAIL_MAX_CHARS).collect())
}

/// The line in which a Rust program says that it was refused so many bytes.
fn bytes_refused(line: &str) -> Option<(&str, u64)> {
    let bytes = line.strip_prefix("memory allocation of ")?.strip_suffix(" bytes failed")?;
    Some((line, bytes.parse().ok()?))
}

/// How a compiler's run ended, also by what it says of the programs that it has started.
///
/// # Errors
/// [`Error::Machine`] when the machine is the likelier cause than the input.
pub(super) fn check(doing: &'static str, outcome: &Outcome, linker: LinkerOutput) -> Result<ToolEnd, Error> {
    let end = check_end(doing, outcome)?;
    match said(&String::from_utf8_lossy(&outcome.stderr), linker, refuses_memory_early())
        .filter(|_| end == ToolEnd::Refused)
    {
        Some(detail) => Err(Error::Machine { doing, detail }),
        None => Ok(end),
    }
}

/// The line in which a tool says that it was kept from its work.
fn said(stderr: &str, linker: LinkerOutput, early: bool) -> Option<String> {
    let is_kept = |line: &&str| is_one_of(line, &LINKER_SAID) || (early && is_one_of(line, &REFUSED_MEMORY));
    let line = stderr.lines().find_map(|line| match diagnostics::linker_failure(line)? {
        failure if LINKER_ENDED.iter().any(|end| failure.how.starts_with(end)) => Some(failure.how),
        failure if linker == LinkerOutput::Tools => failure.printed.lines().find(is_kept).map(str::to_owned),
        _ => None,
    })?;
    Some(line.trim().chars().take(DETAIL_MAX_CHARS).collect())
}

fn is_one_of(line: &str, sentences: &[(&str, &str)]) -> bool {
    sentences.iter().any(|(start, end)| line.starts_with(start) && line.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Usage;

    /// A run that used 600 MiB of the 1 GiB that it could.
    fn outcome(end: End, stderr: &str) -> Outcome {
        Outcome {
            end,
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
            channel: Vec::new(),
            channel_overflow: false,
            usage: Usage { memory_peak_bytes: 600 << 20, ..Usage::default() },
            memory_limit_bytes: Some(1 << 30),
        }
    }

    fn is_ours(end: End, stderr: &str) -> bool {
        check("link", &outcome(end, stderr), LinkerOutput::Tools).is_err()
    }

    /// What rustc prints when its linker fails and has said `note`.
    fn linking(how: &str, note: &str) -> String {
        serde_json::json!({
            "level": "error", "message": format!("linking with `/wait-then-exec` failed: {how}"), "code": null, "spans": [],
            "children": [{"level": "note", "message": "\"/wait-then-exec\" \"-m64\" <3 object files omitted>"},
                {"level": "note", "message": note}],
        })
        .to_string()
    }

    #[test]
    fn a_tool_that_was_killed_or_refused_something_is_our_failure() {
        assert!(is_ours(End::Signalled(libc::SIGKILL), "") && is_ours(End::Signalled(libc::SIGBUS), ""));
        assert!(is_ours(End::Limit(Limit::Processes), ""));
        assert!(is_ours(End::Exited(1), &linking("signal: 9 (SIGKILL)", "")));
        for note in [
            "collect2: fatal error: ld terminated with signal 9 [Killed]\ncompilation terminated.",
            "collect2: fatal error: ld terminated with signal 7 [Bus error]",
            "clang: error: unable to execute command: Killed",
            "terminate called after throwing an instance of 'std::system_error'\n  what():  Resource temporarily unavailable",
            "/usr/bin/cc: Text file busy (os error 26)",
            "ld.lld: error: failed to open /tests/adding: Cannot allocate memory",
        ] {
            assert!(is_ours(End::Exited(1), &linking("exit status: 1", note)), "{note}");
        }
    }

    #[test]
    fn a_compiler_that_is_refused_memory_within_its_limit_is_our_failure() {
        const ABORTED: End = End::Signalled(libc::SIGABRT);
        let warning = r#"{"level": "warning", "message": "unused"}"#;
        let memory = "memory allocation of 65536 bytes failed\nstack backtrace:\nmemory allocation of 448 bytes failed";
        assert!(is_ours(ABORTED, &format!("{warning}\n{memory}")));
        let thread = "thread 'rustc' (7) panicked at std/src/thread/functions.rs:131:29:\nfailed to spawn thread: Os { code: 11, \
            kind: WouldBlock, message: \"Resource temporarily unavailable\" }";
        assert!(is_ours(End::Exited(101), thread));
        assert!(is_ours(
            End::Exited(127),
            "rustc: error while loading shared libraries: libLLVM.so: failed to map segment"
        ));
    }

    #[test]
    fn memory_that_is_refused_without_a_number_is_our_failure_where_the_machine_refuses_early() {
        let run = |end, peak: u64, stderr: &str| {
            let mut outcome = outcome(end, stderr);
            outcome.usage.memory_peak_bytes = peak << 20;
            outcome
        };
        let said = [
            "rustc-LLVM ERROR: out of memory\nAllocation failed",
            "LLVM ERROR: out of memory",
            "Fatal glibc error: failed to register TLS destructor: out of memory",
        ];
        for said in said {
            let small = run(End::Signalled(libc::SIGABRT), 200, said);
            assert!(refused(&small, true).is_some() && refused(&small, false).is_none(), "{said}");
            assert_eq!(refused(&run(End::Signalled(libc::SIGABRT), 700, said), true), None, "{said}: near its limit");
            assert_eq!(refused(&run(End::Exited(1), 200, said), true), None, "{said}");
        }
        let linker = linking("exit status: 1", "terminate called\n  what():  std::bad_alloc");
        let is_ours = |early| super::said(&linker, LinkerOutput::Tools, early).is_some();
        assert!(is_ours(true) && !is_ours(false));
    }

    #[test]
    fn a_source_that_asks_for_more_than_the_limit_answers_for_it() {
        const ABORTED: End = End::Signalled(libc::SIGABRT);
        assert!(!is_ours(ABORTED, "memory allocation of 500000000 bytes failed"), "the rest of the limit is 444596224");
        assert!(!is_ours(
            ABORTED,
            "memory allocation of 1099511627776 bytes failed\nmemory allocation of 448 bytes failed"
        ));
        assert!(!is_ours(ABORTED, "memory allocation of many bytes failed"));
        let quoted = r#"{"level": "error", "message": "x\nmemory allocation of 8 bytes failed\nfailed to spawn thread: Os { code: 11, kind: WouldBlock, message: \"Resource temporarily unavailable\" }"}"#;
        assert!(!is_ours(ABORTED, quoted) && !is_ours(End::Exited(101), quoted));
    }

    #[test]
    fn what_a_source_can_do_stays_its_own() {
        let undefined = linking("exit status: 1", "ld.lld: error: undefined symbol: missing");
        assert!(!is_ours(End::Exited(1), &undefined));
        assert!(!is_ours(End::Exited(1), &linking("exit status: 1", "ld.lld: error: duplicate symbol: main")));
        assert!(!is_ours(End::Exited(0), "warning: SIGKILL"));
        assert!(!is_ours(End::Signalled(libc::SIGSEGV), ""), "a recursion without an end, in a type");
        for limit in [Limit::Memory, Limit::Wall, Limit::Cpu, Limit::Disk, Limit::Output] {
            assert!(!is_ours(End::Limit(limit), ""));
        }
        for (forged, why) in [
            (r#"{"level": "error", "message": "SIGKILL", "code": null, "spans": [], "children": []}"#, "no linker"),
            (
                r#"{"level": "error", "message": "linking with `x` failed: signal: 9 (SIGKILL)", "code": {"code": "E0277"}, "spans": [{}], "children": []}"#,
                "a message that #[diagnostic::on_unimplemented] words",
            ),
            (
                r#"{"level": "error", "message": "linking with `x` failed: signal: 9 (SIGKILL)", "code": null, "spans": [{}], "children": []}"#,
                "compile_error!",
            ),
            ("src/SIGKILL.rs: expected one of: `fn`, `struct`", "the name of a file"),
            (
                "#0 [typeck] type-checking `process didn't exit successfully: (signal: 9, SIGKILL: kill)`",
                "a crash of the compiler",
            ),
        ] {
            assert!(!is_ours(End::Exited(1), forged), "{why}");
        }
        for note in [
            "\"/wait-then-exec\" \"-o/tests/SIGKILL\"",
            "ld.lld: error: undefined symbol: collect2: fatal error: ld terminated with signal 9",
        ] {
            assert!(!is_ours(End::Exited(1), &linking("exit status: 1", note)), "{note}");
        }
    }

    #[test]
    fn before_edition_2024_safe_code_names_libraries() {
        let mut package = Package::read(std::path::Path::new("tests/fixtures/packages/adder")).unwrap();
        assert_eq!(LinkerOutput::of(&package), LinkerOutput::Tools);
        for edition in [Some("2021"), None] {
            let manifest = package.starter_manifest.get_mut("package").and_then(toml::Value::as_table_mut).unwrap();
            manifest.remove("edition");
            manifest.extend(edition.map(|edition| ("edition".to_owned(), edition.into())));
            assert_eq!(LinkerOutput::of(&package), LinkerOutput::Source, "{edition:?}");
        }
    }

    #[test]
    fn where_unsafe_is_allowed_what_the_linker_prints_may_be_the_sources_own() {
        let forged = linking(
            "exit status: 1",
            "ld.lld: error: unable to find library -lx\ncollect2: fatal error: ld terminated with signal 9",
        );
        let killed = linking("signal: 9 (SIGKILL)", "");
        let is_ours = |stderr: &str| said(stderr, LinkerOutput::Source, false).is_some();
        assert!(!is_ours(&forged) && is_ours(&killed));
    }
}
