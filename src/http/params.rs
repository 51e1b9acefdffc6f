//! The parts of an address: query parameters and path segments.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::error::{Error, Field, Refusal, Result};

/// Query parameters, all of them known.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if let Some(name) = with_nul(request.query_string()) {
            let field = Field::new(format!("?{name}"), "holds a NUL character, which is no text");
            return ready(Err(Refusal::invalid(vec![field]).into()));
        }
        let query = serde_html_form::Deserializer::from_bytes(request.query_string().as_bytes());
        ready(serde_path_to_error::deserialize(query).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let name = if path == "." { "?".to_owned() } else { format!("?{path}") };
            let field = Field::new(name, error.into_inner().to_string());
            Refusal::invalid(vec![field]).into()
        }))
    }
}

/// The first parameter whose value holds a NUL, which PostgreSQL can't keep as text.
fn with_nul(query: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
    pairs.into_iter().find(|(_, value)| value.contains('\0')).map(|(name, _)| name)
}

/// Parts of the path. A part that doesn't parse names nothing, so it's 404.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::from_request(request, payload).into_inner();
        ready(
            parsed.map(|path| Self(path.into_inner())).map_err(|_| Refusal::not_found("thing at this address").into()),
        )
    }
}
