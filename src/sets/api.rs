//! `GET /sets` and `GET /sets/{set}`.

use actix_web::{HttpRequest, HttpResponse, web};

use super::Summary;
use crate::app::App;
use crate::bank::Slug;
use crate::error::{Refusal, Result};
use crate::web::Problem;
use crate::web::extract::{Path, Query};
use crate::web::list::{Listing, Paging};

/// Sets that the caller may take.
#[utoipa::path(get, path = "/api/v1/sets", tag = "sets", params(Paging),
    responses((status = 200, body = Listing<Summary>)))]
pub async fn list(app: web::Data<App>, request: HttpRequest, query: Query<Paging>) -> Result<HttpResponse> {
    let sets = app.bank.sets().map(|set| (set.slug.to_string(), set));
    let listing = query.0.page()?.of_sorted(sets, |set| Summary::of(set));
    Ok(listing.into_response(&request))
}

/// One set.
#[utoipa::path(get, path = "/api/v1/sets/{set}", tag = "sets", params(("set" = String, Path, description = "Its slug")),
    responses((status = 200, body = Summary), (status = 404, body = Problem)))]
pub async fn one(app: web::Data<App>, slug: Path<Slug>) -> Result<HttpResponse> {
    let set = app.bank.set(&slug.0).ok_or_else(|| Refusal::not_found("set"))?;
    Ok(HttpResponse::Ok().json(Summary::of(set)))
}
