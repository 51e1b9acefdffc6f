//! `[incident]` in `grader.toml`: which files of the starter are metrics, spans and logs, for a page to show.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::table::{Mistake, Mistakes, Table};
use crate::incident::{
    CHART_MAX_SERIES, Chart, FILE_MAX_BYTES, FOLDER, Incident, LineMistake, LogLine, Metrics, Span, Trace, logs,
    metrics, spans, traces,
};

/// What the time is called where the author doesn't say.
const TIME: &str = "time";

/// The files of one `[incident]`, while they are read.
struct Reader<'m, 't> {
    starter: PathBuf,
    /// Where the table stands in `grader.toml`.
    at: Range<usize>,
    mistakes: &'m mut Mistakes<'t>,
}

/// Reads `[incident]` and the files that it names. A file with mistakes is left out.
pub(super) fn incident(
    fields: &mut Table<'_, '_>,
    folder: &Path,
    mistakes: &mut Mistakes<'_>,
) -> Option<Arc<Incident>> {
    let mut table = fields.table("incident", mistakes)?;
    let time = table.text("time", mistakes).unwrap_or_else(|| TIME.to_owned());
    let [metric_files, span_files, log_files] =
        ["metrics", "spans", "logs"].map(|key| table.texts(key, mistakes).unwrap_or_default());
    let rules = table.tables("chart", mistakes).into_iter().map(|table| ChartRule::read(table, mistakes)).collect();
    let at = table.at.clone();
    table.close(mistakes);

    let before = mistakes.found.len();
    let mut reader = Reader { starter: folder.join("starter"), at: at.clone(), mistakes };
    let all_metrics = reader.files(&metric_files, "csv", |text| metrics(text, &time));
    let all_spans = reader.files(&span_files, "jsonl", spans).into_iter().flatten().collect();
    let traces = reader.traces(all_spans, &span_files);
    let mut lines: Vec<LogLine> =
        reader.files(&log_files, "jsonl", |text| logs(text, &time)).into_iter().flatten().collect();
    lines.sort_by_key(|line| line.time);
    if mistakes.found.len() > before {
        return None;
    }
    let charts = charts(all_metrics, rules, mistakes);
    let names = [metric_files, span_files, log_files].concat();
    let names = names.iter().filter_map(|path| path.strip_prefix(FOLDER)).map(str::to_owned).collect();
    Incident::new(charts, traces, lines, names).map(Arc::new).map_err(|message| mistakes.add(&at, message)).ok()
}

impl Reader<'_, '_> {
    /// Everything that `parse` makes of the files.
    fn files<T>(
        &mut self,
        paths: &[String],
        extension: &str,
        parse: impl Fn(&str) -> Result<T, Vec<LineMistake>>,
    ) -> Vec<T> {
        paths.iter().filter_map(|path| self.file(path, extension, &parse)).collect()
    }

    fn file<T>(
        &mut self,
        path: &str,
        extension: &str,
        parse: &impl Fn(&str) -> Result<T, Vec<LineMistake>>,
    ) -> Option<T> {
        let text = match self.text(path, extension) {
            Ok(text) => text,
            Err(message) => {
                self.mistakes.add(&self.at, format!("incident: `{path}` {message}"));
                return None;
            }
        };
        parse(&text).map_err(|found| self.add(path, found)).ok()
    }

    fn text(&self, path: &str, extension: &str) -> Result<String, String> {
        let name = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(&format!(".{extension}")));
        let is_plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if !name.is_some_and(is_plain) {
            return Err(format!(
                "must be {FOLDER}<name>.{extension}, with letters, digits, hyphens and underscores in the name"
            ));
        }
        let file = self.starter.join(path);
        // A link could lead out of the starter.
        let found = fs::symlink_metadata(&file).ok().filter(fs::Metadata::is_file);
        let size = found.ok_or_else(|| "is no file in starter/".to_owned())?.len();
        if size > FILE_MAX_BYTES {
            return Err(format!("is larger than {}", crate::quantity::size(FILE_MAX_BYTES)));
        }
        fs::read_to_string(&file).map_err(|error| format!("can't be read: {error}"))
    }

    /// The traces that the spans form. Which file a mistake is in can only be said where there is one file.
    fn traces(&mut self, spans: Vec<Span>, paths: &[String]) -> Vec<Trace> {
        traces(spans).unwrap_or_else(|found| {
            for path in paths.iter().take(1) {
                self.add(path, found.clone());
            }
            Vec::new()
        })
    }

    fn add(&mut self, path: &str, found: Vec<LineMistake>) {
        let file = self.starter.join(path);
        let mistake = |LineMistake { line, message }| Mistake { file: file.clone(), line, message };
        self.mistakes.found.extend(found.into_iter().map(mistake));
    }
}

/// What `[[incident.chart]]` says: which columns share a chart.
struct ChartRule {
    title: String,
    unit: String,
    columns: Vec<String>,
    at: Range<usize>,
}

impl ChartRule {
    fn read(mut table: Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Self {
        let rule = Self {
            title: table.text("title", mistakes).unwrap_or_default(),
            unit: table.text("unit", mistakes).unwrap_or_default(),
            columns: table.texts("columns", mistakes).unwrap_or_default(),
            at: table.at.clone(),
        };
        if rule.title.is_empty() || !(1..=CHART_MAX_SERIES).contains(&rule.columns.len()) {
            let message = format!("a chart has a `title`, and in `columns` 1 to {CHART_MAX_SERIES} columns");
            mistakes.add(&rule.at, message);
        }
        table.close(mistakes);
        rule
    }
}

/// The charts that the author asks for, and one for each other column.
fn charts(files: Vec<Metrics>, rules: Vec<ChartRule>, mistakes: &mut Mistakes<'_>) -> Vec<Chart> {
    let mut charts = Vec::new();
    let mut files = files;
    for ChartRule { title, unit, columns, at } in rules {
        let has_all = |file: &&mut Metrics| columns.iter().all(|name| file.series.iter().any(|one| one.name == *name));
        let Some(file) = files.iter_mut().find(has_all) else {
            let names = columns.join(", ");
            mistakes.add(&at, format!("no metrics have these columns, or they are in a chart already: {names}"));
            continue;
        };
        let (mut chosen, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut file.series).into_iter().partition(|series| columns.contains(&series.name));
        file.series = rest;
        chosen.sort_by_key(|series| columns.iter().position(|name| *name == series.name));
        charts.push(Chart { title, unit, times: file.times.clone(), series: chosen });
    }
    for Metrics { times, series } in files {
        charts.extend(series.into_iter().map(|series| Chart {
            title: series.name.clone(),
            unit: unit(&series.name).to_owned(),
            times: times.clone(),
            series: vec![series],
        }));
    }
    charts
}

/// The unit at the end of a column's name.
fn unit(column: &str) -> &'static str {
    match column.rsplit_once('_').map(|(_, end)| end) {
        Some("ms") => "ms",
        Some("s" | "seconds") => "s",
        Some("percent") => "%",
        Some("bytes") => "bytes",
        _ => "",
    }
}
