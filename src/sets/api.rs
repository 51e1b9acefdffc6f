//! `/sets…` and `/teams/{team}/sets`: sets for programs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::definition::SetDefinition;
use super::set_ref::SetRef;
use super::team_set::{Preview, PreviewRequest, TeamSet, TeamSetSummary};
use super::{Sets, Summary};
use crate::bank::Bank;
use crate::error::{Refusal, Result};
use crate::http::body::Json;
use crate::http::conditional::{IfMatch, revision_tag};
use crate::http::identity::Caller;
use crate::http::list::{Listing, Paging};
use crate::http::params::{Path, Query};
use crate::id::SetId;
use crate::teams::TeamRef;

/// Sets that the caller may take.
#[utoipa::path(get, path = "/api/v1/sets", tag = "sets", params(Paging),
    responses((status = 200, description = "A page of sets", body = Listing<Summary>)))]
pub(crate) async fn list(bank: web::Data<Bank>, request: HttpRequest, query: Query<Paging>) -> Result<HttpResponse> {
    let sets = bank.sets().map(|set| (set.slug.to_string(), set));
    let listing = query.0.page().of_sorted(sets, |set| Summary::of(set));
    Ok(listing.into_response(&request))
}

/// Returns one set: a built-in one with what it holds and on which terms it is taken, and a team's, for its members alone, with its draft.
#[utoipa::path(get, path = "/api/v1/sets/{set}", tag = "sets", security((), ("bearer" = [])),
    params(("set" = SetRef, Path, description = "The slug of a built-in set, or the id of a team's", example = "cap")),
    responses((status = 200, description = "The set; a team's with an `ETag` for `If-Match`", body = SetView)))]
pub(crate) async fn one(
    bank: web::Data<Bank>,
    sets: web::Data<Sets>,
    request: HttpRequest,
    set: Path<SetRef>,
) -> Result<HttpResponse> {
    match set.0 {
        SetRef::BuiltIn(slug) => {
            let set = bank.set(&slug).ok_or_else(|| Refusal::not_found("set"))?;
            Ok(HttpResponse::Ok().json(SetView::BuiltIn(Summary::of(set))))
        }
        SetRef::Team(id) => {
            let caller = Caller::of(&request).await?.ok_or_else(|| Refusal::not_found("set"))?;
            let set = sets.find(caller.id, id).await?;
            Ok(HttpResponse::Ok().insert_header(etag(&set)).json(SetView::Team(Box::new(set))))
        }
    }
}

/// The set, as whoever asks may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum SetView {
    /// A built-in set, for everybody.
    BuiltIn(Summary),
    /// A set of a team, for its members.
    Team(Box<TeamSet>),
}

/// Makes a set of a team, as a draft. Authors and owners.
#[utoipa::path(post, path = "/api/v1/teams/{team}/sets", tag = "sets", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id")), request_body = SetDefinition,
    responses((status = 201, description = "The set", body = TeamSet,
            headers(("Location" = String, description = "The set"), ("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`too_many_sets`: the team has 500 sets.")))]
pub(crate) async fn make(
    caller: Caller,
    sets: web::Data<Sets>,
    team: Path<TeamRef>,
    body: Json<SetDefinition>,
) -> Result<HttpResponse> {
    let set = sets.make(caller.id, team.0, body.0).await?;
    let location = format!("/api/v1/sets/{}", set.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).insert_header(etag(&set)).json(set))
}

/// Lists a team's sets, by their ids.
#[utoipa::path(get, path = "/api/v1/teams/{team}/sets", tag = "sets", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), Paging),
    responses((status = 200, description = "A page of sets", body = Listing<TeamSetSummary>)))]
pub(crate) async fn of_team(
    caller: Caller,
    sets: web::Data<Sets>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    let rows = sets.list(caller.id, team.0, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |set| set.id.to_string(), |set| set).into_response(&request))
}

/// Puts another draft of a team's set in the place of the one that is there. What was published stays. Authors and owners.
#[utoipa::path(put, path = "/api/v1/sets/{set}", tag = "sets", security(("bearer" = [])),
    params(("set" = SetId, Path, description = "The set's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the draft that the caller has seen")),
    request_body = SetDefinition,
    responses((status = 200, description = "The set as it is now", body = TeamSet, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn edit(
    caller: Caller,
    sets: web::Data<Sets>,
    set: Path<SetId>,
    seen: IfMatch,
    body: Json<SetDefinition>,
) -> Result<HttpResponse> {
    let set = sets.edit(caller.id, set.0, seen.seen()?, body.0).await?;
    Ok(HttpResponse::Ok().insert_header(etag(&set)).json(set))
}

/// Publishes the draft of a team's set as a version that never changes. Authors and owners.
#[utoipa::path(post, path = "/api/v1/sets/{set}/publish", tag = "sets", security(("bearer" = [])),
    params(("set" = SetId, Path, description = "The set's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the draft that the caller has seen")),
    responses((status = 200, description = "The set, published", body = TeamSet, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 422, description = "`invalid`: the draft has problems, which `errors` names by their places in it.")))]
pub(crate) async fn publish(
    caller: Caller,
    sets: web::Data<Sets>,
    set: Path<SetId>,
    seen: IfMatch,
) -> Result<HttpResponse> {
    let set = sets.publish(caller.id, set.0, seen.seen()?).await?;
    Ok(HttpResponse::Ok().insert_header(etag(&set)).json(set))
}

/// What an attempt at the draft of a team's set would ask with a seed. Nothing is kept. Authors and owners.
#[utoipa::path(post, path = "/api/v1/sets/{set}/preview", tag = "sets", security(("bearer" = [])),
    params(("set" = SetId, Path, description = "The set's id")), request_body = PreviewRequest,
    responses((status = 200, description = "The items", body = Preview),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 422, description = "`invalid`: the draft has problems, which `errors` names by their places in it.")))]
pub(crate) async fn preview(
    caller: Caller,
    sets: web::Data<Sets>,
    set: Path<SetId>,
    body: Json<PreviewRequest>,
) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(sets.preview(caller.id, set.0, body.0.seed).await?))
}

fn etag(set: &TeamSet) -> (header::HeaderName, String) {
    (header::ETAG, revision_tag(set.revision))
}
