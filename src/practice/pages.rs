//! The pages of practice: one question (ask, give hints, mark, explain), and one design prompt.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Marking, NewAnswer, NewResponse, Practice};
use crate::bank::view::PromptItem;
use crate::bank::{
    AnswerError, AnswerForm, Bank, ESSAY_CHARS, Hint, Points, Prompt, PromptLine, Question, QuestionId, QuestionLine,
    Seed, Slug, Standing, Variant, describe_answer, read_answer,
};
use crate::error::{Error, Refusal, Result};
use crate::http::body::Form;
use crate::http::identity::Visitor;
use crate::http::page::redirect;
use crate::http::params::{Path, Query};
use crate::id::AnswerId;
use crate::rate_limits::RateLimits;

/// The variant that is asked for.
#[derive(Deserialize)]
pub(crate) struct VariantQuery {
    seed: Option<Seed>,
}

/// A question as it is shown, before and after it is answered.
#[derive(Serialize)]
struct Shown {
    line: QuestionLine,
    topic: String,
    topic_title: String,
    seed: Seed,
    /// Tells this form from every other, so that an answer that it sends twice is kept once.
    key: AnswerId,
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
    class: Standing,
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
pub(crate) async fn topic(bank: web::Data<Bank>, topic: Path<Slug>) -> Result<HttpResponse> {
    let first = bank.practice_order(&topic.0).into_iter().next().ok_or_else(|| Refusal::not_found("topic"))?;
    Ok(redirect(&format!("/practice/{}", first.id())))
}

/// `GET /practice/{topic}/{slug}`: a question; one that varies, with a seed.
pub(crate) async fn ask(
    bank: web::Data<Bank>,
    visitor: Visitor,
    name: Path<(Slug, Slug)>,
    query: Query<VariantQuery>,
) -> Result<HttpResponse> {
    let question = find(&bank, name.0)?;
    let Some(seed) = query.0.seed.or((!question.varies()).then_some(Seed::ZERO)) else {
        return Ok(redirect(&format!("/practice/{}?seed={}", question.id(), Seed::random().get())));
    };
    let form = AnswerForm::of(&question.instance(seed).variant(), None);
    let shown = shown(&bank, &question, seed, form, 0);
    visitor.page("practice", &title(&shown), shown)
}

/// The fields beside the answer in the form of a question.
struct SentForm {
    seed: Seed,
    /// The form's own key; a new one where it has none.
    key: AnswerId,
    /// How many hints are shown.
    hints: u8,
    /// Whether the next hint is wanted rather than a mark.
    wants_hint: bool,
}

impl SentForm {
    fn read(fields: &[(String, String)], question: &Question) -> Result<Self> {
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let damaged =
            || Error::from(Refusal::invalid_field("", "this form is damaged: reload the page and answer again"));
        let number = |name: &str| field(name).unwrap_or("0").parse::<u64>().map_err(|_| damaged());
        let hints = u8::try_from(number("hints")?).map_err(|_| damaged())?;
        if usize::from(hints) > question.hints().len() {
            return Err(damaged());
        }
        let seed = Seed::new(number("seed")?).ok_or_else(damaged)?;
        let key = field("key").map(str::parse).transpose().map_err(|_| damaged())?.unwrap_or_else(AnswerId::new);
        Ok(Self { seed, key, hints, wants_hint: field("do") == Some("hint") })
    }
}

/// `POST /practice/{topic}/{slug}`: an answer, or the wish for another hint.
pub(crate) async fn answer(
    bank: web::Data<Bank>,
    limits: web::Data<RateLimits>,
    practice: web::Data<Practice>,
    visitor: Visitor,
    name: Path<(Slug, Slug)>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let (question, fields) = (find(&bank, name.0)?, form.0);
    let sent = SentForm::read(&fields, &question)?;
    let variant = question.instance(sent.seed).variant();
    let read = read_answer(&variant, &fields);
    let typed = read.as_ref().ok().cloned().flatten();
    let hints = usize::from(sent.hints) + usize::from(sent.wants_hint);
    let mut shown = shown(&bank, &question, sent.seed, AnswerForm::sent(&variant, &fields), hints);
    if sent.wants_hint {
        return visitor.page("practice", &title(&shown), shown);
    }
    match mark(&limits, &practice, &visitor, &question, &sent, read).await {
        Ok(marking) => {
            shown.form = AnswerForm::answered(&variant, typed.as_ref(), &marking.feedback, |id| {
                bank.misconception(id).map(AsRef::as_ref)
            });
            shown.outcome = Some(outcome(&question, &variant, &marking, sent.hints));
            visitor.page("practice", &title(&shown), shown)
        }
        // Whatever was refused, and for whatever reason: what was typed stays.
        Err(Error::Refused(refusal)) => {
            let pointer = refusal.fields.first().and_then(|field| field.pointer.strip_prefix("/answer"));
            shown.form.refuse(pointer.unwrap_or_default(), refusal.sentence());
            shown.wrong = Some(refusal.sentence());
            visitor.refused_page(&refusal, "practice", &title(&shown), shown)
        }
        Err(error) => Err(error),
    }
}

async fn mark(
    limits: &RateLimits,
    practice: &Practice,
    visitor: &Visitor,
    question: &Question,
    sent: &SentForm,
    read: Result<Option<Value>, AnswerError>,
) -> Result<Marking> {
    let refused = |error: AnswerError| Refusal::invalid_field(format!("/answer{}", error.pointer), error.detail);
    let read = read.map_err(refused)?;
    let form = NewAnswer { seed: sent.seed, answer: read.unwrap_or_default(), hints: sent.hints, version: None };
    let user = visitor.session.as_ref().map(|session| session.user.id);
    if let Some(user) = user {
        limits.kept(user, form.size())?;
    }
    practice.answer_by_form(user, question.id(), form, sent.key).await
}

/// A prompt with the field for a response.
#[derive(Serialize)]
struct PromptPage<'b> {
    line: PromptLine<'b>,
    topic_title: String,
    #[serde(flatten)]
    text: PromptItem,
    sources: &'b [String],
    form: AnswerForm,
    /// Whether the response is kept now.
    kept: bool,
    /// Why it was not.
    wrong: Option<String>,
}

impl<'b> PromptPage<'b> {
    fn of(bank: &Bank, prompt: &'b Prompt, text: &str) -> Self {
        Self {
            line: PromptLine::of(prompt),
            topic_title: bank.topic(prompt.id.topic()).map(|topic| topic.title.clone()).unwrap_or_default(),
            text: PromptItem::of(prompt),
            sources: &prompt.sources,
            form: AnswerForm::essay(ESSAY_CHARS, Some(&json!({ "text": text }))),
            kept: false,
            wrong: None,
        }
    }
}

/// `GET /prompts/{topic}/{slug}`: a design prompt, with the field for a response.
pub(crate) async fn prompt(bank: web::Data<Bank>, visitor: Visitor, name: Path<(Slug, Slug)>) -> Result<HttpResponse> {
    let prompt = find_prompt(&bank, name.0)?;
    visitor.page("prompt", &prompt.title, PromptPage::of(&bank, prompt, ""))
}

/// The form of `/prompts/{topic}/{slug}`.
#[derive(Deserialize)]
pub(crate) struct ResponseForm {
    text: String,
}

/// `POST /prompts/{topic}/{slug}`: keeps a response.
pub(crate) async fn respond(
    bank: web::Data<Bank>,
    limits: web::Data<RateLimits>,
    practice: web::Data<Practice>,
    visitor: Visitor,
    name: Path<(Slug, Slug)>,
    form: Form<ResponseForm>,
) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let prompt = find_prompt(&bank, name.0)?;
    let text = form.0.text.replace("\r\n", "\n");
    let mut shown = PromptPage::of(&bank, prompt, &text);
    let kept = match limits.kept(user, text.len()) {
        Ok(()) => practice.respond(user, &prompt.id, NewResponse { text }).await.map(drop),
        refused => refused,
    };
    match kept {
        Ok(()) => {
            shown.kept = true;
            visitor.page("prompt", &prompt.title, shown)
        }
        // Whatever was refused, and for whatever reason: what was typed stays.
        Err(Error::Refused(refusal)) => {
            shown.form.refuse("/text", refusal.sentence());
            shown.wrong = Some(refusal.sentence());
            visitor.refused_page(&refusal, "prompt", &prompt.title, shown)
        }
        Err(error) => Err(error),
    }
}

fn find_prompt(bank: &Bank, (topic, slug): (Slug, Slug)) -> Result<&Prompt> {
    let prompt = bank.prompt(&QuestionId::new(topic, slug));
    Ok(prompt.ok_or_else(|| Refusal::not_found("prompt"))?)
}

fn find(bank: &Bank, (topic, slug): (Slug, Slug)) -> Result<Arc<Question>> {
    let question = bank.question(&QuestionId::new(topic, slug));
    Ok(Arc::clone(question.ok_or_else(|| Refusal::not_found("question"))?))
}

fn title(shown: &Shown) -> String {
    format!("{} · {}", shown.line.title(), shown.topic_title)
}

fn shown(bank: &Bank, question: &Question, seed: Seed, form: AnswerForm, hints: usize) -> Shown {
    let topic = question.id().topic();
    let all = bank.practice_order(topic);
    let place = all.iter().position(|other| other.id() == question.id()).map_or(1, |index| index + 1);
    Shown {
        line: QuestionLine::of(question),
        topic: topic.to_string(),
        topic_title: bank.topic(topic).map(|topic| topic.title.clone()).unwrap_or_default(),
        seed,
        key: AnswerId::new(),
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

/// What an answer earned, and what is said about it.
fn outcome(question: &Question, variant: &Variant, marking: &Marking, hints: u8) -> Outcome {
    let cost: Points = question.hints().iter().take(hints.into()).map(|hint| hint.cost).sum();
    // What hints cost doesn't make an answer less right.
    let class = match marking.score {
        Some(_) if marking.correct == Some(true) => Standing::Right,
        score => Standing::of(score, marking.max_score),
    };
    let solution = marking.solution.as_ref().filter(|_| marking.correct == Some(false));
    Outcome {
        class,
        score: marking.score.map(|score| score.to_string()),
        max_score: marking.max_score.to_string(),
        hints_cost: (cost > Points::ZERO).then(|| cost.to_string()),
        solution: solution.map(|right| describe_answer(variant, &right.to_json())).unwrap_or_default(),
        explanation: marking.explanation_html.clone(),
        sources: marking.sources.clone(),
    }
}
