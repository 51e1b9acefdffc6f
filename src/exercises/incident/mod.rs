//! The incident of an exercise as people look at one: charts, traces and logs, joined by time and by trace id.
//!
//! All of it is HTML and SVG from the server, so that it needs no script. A script adds a cursor that shows one second in
//! everything at once.

mod address;
mod axis;
mod charts;
mod filter;
mod log_table;
mod numbers;
mod thin;
mod trace_list;
mod waterfall;

use serde::Serialize;

use self::address::Address;
use self::charts::ChartView;
use self::filter::{Filter, Form};
use self::log_table::LogTable;
use self::trace_list::TraceList;
use self::waterfall::Waterfall;
use super::Recorded;

pub(crate) use self::filter::IncidentQuery;

/// What the page of an incident shows.
#[derive(Serialize)]
pub(crate) struct IncidentView {
    /// The name of the exercise on pages.
    title: String,
    /// The address of the exercise, with its attempt.
    exercise: String,
    /// What can't be understood of the filters; those are left out.
    wrong: Option<String>,
    form: Form,
    /// The address of this page without any filter.
    everything: String,
    /// The first moment that is shown, in milliseconds as in the rest of the page.
    from_ms: i64,
    /// How many seconds are shown, less one: the last place of the cursor.
    last_second: i64,
    charts: Vec<ChartView>,
    /// Nothing where no spans were recorded.
    traces: Option<TraceList>,
    /// The trace that is looked at, if its spans were recorded.
    waterfall: Option<Waterfall>,
    /// Nothing where no logs were recorded.
    logs: Option<LogTable>,
    notes: Vec<Note>,
    files: Vec<FileLink>,
}

/// What people wrote about the incident.
#[derive(Serialize)]
struct Note {
    name: String,
    html: String,
}

/// A file as it was recorded.
#[derive(Serialize)]
struct FileLink {
    name: String,
    href: String,
}

impl IncidentView {
    /// What the page shows of an incident for a query. What the query says wrongly is left out, and named in `wrong`.
    pub(crate) fn of(slug: &str, recorded: &Recorded, mut query: IncidentQuery) -> Self {
        let incident = &recorded.incident;
        let (filter, wrong) = Filter::of(&mut query, incident.window);
        let address = Address::of(slug, &query);
        let trace = filter.trace.as_deref().and_then(|id| incident.traces.iter().find(|trace| trace.id == id));
        let chart = |(index, chart)| ChartView::of(index, chart, filter.window, trace);
        let file =
            |name: &String| FileLink { href: format!("/api/v1/exercises/{slug}/incident/{name}"), name: name.clone() };
        Self {
            title: recorded.title.clone(),
            exercise: address.exercise(),
            wrong: (!wrong.is_empty()).then(|| wrong.join("; ")),
            form: Form::of(&filter, incident, &query),
            everything: address.with(&[]),
            from_ms: filter.window.from().millis(),
            last_second: filter.window.length_ms() / 1000 - 1,
            charts: incident.charts.iter().enumerate().map(chart).collect(),
            traces: (!incident.traces.is_empty()).then(|| TraceList::of(&incident.traces, &filter, &address)),
            waterfall: trace.map(|trace| Waterfall::of(trace, &address, &filter)),
            logs: (!incident.logs.is_empty()).then(|| LogTable::of(incident, &filter, &address)),
            notes: recorded.notes.iter().map(|(name, html)| Note { name: name.clone(), html: html.clone() }).collect(),
            files: incident.files.iter().map(file).collect(),
        }
    }

    /// What can't be understood of the filters.
    pub(crate) fn wrong(&self) -> Option<&str> {
        self.wrong.as_deref()
    }

    /// The title of the page.
    pub(crate) fn title(&self) -> String {
        format!("Incident: {}", self.title)
    }
}
