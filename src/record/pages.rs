//! The page of a person's record, and what the home page shows of it.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::share;
use crate::app::App;
use crate::attempts::{AttemptResult, State, Summary as AttemptSummary};
use crate::bank::Points;
use crate::bank::pages::{practice_order, spoken};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::UserId;
use crate::submissions::pages::Row;
use crate::submissions::{Best, Filter};
use crate::web::extract::Visitor;
use crate::web::page::page;

/// Attempts and submissions that are shown as recent.
const RECENT: usize = 10;

#[derive(Serialize)]
struct RecordPage {
    topics: Vec<TopicRecord>,
    sets: Vec<SetRecord>,
    exercises: Vec<ExerciseRecord>,
    open: Vec<OpenAttempt>,
    attempts: Vec<DoneAttempt>,
    submissions: Vec<Row>,
}

/// What a person has reached in practising a topic.
#[derive(Serialize)]
pub struct TopicRecord {
    slug: String,
    title: String,
    /// The best scores at the questions that were answered, together.
    score: String,
    max_score: String,
    answered: usize,
    questions: usize,
    /// The easiest question that was not answered yet.
    next: Option<String>,
}

/// The best that a person has reached at a set.
#[derive(Serialize)]
struct SetRecord {
    slug: String,
    title: String,
    attempts: usize,
    best: Option<DoneAttempt>,
}

#[derive(Serialize)]
struct ExerciseRecord {
    best: Best,
    title: String,
    verdict: String,
}

/// An attempt to go on with.
#[derive(Serialize)]
pub struct OpenAttempt {
    attempt: AttemptSummary,
    title: String,
}

#[derive(Clone, Serialize)]
struct DoneAttempt {
    href: String,
    title: String,
    submitted_at: Option<Timestamp>,
    score: Option<String>,
    max_score: Option<String>,
    pending: bool,
    passed: Option<bool>,
}

impl DoneAttempt {
    fn of(result: &AttemptResult) -> Self {
        Self {
            href: format!("/attempts/{}/result", result.id),
            title: result.title.clone(),
            submitted_at: result.submitted_at,
            score: result.score.map(|score| score.to_string()),
            max_score: result.max_score.map(|score| score.to_string()),
            pending: result.pending,
            passed: result.passed,
        }
    }
}

/// `GET /record`
pub async fn record(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let results = app.attempts.results(user).await?;
    let title = |slug: &str| app.exercises.title(slug).unwrap_or_else(|| spoken(slug));
    let exercise = |best: Best| ExerciseRecord {
        title: title(&best.exercise),
        verdict: spoken(&best.verdict.to_string().replace('_', "-")),
        best,
    };
    let shown = RecordPage {
        topics: topics(&app, user).await?.into_iter().filter(|topic| topic.answered > 0).collect(),
        sets: sets(&results),
        exercises: app.submissions.best(user).await?.into_iter().map(exercise).collect(),
        open: open_attempts(&app, user).await?,
        attempts: results.iter().take(RECENT).map(DoneAttempt::of).collect(),
        submissions: recent_submissions(&app, user, RECENT).await?,
    };
    page(&app, &visitor, "record", "My record", shown)
}

/// The best attempt at each set.
fn sets(results: &[AttemptResult]) -> Vec<SetRecord> {
    let slugs: BTreeSet<_> = results.iter().map(|result| result.set.as_str()).collect();
    let record = |slug: &str| {
        let mine: Vec<_> = results.iter().filter(|result| result.set.as_str() == slug).collect();
        let best = mine
            .iter()
            .filter(|result| result.score.is_some())
            .max_by_key(|result| share(result.score.unwrap_or_default(), result.max_score.unwrap_or_default()));
        SetRecord {
            slug: slug.to_owned(),
            title: mine.first().map(|result| result.title.clone()).unwrap_or_default(),
            attempts: mine.len(),
            best: best.map(|result| DoneAttempt::of(result)),
        }
    };
    slugs.into_iter().map(record).collect()
}

/// A person's practice, topic by topic in the order of the curriculum.
///
/// # Errors
/// Only the database's.
pub async fn topics(app: &App, user: UserId) -> Result<Vec<TopicRecord>> {
    let best: BTreeMap<_, _> =
        app.practice.best(user).await?.into_iter().map(|best| (best.question.clone(), best)).collect();
    let record = |topic: &crate::bank::Topic| {
        let questions = practice_order(&app.bank, &topic.slug);
        let answered: Vec<_> = questions.iter().filter_map(|question| best.get(&question.id().to_string())).collect();
        let next = questions.iter().find(|question| !best.contains_key(&question.id().to_string()));
        TopicRecord {
            slug: topic.slug.to_string(),
            title: topic.title.clone(),
            score: answered.iter().map(|best| best.score).sum::<Points>().to_string(),
            max_score: answered.iter().map(|best| best.max_score).sum::<Points>().to_string(),
            answered: answered.len(),
            questions: questions.len(),
            next: next.map(|question| format!("/practice/{}", question.id())),
        }
    };
    Ok(app.bank.topics().iter().map(|topic| record(topic)).collect())
}

/// Attempts that a person can go on with.
///
/// # Errors
/// Only the database's.
pub async fn open_attempts(app: &App, user: UserId) -> Result<Vec<OpenAttempt>> {
    let title = |slug: &str| {
        let set = slug.parse().ok().and_then(|slug| app.bank.set(&slug).map(|set| set.title.clone()));
        set.unwrap_or_else(|| spoken(slug))
    };
    let attempts = app.attempts.of_user(user).await?.into_iter().filter(|attempt| attempt.state == State::Open);
    Ok(attempts.map(|attempt| OpenAttempt { title: title(&attempt.set), attempt }).collect())
}

/// A person's newest submissions.
///
/// # Errors
/// Only the database's.
pub async fn recent_submissions(app: &App, user: UserId, most: usize) -> Result<Vec<Row>> {
    let rows = i64::try_from(most).unwrap_or(i64::MAX);
    Ok(app.submissions.list(user, Filter::default(), None, rows).await?.into_iter().map(Row::of).collect())
}
