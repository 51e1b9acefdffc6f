//! The home page, and the page of a person's record.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{Record, Records, SetBest, TopicBest};
use crate::attempts::{Attempts, EndedLine, OpenLine};
use crate::bank::{Bank, title_from_slug};
use crate::error::Result;
use crate::exercises::Exercises;
use crate::http::identity::Visitor;
use crate::id::UserId;
use crate::submissions::{Best, Filter, SubmissionLine, Submissions};

/// Attempts and submissions that the record shows as recent.
const RECENT: usize = 10;
/// Submissions that the home page shows.
const RECENT_AT_HOME: i64 = 3;

/// What a person has reached in practising a topic.
#[derive(Serialize)]
struct TopicLine {
    slug: String,
    title: String,
    score: String,
    max_score: String,
    answered: usize,
    questions: usize,
    next: Option<String>,
}

impl TopicLine {
    fn of(topic: TopicBest) -> Self {
        Self {
            slug: topic.topic,
            title: topic.title,
            score: topic.score.to_string(),
            max_score: topic.max_score.to_string(),
            answered: topic.answered,
            questions: topic.questions,
            next: topic.next.map(|question| format!("/practice/{question}")),
        }
    }
}

/// The best that a person has reached at a set.
#[derive(Serialize)]
struct SetLine {
    slug: String,
    title: String,
    href: String,
    score: String,
    max_score: String,
    passed: Option<bool>,
    attempts: usize,
}

impl SetLine {
    fn of(best: SetBest) -> Self {
        Self {
            slug: best.set,
            title: best.title,
            href: format!("/attempts/{}/result", best.attempt),
            score: best.score.to_string(),
            max_score: best.max_score.to_string(),
            passed: best.passed,
            attempts: best.attempts,
        }
    }
}

#[derive(Serialize)]
struct ExerciseLine {
    best: Best,
    title: String,
    verdict: String,
}

impl ExerciseLine {
    fn of(best: Best, exercises: &Exercises) -> Self {
        Self {
            title: exercises.title(&best.exercise).unwrap_or_else(|| title_from_slug(&best.exercise)),
            verdict: title_from_slug(&best.verdict.to_string().replace('_', "-")),
            best,
        }
    }
}

/// The home page: what this is, and for somebody who is signed in what to go on with.
#[derive(Default, Serialize)]
struct Home {
    signed_in: bool,
    open: Vec<OpenLine>,
    topics: Vec<TopicLine>,
    submissions: Vec<SubmissionLine>,
}

/// `GET /`: the home page, with what a signed-in person can go on with.
pub(crate) async fn home(
    bank: web::Data<Bank>,
    attempts: web::Data<Attempts>,
    records: web::Data<Records>,
    submissions: web::Data<Submissions>,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let Ok(user) = visitor.user() else { return visitor.page("home", "quorate", Home::default()) };
    let home = Home {
        signed_in: true,
        open: open(&attempts, &bank, user.id).await?,
        topics: records.topics(user.id).await?.into_iter().map(TopicLine::of).collect(),
        submissions: recent(&submissions, user.id, RECENT_AT_HOME).await?,
    };
    visitor.page("home", "quorate", home)
}

#[derive(Serialize)]
struct RecordPage {
    topics: Vec<TopicLine>,
    sets: Vec<SetLine>,
    exercises: Vec<ExerciseLine>,
    open: Vec<OpenLine>,
    attempts: Vec<EndedLine>,
    submissions: Vec<SubmissionLine>,
}

/// `GET /record`: all that the signed-in person has reached.
pub(crate) async fn record(
    bank: web::Data<Bank>,
    attempts: web::Data<Attempts>,
    exercises: web::Data<Exercises>,
    records: web::Data<Records>,
    submissions: web::Data<Submissions>,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let Record { exercises: best, sets, topics, attempts: ended } = records.of(user).await?;
    let shown = RecordPage {
        topics: topics.into_iter().filter(|topic| topic.answered > 0).map(TopicLine::of).collect(),
        sets: sets.into_iter().map(SetLine::of).collect(),
        exercises: best.into_iter().map(|best| ExerciseLine::of(best, &exercises)).collect(),
        open: open(&attempts, &bank, user).await?,
        attempts: ended.iter().take(RECENT).map(EndedLine::of).collect(),
        submissions: recent(&submissions, user, i64::try_from(RECENT).unwrap_or(i64::MAX)).await?,
    };
    visitor.page("record", "My record", shown)
}

/// Attempts that a person can go on with.
async fn open(attempts: &Attempts, bank: &Bank, user: UserId) -> Result<Vec<OpenLine>> {
    Ok(attempts.open(user).await?.into_iter().map(|attempt| OpenLine::of(attempt, bank)).collect())
}

/// A person's newest submissions.
async fn recent(submissions: &Submissions, user: UserId, rows: i64) -> Result<Vec<SubmissionLine>> {
    let newest = submissions.list(user, Filter::default(), None, rows).await?;
    Ok(newest.into_iter().map(SubmissionLine::of).collect())
}
