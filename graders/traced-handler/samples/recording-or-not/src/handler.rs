//! A handler with a table of its calls: each is a value that knows its name, its attribute and what to do.

use std::fmt;
use std::thread;

use crate::{SpanContext, SpanKind, Status, Tracer};

/// A request for an order. What came in its `traceparent` header has been read already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    pub order: u64,
    pub parent: Option<SpanContext>,
}

/// What is answered with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Item and price, in the order of the items.
    pub lines: Vec<(u64, u64)>,
    /// Another item that the customer may like, if one could be had.
    pub suggestion: Option<u64>,
}

/// What is answered otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Status 404: there is no such order.
    NotFound,
    /// Status 502: a service that is needed did not give what it should.
    BadGateway,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallError {
    /// Status 404: what was asked for does not exist.
    NotFound,
    /// Status 503: perhaps another time.
    Unavailable,
}

/// The services that the handler calls. Each call carries a context, and what the service does is traced below it.
pub trait Backend: Sync {
    /// The items of an order.
    fn items(&self, order: u64, context: SpanContext) -> Result<Vec<u64>, CallError>;
    /// The price of an item.
    fn price(&self, item: u64, context: SpanContext) -> Result<u64, CallError>;
    /// An item to suggest beside an order.
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

/// Something to ask another service for.
trait Ask: Copy {
    const NAME: &'static str;
    const KEY: &'static str;
    const TRIES: u32;
    type Answer;

    fn id(self) -> u64;
    fn ask(self, backend: &dyn Backend, context: SpanContext) -> Result<Self::Answer, CallError>;
}

#[derive(Clone, Copy)]
struct Items(u64);

impl Ask for Items {
    const NAME: &'static str = "GET /orders/{order}/items";
    const KEY: &'static str = "order.id";
    const TRIES: u32 = 3;
    type Answer = Vec<u64>;

    fn id(self) -> u64 {
        self.0
    }

    fn ask(self, backend: &dyn Backend, context: SpanContext) -> Result<Vec<u64>, CallError> {
        backend.items(self.0, context)
    }
}

#[derive(Clone, Copy)]
struct Price(u64);

impl Ask for Price {
    const NAME: &'static str = "GET /prices/{item}";
    const KEY: &'static str = "item.id";
    const TRIES: u32 = 3;
    type Answer = u64;

    fn id(self) -> u64 {
        self.0
    }

    fn ask(self, backend: &dyn Backend, context: SpanContext) -> Result<u64, CallError> {
        backend.price(self.0, context)
    }
}

#[derive(Clone, Copy)]
struct Suggestion(u64);

impl Ask for Suggestion {
    const NAME: &'static str = "GET /suggestions/{order}";
    const KEY: &'static str = "order.id";
    const TRIES: u32 = 1;
    type Answer = u64;

    fn id(self) -> u64 {
        self.0
    }

    fn ask(self, backend: &dyn Backend, context: SpanContext) -> Result<u64, CallError> {
        backend.suggestion(self.0, context)
    }
}

#[derive(Clone, Copy)]
struct Client<'a> {
    tracer: &'a Tracer,
    backend: &'a dyn Backend,
    server: SpanContext,
}

impl Client<'_> {
    fn get<A: Ask>(self, ask: A) -> Result<A::Answer, CallError> {
        self.get_again(ask, 0)
    }

    fn get_again<A: Ask>(self, ask: A, resends: u32) -> Result<A::Answer, CallError> {
        let answer = self.tracer.in_span(A::NAME, SpanKind::Client, Some(self.server), |span| {
            span.set_attribute(A::KEY, &ask.id().to_string());
            span.set_attribute("server.address", "shop.internal");
            if resends > 0 {
                span.set_attribute("http.request.resend_count", &resends.to_string());
            }
            ask.ask(self.backend, span.context())
        });
        match answer {
            Err(CallError::Unavailable) if resends + 1 < A::TRIES => self.get_again(ask, resends + 1),
            answer => answer,
        }
    }
}

pub fn handle(request: &Request, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    let mut span = tracer.start("GET /orders/{order}", SpanKind::Server, request.parent);
    span.set_attribute("order.id", &request.order.to_string());
    let client = Client { tracer, backend, server: span.context() };
    let items = match client.get(Items(request.order)) {
        Ok(items) => items,
        Err(CallError::NotFound) => return Err(Error::NotFound),
        Err(CallError::Unavailable) => {
            span.set_status(Status::Error("no items".to_string()));
            return Err(Error::BadGateway);
        }
    };
    let mut lines: Vec<(u64, Option<u64>)> = items.into_iter().map(|item| (item, None)).collect();
    let mut suggestion = None;
    thread::scope(|scope| {
        for (item, price) in &mut lines {
            scope.spawn(move || *price = client.get(Price(*item)).ok());
        }
        scope.spawn(|| suggestion = client.get(Suggestion(request.order)).ok());
    });
    let lines: Option<Vec<(u64, u64)>> = lines.into_iter().map(|(item, price)| Some((item, price?))).collect();
    match lines {
        Some(lines) => Ok(Response { lines, suggestion }),
        None => {
            span.set_status(Status::Error("not all prices".to_string()));
            Err(Error::BadGateway)
        }
    }
}
