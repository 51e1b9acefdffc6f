//! The pages of an attempt: one item at a time, a last look before it is submitted, the result.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::{
    Attempt, AttemptResult, Attempts, Begun, CountedSubmission, EndedBy, Item, ItemKind, ItemResult, Response, Save,
    State,
};
use crate::bank::view::PromptItem;
use crate::bank::{
    AnswerError, AnswerForm, ESSAY_CHARS, Navigation, Slug, Standing, describe_answer, read_answer, read_text,
};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::http::body::Form;
use crate::http::error::status;
use crate::http::identity::Visitor;
use crate::http::page::redirect;
use crate::http::params::{Path, Query};
use crate::id::{AttemptId, UserId};

fn item_path(id: AttemptId, position: i32) -> String {
    format!("/attempts/{id}/items/{position}")
}

fn result_path(id: AttemptId) -> String {
    format!("/attempts/{id}/result")
}

/// `POST /sets/{set}/attempts`: begins, or goes on with the attempt that is open.
pub(crate) async fn begin(
    attempts: web::Data<Attempts>,
    visitor: Visitor,
    set: Path<Slug>,
    _: Form<()>,
) -> Result<HttpResponse> {
    let Begun { attempt, .. } = attempts.begin(visitor.user()?.id, &set.0).await?;
    Ok(redirect(&item_path(attempt.id, attempt.resume_at())))
}

/// `GET /attempts/{id}`: goes on where it is best to go on.
pub(crate) async fn resume(
    attempts: web::Data<Attempts>,
    visitor: Visitor,
    id: Path<AttemptId>,
) -> Result<HttpResponse> {
    let attempt = attempts.resume(visitor.viewer()?, id.0).await?;
    Ok(redirect(&match attempt.state {
        State::Open => item_path(attempt.id, attempt.resume_at()),
        State::Submitted => result_path(attempt.id),
    }))
}

/// One item, to be answered.
#[derive(Serialize)]
struct ItemPage {
    frame: Frame,
    position: i32,
    points: String,
    name: String,
    section: String,
    /// What is asked, by its kind; the others are null.
    question: bool,
    prompt: Option<PromptItem>,
    exercise: Option<ExerciseView>,
    form: Option<AnswerForm>,
    /// Whether the item can't be read back at the moment.
    unreadable: bool,
    /// The number of the next save.
    revision: i64,
    saved_at: Option<Timestamp>,
    previous: Option<i32>,
    next: Option<i32>,
    /// Why the answer was not saved.
    wrong: Option<String>,
    /// What another device saved meanwhile.
    conflict: Option<Conflict>,
}

#[derive(Serialize)]
struct ExerciseView {
    href: String,
    title: String,
    grading: i32,
}

#[derive(Serialize)]
struct Conflict {
    /// The number with which to save all the same.
    revision: i64,
}

impl ItemPage {
    /// The page of an item, with what is saved.
    fn of(attempt: &Attempt, frame: Frame, item: &Item) -> Self {
        let saved = item.response.as_ref();
        let answer = saved.map(|saved| &saved.answer).filter(|answer| !answer.is_null());
        let question = item.question.as_ref().map(|variant| AnswerForm::of(variant, answer));
        let essay = item.prompt.as_ref().map(|_| AnswerForm::essay(ESSAY_CHARS, answer));
        Self {
            position: item.position,
            points: item.max_score.to_string(),
            name: item.title.clone(),
            section: item.section.clone(),
            question: item.kind == ItemKind::Question,
            prompt: item.prompt.clone(),
            exercise: item.exercise.as_ref().map(|exercise| ExerciseView {
                href: format!("/exercises/{}?attempt={}&position={}", exercise.slug, attempt.id, item.position),
                title: item.title.clone(),
                grading: exercise.grading,
            }),
            form: question.or(essay),
            unreadable: item.unreadable,
            revision: saved.map_or(1, |saved| saved.revision + 1),
            saved_at: saved.filter(|_| answer.is_some()).map(|saved| saved.saved_at),
            previous: frame.previous(item.position),
            next: frame.next(item.position),
            wrong: None,
            conflict: None,
            frame,
        }
    }

    /// The page with what somebody sent, and why it was not saved.
    fn refused(mut self, item: &Item, sent: &SentForm, refusal: &Refusal) -> Self {
        self.form = match &item.question {
            Some(variant) => Some(AnswerForm::sent(variant, &sent.0)),
            None => self.form.map(|_| AnswerForm::essay_sent(ESSAY_CHARS, &sent.0)),
        };
        let about_answer = refusal.fields.iter().find_map(|field| field.pointer.strip_prefix("/answer"));
        if let (Some(form), Some(pointer)) = (&mut self.form, about_answer) {
            form.refuse(pointer, refusal.sentence());
        }
        self.conflict = conflict(refusal);
        self.wrong = Some(refusal.sentence());
        self
    }
}

/// `GET /attempts/{id}/items/{position}`: one item, to be answered. Once the attempt is over, the result.
pub(crate) async fn item(
    attempts: web::Data<Attempts>,
    clock: web::Data<Clock>,
    visitor: Visitor,
    place: Path<(AttemptId, i32)>,
) -> Result<HttpResponse> {
    let (id, position) = place.0;
    let attempt = attempts.resume(visitor.viewer()?, id).await?;
    if attempt.state == State::Submitted {
        return Ok(redirect(&result_path(id)));
    }
    if attempt.navigation == Navigation::OneWay && position < attempt.furthest {
        return Ok(redirect(&item_path(id, attempt.furthest)));
    }
    let frame = Frame::of(&attempt, position, clock.now());
    let shown = ItemPage::of(&attempt, frame, attempt.item(position)?);
    visitor.page("attempt", &attempt.title, shown)
}

/// The fields of the form of an item.
struct SentForm(Vec<(String, String)>);

impl SentForm {
    fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The number of this save: one more than that of the answer that the page was made with.
    fn revision(&self) -> Result<i64> {
        match self.field("revision") {
            None => Ok(1),
            Some(text) => text.parse().map_err(|_| {
                Refusal::invalid_field("/revision", "a revision is a whole number: reload the page").into()
            }),
        }
    }

    /// Whether a script saves while somebody types, rather than a person by a button.
    fn is_autosave(&self) -> bool {
        self.field("do") == Some("autosave")
    }

    /// What the form answers; null when nothing is answered, or the answer was emptied.
    fn answer(&self, item: &Item) -> Result<serde_json::Value> {
        let answer = match (&item.question, &item.prompt) {
            (Some(variant), _) => read_answer(variant, &self.0),
            (_, Some(_)) => read_text(&self.0, ESSAY_CHARS),
            _ => Ok(None),
        };
        let refused = |error: AnswerError| Refusal::invalid_field(format!("/answer{}", error.pointer), error.detail);
        Ok(answer.map_err(refused)?.unwrap_or_default())
    }
}

/// `POST /attempts/{id}/items/{position}`: saves the form. A script gets what was saved, a person the next page.
pub(crate) async fn save(
    attempts: web::Data<Attempts>,
    clock: web::Data<Clock>,
    visitor: Visitor,
    place: Path<(AttemptId, i32)>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let (user, (id, position), form) = (visitor.user()?.id, place.0, SentForm(form.0));
    let attempt = attempts.resume(visitor.viewer()?, id).await?;
    let item = attempt.item(position)?;
    let saved = keep(&attempts, user, &attempt, item, &form).await;
    if form.is_autosave() {
        let saved = saved?;
        let answered = !saved.answer.is_null();
        return Ok(HttpResponse::Ok().json(AutoSaved { saved, answered, server_now: clock.now() }));
    }
    match saved {
        Ok(_) => Ok(redirect(&after(&attempt, item, form.field("do")))),
        // It came too late, and whoever sent it must not take it for saved.
        Err(Error::Refused(refusal)) if matches!(refusal.code, "time_up" | "attempt_over") => {
            Ok(redirect(&format!("{}?late={position}", result_path(id))))
        }
        Err(Error::Refused(refusal)) => {
            let frame = Frame::of(&attempt, position, clock.now());
            let shown = ItemPage::of(&attempt, frame, item).refused(item, &form, &refusal);
            visitor.page_with_status(status(refusal.kind), "attempt", &attempt.title, shown)
        }
        Err(error) => Err(error),
    }
}

/// What a script is told of a save.
#[derive(Serialize)]
struct AutoSaved {
    #[serde(flatten)]
    saved: Response,
    /// Whether the item counts as answered now.
    answered: bool,
    /// The server's clock, by which the attempt ends.
    server_now: Timestamp,
}

/// Saves what a form answers. Nothing is saved too: it has a revision, by which a save that is sent twice is known.
async fn keep(attempts: &Attempts, user: UserId, attempt: &Attempt, item: &Item, form: &SentForm) -> Result<Response> {
    let save = Save { answer: form.answer(item)?, revision: form.revision()? };
    attempts.save(user, attempt.id, item.position, save).await
}

fn conflict(refusal: &Refusal) -> Option<Conflict> {
    let stored = refusal.stored.as_ref()?.get("revision")?.as_i64()?;
    Some(Conflict { revision: stored.saturating_add(1) })
}

fn after(attempt: &Attempt, item: &Item, wanted: Option<&str>) -> String {
    let next = attempt.items.iter().find(|other| other.position > item.position);
    match (wanted, next) {
        (Some("save"), _) => item_path(attempt.id, item.position),
        (_, Some(next)) => item_path(attempt.id, next.position),
        (_, None) => format!("/attempts/{}/submit", attempt.id),
    }
}

/// `GET /attempts/{id}/submit`: a last look at what is answered, before the attempt is submitted.
pub(crate) async fn last_look(
    attempts: web::Data<Attempts>,
    clock: web::Data<Clock>,
    visitor: Visitor,
    id: Path<AttemptId>,
) -> Result<HttpResponse> {
    let attempt = attempts.resume(visitor.viewer()?, id.0).await?;
    if attempt.state == State::Submitted {
        return Ok(redirect(&result_path(id.0)));
    }
    visitor.page("submit", "Submit", Frame::of(&attempt, 0, clock.now()))
}

/// `POST /attempts/{id}/submit`: ends the attempt, and leads to its result.
pub(crate) async fn submit(
    attempts: web::Data<Attempts>,
    visitor: Visitor,
    id: Path<AttemptId>,
    _: Form<()>,
) -> Result<HttpResponse> {
    match attempts.submit(visitor.user()?.id, id.0).await {
        Ok(_) => Ok(redirect(&result_path(id.0))),
        // Over already, by the deadline or from another device: the result is what they came for.
        Err(Error::Refused(refusal)) if matches!(refusal.code, "time_up" | "attempt_over") => {
            Ok(redirect(&result_path(id.0)))
        }
        Err(error) => Err(error),
    }
}

/// What an attempt earned.
#[derive(Serialize)]
struct ResultPage {
    title: String,
    set: String,
    submitted_at: Option<Timestamp>,
    score: Option<String>,
    max_score: Option<String>,
    pending: bool,
    passed: Option<bool>,
    timed_out: bool,
    /// The item whose answer came after the end.
    late: Option<i32>,
    items: Vec<ItemView>,
}

#[derive(Serialize)]
struct ItemView {
    position: i32,
    name: String,
    score: Option<String>,
    max_score: String,
    pending: bool,
    /// Whether the item can't be read back at the moment.
    unreadable: bool,
    class: Standing,
    /// The submission that the score of an exercise comes from.
    counted: Option<CountedSubmission>,
    review: Option<ReviewView>,
}

#[derive(Serialize)]
struct ReviewView {
    answered: bool,
    form: Option<AnswerForm>,
    prompt: Option<PromptItem>,
    exercise: Option<String>,
    /// An answer that earns everything, line by line, as HTML.
    solution: Vec<String>,
    /// Whether the words of the time when the attempt began were kept.
    wording_kept: bool,
    explanation: Option<String>,
    sources: Vec<String>,
}

/// Where a result is come to from.
#[derive(Deserialize)]
pub(crate) struct ResultQuery {
    /// The item whose answer came after the end.
    late: Option<i32>,
}

/// `GET /attempts/{id}/result`: what the attempt earned, as far as its set tells.
pub(crate) async fn result(
    attempts: web::Data<Attempts>,
    visitor: Visitor,
    id: Path<AttemptId>,
    query: Query<ResultQuery>,
) -> Result<HttpResponse> {
    let viewer = visitor.viewer()?;
    let attempt = attempts.resume(viewer, id.0).await?;
    if attempt.state == State::Open {
        return Ok(redirect(&item_path(id.0, attempt.resume_at())));
    }
    let AttemptResult { total, items } = attempts.result(viewer, id.0).await?;
    let shown = ResultPage {
        title: total.title,
        set: total.set.to_string(),
        submitted_at: total.submitted_at,
        score: total.score.map(|score| score.to_string()),
        max_score: total.max_score.map(|score| score.to_string()),
        pending: total.pending,
        passed: total.passed,
        timed_out: attempt.ended_by == Some(EndedBy::Deadline),
        late: query.0.late,
        items: items.iter().map(|item| item_view(item, &attempt)).collect(),
    };
    visitor.page("result", &attempt.title, shown)
}

fn item_view(result: &ItemResult, attempt: &Attempt) -> ItemView {
    let item = attempt.items.iter().find(|item| item.position == result.position);
    ItemView {
        position: result.position,
        name: item.map(|item| item.title.clone()).unwrap_or_default(),
        score: result.score.map(|score| score.to_string()),
        max_score: result.max_score.to_string(),
        pending: result.pending,
        unreadable: result.unreadable,
        class: Standing::of(result.score, result.max_score),
        counted: result.counted.clone(),
        review: review_view(result),
    }
}

fn review_view(result: &ItemResult) -> Option<ReviewView> {
    let review = result.review.as_ref()?;
    let item = &review.item;
    let answer = item.response.as_ref().map(|response| &response.answer).filter(|answer| !answer.is_null());
    let form = match (&item.question, &item.prompt) {
        (Some(variant), _) => {
            let named = |id: &str| review.named.iter().find(|known| known.id.as_str() == id);
            Some(AnswerForm::answered(variant, answer, &review.feedback, named))
        }
        (_, Some(_)) => Some(AnswerForm::essay(ESSAY_CHARS, answer)),
        _ => None,
    };
    let solution = match (&item.question, &review.solution) {
        (Some(variant), Some(solution)) => describe_answer(variant, solution),
        _ => Vec::new(),
    };
    Some(ReviewView {
        answered: answer.is_some(),
        form,
        prompt: item.prompt.clone(),
        exercise: item.exercise.as_ref().map(|exercise| exercise.slug.clone()),
        solution,
        wording_kept: review.wording_kept,
        explanation: review.explanation_html.clone(),
        sources: review.sources.clone(),
    })
}
