//! The pages of exercises: the list, and one with its statement and the editor that hands in.

mod editor;
mod incident;
mod sent_form;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Serialize;

use self::editor::{ChangesView, EditorFiles, EditorQuery, ExercisePage, Origin};
use self::sent_form::{SentForm, Since};
use super::{Exercise, ExerciseSummary, Exercises, State};
use crate::attempts::frame::Frame;
use crate::attempts::{self, AttemptItem, Attempts};
use crate::bank::Bank;
use crate::clock::Clock;
use crate::error::{Error, Refusal, Result};
use crate::http::body::{Form, SUBMISSION_FORM_MAX_BYTES};
use crate::http::identity::{LocalFuture, Visitor};
use crate::http::page::redirect;
use crate::http::params::{Path, Query};
use crate::http::request::{is_for_a_script, registered};
use crate::id::{SubmissionId, UserId};
use crate::rate_limits::RateLimits;
use crate::submissions::{Changes, Filter, NewSubmission, Submission, Submissions};

pub(crate) use self::incident::incident;

/// How an address asks for the starter's files.
const STARTER: &str = "starter";

/// An exercise in the list of all.
#[derive(Serialize)]
struct ExerciseLine {
    summary: ExerciseSummary,
    /// Whether submissions are taken.
    ready: bool,
    /// Such as `12 of 20 points`.
    best: Option<String>,
}

/// `GET /exercises`: the list of all exercises, each with the best that a signed-in person has reached.
pub(crate) async fn list(
    exercises: web::Data<Exercises>,
    submissions: web::Data<Submissions>,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let best = match visitor.user() {
        Ok(user) => submissions.best(user.id).await?,
        Err(_) => Vec::new(),
    };
    let best_of = |slug: &str| best.iter().find(|best| best.exercise == slug);
    let line = |summary: ExerciseSummary| ExerciseLine {
        ready: summary.availability.state != State::Unavailable,
        best: best_of(&summary.slug).map(|best| format!("{} of {} points", best.score, best.max_score)),
        summary,
    };
    let lines: Vec<_> = exercises.summaries().into_iter().map(line).collect();
    visitor.page("exercises", "Exercises", lines)
}

/// Somebody at the editor of an exercise, with the services that its page is made of.
pub(crate) struct Editor {
    bank: web::Data<Bank>,
    exercises: web::Data<Exercises>,
    attempts: web::Data<Attempts>,
    submissions: web::Data<Submissions>,
    limits: web::Data<RateLimits>,
    clock: web::Data<Clock>,
    visitor: Visitor,
}

impl FromRequest for Editor {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, visitor) = (request.clone(), Visitor::from_request(request, payload));
        Box::pin(async move {
            Ok(Self {
                bank: registered(&request)?,
                exercises: registered(&request)?,
                attempts: registered(&request)?,
                submissions: registered(&request)?,
                limits: registered(&request)?,
                clock: registered(&request)?,
                visitor: visitor.await?,
            })
        })
    }
}

impl Editor {
    async fn page(
        &self,
        slug: &str,
        item: Option<AttemptItem>,
        files: impl AsyncFnOnce(&Exercise) -> Result<EditorFiles>,
    ) -> Result<ExercisePage> {
        let exercise = self.exercises.exercise(slug)?;
        let package = self.exercises.package(slug).ok_or_else(|| Refusal::not_found("exercise"))?;
        let files = files(&exercise).await?;
        let mut page = ExercisePage::of(&package, exercise, item, files, &self.bank);
        page.frame = self.frame(item).await?;
        Ok(page)
    }

    /// The clock of the attempt that the exercise is worked at for; nothing once that is over.
    async fn frame(&self, item: Option<AttemptItem>) -> Result<Option<Frame>> {
        let Some(item) = item else { return Ok(None) };
        let attempt = self.attempts.resume(self.visitor.viewer()?, item.attempt).await?;
        let open = attempt.state == attempts::State::Open;
        Ok(open.then(|| Frame::of(&attempt, item.position, self.clock.now())))
    }

    /// What the editor begins with: what is asked for, else the latest submission, else the starter.
    async fn files(&self, exercise: &Exercise, item: Option<AttemptItem>, from: Option<&str>) -> Result<EditorFiles> {
        let starter = exercise.work();
        let user = match self.visitor.user() {
            Ok(user) if from != Some(STARTER) => user.id,
            _ => return Ok(EditorFiles::starter(starter)),
        };
        let slug = &exercise.summary.slug;
        let id = match from.and_then(|from| from.parse::<SubmissionId>().ok()) {
            Some(id) => Some(self.submission(slug, id).await?),
            None => self.latest(user, slug, item).await?,
        };
        let Some(id) = id else { return Ok(EditorFiles::starter(starter)) };
        let files = exercise.with_manifest(self.submissions.files(self.visitor.viewer()?, id).await?);
        Ok(EditorFiles::submitted(files, id))
    }

    async fn latest(&self, user: UserId, slug: &str, item: Option<AttemptItem>) -> Result<Option<SubmissionId>> {
        let filter = Filter { exercise: Some(slug.to_owned()), item, ..Filter::default() };
        Ok(self.submissions.list(user, filter, None, 1).await?.into_iter().next().map(|latest| latest.id))
    }

    /// A submission to this exercise, of whoever looks.
    ///
    /// # Errors
    /// 404 `not_found` when there is none.
    async fn submission(&self, slug: &str, id: SubmissionId) -> Result<SubmissionId> {
        let found = self.submissions.find(self.visitor.viewer()?, id).await?;
        if found.summary.exercise == slug { Ok(id) } else { Err(Refusal::not_found("submission").into()) }
    }

    /// What changed from the starter, or from the latest submission, to what was sent.
    async fn changes(&self, exercise: &Exercise, sent: &SentForm) -> Result<ChangesView> {
        let from = if sent.since == Since::Starter { Some(STARTER) } else { None };
        let before = self.files(exercise, sent.item()?, from).await?;
        let since = if before.origin == Origin::Submission { "your last submission" } else { "the starter" };
        let (before, after) = (before.into_files(), exercise.with_manifest(sent.compared()));
        let changes = web::block(move || Changes::between(&before, &after)).await;
        let changes = changes.map_err(|error| Error::internal("compare two states of the editor", error))?;
        Ok(ChangesView { since, changes })
    }

    /// What was sent, to be shown again.
    async fn typed(&self, slug: &str, sent: &SentForm) -> Result<EditorFiles> {
        let item = sent.item().unwrap_or_default();
        let latest = self.latest(self.visitor.user()?.id, slug, item).await?;
        Ok(EditorFiles::typed(sent, latest))
    }

    async fn take(&self, slug: &str, sent: &SentForm) -> Result<Submission> {
        let user = self.visitor.user()?.id;
        // What can't be graded here is not counted.
        self.exercises.check_open(slug)?;
        let (exercise, mode, item) = (slug.to_owned(), sent.mode, sent.item()?);
        let new = sent.submitted().map(|files| NewSubmission { user, exercise, mode, item, files });
        // Nor is a second click.
        if let Ok(new) = &new
            && let Some(first) = self.submissions.repeated(new).await?
        {
            return Ok(first);
        }
        self.limits.submission(user)?;
        self.submissions.hand_in_by_form(new?).await
    }
}

/// `GET /exercises/{slug}`: one exercise with its statement and the editor.
pub(crate) async fn one(editor: Editor, slug: Path<String>, query: Query<EditorQuery>) -> Result<HttpResponse> {
    let EditorQuery { attempt, position, from, submission } = query.0;
    let item = AttemptItem::of(attempt, position)?;
    let files = async |exercise: &Exercise| editor.files(exercise, item, from.as_deref()).await;
    let mut shown = editor.page(&slug.0, item, files).await?;
    if let Some(id) = submission {
        shown.submission = Some(editor.submission(&slug.0, id).await?);
    }
    if item.is_some() && shown.frame.is_none() {
        // That attempt is over: from here on it is practice.
        return Ok(redirect(&format!("/exercises/{}", slug.0)));
    }
    editor.visitor.page("exercise", &shown.title(), &shown)
}

/// `POST /exercises/{slug}/submissions`: hands in what the editor holds. What is not taken is shown again, with the reason; a
/// script, which asks for JSON, is told either as the API tells it.
pub(crate) async fn hand_in(
    editor: Editor,
    slug: Path<String>,
    request: HttpRequest,
    form: Form<Vec<(String, String)>, SUBMISSION_FORM_MAX_BYTES>,
) -> Result<HttpResponse> {
    editor.visitor.user()?;
    let sent = SentForm::read(form.0);
    let taken = editor.take(&slug.0, &sent).await;
    if is_for_a_script(&request) {
        return Ok(HttpResponse::Accepted().json(taken?));
    }
    let refusal = match taken {
        Ok(submission) => return Ok(redirect(&format!("/submissions/{}", submission.summary.id))),
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => return Err(error),
    };
    let mut shown =
        editor.page(&slug.0, sent.item().unwrap_or_default(), async |_| editor.typed(&slug.0, &sent).await).await?;
    shown.wrong = Some(refusal.sentence());
    editor.visitor.refused_page(&refusal, "exercise", &shown.title(), &shown)
}

/// `POST /exercises/{slug}/changes`: what the editor holds, with what changed in it since the starter or the latest submission.
/// Nothing is stored.
pub(crate) async fn changes(
    editor: Editor,
    slug: Path<String>,
    form: Form<Vec<(String, String)>, SUBMISSION_FORM_MAX_BYTES>,
) -> Result<HttpResponse> {
    editor.visitor.user()?;
    let sent = SentForm::read(form.0);
    let exercise = editor.exercises.exercise(&slug.0)?;
    let mut shown = editor.page(&slug.0, sent.item()?, async |_| editor.typed(&slug.0, &sent).await).await?;
    shown.changes = Some(editor.changes(&exercise, &sent).await?);
    editor.visitor.page("exercise", &shown.title(), &shown)
}
