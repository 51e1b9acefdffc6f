//! Going through the operations of a document.

use actix_web::http::Method;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem};

/// Every operation with its method and path.
pub(super) fn operations(document: &mut OpenApi) -> impl Iterator<Item = (Method, &str, &mut Operation)> {
    document.paths.paths.iter_mut().flat_map(|(path, item)| {
        let PathItem { get, post, put, delete, patch, .. } = item;
        let methods = [
            (Method::GET, get),
            (Method::POST, post),
            (Method::PUT, put),
            (Method::DELETE, delete),
            (Method::PATCH, patch),
        ];
        methods.into_iter().filter_map(|(method, operation)| Some((method, path.as_str(), operation.as_mut()?)))
    })
}
