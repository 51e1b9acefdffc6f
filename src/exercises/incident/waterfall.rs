//! One trace as a waterfall: its spans below each other, each with a bar that shows when it was going on.

use serde::Serialize;

use super::address::Address;
use super::filter::{Filter, kind_of, kinds};
use super::numbers::{count, milliseconds, percent};
use crate::incident::{Moment, Trace, TreeSpan};

/// Most spans that are shown of a trace.
const MAX_SPANS: usize = 500;
/// The deepest indentation. What is deeper is indented as much, and says how deep it is.
const MAX_INDENT: usize = 10;
/// How many colours there are for services.
const COLOURS: usize = 6;

/// A trace with its spans.
#[derive(Debug, Serialize)]
pub(super) struct Waterfall {
    id: String,
    start: String,
    start_ms: i64,
    length_ms: i64,
    duration: String,
    count: String,
    failures: usize,
    /// The page without this trace.
    without: String,
    /// Marks on the axis of time, since the start of the trace.
    ticks: Vec<Tick>,
    rows: Vec<Row>,
    /// Whether there are more spans than are shown.
    is_cut: bool,
}

#[derive(Debug, Serialize)]
struct Tick {
    x: String,
    label: String,
    anchor: &'static str,
    /// Whether the label is left out where there is little room.
    is_minor: bool,
}

/// A span with its bar, and with its times since the start of the trace.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    service: String,
    /// From 1, for people who can't see the indentation.
    level: usize,
    indent: usize,
    /// Which of the colours its service has.
    colour: usize,
    /// Since the start of the trace.
    start: String,
    end: String,
    duration: String,
    x: String,
    width: String,
    /// The status of a span that went wrong, such as `timed_out`.
    failed: Option<String>,
    is_orphan: bool,
    /// By how much it begins before its parent.
    skew: Option<String>,
    attributes: Vec<Attribute>,
}

#[derive(Debug, Serialize)]
struct Attribute {
    name: String,
    value: String,
}

impl Waterfall {
    pub(super) fn of(trace: &Trace, address: &Address, filter: &Filter) -> Self {
        let services = kinds(trace.spans.iter().map(|placed| placed.span.service.as_str()));
        let colour = |service: &str| services.iter().position(|kind| *kind == kind_of(service)).unwrap_or(0) % COLOURS;
        let length_ms = (trace.end.millis() - trace.start.millis()).max(1);
        let row = |placed: &TreeSpan| Row::of(placed, trace.start, length_ms, colour(&placed.span.service) + 1);
        let window = [("from", filter.window.from()), ("to", filter.window.last_second())];
        let window = window.map(|(name, moment)| (name, moment.second()));
        Self {
            id: trace.id.clone(),
            start: trace.start.to_string(),
            start_ms: trace.start.millis(),
            length_ms,
            duration: milliseconds(length_ms),
            count: count(trace.spans.len(), "span", "spans"),
            failures: trace.failures(),
            without: address.with(&window),
            ticks: ticks(length_ms),
            rows: trace.spans.iter().take(MAX_SPANS).map(row).collect(),
            is_cut: trace.spans.len() > MAX_SPANS,
        }
    }
}

/// Five marks, each a quarter of the trace later.
fn ticks(length_ms: i64) -> Vec<Tick> {
    let quarter = |part: i64| Tick {
        x: percent(part, 4),
        label: milliseconds(length_ms * part / 4),
        anchor: match part {
            0 => "start",
            4 => "end",
            _ => "middle",
        },
        is_minor: part % 2 == 1,
    };
    (0..=4).map(quarter).collect()
}

impl Row {
    fn of(placed: &TreeSpan, start: Moment, length_ms: i64, colour: usize) -> Self {
        let span = &placed.span;
        let since = |moment: Moment| moment.millis() - start.millis();
        Self {
            name: span.name.clone(),
            service: span.service.clone(),
            level: placed.depth + 1,
            indent: placed.depth.min(MAX_INDENT),
            colour,
            start: milliseconds(since(span.start)),
            end: milliseconds(since(span.end)),
            duration: milliseconds(span.duration_ms()),
            x: percent(since(span.start), length_ms),
            width: percent(span.duration_ms(), length_ms),
            failed: span.failed().then(|| span.status.clone()),
            is_orphan: placed.is_orphan,
            skew: (placed.skew_ms > 0).then(|| milliseconds(placed.skew_ms)),
            attributes: attributes(placed),
        }
    }
}

/// What was recorded of a span, beginning with what every span has.
fn attributes(placed: &TreeSpan) -> Vec<Attribute> {
    let span = &placed.span;
    let known = [
        ("span", span.id.clone()),
        ("parent", span.parent.clone().unwrap_or_else(|| "none".to_owned())),
        ("start", span.start.to_string()),
        ("end", span.end.to_string()),
        ("status", span.status.clone()),
    ];
    let known = known.into_iter().map(|(name, value)| (name.to_owned(), value));
    known.chain(span.attributes.iter().cloned()).map(|(name, value)| Attribute { name, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::filter::IncidentQuery;
    use super::*;
    use crate::incident::{Window, spans, traces};

    #[test]
    fn a_wide_and_deep_trace_is_cut_and_says_so() {
        let line = |id: usize| {
            let parent = if id == 0 { "null".to_owned() } else { format!("\"{}\"", id - 1) };
            format!(
                r#"{{"trace":"t","span":"{id}","parent":{parent},"service":"s-{id}","name":"work","start":"12:00:00","end":"12:00:01","status":"ok"}}"#
            )
        };
        let text: Vec<_> = (0..=MAX_SPANS).map(line).collect();
        let trace = traces(spans(&text.join("\n")).unwrap()).unwrap().pop().unwrap();
        let mut query = IncidentQuery::default();
        let (filter, _) = Filter::of(&mut query, Window::of_whole_seconds(trace.start, trace.end));
        let shown = Waterfall::of(&trace, &Address::of("storm", &query), &filter);
        assert!(shown.is_cut);
        let last = shown.rows.last().unwrap();
        assert_eq!((shown.rows.len(), last.level, last.indent), (MAX_SPANS, MAX_SPANS, MAX_INDENT));
    }
}
