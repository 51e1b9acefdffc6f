//! `POST /questions/{topic}/{slug}/answers` and `POST /prompts/{topic}/{slug}/responses`.

use actix_web::{HttpResponse, web};

use super::Practice;
use super::{Kept, Marking, NewAnswer, NewResponse};
use crate::bank::{QuestionId, Slug};
use crate::error::Result;
use crate::http::body::Json;
use crate::http::identity::Caller;
use crate::http::params::Path;
use crate::rate_limits::RateLimits;

/// Answers a practice question: the score, with feedback and the explanation, once the answer is kept.
#[utoipa::path(post, path = "/api/v1/questions/{topic}/{slug}/answers", tag = "practice", security(("bearer" = [])),
    params(("topic" = Slug, Path, description = "A topic's slug"), ("slug" = Slug, Path, description = "The question's slug")),
    request_body = NewAnswer,
    responses((status = 200, description = "The answer is kept and marked", body = Marking),
        (status = 409, description = "`question_changed`: the question isn't the version that was shown any more."),
        (status = 503, description = "`overloaded`: too many answers wait to be stored, and this one wasn't.")))]
pub(crate) async fn answer(
    limits: web::Data<RateLimits>,
    practice: web::Data<Practice>,
    caller: Caller,
    path: Path<(Slug, Slug)>,
    form: Json<NewAnswer>,
) -> Result<HttpResponse> {
    let (topic, slug) = path.0;
    limits.kept(caller.id, form.0.size())?;
    let marking = practice.answer(Some(caller.id), &QuestionId::new(topic, slug), form.0).await?;
    Ok(HttpResponse::Ok().json(marking))
}

/// Responds to a design prompt. The response is kept; a person scores it.
#[utoipa::path(post, path = "/api/v1/prompts/{topic}/{slug}/responses", tag = "practice", security(("bearer" = [])),
    params(("topic" = Slug, Path, description = "A topic's slug"), ("slug" = Slug, Path, description = "The prompt's slug")),
    request_body = NewResponse,
    responses((status = 201, description = "The response is kept", body = Kept)))]
pub(crate) async fn respond(
    limits: web::Data<RateLimits>,
    practice: web::Data<Practice>,
    caller: Caller,
    path: Path<(Slug, Slug)>,
    form: Json<NewResponse>,
) -> Result<HttpResponse> {
    let (topic, slug) = path.0;
    limits.kept(caller.id, form.0.text.len())?;
    let kept = practice.respond(caller.id, &QuestionId::new(topic, slug), form.0).await?;
    Ok(HttpResponse::Created().json(kept))
}
