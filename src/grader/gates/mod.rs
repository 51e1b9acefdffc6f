//! Stage *gates*: rules for the source, checked without running it.
//!
//! Sources are parsed in a jail, by this same binary; clippy runs in a jail too. What comes back says file and line of the
//! candidate's own files, so all of it may be shown.

mod api;
mod exported;
mod forbid;
mod inspect;
mod length;
mod normal;
mod reach;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use super::context::GradingContext;
use super::diagnostics;
use super::error::Error;
use super::machine;
use super::package::{Gate, Package, Rule};
use super::report::{TestReport, TestVerdict};
use super::rustc::Rustc;
use super::toolchain::read_only;
use super::{tools, tree};
use crate::sandbox::{Command, End, Limits, Profile};

use inspect::Request;
use source::Finding;

/// The hidden command of the binary that inspects.
pub(crate) const COMMAND: &str = "inspect";
/// Where the request stands in the jail.
const REQUEST: &str = "/request/request.json";
/// Places told of one gate.
const MAX_PLACES: usize = 20;
const OUTPUT_BYTES: u64 = 1 << 20;

/// Reads a request as JSON and gives the findings as JSON: the program in the jail.
///
/// # Errors
/// Why the sources cannot be read.
pub(crate) fn inspect(request: &Path) -> Result<String, String> {
    let text = std::fs::read(request).map_err(|error| error.to_string())?;
    let request: Request = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    serde_json::to_string(&inspect::inspect(&request)?).map_err(|error| error.to_string())
}

/// Checks every gate of the package on what is compiled in the context. The library is built by then.
pub(super) fn check(
    context: &GradingContext<'_>,
    sources: &BTreeMap<String, String>,
) -> Result<Vec<TestReport>, Error> {
    let gates = &context.prepared.package.gates;
    if gates.is_empty() {
        return Ok(Vec::new());
    }
    let mut findings = inspected(context, sources)?;
    let lints = lints(gates);
    if !lints.is_empty() {
        let linted = clippy(context, &lints)?;
        for (gate, found) in gates.iter().zip(&mut findings) {
            if let (Rule::Clippy(names), Ok(found)) = (&gate.rule, found) {
                let own = linted.iter().filter(|(lint, _)| lint.as_ref().is_none_or(|lint| names.contains(lint)));
                found.extend(own.map(|(_, finding)| finding.clone()));
            }
        }
    }
    Ok(gates.iter().zip(findings).map(|(gate, found)| report(gate, found)).collect())
}

/// What a parser finds, gate by gate; for all of them alike why it could not read the sources.
fn inspected(
    context: &GradingContext<'_>,
    sources: &BTreeMap<String, String>,
) -> Result<Vec<Result<Vec<Finding>, String>>, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    let starter = prepared.path("starter");
    let request = Request {
        rules: prepared.package.gates.iter().map(|gate| gate.rule.clone()).collect(),
        files: sources.clone(),
        starter: tree::text_files(&starter).map_err(Error::file("read", &starter))?,
    };
    let in_tree = |path: &str| Error::file("write to the sandbox", Path::new(path));
    let request = serde_json::to_vec(&request).map_err(|error| unexpected(error.to_string()))?;
    dir.write("request/request.json", &request).map_err(in_tree("request/request.json"))?;
    let mut mounts = grader.toolchain.run_mounts();
    mounts.push(read_only(dir.path("request"), "/request"));
    mounts.push(grader.jailer.own_program("/quorate"));
    let command = Command {
        program: "/quorate".into(),
        args: vec![COMMAND.to_owned(), REQUEST.to_owned()],
        env: Vec::new(),
        cwd: "/tmp".into(),
        profile: Profile::Program,
        channel: None,
    };
    let outcome = context.run(&mounts, &command, &limits())?;
    machine::check_end("inspect sources", &outcome)?;
    let gates = prepared.package.gates.len();
    let unreadable = match outcome.end {
        End::Exited(0) => match serde_json::from_slice::<Vec<Vec<Finding>>>(&outcome.stdout) {
            Ok(findings) if findings.len() == gates => return Ok(findings.into_iter().map(Ok).collect()),
            _ => return Err(unexpected(String::from_utf8_lossy(&outcome.stdout).into_owned())),
        },
        End::Exited(_) => String::from_utf8_lossy(&outcome.stderr).trim().to_owned(),
        End::Signalled(_) | End::Limit(_) => "the source is too deeply nested or too large to be checked".to_owned(),
    };
    Ok(vec![Err(unreadable); gates])
}

/// Real time of the inspection of sources.
const INSPECTION_WALL: Duration = Duration::from_secs(20);

/// The longest that the gates of a package take by their limits.
pub(super) fn longest(package: &Package) -> Duration {
    let inspection = if package.gates.is_empty() { Duration::ZERO } else { INSPECTION_WALL };
    let clippy = if lints(&package.gates).is_empty() { Duration::ZERO } else { package.limits.build_wall };
    inspection + clippy
}

const fn limits() -> Limits {
    Limits {
        wall: INSPECTION_WALL,
        cpu: Duration::from_secs(10),
        memory_bytes: 512 << 20,
        processes: 4,
        output_bytes: OUTPUT_BYTES,
        disk_bytes: 1 << 20,
        inodes: 16,
    }
}

fn unexpected(detail: String) -> Error {
    Error::Unexpected { what: "what the inspection of sources found", detail }
}

fn lints(gates: &[Gate]) -> BTreeSet<&str> {
    let names = gates.iter().filter_map(|gate| match &gate.rule {
        Rule::Clippy(names) => Some(names),
        _ => None,
    });
    names.flatten().map(String::as_str).collect()
}

/// What the lints find, by their names; without one what keeps clippy from looking.
///
/// The compiler is told to warn of them whatever the source says (`--force-warn`): no attribute allows one, and none that asks
/// for more is in the way. What a dependency's macro expands to is left alone, as clippy always does.
fn clippy(context: &GradingContext<'_>, lints: &BTreeSet<&str>) -> Result<Vec<(Option<String>, Finding)>, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    let mut mounts = grader.toolchain.compile_mounts();
    mounts.extend([read_only(dir.path("crate"), "/crate"), read_only(prepared.path("target"), "/target")]);
    let rustc = Rustc::library(&prepared.package, &prepared.record)
        .by_clippy()
        .flags(["--emit=metadata=/tmp/linted.rmeta", "--error-format=json", "-Aclippy::all"])
        .flags(lints.iter().map(|lint| format!("--force-warn=clippy::{lint}")));
    let outcome = context.run(&mounts, &rustc.in_folder("/crate"), &tools::limits(prepared))?;
    machine::check_end("run clippy", &outcome)?;
    let found = diagnostics::lints(&outcome.stderr);
    // It has compiled before: what makes clippy fail in silence (a limit, a crash) is the source's doing all the same.
    if found.is_empty() && outcome.end != End::Exited(0) {
        let what = "clippy cannot check this".to_owned();
        return Ok(vec![(None, Finding { file: "src/lib.rs".to_owned(), line: 0, what })]);
    }
    let finding = |lint: diagnostics::Lint| {
        let what = lint.name.as_ref().map_or(lint.message.clone(), |name| format!("{} (clippy::{name})", lint.message));
        (lint.name, Finding { file: lint.file, line: lint.line, what })
    };
    Ok(found.into_iter().map(finding).collect())
}

fn report(gate: &Gate, found: Result<Vec<Finding>, String>) -> TestReport {
    let holds = found.as_ref().is_ok_and(Vec::is_empty);
    TestReport {
        name: gate.full(),
        title: gate.title.clone(),
        verdict: if holds { TestVerdict::Passed } else { TestVerdict::Failed },
        score: if holds { gate.score } else { 0 },
        max_score: gate.score,
        duration_ms: 0,
        hint: gate.hint.clone().filter(|_| !holds),
        message: if holds { None } else { Some(found.map_or_else(|reason| reason, |found| places(&found))) },
    }
}

/// A line a place: `src/cart.rs:12: uses "put"`.
fn places(found: &[Finding]) -> String {
    let mut lines: Vec<String> = found.iter().take(MAX_PLACES).map(place).collect();
    if found.len() > MAX_PLACES {
        lines.push(format!("and {} more", found.len() - MAX_PLACES));
    }
    lines.join("\n")
}

fn place(finding: &Finding) -> String {
    let Finding { file, line, what } = finding;
    if *line == 0 { format!("{file}: {what}") } else { format!("{file}:{line}: {what}") }
}

#[cfg(test)]
mod tests;
