//! A form that came when its session was over: nothing in it may be carried out, and nothing in it may be lost.
//!
//! Where nobody is signed in, the fields are shown on a page that says so, with a button to send them, and with the token that
//! they came with. When the person who opened the form has signed in again, that token is good, and one click sends them. Where
//! somebody is signed in and the token isn't theirs, another person may have typed this. The text is then shown to be copied, and
//! nothing on the page sends it.
//!
//! A page that repeats what it was sent is work that anybody could ask for. So a form is kept only from a browser in which
//! somebody has signed in before, up to [`KEPT_MAX_BYTES`], and only for a page: it's kept as it came, and parsed when the page
//! is made.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::aside::by_size;
use super::csrf::is_token;
use super::identity::{Session, Visitor};
use super::page;
use super::request::is_for_a_person;
use super::templates::Templates;
use crate::error::{Error, Result};

/// Largest form that is shown again, in bytes: any answer, and most submissions.
const KEPT_MAX_BYTES: usize = 256 * 1024;

/// A form that was refused, as it came, and the session that there is now.
pub(crate) struct Unsent {
    form: web::Bytes,
    token: String,
    session: Option<Session>,
}

#[derive(Serialize)]
struct UnsentPage {
    action: String,
    /// The token that the form came with; empty where it had none.
    token: String,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
    /// Whether somebody typed or chose it, and should be able to read and copy it.
    by_hand: bool,
    /// Whether it may have many lines.
    long: bool,
    /// What it is, for a person. A text that follows a path is the file's.
    label: String,
}

impl Unsent {
    /// Keeps a form with its request, in case it is refused.
    pub(super) fn keep(request: &HttpRequest, form: &web::Bytes, token: &str, session: Option<&Session>) {
        if form.len() <= KEPT_MAX_BYTES && is_for_a_person(request) {
            let token = if is_token(token) { token.to_owned() } else { String::new() };
            request.extensions_mut().insert(Self { form: form.clone(), token, session: session.cloned() });
        }
    }

    /// The form that was kept with a request, if there is one.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions_mut().remove()
    }

    /// The page that shows the form again, to be sent or to be copied; `None` for one with a password, which is never sent back.
    ///
    /// # Errors
    /// 500 `internal` when the form can't be parsed or the page can't be rendered.
    pub(crate) async fn page(
        self,
        request: &HttpRequest,
        templates: web::Data<Templates>,
        status: StatusCode,
    ) -> Result<Option<HttpResponse>> {
        let Self { form, token, session } = self;
        let action = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let title = if session.is_some() { "Not saved" } else { "Sign in again" };
        let visitor = Visitor { session, path: String::new(), templates };
        let html = by_size(form.len(), move || match fields(&form)? {
            Some(fields) => visitor.html("unsent", title, UnsentPage { action, token, fields }).map(Some),
            None => Ok(None),
        });
        Ok(html.await??.map(|html| page::of_html(status, html)))
    }
}

/// The fields of a form; `None` when one of them is a password.
fn fields(form: &[u8]) -> Result<Option<Vec<Field>>> {
    let fields: Vec<(String, String)> =
        serde_html_form::from_bytes(form).map_err(|error| Error::internal("show a form again", error))?;
    if fields.iter().any(|(name, _)| name.contains("password")) {
        return Ok(None);
    }
    let mut path = String::new();
    let field = |(name, value): (String, String)| {
        if name == "path" {
            path.clone_from(&value);
        }
        let label = match name.as_str() {
            "path" => "File".to_owned(),
            "text" if !path.is_empty() => format!("Text of {path}"),
            "text" => "Text".to_owned(),
            "value" => "Answer".to_owned(),
            other => other.replace('.', " "),
        };
        Field { by_hand: is_by_hand(&name) && !value.is_empty(), long: name == "text", label, name, value }
    };
    Ok(Some(fields.into_iter().map(field).collect()))
}

/// Whether somebody types or chooses what a field of that name holds.
fn is_by_hand(name: &str) -> bool {
    let group = name.split_once('.').map_or(name, |(group, _)| group);
    matches!(name, "path" | "text" | "value" | "choice" | "choices")
        || (group != name && matches!(group, "blank" | "choice" | "pair" | "place"))
}
