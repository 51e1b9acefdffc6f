//! What was recorded of an incident: metrics, spans and log lines, as an exercise hands them out.
//!
//! The files are text that an author wrote or a program recorded. Parsing them is strict: every mistake has its line, so that
//! `quorate check` can name it, and what comes out is complete and in order. There is a limit on everything, because a page
//! shows it. This module knows no packages and no pages.

mod json_lines;
mod logs;
mod metrics;
mod mistake;
mod moment;
mod spans;

pub(crate) use logs::{Level, LogLine, logs};
pub(crate) use metrics::{Metrics, Series, metrics};
pub(crate) use mistake::LineMistake;
pub(crate) use moment::{Moment, Window};
pub(crate) use spans::{Span, Trace, TreeSpan, spans, traces};

/// The folder of a starter in which such files are.
pub(crate) const FOLDER: &str = "incident/";
/// The largest file that is read, in bytes.
pub(crate) const FILE_MAX_BYTES: u64 = 4 << 20;
/// The longest incident, in milliseconds: one day, so that a time of day names one moment.
pub(crate) const INCIDENT_MAX_MS: i64 = 86_400_000;
/// Most series in one chart. More can't be told apart.
pub(crate) const CHART_MAX_SERIES: usize = 4;

/// Metrics that share one chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// What the chart shows, for people.
    pub(crate) title: String,
    /// What its values are measured in, such as `ms`; empty for a plain number.
    pub(crate) unit: String,
    /// When the values were recorded, in ascending order.
    pub(crate) times: Vec<Moment>,
    /// The lines of the chart; each has a value for each of the times.
    pub(crate) series: Vec<Series>,
}

/// Everything that was recorded of an incident.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Incident {
    /// From the first moment that something was recorded of to the last.
    pub(crate) window: Window,
    /// The metrics, in the author's order.
    pub(crate) charts: Vec<Chart>,
    /// The traces, in the order in which they began.
    pub(crate) traces: Vec<Trace>,
    /// The lines of the log, in the order of time.
    pub(crate) logs: Vec<LogLine>,
    /// Names of the files, without their folder.
    pub(crate) files: Vec<String>,
}

impl Incident {
    /// Whether a file of the starter, such as `incident/metrics.csv`, is one of those that it was recorded in.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        path.strip_prefix(FOLDER).is_some_and(|name| self.files.iter().any(|file| file == name))
    }

    /// Puts together what was recorded.
    ///
    /// # Errors
    /// A sentence, when nothing was recorded or when the times are more than a day apart.
    pub(crate) fn new(
        charts: Vec<Chart>,
        traces: Vec<Trace>,
        logs: Vec<LogLine>,
        files: Vec<String>,
    ) -> Result<Self, String> {
        let of_charts = charts.iter().flat_map(|chart| &chart.times).copied();
        let of_traces = traces.iter().flat_map(|trace| [trace.start, trace.end]);
        let times: Vec<_> = of_charts.chain(of_traces).chain(logs.iter().map(|line| line.time)).collect();
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
            return Err("the files of the incident are empty".to_owned());
        };
        if last.millis() - first.millis() >= INCIDENT_MAX_MS {
            return Err(format!(
                "the incident lasts from {first} to {last}: all files must be from the same 24 hours, with or without dates"
            ));
        }
        Ok(Self { window: Window::of_whole_seconds(*first, *last), charts, traces, logs, files })
    }
}
