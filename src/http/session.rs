//! `GET /session`: what a page that has been open for a while asks before it sends something: whether its session is still
//! open, with which token, and what the time is.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::identity::Visitor;
use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::id::UserId;

/// The session of a page.
#[derive(Serialize)]
struct SessionView {
    /// The token that forms and scripts send back.
    csrf: String,
    /// Who is signed in. A page of somebody else must not send anything in this person's name.
    user: UserId,
    /// The server's clock, by which attempts end.
    server_now: Timestamp,
}

/// `GET /session`: 401 where the session has ended.
pub(crate) async fn session(clock: web::Data<Clock>, visitor: Visitor) -> Result<HttpResponse> {
    let session = visitor.session()?;
    let view = SessionView { csrf: session.csrf.token()?, user: session.user.id, server_now: clock.now() };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}
