//! Charts: one small SVG for each, all with the same axis of time.
//!
//! A chart is as wide as there is room, so places on the axis of time are percentages. Heights are pixels.

use serde::Serialize;

use super::axis::{Tick, bounds, ticks};
use super::numbers::{number, percent, share};
use super::thin::{Point, thinned};
use crate::incident::{Chart, Moment, Series, Trace, Window};

/// Columns of pixels for which a line keeps its extremes.
const BUCKETS: usize = 400;
/// Where the values begin below the top of the SVG, and how high they are.
const PLOT_TOP_PX: i64 = 12;
const PLOT_HEIGHT_PX: i64 = 100;
/// The name of a series with its value, which may not cover another one.
const NAME_HEIGHT_PX: i64 = 30;

/// The values of a series in the time that is shown, each with its moment.
type Values = Vec<(Moment, Option<f64>)>;

/// A chart with its axes, its lines and its table, ready for the template.
#[derive(Debug, Serialize)]
pub(super) struct ChartView {
    id: String,
    title: String,
    unit: String,
    /// What the chart shows, in sentences.
    summary: String,
    /// Marks on the axis of values: lines across the chart.
    marks: Vec<Mark>,
    ticks: Vec<Tick>,
    series: Vec<Line>,
    /// When the trace that is looked at was going on.
    band: Option<Band>,
    rows: Vec<Row>,
}

/// A mark on the axis of values.
#[derive(Debug, Serialize)]
struct Mark {
    /// Pixels from the top of the SVG.
    y: i64,
    label: String,
}

/// A line of a chart, with its name beside it.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    /// Which of the four styles of lines it has, from 1.
    style: usize,
    /// Its path, in a box of 100,000 by 1,000.
    path: String,
    /// What is shown beside its name as long as no second is chosen.
    value: String,
    /// Where its name is, in pixels from the top of the SVG.
    name_y: i64,
    value_y: i64,
    sample_y: i64,
}

/// A stretch of time, by its beginning and length.
#[derive(Debug, Serialize)]
struct Band {
    x: String,
    width: String,
}

/// A row of the table that says the same as the chart.
#[derive(Debug, Serialize)]
struct Row {
    millis: i64,
    time: String,
    values: Vec<String>,
}

impl ChartView {
    pub(super) fn of(index: usize, chart: &Chart, window: Window, trace: Option<&Trace>) -> Self {
        let shown = |series: &Series| -> Values {
            let all = chart.times.iter().copied().zip(series.values.iter().copied());
            all.filter(|(time, _)| window.holds(*time)).collect()
        };
        let lines: Vec<_> = chart.series.iter().map(|series| (series, shown(series))).collect();
        let values = lines.iter().flat_map(|(_, points)| points.iter().filter_map(|(_, value)| *value));
        let scale = Scale::of(bounds(values));
        let band = trace.map(|trace| Band::of(trace, window));
        Self {
            id: format!("chart-{}", index + 1),
            title: chart.title.clone(),
            unit: chart.unit.clone(),
            summary: summary(chart, &lines, window),
            marks: scale.marks(),
            ticks: ticks(window),
            series: with_places(lines.iter().zip(1..).map(|((series, points), style)| {
                let line = Line::of(series, points, style, &scale, window);
                (scale.end_px(points), line)
            })),
            band,
            rows: rows(chart, window),
        }
    }
}

/// What the values of a chart mean as heights.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    const fn of((low, high): (f64, f64)) -> Self {
        Self { low, high }
    }

    /// From 0 at the top to 1 at the bottom.
    fn depth(&self, value: f64) -> f64 {
        (self.high - value) / (self.high - self.low)
    }

    fn marks(&self) -> Vec<Mark> {
        let middle = f64::midpoint(self.low, self.high);
        let halves = [(self.high, 0), (middle, 1), (self.low, 2)];
        let mark = |(value, halves)| Mark { y: PLOT_TOP_PX + PLOT_HEIGHT_PX * halves / 2, label: number(value) };
        halves.map(mark).into()
    }

    /// Where a line ends, in tenths of the plot's height from the top.
    fn end_px(&self, points: &[(Moment, Option<f64>)]) -> i64 {
        let last = points.iter().rev().find_map(|(_, value)| *value);
        let tenths = last.map_or(10.0, |value| self.depth(value) * 10.0);
        // No cast: the nearest of the few places that there are.
        let nearest = (0_u8..=10).min_by(|one, other| {
            let away = |tenth: &u8| (f64::from(*tenth) - tenths).abs();
            away(one).total_cmp(&away(other))
        });
        PLOT_TOP_PX + PLOT_HEIGHT_PX * i64::from(nearest.unwrap_or(10)) / 10
    }
}

impl Line {
    fn of(series: &Series, points: &[(Moment, Option<f64>)], style: usize, scale: &Scale, window: Window) -> Self {
        let place = |time: Moment| share(time.millis() - window.from().millis(), window.length_ms());
        let points: Vec<_> = points.iter().map(|(time, value)| Point { place: place(*time), value: *value }).collect();
        let highest = points.iter().filter_map(|point| point.value).max_by(f64::total_cmp);
        Self {
            name: series.name.clone(),
            style,
            path: path(&thinned(&points, BUCKETS), scale),
            value: highest.map_or_else(|| "no value".to_owned(), |value| format!("max {}", number(value))),
            name_y: 0,
            value_y: 0,
            sample_y: 0,
        }
    }
}

/// A line that is interrupted where there is no value. A value between two gaps is a dot.
fn path(points: &[Point], scale: &Scale) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for Point { place, value } in points {
        if let Some(value) = value {
            let verb = if is_drawing { 'L' } else { 'M' };
            let dot = if is_drawing { "" } else { "h0" };
            path.push_str(&format!("{verb}{place} {:.0}{dot}", scale.depth(*value) * 1000.0));
        }
        is_drawing = value.is_some();
    }
    path
}

/// Lines with their names as near to where they end as there is room.
fn with_places(lines: impl Iterator<Item = (i64, Line)>) -> Vec<Line> {
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|(end, _)| *end);
    // The top of each name, downwards, and then upwards if there is too little room below.
    let mut tops: Vec<i64> = Vec::new();
    for (end, _) in &lines {
        let above = tops.last().map_or(0, |top| top + NAME_HEIGHT_PX);
        tops.push(above.max(end - NAME_HEIGHT_PX / 2));
    }
    let mut below = PLOT_TOP_PX + PLOT_HEIGHT_PX + NAME_HEIGHT_PX / 2;
    for top in tops.iter_mut().rev() {
        *top = (*top).min(below - NAME_HEIGHT_PX);
        below = *top;
    }
    let placed = lines.into_iter().zip(tops).map(|((_, line), top)| Line {
        name_y: top + 12,
        value_y: top + 26,
        sample_y: top + 8,
        ..line
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|line| line.style);
    placed
}

impl Band {
    fn of(trace: &Trace, window: Window) -> Self {
        let place = |moment: Moment| moment.millis() - window.from().millis();
        let (start, end) = (place(trace.start).max(0), place(trace.end).min(window.length_ms()));
        Self { x: percent(start, window.length_ms()), width: percent(end - start, window.length_ms()) }
    }
}

/// What a chart shows, for people who can't see it.
fn summary(chart: &Chart, lines: &[(&Series, Values)], window: Window) -> String {
    let unit = if chart.unit.is_empty() { String::new() } else { format!(" ({})", chart.unit) };
    let range = format!("from {} to {}", window.from().second(), window.last_second().second());
    let of_lines = lines.iter().map(|(series, points)| {
        let valued = || points.iter().filter_map(|(time, value)| value.map(|value| (time, value)));
        let lowest = valued().min_by(|(_, one), (_, other)| one.total_cmp(other));
        // The first of several highest ones: that is when it got there.
        let highest = valued().rev().max_by(|(_, one), (_, other)| one.total_cmp(other));
        match (lowest, highest) {
            (Some((first, lowest)), Some((then, highest))) => format!(
                " {}: at most {} at {}, at least {} at {}.",
                series.name,
                number(highest),
                then.second(),
                number(lowest),
                first.second()
            ),
            _ => format!(" {}: no values.", series.name),
        }
    });
    std::iter::once(format!("{}{unit}, {range}.", chart.title)).chain(of_lines).collect()
}

fn rows(chart: &Chart, window: Window) -> Vec<Row> {
    let shown = chart.times.iter().enumerate().filter(|(_, time)| window.holds(**time));
    let text = |value: Option<f64>| value.map(number).unwrap_or_default();
    let row = |(at, time): (usize, &Moment)| Row {
        millis: time.millis(),
        time: if time.millis() % 1000 == 0 { time.second() } else { time.to_string() },
        values: chart.series.iter().map(|series| text(series.values.get(at).copied().flatten())).collect(),
    };
    shown.map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::metrics;

    fn view(text: &str) -> ChartView {
        let read = metrics(text, "time").unwrap();
        let (first, last) = (read.times[0], *read.times.last().unwrap());
        let chart = Chart { title: "Load".to_owned(), unit: "ms".to_owned(), times: read.times, series: read.series };
        ChartView::of(0, &chart, Window::of_whole_seconds(first, last), None)
    }

    #[test]
    fn a_line_is_interrupted_where_nothing_was_measured() {
        let view = view("time,a\n12:00:00,0\n12:00:01,4\n12:00:02,\n12:00:03,2\n");
        assert_eq!(view.series[0].path, "M0 1000h0L25000 0M75000 500h0");
        assert_eq!(view.rows[2].values, [""]);
    }

    #[test]
    fn a_summary_says_what_is_seen() {
        let view = view("time,a,b\n12:00:00,3,\n12:00:01,4,\n12:00:02,4,\n");
        let said =
            "Load (ms), from 12:00:00 to 12:00:02. a: at most 4 at 12:00:01, at least 3 at 12:00:00. b: no values.";
        assert_eq!(view.summary, said);
    }

    #[test]
    fn names_cover_no_other() {
        let view = view("time,a,b,c,d\n12:00:00,0,0,0,0\n");
        let mut places: Vec<_> = view.series.iter().map(|line| line.name_y).collect();
        places.sort_unstable();
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= NAME_HEIGHT_PX), "{places:?}");
        assert!(places[0] >= 0 && places[3] < PLOT_TOP_PX + PLOT_HEIGHT_PX + NAME_HEIGHT_PX, "{places:?}");
    }
}
