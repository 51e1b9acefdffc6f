//! The handler of `GET /orders/{order}`: it calls other services, some of them at the same time, and traces its work.

use std::fmt;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use crate::{SpanContext, SpanKind, Status, Tracer};

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

/// How many attempts a required call has in all.
const TRIES: u32 = 3;

/// Handles a request. The README says which calls it makes and what its trace looks like.
pub fn handle(request: &Request, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    let mut span = tracer.start("GET /orders/{order}", SpanKind::Server, request.parent);
    span.set_attribute("order.id", &request.order.to_string());
    let answer = Calls { tracer, backend, parent: span.context() }.answer(request.order);
    // A 404 is the right answer to a wrong question, so the request hasn't failed.
    if let Err(error @ Error::BadGateway) = &answer {
        span.set_status(Status::Error(error.to_string()));
    }
    span.finish();
    answer
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no such order",
            Self::BadGateway => "a service that is needed did not give what it should",
        })
    }
}

/// The calls of one request, all below its span.
#[derive(Clone, Copy)]
struct Calls<'a> {
    tracer: &'a Tracer,
    backend: &'a dyn Backend,
    parent: SpanContext,
}

/// How the span of a call describes it.
#[derive(Clone, Copy)]
struct Call {
    name: &'static str,
    key: &'static str,
    id: u64,
}

impl Calls<'_> {
    fn answer(&self, order: u64) -> Result<Response, Error> {
        let items = self.items(order).map_err(|error| match error {
            CallError::NotFound => Error::NotFound,
            CallError::Unavailable => Error::BadGateway,
        })?;
        let (prices, suggestion) = thread::scope(|scope| {
            let prices: Vec<_> = items.iter().map(|&item| scope.spawn(move || self.price(item))).collect();
            let suggestion = scope.spawn(move || self.suggestion(order));
            (prices.into_iter().map(join).collect::<Vec<_>>(), join(suggestion))
        });
        let prices: Vec<u64> = prices.into_iter().collect::<Result<_, _>>().map_err(|_| Error::BadGateway)?;
        Ok(Response { lines: items.into_iter().zip(prices).collect(), suggestion: suggestion.ok() })
    }

    fn items(&self, order: u64) -> Result<Vec<u64>, CallError> {
        let call = Call { name: "GET /orders/{order}/items", key: "order.id", id: order };
        self.retried(call, |context| self.backend.items(order, context))
    }

    fn price(&self, item: u64) -> Result<u64, CallError> {
        let call = Call { name: "GET /prices/{item}", key: "item.id", id: item };
        self.retried(call, |context| self.backend.price(item, context))
    }

    fn suggestion(&self, order: u64) -> Result<u64, CallError> {
        let call = Call { name: "GET /suggestions/{order}", key: "order.id", id: order };
        self.tried(call, 0, |context| self.backend.suggestion(order, context))
    }

    fn retried<T>(&self, call: Call, make: impl Fn(SpanContext) -> Result<T, CallError>) -> Result<T, CallError> {
        let mut resends = 0;
        loop {
            match self.tried(call, resends, &make) {
                Err(CallError::Unavailable) if resends + 1 < TRIES => resends += 1,
                result => return result,
            }
        }
    }

    /// One attempt, in its own span.
    fn tried<T>(
        &self,
        call: Call,
        resends: u32,
        make: impl FnOnce(SpanContext) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.tracer.in_span(call.name, SpanKind::Client, Some(self.parent), |span| {
            span.set_attribute(call.key, &call.id.to_string());
            if resends > 0 {
                span.set_attribute("http.request.resend_count", &resends.to_string());
            }
            make(span.context())
        })
    }
}

/// What the thread returned. If it panicked, this panics too, after all other threads have ended: `thread::scope`
/// waits.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}
