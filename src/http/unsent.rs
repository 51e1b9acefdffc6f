//! A form that came when its session was over: nothing in it may be carried out, and nothing in it may be lost.
//!
//! The fields are shown again on a page that says so, with a button to send them. Somebody who has signed in again meanwhile
//! gets the new session's token with them. That's no way around the check against forgery: a form from another site was
//! refused before, by what the browser says of where it comes from, and this page is sent by a person who has read it.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::identity::{Session, Visitor};
use super::templates::Templates;
use crate::error::Result;

/// The fields of a form that was refused, and the session that there is now.
pub(crate) struct Unsent {
    fields: Vec<(String, String)>,
    session: Option<Session>,
}

#[derive(Serialize)]
struct UnsentPage {
    action: String,
    fields: Vec<Field>,
    /// What was typed, to be read or copied.
    texts: Vec<String>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
}

impl Unsent {
    /// Keeps the fields of a form with its request, in case it is refused. A password is never sent back.
    pub(super) fn keep(request: &HttpRequest, fields: &[(String, String)], session: Option<&Session>) {
        if fields.iter().any(|(name, _)| name.contains("password")) {
            return;
        }
        let unsent = Self { fields: fields.to_vec(), session: session.cloned() };
        request.extensions_mut().insert(unsent);
    }

    /// The fields that were kept with a request, if there are any.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions_mut().remove()
    }

    /// The page that asks to send them again.
    ///
    /// # Errors
    /// Ours, when the template can't be rendered.
    pub(crate) fn page(
        self,
        request: &HttpRequest,
        templates: web::Data<Templates>,
        status: StatusCode,
    ) -> Result<HttpResponse> {
        let action = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let texts = self.fields.iter().filter(|(name, value)| is_text(name) && !value.is_empty());
        let page = UnsentPage {
            action,
            texts: texts.map(|(_, value)| value.clone()).collect(),
            fields: self.fields.into_iter().map(|(name, value)| Field { name, value }).collect(),
        };
        let title = if self.session.is_some() { "Send it again" } else { "Sign in again" };
        let visitor = Visitor { session: self.session, path: String::new(), templates };
        visitor.page_with_status(status, "unsent", title, page)
    }
}

/// Whether somebody types into a field of that name.
fn is_text(name: &str) -> bool {
    matches!(name, "text" | "value") || name.starts_with("blank.")
}
