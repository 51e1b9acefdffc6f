//! `GET /me/scores`.

use actix_web::{HttpResponse, web};

use super::{Record, best_of_sets, best_of_topics};
use crate::app::App;
use crate::error::Result;
use crate::web::Problem;
use crate::web::extract::Caller;

/// The caller's record: the best at each exercise, at each set, and practice in each topic. Public runs and failures of ours
/// do not count.
#[utoipa::path(get, path = "/api/v1/me/scores", tag = "record", security(("bearer" = [])),
    responses((status = 200, body = Record), (status = 401, body = Problem)))]
pub async fn scores(app: web::Data<App>, caller: Caller) -> Result<HttpResponse> {
    let exercises = app.submissions.best(caller.id).await?;
    let sets = best_of_sets(&app.attempts.results(caller.id).await?);
    let topics = best_of_topics(&app.bank, &app.practice.best(caller.id).await?);
    Ok(HttpResponse::Ok().json(Record { exercises, sets, topics }))
}
