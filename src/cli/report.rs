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

/// The whole report: what the compiler said, each test, the verdict, and where the time went.
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
    report.diagnostics.iter().map(|diagnostic| style.coloured(&only_colours(diagnostic.rendered.trim_end()))).collect()
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
    let title = printable(&test.title);
    let mut text = format!(
        "{verdict}  {title}{pad}  {:>2}/{:<2} {}",
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

/// Replaces control characters, so that neither a test's output nor a server can send commands to the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\t' | '\n') { '\u{fffd}' } else { c }).collect()
}

/// The compiler's text with its colours (ECMA-48, "select graphic rendition"), and without any other control character.
fn only_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut shown = printable(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (codes, rest) =
            piece.split_at(piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(piece.len()));
        match rest.strip_prefix('m') {
            Some(rest) => shown.push_str(&format!("\u{1b}[{codes}m{}", printable(rest))),
            None => shown.push_str(&printable(&format!("\u{1b}[{piece}"))),
        }
    }
    shown
}

/// The verdict and the points, then the reason and the notes, if there are any.
pub(super) fn summary(report: &Report, style: Style) -> Vec<String> {
    let verdict = report.verdict.as_str().replace('_', " ");
    let verdict = if report.verdict == Verdict::Accepted { style.good(&verdict) } else { style.bad(&verdict) };
    let mode = if report.mode == Mode::Public { " (public tests: does not count)" } else { "" };
    let verdict = format!(
        "{}: {}, {} of {} points{mode}",
        style.bold(&printable(&report.exercise)),
        style.bold(&verdict),
        report.score,
        report.max_score
    );
    let reason = report.reason.iter().map(|reason| format!("  {}", printable(reason).replace('\n', "\n  ")));
    let notes = report.notes.iter().map(|note| style.faint(&format!("  note: {}", printable(note))));
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
        printable(&report.toolchain),
        printable(&report.package_version),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sends_commands_to_the_terminal() {
        assert_eq!(printable("a\u{1b}]52;c;eA==\u{7}\tb"), "a\u{fffd}]52;c;eA==\u{fffd}\tb");
        let said = "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m\nx\u{1b}[2Jy\u{1b}]0;z\u{7}\r";
        let shown = "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m\nx\u{fffd}[2Jy\u{fffd}]0;z\u{fffd}\u{fffd}";
        assert_eq!(only_colours(said), shown);
    }
}
