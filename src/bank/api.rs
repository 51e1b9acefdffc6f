//! Reading the bank: `/topics`, `/questions`, `/prompts`. The same for everybody, so nobody has to sign in; conditional.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Bank;
use super::view::{HintView, PromptDetail, PromptSummary, QuestionSummary, TopicDetail, TopicSummary};
use super::{Filter, Kind, PracticeVariant, Question, QuestionId, Seed, Slug};
use crate::error::{Error, Refusal, Result};
use crate::http::conditional;
use crate::http::list::{Cursor, Limit, Listing, Page, Paging};
use crate::http::params::{Path, Query};

/// The topics of the curriculum, in its order.
#[utoipa::path(get, path = "/api/v1/topics", tag = "bank", params(Paging),
    responses((status = 200, description = "A page of topics", body = Listing<TopicSummary>), (status = 304, description = "The caller has it already")))]
pub(crate) async fn topics(bank: web::Data<Bank>, request: HttpRequest, query: Query<Paging>) -> Result<HttpResponse> {
    let topics = bank.topics().iter().map(|topic| (format!("{:04} {}", topic.order, topic.slug), topic));
    let listing = query.0.page().of_sorted(topics, |topic| TopicSummary::of(&bank, topic));
    listing.into_conditional_response(&request)
}

/// A topic with its lesson, in Markdown and HTML.
#[utoipa::path(get, path = "/api/v1/topics/{topic}", tag = "bank", params(("topic" = Slug, Path, description = "The topic's slug", example = "cap")),
    responses((status = 200, description = "The topic", body = TopicDetail), (status = 304, description = "The caller has it already")))]
pub(crate) async fn topic(bank: web::Data<Bank>, request: HttpRequest, slug: Path<Slug>) -> Result<HttpResponse> {
    let topic = bank.topic(&slug.0).ok_or_else(|| Refusal::not_found("topic"))?;
    conditional::json(&request, &TopicDetail::of(&bank, topic))
}

/// Filters of the list of questions, and the page of it that is wanted. A question must fit every filter that is given.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuestionQuery {
    /// Only questions of this topic.
    topic: Option<Slug>,
    /// Only questions of this kind.
    kind: Option<Kind>,
    /// Only questions of this difficulty.
    #[param(minimum = 1, maximum = 5)]
    difficulty: Option<u8>,
    /// Only questions with this tag.
    tag: Option<String>,
    /// The number of items on a page, 50 by default.
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// Questions, without their keys.
#[utoipa::path(get, path = "/api/v1/questions", tag = "bank", params(QuestionQuery),
    responses((status = 200, description = "A page of questions", body = Listing<QuestionSummary>), (status = 304, description = "The caller has it already")))]
pub(crate) async fn questions(
    bank: web::Data<Bank>,
    request: HttpRequest,
    query: Query<QuestionQuery>,
) -> Result<HttpResponse> {
    let QuestionQuery { topic, kind, difficulty, tag, limit, cursor } = query.0;
    if difficulty.is_some_and(|level| !(1..=5).contains(&level)) {
        return Err(Refusal::invalid_field("?difficulty", "a difficulty is a number from 1 to 5").into());
    }
    let filter = Filter { topic, kind, difficulty: difficulty.map(|level| (level, level)), tag };
    let found = bank.find(&filter).map(|question| (question.id().to_string(), question));
    let listing = Page::new(limit, cursor).of_sorted(found, |question| QuestionSummary::of(question));
    listing.into_conditional_response(&request)
}

/// The variant of a question that is requested.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VariantQuery {
    /// The seed of the variant, from 0 to 2⁵³ − 1; by default a random one.
    seed: Option<Seed>,
}

/// One variant of a question, as a candidate sees it.
#[utoipa::path(get, path = "/api/v1/questions/{topic}/{slug}", tag = "bank",
    params(("topic" = Slug, Path, description = "A topic's slug", example = "cap"), ("slug" = Slug, Path, description = "The question's slug", example = "pick-two"), VariantQuery),
    responses((status = 200, description = "The variant", body = PracticeVariant), (status = 304, description = "The caller has it already")))]
pub(crate) async fn question(
    bank: web::Data<Bank>,
    request: HttpRequest,
    path: Path<(Slug, Slug)>,
    query: Query<VariantQuery>,
) -> Result<HttpResponse> {
    let (topic, slug) = path.0;
    let question = bank.question(&QuestionId::new(topic, slug)).ok_or_else(|| Refusal::not_found("question"))?;
    match query.0.seed {
        Some(seed) if question.varies() || seed != Seed::ZERO => {
            conditional::json(&request, &question.instance(seed).practice_variant())
        }
        None if question.varies() => of_chance(question),
        _ => the_only_one(&request, question),
    }
}

/// A variant with a random seed. It isn't cached, since the next reader gets another one.
fn of_chance(question: &Question) -> Result<HttpResponse> {
    let variant = question.instance(Seed::random()).practice_variant();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(variant))
}

/// The only variant of a question, as JSON that is made once, because most requests read one of these.
fn the_only_one(request: &HttpRequest, question: &Question) -> Result<HttpResponse> {
    let write = || {
        let body = serde_json::to_vec(&question.instance(Seed::ZERO).practice_variant()).unwrap_or_default();
        (conditional::tag(&body), body)
    };
    let (tag, body) = question.written_out(write);
    if body.is_empty() {
        return Err(Error::internal("write a question", "it has no JSON form"));
    }
    Ok(conditional::tagged(request, tag, body))
}

/// A hint of a question, counted from 1. A client that takes it says so with its answer.
#[utoipa::path(get, path = "/api/v1/questions/{topic}/{slug}/hints/{number}", tag = "bank",
    params(("topic" = Slug, Path, description = "A topic's slug"), ("slug" = Slug, Path, description = "The question's slug"),
        ("number" = u32, Path, description = "The hint's place, from 1", minimum = 1)),
    responses((status = 200, description = "The hint", body = HintView), (status = 304, description = "The caller has it already")))]
pub(crate) async fn hint(
    bank: web::Data<Bank>,
    request: HttpRequest,
    path: Path<(Slug, Slug, usize)>,
) -> Result<HttpResponse> {
    let (topic, slug, number) = path.0;
    let question = bank.question(&QuestionId::new(topic, slug)).ok_or_else(|| Refusal::not_found("question"))?;
    let hint = number.checked_sub(1).and_then(|index| question.hints().get(index));
    conditional::json(&request, &HintView::of(number, hint.ok_or_else(|| Refusal::not_found("hint"))?))
}

/// Design prompts, ordered by id, without their notes and examples for reviewers.
#[utoipa::path(get, path = "/api/v1/prompts", tag = "bank", params(Paging),
    responses((status = 200, description = "A page of prompts", body = Listing<PromptSummary>), (status = 304, description = "The caller has it already")))]
pub(crate) async fn prompts(bank: web::Data<Bank>, request: HttpRequest, query: Query<Paging>) -> Result<HttpResponse> {
    let prompts = bank.prompts().map(|prompt| (prompt.id.to_string(), prompt));
    let listing = query.0.page().of_sorted(prompts, |prompt| PromptSummary::of(prompt));
    listing.into_conditional_response(&request)
}

/// A design prompt with its rubric's criteria.
#[utoipa::path(get, path = "/api/v1/prompts/{topic}/{slug}", tag = "bank",
    params(("topic" = Slug, Path, description = "A topic's slug", example = "cap"), ("slug" = Slug, Path, description = "The prompt's slug", example = "scaling-a-legacy-application")),
    responses((status = 200, description = "The prompt", body = PromptDetail), (status = 304, description = "The caller has it already")))]
pub(crate) async fn prompt(
    bank: web::Data<Bank>,
    request: HttpRequest,
    path: Path<(Slug, Slug)>,
) -> Result<HttpResponse> {
    let (topic, slug) = path.0;
    let prompt = bank.prompt(&QuestionId::new(topic, slug)).ok_or_else(|| Refusal::not_found("prompt"))?;
    conditional::json(&request, &PromptDetail::of(prompt))
}
