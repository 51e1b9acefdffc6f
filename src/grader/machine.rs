//! Tells what the machine did to a compiler or a linker from what a source did to it: the first is ours, the second a verdict.
//!
//! Nothing that is handed in runs while it's compiled, so no source kills a tool, and none keeps it from a thread. What a source
//! can do is to need too much: that reaches a limit of the run.

use super::diagnostics;
use super::error::Error;
use crate::sandbox::{End, Limit, Outcome};

/// How tools word it that somebody killed a program that they had started, or that the kernel refused them something.
const SAID: [&str; 8] = [
    // Cargo, of rustc, and rustc, of the linker.
    "SIGKILL",
    "SIGBUS",
    // GCC, of the linker that it calls.
    "terminated with signal 9",
    "terminated with signal 7",
    // Clang, of the same.
    "unable to execute command: Killed",
    // All of them.
    "Resource temporarily unavailable",
    "Cannot allocate memory",
    "Text file busy",
];
/// Longest part of what a tool said that goes into an error, in characters.
const DETAIL_MAX_CHARS: usize = 300;

/// Checks that a tool's run ended as it did because of its input.
///
/// # Errors
/// [`Error::Machine`] when the machine is the likelier cause.
pub(super) fn check(doing: &'static str, outcome: &Outcome) -> Result<(), Error> {
    let detail = match outcome.end {
        End::Exited(0) => None,
        End::Signalled(libc::SIGKILL) => Some("somebody killed it".to_owned()),
        // How many threads a tool starts depends on the number of processors alone.
        End::Limit(Limit::Processes) => Some("it needs more threads than the sandbox gives a compiler".to_owned()),
        End::Limit(_) => None,
        End::Exited(_) | End::Signalled(_) => said(&diagnostics::of_tools(&outcome.stderr)),
    };
    detail.map_or(Ok(()), |detail| Err(Error::Machine { doing, detail }))
}

/// The line in which a tool says that it was kept from its work.
fn said(text: &str) -> Option<String> {
    let line = text.lines().find(|line| SAID.iter().any(|said| line.contains(said)))?;
    Some(line.trim().chars().take(DETAIL_MAX_CHARS).collect())
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
        check("link", &outcome).is_err()
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
        let cargo = "error: could not compile `adder` (lib)\n\nCaused by:\n  process didn't exit successfully: \
            `/toolchain/bin/rustc --crate-name adder` (signal: 9, SIGKILL: kill)\n";
        assert!(is_ours(End::Exited(101), cargo));
        assert!(is_ours(End::Signalled(libc::SIGKILL), ""));
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
        assert!(is_ours(
            End::Exited(101),
            "thread 'rustc' panicked: failed to spawn: Resource temporarily unavailable\n"
        ));
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
        // Words of a source's own are in the compiler's messages, not in what the tools say themselves.
        let own =
            serde_json::json!({"level": "error", "message": "SIGKILL", "code": null, "spans": [], "children": []});
        assert!(!is_ours(End::Exited(1), &own.to_string()));
    }
}
