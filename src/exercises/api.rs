//! `/exercises`, `/exercises/{slug}`, and the files of an exercise below it.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::Exercises;
use super::{Exercise, ExerciseSummary};
use crate::bank::Slug;
use crate::error::{Error, Result};
use crate::http::body::Archive;
use crate::http::list::{Listing, Paging};
use crate::http::params::{Path, Query};

/// Lists all exercises, with whether submissions to each are taken.
#[utoipa::path(get, path = "/api/v1/exercises", tag = "exercises", params(Paging),
    responses((status = 200, description = "A page of exercises", body = Listing<ExerciseSummary>)))]
pub(crate) async fn list(
    exercises: web::Data<Exercises>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let all = exercises.summaries().into_iter().map(|summary| (summary.slug.clone(), summary));
    Ok(query.0.page().of_sorted(all, |summary| summary).into_response(&request))
}

/// Returns one exercise: the statement, the limits, what may be used, the public tests.
#[utoipa::path(get, path = "/api/v1/exercises/{slug}", tag = "exercises", params(("slug" = Slug, Path, description = "The exercise's slug", example = "vector-clock")),
    responses((status = 200, description = "The exercise", body = Exercise),
        (status = 409, description = "`exercise_unavailable`: its package can't be read.")))]
pub(crate) async fn one(exercises: web::Data<Exercises>, slug: Path<String>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(exercises.exercise(&slug.0)?))
}

/// The files that a candidate starts from.
#[derive(Serialize, ToSchema)]
pub(crate) struct Starter {
    /// Text by path, such as `src/lib.rs`.
    pub files: BTreeMap<String, String>,
}

/// Returns what to start from: a gzipped tar of the crate's files, or JSON for clients that accept `application/json`.
#[utoipa::path(get, path = "/api/v1/exercises/{slug}/starter", tag = "exercises", params(("slug" = Slug, Path, description = "The exercise's slug", example = "vector-clock")),
    responses((status = 200, description = "The files", content((Archive = "application/gzip"), (Starter = "application/json"))),
        (status = 409, description = "`exercise_unavailable`: its package can't be read.")))]
pub(crate) async fn starter(
    exercises: web::Data<Exercises>,
    slug: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let files = exercises.starter(&slug.0)?;
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "accept"));
    if accept.contains("application/json") {
        return Ok(response.json(Starter { files }));
    }
    let archive = tar_gz(&files).map_err(|error| Error::internal("pack a starter", error))?;
    let name = format!("attachment; filename=\"{}.tar.gz\"", slug.0);
    Ok(response
        .insert_header((header::CONTENT_DISPOSITION, name))
        // It is compressed already.
        .insert_header(header::ContentEncoding::Identity)
        .content_type("application/gzip")
        .body(archive))
}

/// Returns a file in which an exercise's incident was recorded, as it lies in the starter: metrics as comma-separated values, spans
/// and logs with one JSON object on each line.
#[utoipa::path(get, path = "/api/v1/exercises/{slug}/incident/{file}", tag = "exercises",
    params(("slug" = Slug, Path, description = "The exercise's slug", example = "retry-storm"),
        ("file" = String, Path, description = "The file's name", example = "metrics.csv")),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson")))))]
pub(crate) async fn incident_file(
    exercises: web::Data<Exercises>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (slug, name) = path.0;
    let text = exercises.incident_file(&slug, &name)?;
    let media_type = if name.ends_with(".csv") { "text/csv; charset=utf-8" } else { "application/x-ndjson" };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .content_type(media_type)
        .body(text))
}

/// The same files always make the same bytes.
fn tar_gz(files: &BTreeMap<String, String>) -> std::io::Result<Vec<u8>> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut archive = tar::Builder::new(gzip);
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(text.len()).unwrap_or(u64::MAX));
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes())?;
    }
    archive.into_inner()?.finish()
}
