//! `/sets/{set}/attempts` and `/attempts/…`: attempts for programs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::Attempts;
use super::{Attempt, AttemptResult, Begun, Response, Save, Summary};
use crate::bank::Slug;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::identity::Caller;
use crate::http::list::{Listing, Paging};
use crate::http::params::{Path, Query};
use crate::id::AttemptId;

/// Begins an attempt, or returns the caller's open one at this set. Its items, their variants, order and points stay as
/// they are from now on.
#[utoipa::path(post, path = "/api/v1/sets/{set}/attempts", tag = "attempts", security(("bearer" = [])),
    params(("set" = Slug, Path, description = "The set's slug")),
    responses((status = 200, description = "The caller's attempt that was open already", body = Attempt, headers(("Location" = String, description = "The attempt"))),
        (status = 201, description = "The attempt, begun", body = Attempt, headers(("Location" = String, description = "The attempt"))),
        (status = 409, description = "`no_attempts_left`: the caller has had all attempts at this set.")))]
pub(crate) async fn begin(attempts: web::Data<Attempts>, caller: Caller, set: Path<Slug>) -> Result<HttpResponse> {
    let Begun { attempt, is_new } = attempts.begin(caller.id, &set.0).await?;
    let location = format!("/api/v1/attempts/{}", attempt.id);
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.insert_header((header::LOCATION, location)).json(attempt))
}

/// Lists the caller's attempts, the newest first.
#[utoipa::path(get, path = "/api/v1/attempts", tag = "attempts", security(("bearer" = []), ("personal_token" = ["read"])), params(Paging),
    responses((status = 200, description = "A page of attempts", body = Listing<Summary>)))]
pub(crate) async fn list(
    attempts: web::Data<Attempts>,
    request: HttpRequest,
    caller: Caller,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    let rows = attempts.list(caller.id, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |attempt: &Summary| attempt.id.to_string(), |attempt| attempt).into_response(&request))
}

/// Returns an attempt with what is saved, to go on with it on any device.
#[utoipa::path(get, path = "/api/v1/attempts/{id}", tag = "attempts", security(("bearer" = [])),
    params(("id" = AttemptId, Path, description = "The attempt")),
    responses((status = 200, description = "The attempt as it is now", body = Attempt)))]
pub(crate) async fn resume(attempts: web::Data<Attempts>, caller: Caller, id: Path<AttemptId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(attempts.resume(caller.viewer(), id.0).await?))
}

/// Saves an answer. An older revision is a conflict, which tells what is stored. The same save again returns what was saved, also
/// when the item or the attempt has been closed since.
#[utoipa::path(put, path = "/api/v1/attempts/{id}/responses/{position}", tag = "attempts", security(("bearer" = [])),
    params(("id" = AttemptId, Path, description = "The attempt"),
        ("position" = i32, Path, description = "The item's place, from 1", minimum = 1)), request_body = Save,
    responses((status = 200, description = "What is saved now", body = Response),
        (status = 409, description = "`older_revision`: a newer answer is stored; `stored` holds it. `item_closed`: the set goes one way, and \
            a later item is answered. `attempt_over`: the attempt was submitted. `time_up`: the deadline has passed.")))]
pub(crate) async fn save(
    attempts: web::Data<Attempts>,
    caller: Caller,
    place: Path<(AttemptId, i32)>,
    body: Json<Save>,
) -> Result<HttpResponse> {
    let (id, position) = place.0;
    Ok(HttpResponse::Ok().json(attempts.save(caller.id, id, position, body.0).await?))
}

/// Ends an attempt and scores what was saved.
#[utoipa::path(post, path = "/api/v1/attempts/{id}/submit", tag = "attempts", security(("bearer" = [])),
    params(("id" = AttemptId, Path, description = "The attempt")),
    responses((status = 200, description = "The attempt, submitted", body = Attempt),
        (status = 409, description = "`attempt_over`: it was submitted before. `time_up`: the deadline has passed.")))]
pub(crate) async fn submit(attempts: web::Data<Attempts>, caller: Caller, id: Path<AttemptId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(attempts.submit(caller.id, id.0).await?))
}

/// What an attempt earned, as far as its set tells.
#[utoipa::path(get, path = "/api/v1/attempts/{id}/result", tag = "attempts", security(("bearer" = []), ("personal_token" = ["read"])),
    params(("id" = AttemptId, Path, description = "The attempt")),
    responses((status = 200, description = "The result", body = AttemptResult),
        (status = 409, description = "`attempt_open`: the attempt has no result before it is submitted.")))]
pub(crate) async fn result(attempts: web::Data<Attempts>, caller: Caller, id: Path<AttemptId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(attempts.result(caller.viewer(), id.0).await?))
}
