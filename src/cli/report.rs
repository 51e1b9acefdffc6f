//! A report as a person reads it on a terminal.

use super::error::exit;
use super::style::Style;
use crate::grader::{Mode, Report, TestReport, TestVerdict, Verdict};

/// The exit code that tells a verdict.
pub(super) const fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted => exit::GOOD,
        Verdict::PolicyViolation => exit::USAGE,
        _ => exit::BAD,
    }
}

/// The whole report.
pub(super) fn as_text(report: &Report, style: Style) -> String {
    let mut lines = diagnostics(report, style);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let width = title_width(&report.tests);
    lines.extend(report.tests.iter().map(|test| test_text(test, width, style)));
    if !report.tests.is_empty() {
        lines.push(String::new());
    }
    lines.extend(summary(report, style));
    lines.push(style.faint(&footer(report)));
    lines.join("\n")
}

/// What the compiler said, as it says it.
pub(super) fn diagnostics(report: &Report, style: Style) -> Vec<String> {
    report.diagnostics.iter().map(|diagnostic| style.coloured(diagnostic.rendered.trim_end())).collect()
}

/// The width of the longest title, in characters.
pub(super) fn title_width(tests: &[TestReport]) -> usize {
    tests.iter().map(|test| test.title.chars().count()).max().unwrap_or(0)
}

/// One test, with its hint and its message on lines of their own. `width` is that of the longest title.
pub(super) fn test_text(test: &TestReport, width: usize, style: Style) -> String {
    let verdict = format!("{:>13}", test.verdict.as_str());
    let verdict = match test.verdict {
        TestVerdict::Passed => style.good(&verdict),
        TestVerdict::Skipped => style.faint(&verdict),
        _ => style.bad(&verdict),
    };
    let pad = " ".repeat(width.saturating_sub(test.title.chars().count()));
    let mut text = format!(
        "{verdict}  {}{pad}  {:>2}/{:<2} {}",
        test.title,
        test.score,
        test.max_score,
        style.faint(&format!("{:>6} ms", test.duration_ms))
    );
    for (label, more) in [("hint", &test.hint), ("", &test.message)] {
        for line in more.iter().flat_map(|more| more.lines()) {
            let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
            text.push_str(&format!("\n{:15}{}", "", style.faint(&format!("{label}{}", printable(line)))));
        }
    }
    text
}

/// Replaces control characters, so that a test's output can't send commands to the terminal.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// The verdict and the points, then the reason and the notes, if there are any.
pub(super) fn summary(report: &Report, style: Style) -> Vec<String> {
    let verdict = report.verdict.as_str().replace('_', " ");
    let verdict = if report.verdict == Verdict::Accepted { style.good(&verdict) } else { style.bad(&verdict) };
    let mode = if report.mode == Mode::Public { " (public tests: does not count)" } else { "" };
    let verdict = format!(
        "{}: {}, {} of {} points{mode}",
        style.bold(&report.exercise),
        style.bold(&verdict),
        report.score,
        report.max_score
    );
    let reason = report.reason.iter().map(|reason| format!("  {}", reason.replace('\n', "\n  ")));
    let notes = report.notes.iter().map(|note| style.faint(&format!("  note: {note}")));
    std::iter::once(verdict).chain(reason).chain(notes).collect()
}

fn footer(report: &Report) -> String {
    let stages = report.stages.iter().map(|stage| format!("{} {} ms", stage.name.as_str(), stage.duration_ms));
    format!(
        "{} · {} ms in all · {} ms CPU · {} MiB at most · {} · package {}",
        stages.collect::<Vec<_>>().join(" · "),
        report.usage.wall_ms,
        report.usage.cpu_ms,
        report.usage.memory_peak_bytes >> 20,
        report.toolchain,
        report.package_version,
    )
}
