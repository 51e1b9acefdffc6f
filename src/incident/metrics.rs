//! Metrics: a table of comma-separated values with one row for each moment.

use super::mistake::{FILE_MAX_MISTAKES, LineMistake};
use super::moment::Moment;

/// Most rows of a file: one hour at one row for each second. A page has a table with each of them.
const MAX_ROWS: usize = 3_600;
/// Most columns of a file besides the time.
const MAX_COLUMNS: usize = 32;

/// What one column of a file says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// The name of the column in the file.
    pub(crate) name: String,
    /// A value for each moment; nothing where there was nothing to measure.
    pub(crate) values: Vec<Option<f64>>,
}

/// The metrics of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Metrics {
    /// When they were recorded, in ascending order.
    pub(crate) times: Vec<Moment>,
    /// The columns other than the time; each has a value for each of the times.
    pub(crate) series: Vec<Series>,
}

/// Parses a file whose first line names the columns and whose column `time_column` is the time. An empty field is a missing
/// value. Quotes have no meaning, since all fields are numbers.
///
/// # Errors
/// The mistakes, each with its line.
pub(crate) fn metrics(text: &str, time_column: &str) -> Result<Metrics, Vec<LineMistake>> {
    let mut lines = text.lines();
    let names: Vec<_> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let time_at = time_position(&names, time_column).map_err(|message| vec![LineMistake::new(1, message)])?;
    let columns = names.iter().enumerate().filter(|(at, _)| *at != time_at);
    let mut metrics = Metrics {
        times: Vec::new(),
        series: columns.map(|(_, name)| Series { name: (*name).to_owned(), values: Vec::new() }).collect(),
    };
    let mut mistakes = Vec::new();
    for (index, line) in lines.enumerate() {
        if index >= MAX_ROWS {
            mistakes.push(LineMistake::new(index + 2, format!("there are more than {MAX_ROWS} rows")));
            break;
        }
        if let Err(message) = row(&mut metrics, line, time_at, names.len()) {
            mistakes.push(LineMistake::new(index + 2, message));
        }
        if mistakes.len() >= FILE_MAX_MISTAKES {
            break;
        }
    }
    if mistakes.is_empty() { Ok(metrics) } else { Err(mistakes) }
}

/// Which column is the time, if the first line is right.
fn time_position(names: &[&str], time_column: &str) -> Result<usize, String> {
    let time_at = names.iter().position(|name| *name == time_column);
    let time_at = time_at.ok_or_else(|| format!("no column is called `{time_column}`, which is the time"))?;
    if names.len() - 1 > MAX_COLUMNS {
        return Err(format!("there are more than {MAX_COLUMNS} columns besides the time"));
    }
    for (at, name) in names.iter().enumerate() {
        if name.is_empty() || names.iter().take(at).any(|other| other == name) {
            return Err(format!("column {} needs a name of its own", at + 1));
        }
    }
    Ok(time_at)
}

fn row(metrics: &mut Metrics, line: &str, time_at: usize, columns: usize) -> Result<(), String> {
    let mut fields: Vec<_> = line.split(',').map(str::trim).collect();
    if fields.len() != columns {
        return Err(format!("{} fields instead of {columns}", fields.len()));
    }
    let time = Moment::parse(fields.remove(time_at))?;
    if metrics.times.last().is_some_and(|before| *before >= time) {
        return Err(format!("{time} isn't later than the row before"));
    }
    let values = fields.into_iter().map(value).collect::<Result<Vec<_>, _>>()?;
    metrics.times.push(time);
    for (series, value) in metrics.series.iter_mut().zip(values) {
        series.values.push(value);
    }
    Ok(())
}

fn value(field: &str) -> Result<Option<f64>, String> {
    if field.is_empty() {
        return Ok(None);
    }
    let number = field.parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(Some).ok_or_else(|| format!("`{field}` is no number"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_series() {
        let read = metrics("time,users,wait_ms\n12:00:00,134,\n12:00:01,139,2.5\n", "time").unwrap();
        let series = |name: &str, values: [Option<f64>; 2]| Series { name: name.to_owned(), values: values.into() };
        assert_eq!(read.series, [series("users", [Some(134.0), Some(139.0)]), series("wait_ms", [None, Some(2.5)])]);
        assert_eq!(read.times, ["12:00:00", "12:00:01"].map(|text| Moment::parse(text).unwrap()));
    }

    #[test]
    fn every_mistake_has_its_line() {
        let text = "users,at\n1,12:00:00\n1\n1,noon\nmany,12:00:01\ninf,12:00:02\n1,12:00:00\n";
        let lines: Vec<_> = metrics(text, "at").unwrap_err().into_iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        for (text, part) in [("", "no column is called `time`"), ("time,a,a", "column 3"), ("time,", "column 2")] {
            let mistakes = metrics(text, "time").unwrap_err();
            assert!(mistakes.iter().any(|mistake| mistake.line == 1 && mistake.message.contains(part)), "{mistakes:?}");
        }
    }

    #[test]
    fn there_is_an_end() {
        let row = |index: usize| format!("{}\n", Moment::from_millis(i64::try_from(index).unwrap() * 1000).second());
        let text: String = std::iter::once("time\n".to_owned()).chain((0..=MAX_ROWS).map(row)).collect();
        let mistakes = metrics(&text, "time").unwrap_err();
        assert_eq!(mistakes, [LineMistake::new(MAX_ROWS + 2, "there are more than 3600 rows")]);
        assert_eq!(metrics(&format!("time\n{}", "x\n".repeat(99)), "time").unwrap_err().len(), FILE_MAX_MISTAKES);
        assert!(metrics(&format!("time{}", ",a".repeat(99)), "time").is_err());
    }

    proptest! {
        #[test]
        fn no_file_is_too_strange(text in "\\PC*", rows in proptest::collection::vec("[0-9:,.e-]{0,20}", 0..9)) {
            let _ = metrics(&text, "time");
            let series_are_whole = |read: &Metrics| read.series.iter().all(|series| series.values.len() == read.times.len());
            if let Ok(read) = metrics(&format!("time,a,b\n{}", rows.join("\n")), "time") {
                prop_assert!(series_are_whole(&read));
            }
        }
    }
}
