//! The page of one question: ask, give hints, mark, explain.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::NewResponse;
use crate::app::App;
use crate::bank::pages::{QuestionLine, Response, practice_order, prompt_page};
use crate::bank::{
    AnswerForm, Hint, Instance, Marked, Points, Question, QuestionId, Seed, Slug, in_words, read_answer,
};
use crate::error::{Error, Kind, Refusal, Result};
use crate::web::extract::{Form, Path, Query, Visitor};
use crate::web::page::{page, redirect, with_status};

/// Which variant.
#[derive(Deserialize)]
pub struct Which {
    seed: Option<Seed>,
}

/// A question as it is shown, before and after it is answered.
#[derive(Serialize)]
struct Shown {
    line: QuestionLine,
    topic: String,
    topic_title: String,
    seed: Seed,
    /// Its place in the practice of its topic, from 1, and of how many.
    place: usize,
    of: usize,
    varies: bool,
    form: AnswerForm,
    hints: Vec<HintView>,
    /// What the next hint costs.
    next_hint: Option<String>,
    /// Why the answer was not taken.
    wrong: Option<String>,
    outcome: Option<Outcome>,
    next: Option<QuestionLine>,
}

#[derive(Serialize)]
struct HintView {
    html: String,
    cost: String,
}

/// What an answer earned.
#[derive(Serialize)]
struct Outcome {
    /// `right`, `partly`, `wrong`, or `open` where a person decides.
    class: &'static str,
    score: Option<String>,
    max_score: String,
    /// What the hints took.
    hints_cost: Option<String>,
    /// An answer that earns everything, line by line, as HTML; empty where this one did.
    solution: Vec<String>,
    explanation: String,
    sources: Vec<String>,
}

/// `GET /practice/{topic}`: its first question.
pub async fn topic(app: web::Data<App>, topic: Path<Slug>) -> Result<HttpResponse> {
    let first = practice_order(&app.bank, &topic.0).into_iter().next().ok_or_else(|| Refusal::not_found("topic"))?;
    Ok(redirect(&format!("/practice/{}", first.id())))
}

/// `GET /practice/{topic}/{slug}`: a question; one that varies, with a seed.
pub async fn ask(
    app: web::Data<App>,
    visitor: Visitor,
    name: Path<(Slug, Slug)>,
    which: Query<Which>,
) -> Result<HttpResponse> {
    let question = find(&app, name.0)?;
    let Some(seed) = which.0.seed.or((!question.varies()).then_some(Seed::ZERO)) else {
        return Ok(redirect(&format!("/practice/{}?seed={}", question.id(), Seed::random().get())));
    };
    let instance = question.instance(seed);
    let shown = shown(&app, &question, seed, AnswerForm::of(&instance.variant(), None), 0);
    page(&app, &visitor, "practice", &title(&shown), shown)
}

/// `POST /practice/{topic}/{slug}`: an answer, or the wish for another hint.
pub async fn answer(
    app: web::Data<App>,
    visitor: Visitor,
    name: Path<(Slug, Slug)>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let question = find(&app, name.0)?;
    let fields = form.0;
    let number = |name: &str| fields.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok());
    let seed = number("seed").and_then(Seed::new).unwrap_or(Seed::ZERO);
    let hints = number("hints").and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let wants_hint = fields.iter().any(|(name, value)| name == "do" && value == "hint");
    let instance = question.instance(seed);
    let variant = instance.variant();
    let read = read_answer(&variant, &fields);
    let typed = read.clone().ok().flatten();
    let form = AnswerForm::sent(&variant, &fields);
    let mut shown = shown(&app, &question, seed, form, hints + usize::from(wants_hint));
    if wants_hint {
        return page(&app, &visitor, "practice", &title(&shown), shown);
    }
    let answer = match read {
        Ok(answer) => {
            let read = instance.read_answer(&answer.unwrap_or_default()).map_err(|error| about_answer(&error.detail));
            read.and_then(|answer| answer.ok_or_else(|| "answer the question first".to_owned()))
        }
        Err(problem) => Err(problem),
    };
    match answer {
        Ok(answer) => {
            let hints = taken(&question, hints);
            // A visitor may try without an account; then nothing is kept.
            let marked = match &visitor.session {
                Some(session) => app.practice.keep(session.user.id, &instance, &answer, hints).await?.1,
                None => instance.mark_after_hints(&answer, hints),
            };
            shown.form = AnswerForm::answered(&variant, typed.as_ref(), &marked.feedback, &app.bank);
            shown.outcome = Some(outcome(&instance, &question, &marked, hints));
            page(&app, &visitor, "practice", &title(&shown), shown)
        }
        Err(problem) => {
            shown.wrong = Some(problem);
            with_status(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, "practice", &title(&shown), shown)
        }
    }
}

/// "must be a number" is said of the answer.
fn about_answer(detail: &str) -> String {
    if detail.starts_with("must ") { format!("your answer {detail}") } else { detail.to_owned() }
}

/// The form of `/prompts/{topic}/{slug}`.
#[derive(Deserialize)]
pub struct ResponseForm {
    text: String,
}

/// `POST /prompts/{topic}/{slug}`: keeps a response.
pub async fn respond(
    app: web::Data<App>,
    visitor: Visitor,
    name: Path<(Slug, Slug)>,
    form: Form<ResponseForm>,
) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let (topic, slug) = name.0;
    let id = QuestionId::new(topic, slug);
    let text = form.0.text.replace("\r\n", "\n");
    let response = match app.practice.respond(user, &id, NewResponse { text: text.clone() }).await {
        Ok(_) => Response { text, kept: true, wrong: None },
        Err(Error::Refused(refusal)) if refusal.kind == Kind::Invalid => {
            Response { text, kept: false, wrong: Some(refusal.detail) }
        }
        Err(error) => return Err(error),
    };
    prompt_page(&app, &visitor, &id, response)
}

fn find(app: &App, (topic, slug): (Slug, Slug)) -> Result<Arc<Question>> {
    let question = app.bank.question(&QuestionId::new(topic, slug));
    Ok(Arc::clone(question.ok_or_else(|| Refusal::not_found("question"))?))
}

fn title(shown: &Shown) -> String {
    format!("{} · {}", shown.line.title(), shown.topic_title)
}

fn shown(app: &App, question: &Question, seed: Seed, form: AnswerForm, hints: usize) -> Shown {
    let topic = question.id().topic();
    let all = practice_order(&app.bank, topic);
    let place = all.iter().position(|other| other.id() == question.id()).map_or(1, |index| index + 1);
    Shown {
        line: QuestionLine::of(question),
        topic: topic.to_string(),
        topic_title: app.bank.topic(topic).map(|topic| topic.title.clone()).unwrap_or_default(),
        seed,
        place,
        of: all.len(),
        varies: question.is_parametric(),
        form,
        hints: question.hints().iter().take(hints).map(hint_view).collect(),
        next_hint: question.hints().get(hints).map(|hint| hint.cost.to_string()),
        wrong: None,
        outcome: None,
        next: all.get(place).map(|next| QuestionLine::of(next)),
    }
}

fn hint_view(hint: &Hint) -> HintView {
    HintView { html: hint.text.html().to_owned(), cost: hint.cost.to_string() }
}

/// As many as a question has, at the most.
fn taken(question: &Question, hints: usize) -> u8 {
    u8::try_from(hints.min(question.hints().len())).unwrap_or(u8::MAX)
}

fn outcome(instance: &Instance<'_>, question: &Question, marked: &Marked, hints: u8) -> Outcome {
    let cost: Points = question.hints().iter().take(hints.into()).map(|hint| hint.cost).sum();
    let class = match marked.score {
        None => "open",
        Some(_) if marked.correct == Some(true) => "right",
        Some(Points::ZERO) => "wrong",
        Some(_) => "partly",
    };
    let solution = instance.solution().filter(|_| marked.correct == Some(false));
    Outcome {
        class,
        score: marked.score.map(|score| score.to_string()),
        max_score: marked.max_score.to_string(),
        hints_cost: (cost > Points::ZERO).then(|| cost.to_string()),
        solution: solution.map(|right| in_words(&instance.variant(), &right.to_json())).unwrap_or_default(),
        explanation: instance.explanation().html().to_owned(),
        sources: question.sources().to_vec(),
    }
}
