//! `GET /sets` and `GET /sets/{set}`.

use actix_web::{HttpRequest, HttpResponse, web};

use super::Summary;
use crate::bank::Bank;
use crate::bank::Slug;
use crate::error::{Refusal, Result};
use crate::http::list::{Listing, Paging};
use crate::http::params::{Path, Query};

/// Sets that the caller may take.
#[utoipa::path(get, path = "/api/v1/sets", tag = "sets", params(Paging),
    responses((status = 200, description = "A page of sets", body = Listing<Summary>)))]
pub(crate) async fn list(bank: web::Data<Bank>, request: HttpRequest, query: Query<Paging>) -> Result<HttpResponse> {
    let sets = bank.sets().map(|set| (set.slug.to_string(), set));
    let listing = query.0.page().of_sorted(sets, |set| Summary::of(set));
    Ok(listing.into_response(&request))
}

/// Returns one set, with what it holds and on which terms it is taken.
#[utoipa::path(get, path = "/api/v1/sets/{set}", tag = "sets", params(("set" = Slug, Path, description = "The set's slug", example = "cap")),
    responses((status = 200, description = "The set", body = Summary)))]
pub(crate) async fn one(bank: web::Data<Bank>, slug: Path<Slug>) -> Result<HttpResponse> {
    let set = bank.set(&slug.0).ok_or_else(|| Refusal::not_found("set"))?;
    Ok(HttpResponse::Ok().json(Summary::of(set)))
}
