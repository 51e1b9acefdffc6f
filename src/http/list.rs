//! Lists a page at a time: `?limit=` and `?cursor=` in, `{"items", "next_cursor"}` and a `Link` header (RFC 8288) out.
//!
//! A cursor is the key of the last item shown, so that a list may grow between two pages without an item being shown
//! twice or left out. A handler's query type has the two fields `limit` and `cursor` beside its filters, and makes a
//! [`Page`] of them.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conditional;
use crate::error::{Refusal, Result};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 100;
/// Longest cursor that is looked at, in bytes.
const CURSOR_MAX_BYTES: usize = 512;

/// The query of a list without filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Items a page, 1 to 100; 50 when not said.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// The page that is asked for.
    ///
    /// # Errors
    /// As [`Page::new`].
    pub(crate) fn page(self) -> Result<Page> {
        Page::new(self.limit, self.cursor)
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Items wanted, 1 to 100.
    pub limit: usize,
    /// The key of the last item that the caller has.
    pub after: Option<String>,
}

impl Page {
    /// From query parameters.
    ///
    /// # Errors
    /// 422 for a limit out of range or a cursor that is not ours.
    pub(crate) fn new(limit: Option<u32>, cursor: Option<String>) -> Result<Self> {
        let limit = limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Refusal::invalid_field("?limit", "a limit is a number from 1 to 100").into());
        }
        let after = cursor.map(|cursor| read_cursor(&cursor)).transpose()?;
        Ok(Self { limit: usize::try_from(limit).unwrap_or(1), after })
    }

    /// How many rows to ask a database for: one more than are shown, to know whether there is another page.
    #[must_use]
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// A page of what is in memory, in the order of its keys.
    pub(crate) fn of_sorted<T, U>(&self, all: impl Iterator<Item = (String, T)>, show: impl Fn(T) -> U) -> Listing<U> {
        let rest = all.filter(|(key, _)| self.after.as_ref().is_none_or(|after| key > after));
        self.of_rows(rest.take(self.limit + 1).collect(), |(key, _)| key.clone(), |(_, item)| show(item))
    }

    /// A page of the rows that a database gave for [`Page::rows`], which come after the cursor already.
    pub(crate) fn of_rows<R, U>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> String,
        show: impl Fn(R) -> U,
    ) -> Listing<U> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(key(row)));
        Listing { items: rows.into_iter().map(show).collect(), next_cursor }
    }
}

fn read_cursor(cursor: &str) -> Result<String> {
    let bytes = if cursor.len() > CURSOR_MAX_BYTES { None } else { URL_SAFE_NO_PAD.decode(cursor).ok() };
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|key| !key.contains('\0')).ok_or_else(|| {
        Refusal::invalid_field("?cursor", "this is not a cursor that we gave: start again without one").into()
    })
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> Listing<T> {
    /// The answer, with a link to the next page of the same query.
    pub(crate) fn into_response(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(link) = self.link(request) {
            response.insert_header((header::LINK, link));
        }
        response.json(self)
    }

    /// The same for a list that seldom changes: with a tag, and not sent to whoever has it.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub(crate) fn into_conditional_response(self, request: &HttpRequest) -> Result<HttpResponse> {
        let mut response = conditional::json(request, &self)?;
        if let Some(link) = self.link(request).and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }

    fn link(&self, request: &HttpRequest) -> Option<String> {
        let cursor = self.next_cursor.as_ref()?;
        Some(format!("<{}>; rel=\"next\"", next(request, cursor)))
    }
}

fn next(request: &HttpRequest, cursor: &str) -> String {
    let mut query: Vec<(String, String)> = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    query.retain(|(name, _)| name != "cursor");
    query.push(("cursor".to_owned(), cursor.to_owned()));
    format!("{}?{}", request.path(), serde_html_form::to_string(&query).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let keys = ["a", "b", "c", "d", "e"];
        let all = || keys.iter().map(|key| ((*key).to_owned(), *key));
        let first = Page::new(Some(2), None).unwrap().of_sorted(all(), |key| key);
        assert_eq!(first.items, ["a", "b"]);
        let second = Page::new(Some(2), first.next_cursor).unwrap().of_sorted(all(), |key| key);
        assert_eq!(second.items, ["c", "d"]);
        let third = Page::new(Some(2), second.next_cursor).unwrap().of_sorted(all(), |key| key);
        assert_eq!((third.items, third.next_cursor), (vec!["e"], None));
    }

    #[test]
    fn limits_and_cursors_that_are_none_are_refused() {
        assert!(Page::new(Some(0), None).is_err());
        assert!(Page::new(Some(101), None).is_err());
        assert!(Page::new(None, Some("***".into())).is_err());
    }
}
