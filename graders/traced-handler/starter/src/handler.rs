//! The handler of `GET /orders/{order}`: it calls other services, some of them at the same time, and traces its work.

use std::fmt;

use crate::{SpanContext, Tracer};

/// A request for an order. Its `traceparent` header has already been parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    pub order: u64,
    pub parent: Option<SpanContext>,
}

/// The body of a response with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Item and price, in the order of the items.
    pub lines: Vec<(u64, u64)>,
    /// Another item that the customer may like, if one could be fetched.
    pub suggestion: Option<u64>,
}

/// The outcome for any other response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Status 404: there is no such order.
    NotFound,
    /// Status 502: a required call failed.
    BadGateway,
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallError {
    /// Status 404: there is no such thing.
    NotFound,
    /// Status 503: a retry may succeed.
    Unavailable,
}

/// The services that the handler calls. Each call carries a context, and the service's own spans go below it.
pub trait Backend: Sync {
    /// The items of an order.
    fn items(&self, order: u64, context: SpanContext) -> Result<Vec<u64>, CallError>;
    /// The price of an item.
    fn price(&self, item: u64, context: SpanContext) -> Result<u64, CallError>;
    /// An item to suggest with an order.
    fn suggestion(&self, order: u64, context: SpanContext) -> Result<u64, CallError>;
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::Unavailable => "unavailable",
        })
    }
}

/// Handles a request. The README says which calls it makes and what its trace looks like.
pub fn handle(request: &Request, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    todo!("answer {request:?}")
}
