//! What the page of a submission shows: its progress or its result, with places in the files as links.

use serde::Serialize;

use super::places;
use crate::bank::{Standing, title_from_slug};
use crate::exercises::view::{Fact, FileView, limits};
use crate::grader::{Diagnostic, Isolation, Package, TestReport, TestVerdict};
use crate::http::ansi;
use crate::quantity::{duration, size};
use crate::submissions::{Files, Submission, SubmissionLine, Verdict};

/// The stages of a grading, in their order, with what each does.
const STAGES: [(&str, &str); 6] = [
    ("policy", "Checking the files"),
    ("build", "Compiling your crate"),
    ("link", "Building the tests"),
    ("run", "Running the tests"),
    ("gates", "Looking at the source"),
    ("score", "Adding up"),
];

/// What is said instead of a verdict that the set of an attempt keeps back.
const WITHHELD: &str = "This set doesn't show how single submissions were graded.";

/// What a verdict means, where the word alone does not say it.
const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted | Verdict::Partial | Verdict::WrongAnswer => "",
        Verdict::CompileError => "It does not compile.",
        Verdict::TimeLimit => "The tests took longer than they may.",
        Verdict::MemoryLimit => "The tests needed more memory than they may.",
        Verdict::OutputLimit => "The tests printed more than they may.",
        Verdict::ProcessLimit => "The tests started more threads than they may.",
        Verdict::DiskLimit => "The tests wrote more than they may.",
        Verdict::RuntimeError => "The tests did not come to their end.",
        Verdict::PolicyViolation => "It was refused before it was compiled.",
        Verdict::InternalError => "Grading failed on our side. It doesn't count.",
    }
}

/// What the grader says of it, else what its verdict means.
fn why(verdict: Option<Verdict>, reason: Option<&str>) -> String {
    let meaning = verdict.map(meaning).unwrap_or_default();
    match reason {
        Some(reason) if !meaning.to_lowercase().starts_with(&reason.to_lowercase()) => sentence(reason),
        _ => meaning.to_owned(),
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// The page of a submission.
#[derive(Serialize)]
pub(super) struct SubmissionPage {
    row: SubmissionLine,
    pub(super) exercise_title: String,
    finished: bool,
    /// Why, in a sentence or two.
    why: String,
    /// Whether it waits because its exercise is still being prepared.
    preparing: bool,
    queue_position: Option<u32>,
    tests: Vec<TestView>,
    /// How many tests were not skipped.
    ran: usize,
    passed: usize,
    /// What was left aside of the files.
    notes: Vec<String>,
    diagnostics: Vec<DiagnosticView>,
    stages: Vec<StageView>,
    facts: Vec<Fact>,
    limits: Vec<Fact>,
    files: Vec<FileView>,
    /// The editor with these files.
    edit: String,
    attempt: Option<String>,
}

#[derive(Serialize)]
struct TestView {
    title: String,
    name: String,
    verdict: String,
    class: Standing,
    score: u32,
    max_score: u32,
    duration: String,
    hint: Option<String>,
    message: Option<String>,
}

/// A message of the compiler.
#[derive(Serialize)]
struct DiagnosticView {
    level: String,
    /// What it says, in one line.
    message: String,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    /// As in a terminal.
    html: String,
}

#[derive(Serialize)]
struct StageView {
    name: &'static str,
    title: &'static str,
    duration: Option<String>,
}

/// A submission as its page shows it. `preparing` says whether it waits because its exercise is still being prepared.
pub(super) fn view(
    submission: Submission,
    files: Files,
    exercise: Option<&Package>,
    preparing: bool,
) -> SubmissionPage {
    let finished = submission.is_finished();
    let facts = facts(&submission);
    let Submission { summary, queue_position, report, .. } = submission;
    let stage = |(name, title): (&'static str, &'static str)| StageView {
        name,
        title,
        duration: report
            .stages
            .iter()
            .find(|stage| stage.name.as_str() == name)
            .map(|stage| duration(stage.duration_ms)),
    };
    let has_gates = exercise.is_some_and(|package| !package.gates.is_empty());
    let place = summary.attempt.zip(summary.position);
    let belongs = place.map(|(attempt, position)| format!("&attempt={attempt}&position={position}"));
    SubmissionPage {
        exercise_title: exercise.map_or_else(|| title_from_slug(&summary.exercise), |package| package.title.clone()),
        finished,
        why: if summary.withheld { WITHHELD.to_owned() } else { why(summary.verdict, report.reason.as_deref()) },
        preparing,
        queue_position,
        ran: report.tests.iter().filter(|test| test.verdict != TestVerdict::Skipped).count(),
        passed: report.tests.iter().filter(|test| test.verdict == TestVerdict::Passed).count(),
        tests: failed_first(report.tests).into_iter().map(|test| test_view(test, &files)).collect(),
        notes: report.notes,
        diagnostics: report.diagnostics.into_iter().map(|found| diagnostic_view(found, &files)).collect(),
        stages: STAGES.into_iter().filter(|(name, _)| has_gates || *name != "gates").map(stage).collect(),
        facts,
        limits: report.limits.as_ref().map(limits).unwrap_or_default(),
        files: files.into_iter().map(|(path, text)| FileView::of(path, text)).collect(),
        edit: format!(
            "/exercises/{0}?from={1}&submission={1}{2}",
            summary.exercise,
            summary.id,
            belongs.unwrap_or_default()
        ),
        attempt: place.map(|(attempt, position)| format!("/attempts/{attempt}/items/{position}")),
        row: SubmissionLine::of(summary),
    }
}

/// As in a terminal, with a link from the error's code to the compiler's explanation.
fn explained(diagnostic: &Diagnostic) -> String {
    let html = ansi::html(&diagnostic.rendered);
    let is_code =
        |code: &&String| code.len() == 5 && code.starts_with('E') && code.bytes().skip(1).all(|b| b.is_ascii_digit());
    match diagnostic.code.as_ref().filter(is_code) {
        Some(code) => {
            let link = format!("[<a href=\"https://doc.rust-lang.org/error_codes/{code}.html\">{code}</a>]");
            html.replacen(&format!("[{code}]"), &link, 1)
        }
        None => html,
    }
}

/// What failed is what one looks for.
fn failed_first(mut tests: Vec<TestReport>) -> Vec<TestReport> {
    tests.sort_by_key(|test| matches!(test.verdict, TestVerdict::Passed | TestVerdict::Skipped));
    tests
}

fn diagnostic_view(diagnostic: Diagnostic, files: &Files) -> DiagnosticView {
    let html = places::linked(&explained(&diagnostic), files);
    let Diagnostic { level, message, file, line, column, end_line, end_column, .. } = diagnostic;
    DiagnosticView { level, message, file, line, column, end_line, end_column, html }
}

fn test_view(test: TestReport, files: &Files) -> TestView {
    TestView {
        class: match test.verdict {
            TestVerdict::Passed => Standing::Right,
            TestVerdict::Skipped => Standing::Open,
            _ => Standing::Wrong,
        },
        verdict: test.verdict.as_str().replace('_', " "),
        title: test.title,
        name: test.name,
        score: test.score,
        max_score: test.max_score,
        duration: duration(test.duration_ms),
        hint: test.hint,
        message: test.message.map(|message| places::linked(&ansi::html(&message), files)),
    }
}

/// By what it was graded, and what it used: enough to grade it again.
fn facts(submission: &Submission) -> Vec<Fact> {
    let report = &submission.report;
    let isolation = report.isolation.map(|isolation| match isolation {
        Isolation::InProcess => "Your code and the tests share a process in the sandbox.".to_owned(),
    });
    let missing = (!report.waived_controls.is_empty()).then(|| report.waived_controls.join(", "));
    let used = report.usage.as_ref();
    let facts = [
        ("Real time", used.map(|used| duration(used.wall_ms))),
        ("CPU time", used.map(|used| duration(used.cpu_ms))),
        ("Most memory", used.map(|used| size(used.memory_peak_bytes))),
        ("Compiler", report.toolchain.clone()),
        ("Exercise version", report.package_version.clone()),
        ("Isolation", isolation),
        ("Sandbox without", missing),
        ("Trace", submission.trace_id.clone()),
        ("Submission", Some(submission.summary.id.to_string())),
    ];
    facts.into_iter().filter_map(|(name, value)| Some(Fact::new(name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_is_said_once() {
        assert_eq!(why(Some(Verdict::CompileError), Some("it does not compile")), "It does not compile.");
        assert_eq!(why(Some(Verdict::PolicyViolation), Some("`build.rs` is not taken")), "`build.rs` is not taken.");
        assert_eq!(why(Some(Verdict::Accepted), None), "");
    }

    #[test]
    fn an_error_leads_to_its_explanation() {
        let diagnostic = |code: Option<&str>| Diagnostic {
            level: "error".to_owned(),
            code: code.map(str::to_owned),
            message: String::new(),
            file: None,
            line: None,
            column: None,
            end_line: None,
            end_column: None,
            rendered: "\u{1b}[1merror[E0308]\u{1b}[0m: <T>[E0308]".to_owned(),
        };
        let html = explained(&diagnostic(Some("E0308")));
        assert_eq!(html.matches("error_codes/E0308.html").count(), 1, "{html}");
        assert!(html.contains("&lt;T&gt;[E0308]"), "{html}");
        assert!(!explained(&diagnostic(Some("dead_code"))).contains("<a"), "{html}");
    }
}
