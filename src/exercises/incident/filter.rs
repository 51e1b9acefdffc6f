//! What is shown of an incident: the query parameters of its page, and the form that sends them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::AttemptId;
use crate::incident::{Incident, Level, LogLine, Trace, Window};

/// The query parameters of an incident's page.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct IncidentQuery {
    /// The attempt that the exercise is worked at for.
    pub(crate) attempt: Option<AttemptId>,
    /// The item of that attempt, from 1.
    pub(crate) position: Option<i32>,
    /// The first second that is shown, such as `12:03:00`.
    from: Option<String>,
    /// The last second that is shown.
    to: Option<String>,
    /// A service such as `gateway-4`, or all whose names differ only in the number, such as `gateway`.
    service: Option<String>,
    /// The least serious level that is shown.
    level: Option<String>,
    /// A trace by its id.
    trace: Option<String>,
    /// A text that a line of the log has.
    q: Option<String>,
    /// Which page of the log is shown, from 1.
    page: Option<u32>,
}

impl IncidentQuery {
    pub(super) fn attempt(&self) -> Vec<(&'static str, String)> {
        let attempt = self.attempt.as_ref().map(|id| ("attempt", id.to_string()));
        attempt.into_iter().chain(self.position.map(|position| ("position", position.to_string()))).collect()
    }

    /// The filters that are set and can be understood.
    pub(super) fn filters(&self) -> Vec<(&'static str, String)> {
        let texts = [
            ("from", &self.from),
            ("to", &self.to),
            ("service", &self.service),
            ("level", &self.level),
            ("trace", &self.trace),
            ("q", &self.q),
        ];
        texts.into_iter().filter_map(|(name, text)| said(text).map(|text| (name, text.to_owned()))).collect()
    }
}

/// A parameter that isn't empty: a form sends all of its fields.
fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// What `parse` makes of a parameter that is set. One that it can't understand is taken out, and its message added to `wrong`.
fn understood<T>(
    parameter: &mut Option<String>,
    wrong: &mut Vec<String>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    match parse(said(parameter)?) {
        Ok(value) => Some(value),
        Err(message) => {
            wrong.push(message);
            *parameter = None;
            None
        }
    }
}

/// What is shown: everything that fits each of the filters which are set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) window: Window,
    service: Option<String>,
    level: Option<Level>,
    pub(super) trace: Option<String>,
    /// A text in lower case that a line of the log has, in any case.
    text: Option<String>,
    /// The page of the log, from 0.
    pub(super) page: usize,
}

impl Filter {
    /// What a query asks for, and what can't be understood of it, which is taken out of the query.
    pub(super) fn of(query: &mut IncidentQuery, whole: Window) -> (Self, Vec<String>) {
        let mut wrong = Vec::new();
        let from = understood(&mut query.from, &mut wrong, |text| whole.time_of_day(text)).unwrap_or(whole.from());
        let to = understood(&mut query.to, &mut wrong, |text| whole.time_of_day(text)).unwrap_or(whole.last_second());
        if to < from {
            wrong.push(format!("the time ends at {}, before it begins at {}", to.second(), from.second()));
            (query.from, query.to) = (None, None);
        }
        let level = |text: &str| Level::parse(text).ok_or_else(|| format!("`{text}` is no level"));
        let level = understood(&mut query.level, &mut wrong, level);
        let filter = Self {
            window: if to < from { whole } else { Window::of_whole_seconds(from, to) },
            service: said(&query.service).map(str::to_owned),
            level,
            trace: said(&query.trace).map(str::to_owned),
            text: said(&query.q).map(str::to_lowercase),
            page: usize::try_from(query.page.unwrap_or(1).saturating_sub(1)).unwrap_or(0),
        };
        (filter, wrong)
    }

    /// Whether a line of the log is shown.
    pub(super) fn shows_line(&self, line: &LogLine) -> bool {
        self.window.holds(line.time)
            && self.shows_service(&line.service)
            && self.level.is_none_or(|level| line.level >= level)
            && self.trace.as_ref().is_none_or(|trace| line.trace.as_ref() == Some(trace))
            && self.text.as_ref().is_none_or(|text| has_text(line, text))
    }

    /// Whether a trace is in the list.
    pub(super) fn shows_trace(&self, trace: &Trace) -> bool {
        self.window.overlaps(trace.start, trace.end)
            && trace.spans.iter().any(|placed| self.shows_service(&placed.span.service))
    }

    fn shows_service(&self, service: &str) -> bool {
        self.service.as_ref().is_none_or(|wanted| service == wanted || kind_of(service) == wanted)
    }
}

fn has_text(line: &LogLine, text: &str) -> bool {
    let attributes = line.attributes.iter().map(|(name, value)| format!("{name}={value}"));
    let mut parts = attributes.chain([line.message.clone(), line.service.clone()]).chain(line.trace.clone());
    parts.any(|part| part.to_lowercase().contains(text))
}

/// What instances of a service have in common: the name without a number at its end.
pub(super) fn kind_of(service: &str) -> &str {
    let without = service.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if without.len() == service.len() { service } else { without.strip_suffix('-').unwrap_or(service) }
}

/// The kinds of services of an incident, in alphabetical order.
pub(super) fn kinds<'i>(services: impl Iterator<Item = &'i str>) -> BTreeSet<&'i str> {
    services.map(kind_of).collect()
}

/// The form with all filters, as they are set.
#[derive(Debug, Serialize)]
pub(super) struct Form {
    from: String,
    to: String,
    services: Vec<Choice>,
    levels: Vec<Choice>,
    trace: String,
    q: String,
    attempt: Option<String>,
    position: Option<i32>,
    /// Whether any filter is set.
    is_filtered: bool,
}

/// A choice in a list.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Choice {
    value: String,
    label: String,
    selected: bool,
}

impl Form {
    pub(super) fn of(filter: &Filter, incident: &Incident, query: &IncidentQuery) -> Self {
        let level = |level: Level| Choice {
            value: level.as_str().to_owned(),
            label: if level == Level::Error { "error".to_owned() } else { format!("{} and above", level.as_str()) },
            selected: filter.level == Some(level),
        };
        let used = |level: &Level| incident.logs.iter().any(|line| line.level == *level);
        Self {
            from: filter.window.from().second(),
            to: filter.window.last_second().second(),
            services: services(filter.service.as_deref(), incident),
            levels: Level::ALL.into_iter().filter(used).map(level).collect(),
            trace: filter.trace.clone().unwrap_or_default(),
            q: said(&query.q).unwrap_or_default().to_owned(),
            attempt: query.attempt.as_ref().map(ToString::to_string),
            position: query.position,
            is_filtered: !query.filters().is_empty(),
        }
    }
}

/// Every service, and above the instances of one kind that kind.
fn services(selected: Option<&str>, incident: &Incident) -> Vec<Choice> {
    let of_spans = incident.traces.iter().flat_map(|trace| &trace.spans).map(|placed| placed.span.service.as_str());
    let all: BTreeSet<_> = of_spans.chain(incident.logs.iter().map(|line| line.service.as_str())).collect();
    let choice =
        |value: &str, label: String| Choice { value: value.to_owned(), label, selected: selected == Some(value) };
    let mut choices = Vec::new();
    for kind in kinds(all.iter().copied()) {
        let instances: Vec<_> = all.iter().filter(|service| kind_of(service) == kind).collect();
        if instances.len() > 1 {
            choices.push(choice(kind, format!("{kind}: all {}", instances.len())));
        }
        choices.extend(instances.into_iter().map(|service| choice(service, (*service).to_owned())));
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Moment;

    fn whole() -> Window {
        let moment = |text: &str| Moment::parse(text).unwrap();
        Window::of_whole_seconds(moment("12:00:00"), moment("12:08:59"))
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_wrong_is_named_and_left_out() {
        let mut query = IncidentQuery {
            from: text("noon"),
            to: text("12:03"),
            level: text("loud"),
            service: text(" "),
            ..IncidentQuery::default()
        };
        let (filter, wrong) = Filter::of(&mut query, whole());
        assert_eq!(wrong, ["`noon` is no time such as 12:03:20", "`loud` is no level"]);
        assert_eq!(filter.window.last_second().second(), "12:03:00");
        assert_eq!((filter.level, filter.service), (None, None));
        assert_eq!(query.filters(), [("to", "12:03".to_owned())]);
        let mut query = IncidentQuery { from: text("12:04"), to: text("12:03"), ..IncidentQuery::default() };
        let (filter, wrong) = Filter::of(&mut query, whole());
        assert_eq!((filter.window, wrong.len()), (whole(), 1));
    }

    #[test]
    fn instances_are_of_one_kind() {
        assert_eq!(["gateway-4", "inventory", "s3", "7", "-1"].map(kind_of), ["gateway", "inventory", "s3", "7", ""]);
    }
}
