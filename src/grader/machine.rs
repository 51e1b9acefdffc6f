//! Tells what the machine did to a compiler or a linker from what a source did to it: the first is ours, the second a verdict.
//!
//! Nothing that is handed in runs while it's compiled, so no source kills a tool, and none keeps it from a thread. What a source
//! can do is to need too much: that reaches a limit of the run. What a source can also do is to put words into a message. So
//! only whole sentences count, at places where the tools speak and no source does.

use super::diagnostics;
use super::error::Error;
use super::package::Package;
use crate::sandbox::{End, Limit, Outcome};

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

/// How a compiler's run ended, also by what it says of the programs that it has started.
///
/// # Errors
/// [`Error::Machine`] when the machine is the likelier cause than the input.
pub(super) fn check(doing: &'static str, outcome: &Outcome, linker: LinkerOutput) -> Result<ToolEnd, Error> {
    let end = check_end(doing, outcome)?;
    match said(&String::from_utf8_lossy(&outcome.stderr), linker).filter(|_| end == ToolEnd::Refused) {
        Some(detail) => Err(Error::Machine { doing, detail }),
        None => Ok(end),
    }
}

/// The line in which a tool says that it was kept from its work.
fn said(stderr: &str, linker: LinkerOutput) -> Option<String> {
    let line = stderr.lines().find_map(|line| match diagnostics::linker_failure(line)? {
        failure if LINKER_ENDED.iter().any(|end| failure.how.starts_with(end)) => Some(failure.how),
        failure if linker == LinkerOutput::Tools => {
            failure.printed.lines().find(|line| is_one_of(line, &LINKER_SAID)).map(str::to_owned)
        }
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

    fn is_ours(end: End, stderr: &str) -> bool {
        let outcome = Outcome {
            end,
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
            channel: Vec::new(),
            channel_overflow: false,
            usage: Usage::default(),
        };
        check("link", &outcome, LinkerOutput::Tools).is_err()
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
        let is_ours = |stderr: &str| said(stderr, LinkerOutput::Source).is_some();
        assert!(!is_ours(&forged) && is_ours(&killed));
    }
}
