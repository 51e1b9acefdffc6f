//! Spans, and the traces that they form.

use std::collections::{BTreeMap, BTreeSet};

use super::json_lines::parse_lines;
use super::mistake::LineMistake;
use super::moment::Moment;

/// Most spans of a file.
const MAX_SPANS: usize = 20_000;

/// A piece of work, as the process that did it recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The trace that it belongs to.
    pub(crate) trace: String,
    /// Its id, which no other span of the trace has.
    pub(crate) id: String,
    /// The span that caused it.
    pub(crate) parent: Option<String>,
    /// Which process did the work, such as `gateway-4`.
    pub(crate) service: String,
    /// What was done, such as `POST /orders`.
    pub(crate) name: String,
    /// When it began, by the clock of its process.
    pub(crate) start: Moment,
    /// When it ended, by the same clock; not before its start.
    pub(crate) end: Moment,
    /// How it ended: `ok`, or what went wrong.
    pub(crate) status: String,
    /// What else was recorded, by name.
    pub(crate) attributes: Vec<(String, String)>,
    /// The line of the file, counted from 1.
    line: usize,
}

impl Span {
    /// Whether the work went wrong.
    pub(crate) fn failed(&self) -> bool {
        self.status != "ok"
    }

    /// How long it took, in milliseconds.
    pub(crate) const fn duration_ms(&self) -> i64 {
        self.end.millis().saturating_sub(self.start.millis())
    }
}

/// A span in the tree of its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeSpan {
    /// The span as it was recorded.
    pub(crate) span: Span,
    /// How many spans are above it.
    pub(crate) depth: usize,
    /// Whether it names a parent that wasn't recorded.
    pub(crate) is_orphan: bool,
    /// By how many milliseconds it begins before its parent, which only clocks that differ can explain; zero if it doesn't.
    pub(crate) skew_ms: i64,
}

/// All spans that one request caused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The id that all its spans carry.
    pub(crate) id: String,
    /// When the first of its spans began.
    pub(crate) start: Moment,
    /// When the last of its spans ended.
    pub(crate) end: Moment,
    /// Its spans: each parent before its children, and children in the order in which they began.
    pub(crate) spans: Vec<TreeSpan>,
}

impl Trace {
    /// How many of its spans went wrong.
    pub(crate) fn failures(&self) -> usize {
        self.spans.iter().filter(|placed| placed.span.failed()).count()
    }

    /// Lines of spans whose parent wasn't recorded, each with the parent's id.
    pub(crate) fn orphans(&self) -> impl Iterator<Item = (usize, &str)> {
        let orphans = self.spans.iter().filter(|placed| placed.is_orphan);
        orphans.map(|placed| (placed.span.line, placed.span.parent.as_deref().unwrap_or_default()))
    }
}

/// Parses a file. Each line has `trace`, `span`, `service`, `name`, `start`, `end` and `status`; `parent` is null or missing for
/// the first span of a trace, and what else there is are attributes.
///
/// # Errors
/// The mistakes, each with its line.
pub(crate) fn spans(text: &str) -> Result<Vec<Span>, Vec<LineMistake>> {
    let spans = parse_lines(text, MAX_SPANS, |fields, line| {
        let (start, end) = (fields.moment("start")?, fields.moment("end")?);
        if end < start {
            return Err(format!("the span ends at {end}, before it begins at {start}"));
        }
        Ok(Span {
            trace: fields.text("trace")?,
            id: fields.text("span")?,
            parent: fields.optional_text("parent")?,
            service: fields.text("service")?,
            name: fields.text("name")?,
            start,
            end,
            status: fields.text("status")?,
            attributes: fields.attributes(),
            line,
        })
    })?;
    let mut known = BTreeSet::new();
    let doubles = spans.iter().filter(|span| !known.insert((&span.trace, &span.id)));
    let double = |span: &Span| LineMistake::new(span.line, format!("the trace has a span `{}` already", span.id));
    let mistakes: Vec<_> = doubles.map(double).collect();
    if mistakes.is_empty() { Ok(spans) } else { Err(mistakes) }
}

/// Puts spans together into traces, in the order in which the traces began.
///
/// # Errors
/// A mistake for each span that is, by its parents, below itself.
pub(crate) fn traces(spans: Vec<Span>) -> Result<Vec<Trace>, Vec<LineMistake>> {
    let mut by_trace: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for span in spans {
        by_trace.entry(span.trace.clone()).or_default().push(span);
    }
    let (mut traces, mut mistakes) = (Vec::new(), Vec::new());
    for (id, spans) in by_trace {
        let times = (spans.iter().map(|span| span.start).min(), spans.iter().map(|span| span.end).max());
        let (Some(start), Some(end)) = times else { continue };
        match tree(spans) {
            Ok(spans) => traces.push(Trace { id, start, end, spans }),
            Err(circle) => mistakes.extend(circle),
        }
    }
    traces.sort_by_key(|trace| trace.start);
    if mistakes.is_empty() { Ok(traces) } else { Err(mistakes) }
}

/// The spans of one trace, each parent before its children.
fn tree(mut spans: Vec<Span>) -> Result<Vec<TreeSpan>, Vec<LineMistake>> {
    spans.sort_by_key(|span| span.start);
    let ids: BTreeSet<String> = spans.iter().map(|span| span.id.clone()).collect();
    let mut children: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    // What is still to be placed; the next one is last.
    let mut waiting = Vec::new();
    for span in spans {
        match &span.parent {
            Some(parent) if ids.contains(parent) => children.entry(parent.clone()).or_default().push(span),
            parent => waiting.push(TreeSpan { is_orphan: parent.is_some(), span, depth: 0, skew_ms: 0 }),
        }
    }
    waiting.reverse();
    let mut placed = Vec::new();
    while let Some(next) = waiting.pop() {
        let below = children.remove(&next.span.id).unwrap_or_default();
        let (start, depth) = (next.span.start.millis(), next.depth + 1);
        placed.push(next);
        waiting.extend(below.into_iter().rev().map(|span| TreeSpan {
            skew_ms: start.saturating_sub(span.start.millis()).max(0),
            span,
            depth,
            is_orphan: false,
        }));
    }
    let circle = |span: &Span| LineMistake::new(span.line, format!("the span `{}` is its own ancestor", span.id));
    let circles: Vec<_> = children.values().flatten().map(circle).collect();
    if circles.is_empty() { Ok(placed) } else { Err(circles) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(span: &str, parent: &str, start: &str, end: &str) -> String {
        let parent = if parent.is_empty() { "null".to_owned() } else { format!("\"{parent}\"") };
        format!(
            r#"{{"trace":"t","span":"{span}","parent":{parent},"service":"shop","name":"work","start":"12:00:{start}","end":"12:00:{end}","status":"ok"}}"#
        )
    }

    fn read(lines: &[String]) -> Result<Vec<Trace>, Vec<LineMistake>> {
        traces(spans(&lines.join("\n"))?)
    }

    #[test]
    fn parents_come_before_their_children() {
        let lines = [
            line("c", "a", "02", "03"),
            line("d", "b", "01.5", "01.7"),
            line("b", "a", "01", "02"),
            line("a", "", "00", "05"),
            line("e", "lost", "04", "06"),
            line("f", "c", "01.2", "02.5"),
        ];
        let trace = read(&lines).unwrap().pop().unwrap();
        let placed: Vec<_> =
            trace.spans.iter().map(|placed| (placed.span.id.as_str(), placed.depth, placed.skew_ms)).collect();
        assert_eq!(placed, [("a", 0, 0), ("b", 1, 0), ("d", 2, 0), ("c", 1, 0), ("f", 2, 800), ("e", 0, 0)]);
        assert_eq!(trace.orphans().collect::<Vec<_>>(), [(5, "lost")]);
        assert_eq!((trace.start.second(), trace.end.second()), ("12:00:00".to_owned(), "12:00:06".to_owned()));
    }

    #[test]
    fn every_mistake_has_its_line() {
        let lines = |mistakes: Vec<LineMistake>| mistakes.into_iter().map(|mistake| mistake.line).collect::<Vec<_>>();
        let good = line("a", "", "00", "01");
        assert_eq!(lines(read(&[good.clone(), good.clone()]).unwrap_err()), [2]);
        assert_eq!(lines(read(&[good.clone(), line("b", "a", "02", "01")]).unwrap_err()), [2]);
        assert_eq!(lines(read(&[good.clone(), line("b", "a", "xx", "01")]).unwrap_err()), [2]);
        let circle = [good, line("b", "c", "00", "01"), line("c", "b", "00", "01"), line("d", "d", "00", "01")];
        let mut found = lines(read(&circle).unwrap_err());
        found.sort_unstable();
        assert_eq!(found, [2, 3, 4]);
    }

    proptest! {
        #[test]
        fn no_span_is_lost(parents in proptest::collection::vec(0_usize..12, 1..12)) {
            let lines: Vec<_> =
                parents.iter().enumerate().map(|(id, parent)| line(&id.to_string(), &parent.to_string(), "00", "01")).collect();
            match read(&lines) {
                Ok(read) => prop_assert_eq!(read.iter().map(|trace| trace.spans.len()).sum::<usize>(), parents.len()),
                Err(mistakes) => prop_assert!(!mistakes.is_empty()),
            }
        }

        #[test]
        fn no_file_is_too_strange(text in "\\PC*", inside in "[a-z\":,{}\\[\\]0-9]{0,30}") {
            for text in [text, format!("{{{inside}}}")] {
                let _ = spans(&text).and_then(traces);
            }
        }
    }
}
