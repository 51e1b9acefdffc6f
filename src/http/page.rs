//! Answers that are pages.

use actix_web::http::{Method, StatusCode, Uri, header};
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::assets;
use super::error::{Problem, add_headers, status};
use super::identity::Visitor;
use super::templates::Templates;
use crate::error::{Kind, Refusal, Result};

/// What the layout needs on every page, and the page's own data.
#[derive(Serialize)]
struct Frame<'a, T> {
    title: &'a str,
    user: Option<&'a str>,
    /// The id of whoever is signed in, which keeps the drafts of several people in one browser apart; else empty.
    owner: String,
    csrf: String,
    /// The first part of the path: which part of the site this is.
    area: &'a str,
    /// Where to sign in and come back; empty where the visitor is not known.
    sign_in: String,
    /// Changes with style sheet and scripts, so that no browser keeps old ones.
    version: &'static str,
    page: T,
}

impl Visitor {
    /// A page: `templates/<template>.hbs`, which finds its data under `page`.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(crate) fn page(&self, template: &str, title: &str, data: impl Serialize) -> Result<HttpResponse> {
        self.page_with_status(StatusCode::OK, template, title, data)
    }

    /// A page with another status, such as a form that is shown again with what was wrong.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(crate) fn page_with_status(
        &self,
        status: StatusCode,
        template: &str,
        title: &str,
        data: impl Serialize,
    ) -> Result<HttpResponse> {
        Ok(of_html(status, self.html(template, title, data)?))
    }

    /// A page that is shown again because of a refusal, with the status and the headers of the refusal.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(crate) fn refused_page(
        &self,
        refusal: &Refusal,
        template: &str,
        title: &str,
        data: impl Serialize,
    ) -> Result<HttpResponse> {
        let mut response = self.page_with_status(status(refusal.kind), template, title, data)?;
        add_headers(&mut response, refusal);
        Ok(response)
    }

    /// A page with a form: shown for the first time, or again because of a refusal.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(crate) fn form_page(
        &self,
        refused: Option<&Refusal>,
        template: &str,
        title: &str,
        data: impl Serialize,
    ) -> Result<HttpResponse> {
        match refused {
            Some(refusal) => self.refused_page(refusal, template, title, data),
            None => self.page(template, title, data),
        }
    }

    /// The HTML of a page.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(super) fn html(&self, template: &str, title: &str, data: impl Serialize) -> Result<String> {
        let session = self.session.as_ref();
        let frame = Frame {
            title,
            user: session.map(|session| session.user.display_name.as_str()),
            owner: session.map(|session| session.user.id.to_string()).unwrap_or_default(),
            csrf: session.map(|session| session.csrf.token()).transpose()?.unwrap_or_default(),
            area: area(&self.path),
            sign_in: if self.path.is_empty() { String::new() } else { sign_in(&self.path) },
            version: assets::version(),
            page: data,
        };
        self.templates.render(template, &frame)
    }
}

/// The answer that a page's HTML is.
pub(super) fn of_html(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// Whether a refusal is about what was sent, and so is shown beside the form. Others have a page of their own.
pub(crate) const fn stays_with_form(refusal: &Refusal) -> bool {
    matches!(refusal.kind, Kind::Invalid | Kind::Conflict | Kind::PreconditionFailed | Kind::PreconditionRequired)
}

/// Sends the browser elsewhere on this host with a GET.
#[must_use]
pub(crate) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

/// Sends the browser to sign in, and back afterwards.
pub(crate) fn to_sign_in(wanted: &Uri) -> HttpResponse {
    redirect(&sign_in(wanted.path_and_query().map_or("/", |path| path.as_str())))
}

fn sign_in(next: &str) -> String {
    let next = if area(next) == "login" || area(next) == "register" { "/" } else { next };
    format!("/login?{}", serde_html_form::to_string([("next", next)]).unwrap_or_default())
}

fn area(path: &str) -> &str {
    path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default()
}

/// What the page for an error shows.
#[derive(Serialize)]
struct ErrorPage<'p> {
    #[serde(flatten)]
    problem: &'p Problem,
    /// Whether somebody sent a form, none of which was saved.
    is_form_lost: bool,
}

/// The page for an error in answer to a request of this method.
pub(crate) fn error(templates: web::Data<Templates>, method: &Method, problem: Problem) -> HttpResponse {
    let is_form_lost = method == Method::POST && problem.status().is_client_error();
    let page = ErrorPage { problem: &problem, is_form_lost };
    Visitor::unknown(templates)
        .page_with_status(problem.status(), "error", &problem.title, page)
        .unwrap_or_else(|_| problem.into_response())
}
