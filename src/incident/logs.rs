//! Log lines: a JSON object on each line.

use super::json_lines::parse_lines;
use super::mistake::LineMistake;
use super::moment::Moment;

/// Most lines of a file.
const MAX_LINES: usize = 20_000;

/// How serious a line is; a later one is more serious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The program tells of every step that it takes.
    Trace,
    /// The line helps the people who write the program.
    Debug,
    /// The line is about ordinary work.
    Info,
    /// Somebody should look at what happened.
    Warn,
    /// Something has failed that should have worked.
    Error,
}

impl Level {
    /// Every level, the least serious first.
    pub(crate) const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The word for it in files and in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level of that name, in upper or lower case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(text))
    }
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogLine {
    /// When it was written.
    pub(crate) time: Moment,
    /// Which process wrote it, such as `gateway-4`.
    pub(crate) service: String,
    /// How serious it is.
    pub(crate) level: Level,
    /// What happened, in words.
    pub(crate) message: String,
    /// The trace in which it was written.
    pub(crate) trace: Option<String>,
    /// What else the line says, by name.
    pub(crate) attributes: Vec<(String, String)>,
}

/// Parses a file. Each line has `service`, `level`, `message` and the time under `time_key`; it may have `trace`, and what else
/// it has are attributes.
///
/// # Errors
/// The mistakes, each with its line.
pub(crate) fn logs(text: &str, time_key: &str) -> Result<Vec<LogLine>, Vec<LineMistake>> {
    parse_lines(text, MAX_LINES, |fields, _| {
        let level = fields.text("level")?;
        let names = || Level::ALL.map(Level::as_str).join(", ");
        Ok(LogLine {
            time: fields.moment(time_key)?,
            service: fields.text("service")?,
            level: Level::parse(&level).ok_or_else(|| format!("`{level}` is no level; these are: {}", names()))?,
            message: fields.text("message")?,
            trace: fields.optional_text("trace")?,
            attributes: fields.attributes(),
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_has_what_everybody_needs_and_attributes() {
        let text = r#"{"time":"12:00:00","service":"shop","level":"WARN","message":"slow","trace":"ab","took_ms":37,"why":"queue"}"#;
        let read = logs(text, "time").unwrap();
        let attributes = [("took_ms", "37"), ("why", "queue")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let line = LogLine {
            time: Moment::parse("12:00:00").unwrap(),
            service: "shop".to_owned(),
            level: Level::Warn,
            message: "slow".to_owned(),
            trace: Some("ab".to_owned()),
            attributes: attributes.into(),
        };
        assert_eq!(read, [line]);
    }

    #[test]
    fn every_mistake_has_its_line() {
        let good = r#"{"at":"12:00:00","service":"shop","level":"info","message":"up"}"#;
        let text = [
            good,
            "",
            "{",
            "[]",
            &good.replace("info", "loud"),
            &good.replace("12:00:00", "noon"),
            &good.replace("service", "host"),
            &good.replace("\"up\"", "3"),
        ]
        .join("\n");
        let mistakes = logs(&text, "at").unwrap_err();
        assert_eq!(mistakes.iter().map(|mistake| mistake.line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
        assert!(mistakes[4].message.contains("`service` is missing"), "{mistakes:?}");
    }

    proptest! {
        #[test]
        fn no_file_is_too_strange(text in "\\PC*", inside in "[a-z\":,{}\\[\\]0-9]{0,30}") {
            for text in [text, format!("{{{inside}}}")] {
                let _ = logs(&text, "time");
            }
        }
    }
}
