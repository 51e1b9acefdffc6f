//! The pages of sets: which there are, and what one holds before it is taken.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::Summary;
use crate::app::App;
use crate::attempts::{AttemptResult, State, Summary as AttemptSummary};
use crate::bank::{FeedbackPolicy, Navigation, Slug};
use crate::clock::Timestamp;
use crate::error::{Refusal, Result};
use crate::web::extract::{Path, Visitor};
use crate::web::page::page;

/// A set as a card and as a page show it.
#[derive(Serialize)]
struct SetView {
    set: Summary,
    items: usize,
    /// Such as `1 hour 30 minutes`.
    time_limit: Option<String>,
    /// Such as `60 %`.
    pass_mark: Option<String>,
    navigation: &'static str,
    feedback: &'static str,
}

impl SetView {
    fn of(set: Summary) -> Self {
        Self {
            items: set.sections.iter().map(|section| section.items).sum(),
            time_limit: set.time_limit_seconds.map(in_words),
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
pub fn in_words(seconds: u64) -> String {
    let count = |number: u64, unit: &str| match number {
        0 => None,
        1 => Some(format!("1 {unit}")),
        _ => Some(format!("{number} {unit}s")),
    };
    let parts = [count(seconds / 3600, "hour"), count(seconds % 3600 / 60, "minute"), count(seconds % 60, "second")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `GET /sets`
pub async fn list(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let sets: Vec<_> = app.bank.sets().map(|set| SetView::of(Summary::of(set))).collect();
    page(&app, &visitor, "sets", "Sets", sets)
}

/// A set with what the candidate has done of it.
#[derive(Serialize)]
struct SetPage {
    view: SetView,
    open: Vec<AttemptSummary>,
    done: Vec<DoneView>,
    /// Whether there is no attempt left.
    used_up: bool,
}

/// An attempt that is over.
#[derive(Serialize)]
struct DoneView {
    href: String,
    submitted_at: Option<Timestamp>,
    score: Option<String>,
    max_score: Option<String>,
    pending: bool,
    passed: Option<bool>,
}

impl DoneView {
    fn of(result: &AttemptResult) -> Self {
        Self {
            href: format!("/attempts/{}/result", result.id),
            submitted_at: result.submitted_at,
            score: result.score.map(|score| score.to_string()),
            max_score: result.max_score.map(|score| score.to_string()),
            pending: result.pending,
            passed: result.passed,
        }
    }
}

/// `GET /sets/{set}`
pub async fn one(app: web::Data<App>, visitor: Visitor, slug: Path<Slug>) -> Result<HttpResponse> {
    let set = app.bank.set(&slug.0).ok_or_else(|| Refusal::not_found("set"))?;
    let mut shown = SetPage { view: SetView::of(Summary::of(set)), open: Vec::new(), done: Vec::new(), used_up: false };
    if let Ok(user) = visitor.user() {
        let mine = |name: &str| name == set.slug.as_str();
        let attempts: Vec<_> =
            app.attempts.of_user(user.id).await?.into_iter().filter(|attempt| mine(&attempt.set)).collect();
        shown.used_up = set.attempts.is_some_and(|most| attempts.len() >= usize::try_from(most).unwrap_or(usize::MAX));
        shown.open = attempts.into_iter().filter(|attempt| attempt.state == State::Open).collect();
        let results = app.attempts.results(user.id).await?;
        shown.done = results.iter().filter(|result| mine(result.set.as_str())).map(DoneView::of).collect();
    }
    page(&app, &visitor, "set", &set.title, shown)
}

#[cfg(test)]
mod tests {
    use super::{in_words, percent};

    #[test]
    fn pass_marks_have_no_more_decimals_than_were_written() {
        assert_eq!([0.29, 0.333, 0.6, 1.0].map(percent), ["29 %", "33.3 %", "60 %", "100 %"]);
    }

    #[test]
    fn time_reads_as_people_say_it() {
        assert_eq!(in_words(1200), "20 minutes");
        assert_eq!(in_words(3660), "1 hour 1 minute");
        assert_eq!(in_words(90), "1 minute 30 seconds");
    }
}
