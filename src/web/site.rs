//! What belongs to no feature: style sheet and scripts, the home page.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::Embed;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::extract::{Path, Visitor};
use super::page::page;
use crate::app::App;
use crate::bank::Text;
use crate::error::{Refusal, Result};
use crate::record::pages::{OpenAttempt, TopicRecord, open_attempts, recent_submissions, topics};
use crate::submissions::pages::Row;

/// Submissions that the home page shows.
const RECENT_SUBMISSIONS: usize = 3;

#[derive(Embed)]
#[folder = "src/web/assets"]
struct Assets;

/// A file of the pages, with a strong ETag, to be asked for again each day.
pub(super) async fn asset(request: HttpRequest, name: Path<String>) -> Result<HttpResponse> {
    let file = Assets::get(&name.0).ok_or_else(|| Refusal::not_found("file"))?;
    let hash = file.metadata.sha256_hash();
    let etag = header::EntityTag::new_strong(hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect());
    let unchanged = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.contains(etag.tag()));
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(header::ETag(etag)).insert_header((header::CACHE_CONTROL, "public, max-age=86400"));
    if unchanged {
        return Ok(response.finish());
    }
    Ok(response.content_type(media_type(&name.0)).body(file.data.into_owned()))
}

/// A hash over all of them.
pub(super) fn assets_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let files = Assets::iter().filter_map(|name| Assets::get(&name));
        let whole = files.fold(Sha256::new(), |whole, file| whole.chain_update(file.metadata.sha256_hash()));
        whole.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    });
    &VERSION
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// The home page: what this is, and for whoever is signed in what to go on with.
#[derive(Serialize)]
struct Home {
    signed_in: bool,
    open: Vec<OpenAttempt>,
    topics: Vec<TopicRecord>,
    submissions: Vec<Row>,
}

/// `GET /`
pub(super) async fn home(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let mut shown = Home { signed_in: false, open: Vec::new(), topics: Vec::new(), submissions: Vec::new() };
    if let Ok(user) = visitor.user() {
        shown.signed_in = true;
        shown.open = open_attempts(&app, user.id).await?;
        shown.topics = topics(&app, user.id).await?;
        shown.submissions = recent_submissions(&app, user.id, RECENT_SUBMISSIONS).await?;
    }
    page(&app, &visitor, "home", "quorate", shown)
}

#[derive(Serialize)]
struct Document {
    html: String,
}

/// What each code of a problem means.
pub(super) async fn problems(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let html = Text::new(include_str!("../../docs/problems.md")).html().to_owned();
    page(&app, &visitor, "document", "Problems", Document { html })
}

/// Nothing is at this address.
pub(super) async fn nothing() -> Result<HttpResponse> {
    Err(Refusal::not_found("address").into())
}
