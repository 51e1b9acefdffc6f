//! The pages of sets: which there are, and what one holds before it is taken; those of teams are in [`team`].

pub(crate) mod team;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::attempts::{Attempts, EndedLine, Summary as AttemptSummary};
use crate::bank::Bank;
use crate::bank::{FeedbackPolicy, Navigation, Slug};
use crate::error::{Refusal, Result};
use crate::http::identity::Visitor;
use crate::http::params::Path;
use crate::sets::Summary;

/// A set as a card and as a page show it.
#[derive(Serialize)]
struct SetView {
    set: Summary,
    items: usize,
    /// Such as `1 hour 30 minutes`.
    time_limit: Option<String>,
    /// A pass mark in per cent, such as `60 %`.
    pass_mark: Option<String>,
    navigation: &'static str,
    feedback: &'static str,
}

impl SetView {
    fn of(set: Summary) -> Self {
        Self {
            items: set.sections.iter().map(|section| section.items).sum(),
            time_limit: set.time_limit_seconds.map(long_duration),
            pass_mark: set.pass_mark.map(percent),
            navigation: match set.navigation {
                Navigation::Free => "You may move between items as you like.",
                Navigation::OneWay => "It goes one way: an answer closes the items before it.",
            },
            feedback: match set.feedback {
                FeedbackPolicy::AfterSubmit => {
                    "After you submit you see your score, the right answers and what is said about yours."
                }
                FeedbackPolicy::ScoreOnly => "After you submit you see your score.",
                FeedbackPolicy::Never => "After you submit you do not see your score.",
            },
            set,
        }
    }
}

/// A share in per cent, to the tenth, as a pass mark of three decimals is.
fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

/// A length of time in words, to the minute.
#[must_use]
pub(crate) fn long_duration(seconds: u64) -> String {
    let count = |number: u64, unit: &str| match number {
        0 => None,
        1 => Some(format!("1 {unit}")),
        _ => Some(format!("{number} {unit}s")),
    };
    let parts = [count(seconds / 3600, "hour"), count(seconds % 3600 / 60, "minute"), count(seconds % 60, "second")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `GET /sets`: the page that lists all sets.
pub(crate) async fn list(bank: web::Data<Bank>, visitor: Visitor) -> Result<HttpResponse> {
    let sets: Vec<_> = bank.sets().map(|set| SetView::of(Summary::of(set))).collect();
    visitor.page("sets", "Sets", sets)
}

/// A set with what the candidate has done of it.
#[derive(Serialize)]
struct SetPage {
    view: SetView,
    open: Vec<AttemptSummary>,
    done: Vec<EndedLine>,
    /// Whether there is no attempt left.
    used_up: bool,
}

/// `GET /sets/{set}`: the page of one set, with the candidate's own attempts at it.
pub(crate) async fn one(
    bank: web::Data<Bank>,
    attempts: web::Data<Attempts>,
    visitor: Visitor,
    slug: Path<Slug>,
) -> Result<HttpResponse> {
    let set = bank.set(&slug.0).ok_or_else(|| Refusal::not_found("set"))?;
    let mut shown = SetPage { view: SetView::of(Summary::of(set)), open: Vec::new(), done: Vec::new(), used_up: false };
    if let Ok(user) = visitor.user() {
        let begun = attempts.count(user.id, &set.slug).await?;
        shown.used_up = set.attempts.is_some_and(|most| begun >= most);
        shown.open = attempts.open(user.id).await?;
        shown.open.retain(|attempt| attempt.set == set.slug.as_str());
        shown.done = attempts.scores(user.id, Some(&set.slug)).await?.iter().map(EndedLine::of).collect();
    }
    visitor.page("set", &set.title, shown)
}

#[cfg(test)]
mod tests {
    use super::{long_duration, percent};

    #[test]
    fn pass_marks_have_no_more_decimals_than_were_written() {
        assert_eq!([0.29, 0.333, 0.6, 1.0].map(percent), ["29 %", "33.3 %", "60 %", "100 %"]);
    }

    #[test]
    fn time_reads_as_people_say_it() {
        assert_eq!(long_duration(1200), "20 minutes");
        assert_eq!(long_duration(3660), "1 hour 1 minute");
        assert_eq!(long_duration(90), "1 minute 30 seconds");
    }
}
