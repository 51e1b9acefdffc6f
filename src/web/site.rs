//! What belongs to no feature: the explanation of problems, and addresses at which there is nothing.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::bank::Markdown;
use crate::error::{Refusal, Result};
use crate::http::shared::SharedPage;

#[derive(Serialize)]
struct Document {
    html: String,
}

/// `GET /problems`: what each code of a problem means.
pub(super) async fn problems(page: SharedPage) -> Result<HttpResponse> {
    let html = || Markdown::new(include_str!("../../docs/problems.md")).html().to_owned();
    page.of("document", "problems", "Problems", || Document { html: html() })
}

/// Nothing is at this address.
pub(super) async fn nothing() -> Result<HttpResponse> {
    Err(Refusal::not_found("address").into())
}
