//! The history of a person at an exercise, and what changed between two submissions.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Refusal, Result};
use crate::exercises::{Exercise, Exercises};
use crate::http::identity::Visitor;
use crate::http::list::{Cursor, Page};
use crate::http::params::{Path, Query};
use crate::id::SubmissionId;
use crate::submissions::{Changes, Files, Filter, SubmissionLine, Submissions, Summary};

/// The part of a history that is asked for.
#[derive(Deserialize)]
pub(crate) struct HistoryQuery {
    cursor: Option<Cursor>,
}

#[derive(Serialize)]
struct History {
    exercise: String,
    title: String,
    rows: Vec<HistoryRow>,
    next: Option<String>,
}

#[derive(Serialize)]
struct HistoryRow {
    #[serde(flatten)]
    line: SubmissionLine,
    /// What it is compared with: the submission before, or `starter`.
    before: String,
}

/// `GET /exercises/{slug}/submissions`: the history of a person at an exercise.
pub(crate) async fn history(
    exercises: web::Data<Exercises>,
    submissions: web::Data<Submissions>,
    visitor: Visitor,
    slug: Path<String>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let title = exercises.title(&slug.0);
    let title = title.ok_or_else(|| Refusal::not_found("exercise"))?;
    let wanted = Page::new(None, query.0.cursor);
    let filter = Filter { exercise: Some(slug.0.clone()), ..Filter::default() };
    let rows = submissions.list(user, filter, wanted.after.clone(), wanted.rows()).await?;
    let before: Vec<String> = rows.iter().skip(1).map(|row| row.id.to_string()).collect();
    let rows: Vec<_> = rows.into_iter().zip(before.into_iter().chain([STARTER.to_owned()])).collect();
    let row = |(summary, before): (Summary, String)| HistoryRow { line: SubmissionLine::of(summary), before };
    let listing = wanted.of_rows(rows, |(row, _)| row.id.to_string(), row);
    let shown = History { exercise: slug.0, title, rows: listing.items, next: listing.next_cursor };
    visitor.page("history", &format!("{} · submissions", shown.title), shown)
}

/// How the starter is named in addresses, where a submission is named by its id.
const STARTER: &str = "starter";

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum Version {
    Starter,
    Submission(SubmissionId),
}

impl TryFrom<String> for Version {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            STARTER => Ok(Self::Starter),
            id => id.parse().map(Self::Submission).map_err(|_| "`starter` or the id of a submission is wanted here"),
        }
    }
}

/// What is compared with what.
#[derive(Deserialize)]
pub(crate) struct CompareQuery {
    from: Version,
    to: Version,
}

#[derive(Serialize)]
struct ComparePage {
    exercise: String,
    title: String,
    /// The older side; nothing for the starter.
    from: Option<SubmissionLine>,
    /// The newer side; nothing for the starter.
    to: Option<SubmissionLine>,
    changes: Changes,
}

/// `GET /exercises/{slug}/submissions/compare`: what changed from one submission, or the starter, to another.
pub(crate) async fn compare(
    exercises: web::Data<Exercises>,
    submissions: web::Data<Submissions>,
    visitor: Visitor,
    slug: Path<String>,
    query: Query<CompareQuery>,
) -> Result<HttpResponse> {
    visitor.user()?;
    let exercise = exercises.exercise(&slug.0)?;
    let side = async |version| side(&submissions, &visitor, &exercise, version).await;
    let (from, before) = side(query.0.from).await?;
    let (to, after) = side(query.0.to).await?;
    let changes = web::block(move || Changes::between(&before, &after)).await;
    let changes = changes.map_err(|error| Error::internal("compare two submissions", error))?;
    let title = exercise.summary.title;
    let page_title = format!("{title} · changes");
    visitor.page("compare", &page_title, ComparePage { exercise: slug.0, title, from, to, changes })
}

/// One side of a comparison: its line, which the starter has not, and its files.
async fn side(
    submissions: &Submissions,
    visitor: &Visitor,
    exercise: &Exercise,
    version: Version,
) -> Result<(Option<SubmissionLine>, Files)> {
    let Version::Submission(id) = version else { return Ok((None, exercise.work())) };
    let viewer = visitor.viewer()?;
    let found = submissions.find(viewer, id).await?.summary;
    if found.exercise != exercise.summary.slug {
        return Err(Refusal::not_found("submission").into());
    }
    let files = exercise.with_manifest(submissions.files(viewer, id).await?);
    Ok((Some(SubmissionLine::of(found)), files))
}
