//! `/teams/{team}/questions…` and `/teams/{team}/prompts…`: a team's own material for programs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{CopyRequest, Item, Kind, Material, Outcome, Parsed, PreviewRequest, Put, SourceRequest, Summary};
use crate::bank::view::PromptItem;
use crate::bank::{Slug, Variant};
use crate::error::Result;
use crate::http::body::Json;
use crate::http::conditional::{IfMatch, revision_tag};
use crate::http::identity::Caller;
use crate::http::list::{Listing, Paging};
use crate::http::params::{Path, Query};
use crate::teams::TeamRef;

/// The team and the name of an item, as an address has them.
type Name = Path<(TeamRef, Slug)>;

async fn put_of(
    kind: Kind,
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    seen: IfMatch,
    body: Json<SourceRequest>,
) -> Result<HttpResponse> {
    let (team, slug) = name.0;
    let Put { outcome, is_new } = material.put(caller.id, team, (kind, slug), seen.seen_if_any(), body.0).await?;
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    if is_new {
        response.insert_header((header::LOCATION, address(kind, &outcome.summary)));
    }
    Ok(response.insert_header((header::ETAG, revision_tag(outcome.summary.revision))).json(outcome))
}

fn address(kind: Kind, item: &Summary) -> String {
    format!("/api/v1/teams/{}/{kind}s/{}", item.id.topic(), item.id.slug())
}

async fn list_of(
    kind: Kind,
    caller: Caller,
    material: web::Data<Material>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    let rows = material.list(caller.id, team.0, kind, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |item| item.id.slug().to_string(), |item| item).into_response(&request))
}

async fn one_of(kind: Kind, caller: Caller, material: web::Data<Material>, name: Name) -> Result<HttpResponse> {
    let (team, slug) = name.0;
    let item = material.find(caller.id, team, (kind, slug)).await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, revision_tag(item.summary.revision))).json(item))
}

async fn retire_of(
    kind: Kind,
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    seen: IfMatch,
) -> Result<HttpResponse> {
    let (team, slug) = name.0;
    material.retire(caller.id, team, (kind, slug), seen.seen()?).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn copy_of(
    kind: Kind,
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    body: Json<CopyRequest>,
) -> Result<HttpResponse> {
    let (team, slug) = name.0;
    let outcome = material.copy(caller.id, team, (kind, slug), body.0).await?;
    let tag = revision_tag(outcome.summary.revision);
    let location = address(kind, &outcome.summary);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .insert_header((header::ETAG, tag))
        .json(outcome))
}

/// What a candidate would see: a question as a variant, a prompt without its notes.
async fn preview_of(
    kind: Kind,
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    body: Json<PreviewRequest>,
) -> Result<HttpResponse> {
    let (team, slug) = name.0;
    let parsed = material.preview(caller.id, team, (kind, slug), &body.0).await?;
    let mut response = HttpResponse::Ok();
    Ok(match parsed {
        Parsed::Question(question) => response.json(question.instance(body.0.seed).variant()),
        Parsed::Prompt(prompt) => response.json(PromptItem::of(&prompt)),
    })
}

/// Puts the source of a question in force, or keeps it as a draft. Authors and owners.
#[utoipa::path(put, path = "/api/v1/teams/{team}/questions/{slug}", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The question's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the caller has seen; left out for a new question")),
    request_body = SourceRequest,
    responses((status = 200, description = "The question as it is now", body = Outcome, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 201, description = "The question, new", body = Outcome,
            headers(("Location" = String, description = "The question"), ("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`too_many_items`: the team has 2,000 questions.")))]
pub(crate) async fn put_question(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    seen: IfMatch,
    body: Json<SourceRequest>,
) -> Result<HttpResponse> {
    put_of(Kind::Question, caller, material, name, seen, body).await
}

/// Lists a team's questions, by name.
#[utoipa::path(get, path = "/api/v1/teams/{team}/questions", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), Paging),
    responses((status = 200, description = "A page of questions", body = Listing<Summary>)))]
pub(crate) async fn questions(
    caller: Caller,
    material: web::Data<Material>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    list_of(Kind::Question, caller, material, team, request, query).await
}

/// Returns a question of a team with its source, which holds what candidates must not see.
#[utoipa::path(get, path = "/api/v1/teams/{team}/questions/{slug}", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The question's name")),
    responses((status = 200, description = "The question", body = Item, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(crate) async fn question(caller: Caller, material: web::Data<Material>, name: Name) -> Result<HttpResponse> {
    one_of(Kind::Question, caller, material, name).await
}

/// Takes a question out of use: no further set can use it. Authors and owners.
#[utoipa::path(delete, path = "/api/v1/teams/{team}/questions/{slug}", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The question's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the caller has seen")),
    responses((status = 204, description = "The question is retired"),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn retire_question(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    seen: IfMatch,
) -> Result<HttpResponse> {
    retire_of(Kind::Question, caller, material, name, seen).await
}

/// Copies a question that everybody may see, under a name of the team's own. Authors and owners.
#[utoipa::path(post, path = "/api/v1/teams/{team}/questions/{slug}/copies", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The name of the copy")),
    request_body = CopyRequest,
    responses((status = 201, description = "The copy", body = Outcome,
            headers(("Location" = String, description = "The question"), ("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`item_exists`: the team has a question of this name. `too_many_items`: it has 2,000 questions.")))]
pub(crate) async fn copy_question(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    body: Json<CopyRequest>,
) -> Result<HttpResponse> {
    copy_of(Kind::Question, caller, material, name, body).await
}

/// Puts the source of a prompt in force, or keeps it as a draft. Authors and owners.
#[utoipa::path(put, path = "/api/v1/teams/{team}/prompts/{slug}", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The prompt's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the caller has seen; left out for a new prompt")),
    request_body = SourceRequest,
    responses((status = 200, description = "The prompt as it is now", body = Outcome, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 201, description = "The prompt, new", body = Outcome,
            headers(("Location" = String, description = "The prompt"), ("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`too_many_items`: the team has 2,000 prompts.")))]
pub(crate) async fn put_prompt(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    seen: IfMatch,
    body: Json<SourceRequest>,
) -> Result<HttpResponse> {
    put_of(Kind::Prompt, caller, material, name, seen, body).await
}

/// Lists a team's prompts, by name.
#[utoipa::path(get, path = "/api/v1/teams/{team}/prompts", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), Paging),
    responses((status = 200, description = "A page of prompts", body = Listing<Summary>)))]
pub(crate) async fn prompts(
    caller: Caller,
    material: web::Data<Material>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    list_of(Kind::Prompt, caller, material, team, request, query).await
}

/// Returns a prompt of a team with its source, which holds what candidates must not see.
#[utoipa::path(get, path = "/api/v1/teams/{team}/prompts/{slug}", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The prompt's name")),
    responses((status = 200, description = "The prompt", body = Item, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(crate) async fn prompt(caller: Caller, material: web::Data<Material>, name: Name) -> Result<HttpResponse> {
    one_of(Kind::Prompt, caller, material, name).await
}

/// Takes a prompt out of use: no further set can use it. Authors and owners.
#[utoipa::path(delete, path = "/api/v1/teams/{team}/prompts/{slug}", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The prompt's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the caller has seen")),
    responses((status = 204, description = "The prompt is retired"),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn retire_prompt(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    seen: IfMatch,
) -> Result<HttpResponse> {
    retire_of(Kind::Prompt, caller, material, name, seen).await
}

/// Copies a prompt that everybody may see, under a name of the team's own. Authors and owners.
#[utoipa::path(post, path = "/api/v1/teams/{team}/prompts/{slug}/copies", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The name of the copy")),
    request_body = CopyRequest,
    responses((status = 201, description = "The copy", body = Outcome,
            headers(("Location" = String, description = "The prompt"), ("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`item_exists`: the team has a prompt of this name. `too_many_items`: it has 2,000 prompts.")))]
pub(crate) async fn copy_prompt(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    body: Json<CopyRequest>,
) -> Result<HttpResponse> {
    copy_of(Kind::Prompt, caller, material, name, body).await
}

/// Shows the variant that a source makes of a seed, as a candidate would see it, and keeps nothing. Authors and owners.
#[utoipa::path(post, path = "/api/v1/teams/{team}/questions/{slug}/preview", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The question's name")),
    request_body = PreviewRequest,
    responses((status = 200, description = "The variant", body = Variant),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn preview_question(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    body: Json<PreviewRequest>,
) -> Result<HttpResponse> {
    preview_of(Kind::Question, caller, material, name, body).await
}

/// Shows what a source makes, as a candidate would see it, and keeps nothing. Authors and owners.
#[utoipa::path(post, path = "/api/v1/teams/{team}/prompts/{slug}/preview", tag = "material", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("slug" = Slug, Path, description = "The prompt's name")),
    request_body = PreviewRequest,
    responses((status = 200, description = "The prompt", body = PromptItem),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn preview_prompt(
    caller: Caller,
    material: web::Data<Material>,
    name: Name,
    body: Json<PreviewRequest>,
) -> Result<HttpResponse> {
    preview_of(Kind::Prompt, caller, material, name, body).await
}
