//! The pages of submissions: one with its progress and result, the history at an exercise, and what changed between two.

mod history;
mod places;
mod result;

use actix_web::{HttpResponse, web};

pub(crate) use self::history::{compare, history};
use super::{State, Submissions};
use crate::error::Result;
use crate::exercises::Exercises;
use crate::http::identity::Visitor;
use crate::http::params::Path;
use crate::id::SubmissionId;

/// `GET /submissions/{id}`: a submission with its verdict, its tests and its files.
pub(crate) async fn one(
    submissions: web::Data<Submissions>,
    exercises: web::Data<Exercises>,
    visitor: Visitor,
    id: Path<SubmissionId>,
) -> Result<HttpResponse> {
    let viewer = visitor.viewer()?;
    let submission = submissions.find(viewer, id.0).await?;
    let files = submissions.files(viewer, id.0).await?;
    let exercise = exercises.package(&submission.summary.exercise);
    let waits = submission.summary.state == State::Queued;
    let preparing = waits && exercises.is_preparing(&submission.summary.exercise);
    let shown = result::view(submission, files, exercise.as_deref(), preparing);
    visitor.page("submission", &format!("{} · submission", shown.exercise_title), shown)
}
