//! The pages of an attempt: one item at a time, a last look before it is submitted, the result.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{Attempt, Item, ItemKind, ItemResult, PromptItem, Save, State};
use crate::app::App;
use crate::bank::pages::title;
use crate::bank::{AnswerForm, ESSAY_CHARS, Navigation, Points, Slug, in_words, read_answer, read_text};
use crate::clock::Timestamp;
use crate::error::{Error, Refusal, Result};
use crate::id::{AttemptId, UserId};
use crate::submissions::{Filter, Mode, Summary as Submission};
use crate::web::extract::{Form, Path, Visitor};
use crate::web::page::{page, redirect, with_status};

/// Submissions at an exercise that are looked at for those of the attempt.
const RECENT: i64 = 100;

/// What every page of an attempt shows.
#[derive(Serialize)]
pub struct Frame {
    id: AttemptId,
    title: String,
    set: String,
    deadline: Option<Timestamp>,
    now: Timestamp,
    /// Whole minutes until the deadline, for those without JavaScript.
    minutes_left: Option<u64>,
    one_way: bool,
    sections: Vec<SectionView>,
    answered: usize,
    of: usize,
}

#[derive(Serialize)]
struct SectionView {
    title: String,
    items: Vec<Place>,
}

/// An item in the list of all.
#[derive(Serialize)]
struct Place {
    position: i32,
    name: String,
    points: String,
    answered: bool,
    current: bool,
    /// Whether it may be gone to.
    open: bool,
}

impl Frame {
    /// Of an attempt at which the item `current` is looked at; `handed_in` are the exercises that were.
    fn of(attempt: &Attempt, handed_in: &[i32], current: i32, now: Timestamp) -> Self {
        let is_answered = |item: &Item| is_answered(item) || handed_in.contains(&item.position);
        let furthest = furthest(attempt);
        let one_way = attempt.navigation == Navigation::OneWay;
        let mut sections: Vec<SectionView> = Vec::new();
        for item in &attempt.items {
            let place = Place {
                position: item.position,
                name: name(item),
                points: item.max_score.to_string(),
                answered: is_answered(item),
                current: item.position == current,
                open: !one_way || item.position >= furthest,
            };
            match sections.last_mut().filter(|section| section.title == item.section) {
                Some(section) => section.items.push(place),
                None => sections.push(SectionView { title: item.section.clone(), items: vec![place] }),
            }
        }
        Self {
            id: attempt.id,
            title: attempt.title.clone(),
            set: attempt.set.to_string(),
            deadline: attempt.deadline,
            now,
            minutes_left: attempt.deadline.map(|deadline| deadline.since(now).as_secs().div_ceil(60)),
            one_way,
            answered: attempt.items.iter().filter(|item| is_answered(item)).count(),
            of: attempt.items.len(),
            sections,
        }
    }
}

fn name(item: &Item) -> String {
    match (&item.question, &item.prompt, &item.exercise) {
        (Some(question), _, _) => title(&question.id),
        (_, Some(prompt), _) => prompt.title.clone(),
        (_, _, Some(exercise)) => exercise.title(),
        _ => String::new(),
    }
}

/// Positions of the exercises of an attempt for which something was handed in.
async fn handed_in(app: &App, user: UserId, attempt: &Attempt) -> Result<Vec<i32>> {
    let mut positions = Vec::new();
    for (item, exercise) in attempt.items.iter().filter_map(|item| Some((item, item.exercise.as_ref()?))) {
        let filter = Filter { exercise: Some(exercise.slug.clone()), verdict: None };
        let recent = app.submissions.list(user, filter, None, RECENT).await?;
        let counts = |one: &Submission| one.mode == Mode::Graded && one.attempt == Some(attempt.id);
        if recent.iter().any(|one| counts(one) && one.position == Some(item.position)) {
            positions.push(item.position);
        }
    }
    Ok(positions)
}

/// The frame of an attempt for the page on which its exercise at `position` is worked at; nothing once it is over.
///
/// # Errors
/// When the attempt is not this person's.
pub async fn frame(app: &App, user: UserId, id: AttemptId, position: i32) -> Result<Option<Frame>> {
    let attempt = app.attempts.resume(user, id).await?;
    if attempt.state == State::Submitted {
        return Ok(None);
    }
    let handed_in = handed_in(app, user, &attempt).await?;
    Ok(Some(Frame::of(&attempt, &handed_in, position, app.clock.now())))
}

/// Whether an answer is saved. An exercise is answered by submissions, see [`handed_in`].
fn is_answered(item: &Item) -> bool {
    item.response.is_some()
}

/// The last item that is answered; a one-way set closes those before it.
fn furthest(attempt: &Attempt) -> i32 {
    attempt.items.iter().filter(|item| is_answered(item)).map(|item| item.position).max().unwrap_or(1)
}

/// Where to go on.
fn resume_at(attempt: &Attempt) -> i32 {
    match attempt.navigation {
        Navigation::OneWay => furthest(attempt),
        Navigation::Free => attempt.items.iter().find(|item| !is_answered(item)).map_or(1, |item| item.position),
    }
}

fn item_path(id: AttemptId, position: i32) -> String {
    format!("/attempts/{id}/items/{position}")
}

fn result_path(id: AttemptId) -> String {
    format!("/attempts/{id}/result")
}

/// `POST /sets/{set}/attempts`: begins.
pub async fn begin(app: web::Data<App>, visitor: Visitor, set: Path<Slug>, _: Form<()>) -> Result<HttpResponse> {
    let attempt = app.attempts.begin(visitor.user()?.id, &set.0).await?;
    Ok(redirect(&item_path(attempt.id, resume_at(&attempt))))
}

/// `GET /attempts/{id}`: goes on where it is best to go on.
pub async fn resume(app: web::Data<App>, visitor: Visitor, id: Path<AttemptId>) -> Result<HttpResponse> {
    let attempt = app.attempts.resume(visitor.user()?.id, id.0).await?;
    Ok(redirect(&match attempt.state {
        State::Open => item_path(attempt.id, resume_at(&attempt)),
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
    /// The page of an item, with what is saved or else with `typed`.
    fn of(attempt: &Attempt, frame: Frame, item: &Item, typed: Option<&serde_json::Value>) -> Self {
        let saved = item.response.as_ref();
        let answer = typed.or(saved.map(|saved| &saved.answer));
        let question = item.question.as_ref().map(|variant| AnswerForm::of(variant, answer));
        let essay = item.prompt.as_ref().map(|_| AnswerForm::essay(ESSAY_CHARS, answer));
        let place =
            |position: i32| frame.sections.iter().flat_map(|of| &of.items).find(|item| item.position == position);
        let previous =
            place(item.position - 1).filter(|place| place.open && !frame.one_way).map(|place| place.position);
        let next = place(item.position + 1).map(|place| place.position);
        Self {
            position: item.position,
            points: item.max_score.to_string(),
            name: name(item),
            section: item.section.clone(),
            question: item.kind == ItemKind::Question,
            prompt: item.prompt.clone(),
            exercise: item.exercise.as_ref().map(|exercise| ExerciseView {
                href: format!("/exercises/{}?attempt={}&position={}", exercise.slug, attempt.id, item.position),
                title: exercise.title(),
                grading: exercise.grading,
            }),
            form: question.or(essay),
            revision: saved.map_or(1, |saved| saved.revision + 1),
            saved_at: saved.map(|saved| saved.saved_at),
            previous,
            next,
            wrong: None,
            conflict: None,
            frame,
        }
    }
}

/// `GET /attempts/{id}/items/{position}`
pub async fn item(app: web::Data<App>, visitor: Visitor, place: Path<(AttemptId, i32)>) -> Result<HttpResponse> {
    let (user, (id, position)) = (visitor.user()?.id, place.0);
    let attempt = app.attempts.resume(user, id).await?;
    if attempt.state == State::Submitted {
        return Ok(redirect(&result_path(id)));
    }
    if attempt.navigation == Navigation::OneWay && position < furthest(&attempt) {
        return Ok(redirect(&item_path(id, furthest(&attempt))));
    }
    let handed_in = handed_in(&app, user, &attempt).await?;
    let frame = Frame::of(&attempt, &handed_in, position, app.clock.now());
    let shown = ItemPage::of(&attempt, frame, find(&attempt, position)?, None);
    page(&app, &visitor, "attempt", &attempt.title, shown)
}

fn find(attempt: &Attempt, position: i32) -> Result<&Item> {
    let item = attempt.items.iter().find(|item| item.position == position);
    Ok(item.ok_or_else(|| Refusal::not_found("item"))?)
}

/// `POST /attempts/{id}/items/{position}`: saves the form. A script gets what was saved, a person the next page.
pub async fn save(
    app: web::Data<App>,
    visitor: Visitor,
    place: Path<(AttemptId, i32)>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let (user, (id, position), fields) = (visitor.user()?.id, place.0, form.0);
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let revision = field("revision").and_then(|text| text.parse().ok()).unwrap_or(1);
    let attempt = app.attempts.resume(user, id).await?;
    let item = find(&attempt, position)?;
    let answer = answer_of(item, &fields);
    if field("do") == Some("autosave") {
        let answer = answer?.ok_or_else(|| Refusal::invalid_field("/answer", "nothing is answered yet"))?;
        return Ok(HttpResponse::Ok().json(app.attempts.save(user, id, position, Save { answer, revision }).await?));
    }
    let typed = answer.as_ref().ok().cloned().flatten();
    let saved = match answer {
        Ok(Some(answer)) => app.attempts.save(user, id, position, Save { answer, revision }).await.map(|_| ()),
        Ok(None) => Ok(()),
        Err(refused) => Err(refused),
    };
    match saved {
        Ok(()) => Ok(redirect(&after(&attempt, item, field("do")))),
        Err(Error::Refused(refusal)) if matches!(refusal.code, "time_up" | "attempt_over") => {
            Ok(redirect(&result_path(id)))
        }
        Err(Error::Refused(refusal)) => {
            let frame = Frame::of(&attempt, &handed_in(&app, user, &attempt).await?, position, app.clock.now());
            let mut shown = ItemPage::of(&attempt, frame, item, typed.as_ref());
            shown.conflict = conflict(&refusal);
            shown.wrong = Some(refusal.detail);
            with_status(&app, &visitor, StatusCode::CONFLICT, "attempt", &attempt.title, shown)
        }
        Err(error) => Err(error),
    }
}

/// What the form answers; nothing when nothing is answered.
fn answer_of(item: &Item, fields: &[(String, String)]) -> Result<Option<serde_json::Value>> {
    match (&item.question, &item.prompt) {
        (Some(variant), _) => {
            read_answer(variant, fields).map_err(|problem| Refusal::invalid_field("/answer", problem).into())
        }
        (_, Some(_)) => {
            read_text(fields, ESSAY_CHARS).map_err(|problem| Refusal::invalid_field("/answer", problem).into())
        }
        _ => Ok(None),
    }
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

/// `GET /attempts/{id}/submit`: a last look.
pub async fn last_look(app: web::Data<App>, visitor: Visitor, id: Path<AttemptId>) -> Result<HttpResponse> {
    match frame(&app, visitor.user()?.id, id.0, 0).await? {
        Some(frame) => page(&app, &visitor, "submit", "Submit", frame),
        None => Ok(redirect(&result_path(id.0))),
    }
}

/// `POST /attempts/{id}/submit`
pub async fn submit(app: web::Data<App>, visitor: Visitor, id: Path<AttemptId>, _: Form<()>) -> Result<HttpResponse> {
    match app.attempts.submit(visitor.user()?.id, id.0).await {
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
    items: Vec<ItemView>,
}

#[derive(Serialize)]
struct ItemView {
    position: i32,
    name: String,
    score: Option<String>,
    max_score: String,
    pending: bool,
    /// `right`, `partly`, `wrong` or `open`.
    class: &'static str,
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
    explanation: Option<String>,
    sources: Vec<String>,
}

/// `GET /attempts/{id}/result`
pub async fn result(app: web::Data<App>, visitor: Visitor, id: Path<AttemptId>) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let attempt = app.attempts.resume(user, id.0).await?;
    if attempt.state == State::Open {
        return Ok(redirect(&item_path(id.0, resume_at(&attempt))));
    }
    let result = app.attempts.result(user, id.0).await?;
    let shown = ResultPage {
        title: result.title,
        set: result.set.to_string(),
        submitted_at: result.submitted_at,
        score: result.score.map(|score| score.to_string()),
        max_score: result.max_score.map(|score| score.to_string()),
        pending: result.pending,
        passed: result.passed,
        timed_out: attempt.deadline.is_some() && attempt.submitted_at == attempt.deadline,
        items: result.items.iter().map(|item| item_view(item, &attempt, &app)).collect(),
    };
    page(&app, &visitor, "result", &attempt.title, shown)
}

fn item_view(result: &ItemResult, attempt: &Attempt, app: &App) -> ItemView {
    let item = attempt.items.iter().find(|item| item.position == result.position);
    ItemView {
        position: result.position,
        name: item.map(name).unwrap_or_default(),
        score: result.score.map(|score| score.to_string()),
        max_score: result.max_score.to_string(),
        pending: result.pending,
        class: match result.score {
            None => "open",
            Some(Points::ZERO) => "wrong",
            Some(score) if score >= result.max_score => "right",
            Some(_) => "partly",
        },
        review: review_view(result, app),
    }
}

fn review_view(result: &ItemResult, app: &App) -> Option<ReviewView> {
    let review = result.review.as_ref()?;
    let item = &review.item;
    let answer = item.response.as_ref().map(|response| &response.answer);
    let form = match (&item.question, &item.prompt) {
        (Some(variant), _) => Some(AnswerForm::answered(variant, answer, &review.feedback, &app.bank)),
        (_, Some(_)) => Some(AnswerForm::essay(ESSAY_CHARS, answer)),
        _ => None,
    };
    let solution = match (&item.question, &review.solution) {
        (Some(variant), Some(solution)) => in_words(variant, solution),
        _ => Vec::new(),
    };
    Some(ReviewView {
        answered: answer.is_some(),
        form,
        prompt: item.prompt.clone(),
        exercise: item.exercise.as_ref().map(|exercise| exercise.slug.clone()),
        solution,
        explanation: review.explanation_html.clone(),
        sources: review.sources.clone(),
    })
}
