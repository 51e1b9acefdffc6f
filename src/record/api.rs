//! `GET /api/v1/me/scores`, which tells a person's record.

use actix_web::{HttpResponse, web};

use super::{Record, Records};
use crate::error::Result;
use crate::http::identity::Caller;

/// The caller's record: the best at each exercise, at each set, and practice in each topic. Public runs and failures of ours
/// do not count.
#[utoipa::path(get, path = "/api/v1/me/scores", tag = "record", security(("bearer" = []), ("personal_token" = ["read"])),
    responses((status = 200, description = "The record", body = Record)))]
pub(crate) async fn scores(records: web::Data<Records>, caller: Caller) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(records.of(caller.id).await?))
}
