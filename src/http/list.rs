//! Lists a page at a time: `?limit=` and `?cursor=` in, `{"items", "next_cursor"}` and a `Link` header (RFC 8288) out.
//!
//! A cursor is the key of the last item shown, so that a list may grow between two pages without an item being shown twice or
//! left out. It is written in hexadecimal digits, so that a pattern can say exactly which texts are cursors ([`Cursor`]): any
//! of them has its place in the order of the keys. A handler's query type has the two fields `limit` and `cursor` beside its
//! filters, and makes a [`Page`] of them.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conditional;
use crate::error;
use crate::hex::hex;

/// How many items a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 1, maximum = 100, default = 50)]
pub(crate) struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u32> for Limit {
    type Error = &'static str;

    fn try_from(limit: u32) -> Result<Self, Self::Error> {
        if (1..=100).contains(&limit) { Ok(Self(limit)) } else { Err("a limit is a number from 1 to 100") }
    }
}

/// The key of the last item that the caller has, as `next_cursor` gave it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^([2-7][0-9a-f]){1,128}$")]
pub(crate) struct Cursor(String);

/// Longest key of a cursor, in bytes.
const KEY_MAX_BYTES: usize = 128;

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let key: Option<String> = pairs.iter().map(|[high, low]| read_character(*high, *low)).collect();
        let key = key.filter(|_| rest.is_empty() && (1..=KEY_MAX_BYTES).contains(&pairs.len()));
        key.map(Self).ok_or("this is not a cursor that we gave: start again without one")
    }
}

/// A character of a key, which is printable ASCII.
fn read_character(high: u8, low: u8) -> Option<char> {
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let code = digit(high)? * 16 + digit(low)?;
    char::from_u32(code).filter(|_| (0x20..0x80).contains(&code))
}

fn write_cursor(key: &str) -> String {
    hex(key.bytes())
}

/// The query of a list without filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Items a page; 50 when not said.
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

impl Paging {
    /// The page that is asked for.
    pub(crate) fn page(self) -> Page {
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
    /// The page that these query parameters ask for.
    pub(crate) fn new(limit: Option<Limit>, cursor: Option<Cursor>) -> Self {
        let Limit(limit) = limit.unwrap_or_default();
        Self { limit: usize::try_from(limit).unwrap_or(1), after: cursor.map(|Cursor(key)| key) }
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
        let next_cursor = rows.last().filter(|_| more).map(|row| write_cursor(&key(row)));
        Listing { items: rows.into_iter().map(show).collect(), next_cursor }
    }
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
    /// 500 `internal` when it can't be written as JSON.
    pub(crate) fn into_conditional_response(self, request: &HttpRequest) -> error::Result<HttpResponse> {
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
        let page = |cursor: Option<String>| {
            let cursor = cursor.map(|cursor| cursor.try_into().unwrap());
            Page::new(Some(Limit(2)), cursor).of_sorted(all(), |key| key)
        };
        let first = page(None);
        assert_eq!(first.items, ["a", "b"]);
        let second = page(first.next_cursor);
        assert_eq!(second.items, ["c", "d"]);
        let third = page(second.next_cursor);
        assert_eq!((third.items, third.next_cursor), (vec!["e"], None));
    }

    #[test]
    fn limits_and_cursors_that_are_none_are_refused() {
        assert!(Limit::try_from(0).is_err());
        assert!(Limit::try_from(101).is_err());
        for none in ["", "***", "6", "616", "6A", "ff", "00", "+1", &"61".repeat(129)] {
            assert!(Cursor::try_from(none.to_owned()).is_err(), "{none}");
        }
    }
}
