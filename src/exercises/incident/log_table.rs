//! The lines of the log, a page at a time.

use serde::Serialize;

use super::address::Address;
use super::filter::Filter;
use super::numbers::count;
use crate::incident::{Incident, LogLine, Moment};

/// Lines of one page.
const PAGE_LINES: usize = 200;
/// How much before and after a line belongs to it, for the link to what else happened.
const AROUND_MS: i64 = 5_000;

/// A page of the log.
#[derive(Debug, Serialize)]
pub(super) struct LogTable {
    /// How many lines fit the filters, such as `1,129 lines`.
    count: String,
    rows: Vec<Row>,
    /// Such as `lines 201 to 400`; nothing if all lines are on one page.
    range: Option<String>,
    earlier: Option<String>,
    later: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    millis: i64,
    time: String,
    /// Everything a few seconds before and after.
    around: String,
    service: String,
    level: &'static str,
    message: String,
    attributes: Vec<String>,
    trace: Option<String>,
    trace_href: String,
}

impl LogTable {
    pub(super) fn of(incident: &Incident, filter: &Filter, address: &Address) -> Self {
        let lines: Vec<_> = incident.logs.iter().filter(|line| filter.shows_line(line)).collect();
        // Where the pages have become fewer, the last one is shown.
        let page = filter.page.min(lines.len().saturating_sub(1) / PAGE_LINES);
        let first = page * PAGE_LINES;
        let rows: Vec<_> =
            lines.iter().skip(first).take(PAGE_LINES).map(|line| Row::of(line, incident, address)).collect();
        let end = first + rows.len();
        let to_page = |number: usize| address.changed(&[("page", number.to_string())]) + "#logs";
        Self {
            count: count(lines.len(), "line", "lines"),
            range: (lines.len() > PAGE_LINES).then(|| format!("lines {} to {end}", first + 1)),
            earlier: (page > 0).then(|| to_page(page)),
            later: (end < lines.len()).then(|| to_page(page + 2)),
            rows,
        }
    }
}

impl Row {
    fn of(line: &LogLine, incident: &Incident, address: &Address) -> Self {
        let near = |millis: i64| {
            let last = incident.window.last_second();
            line.time.plus_millis(millis).clamp(incident.window.from(), last).second()
        };
        let of_trace = |trace: &String| address.changed(&[("trace", trace.clone())]) + "#trace";
        Self {
            millis: line.time.millis(),
            time: Moment::to_string(&line.time),
            around: address.with(&[("from", near(-AROUND_MS)), ("to", near(AROUND_MS))]) + "#logs",
            service: line.service.clone(),
            level: line.level.as_str(),
            message: line.message.clone(),
            attributes: line.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            trace_href: line.trace.as_ref().map(of_trace).unwrap_or_default(),
            trace: line.trace.clone(),
        }
    }
}
