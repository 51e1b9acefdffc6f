//! The list of traces.

use serde::Serialize;

use super::address::Address;
use super::filter::Filter;
use super::numbers::{count, milliseconds};
use crate::incident::Trace;

/// Most traces in the list.
const MAX_SHOWN: usize = 200;

/// The traces that are going on in a window.
#[derive(Debug, Serialize)]
pub(super) struct TraceList {
    rows: Vec<Row>,
    /// How many there are, such as `40 traces`.
    count: String,
    /// Whether there are more than are shown.
    is_cut: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    href: String,
    /// What its first span did.
    name: String,
    service: String,
    start: String,
    millis: i64,
    duration: String,
    spans: usize,
    failures: usize,
    /// How its first span ended, if not well.
    failed: Option<String>,
    /// Whether it is the one that is looked at.
    is_current: bool,
}

impl TraceList {
    pub(super) fn of(traces: &[Trace], filter: &Filter, address: &Address) -> Self {
        let shown: Vec<_> = traces.iter().filter(|trace| filter.shows_trace(trace)).collect();
        Self {
            count: count(shown.len(), "trace", "traces"),
            is_cut: shown.len() > MAX_SHOWN,
            rows: shown.into_iter().take(MAX_SHOWN).map(|trace| Row::of(trace, filter, address)).collect(),
        }
    }
}

impl Row {
    fn of(trace: &Trace, filter: &Filter, address: &Address) -> Self {
        let first = trace.spans.first().map(|placed| &placed.span);
        Self {
            id: trace.id.clone(),
            href: href(trace, filter, address),
            name: first.map(|span| span.name.clone()).unwrap_or_default(),
            service: first.map(|span| span.service.clone()).unwrap_or_default(),
            start: trace.start.to_string(),
            millis: trace.start.millis(),
            duration: milliseconds(trace.end.millis() - trace.start.millis()),
            spans: trace.spans.len(),
            failures: trace.failures(),
            failed: first.filter(|span| span.failed()).map(|span| span.status.clone()),
            is_current: filter.trace.as_ref() == Some(&trace.id),
        }
    }
}

/// The page with one trace: whole, so the time that is shown may become longer.
fn href(trace: &Trace, filter: &Filter, address: &Address) -> String {
    let window = filter.window;
    let from = window.from().min(trace.start).second();
    let to = window.last_second().max(trace.end).second();
    let changes = [("trace", trace.id.clone()), ("from", from), ("to", to)];
    let cleared = ["service", "level", "q"].map(|name| (name, String::new()));
    address.changed(&[changes.as_slice(), cleared.as_slice()].concat()) + "#trace"
}
