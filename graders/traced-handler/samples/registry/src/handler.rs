//! A handler in one piece: closures for the calls, and the suggestion on the thread of the request itself.

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

pub fn handle(request: &Request, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    // Not found is a result of the work, and not a failure of it: hence a result in a result.
    let answer = tracer.in_span("GET /orders/{order}", SpanKind::Server, request.parent, |span| {
        let (order, server) = (request.order, span.context());
        span.set_attribute("order.id", &order.to_string());
        let answer = answer(order, server, tracer, backend);
        if answer == Err(Error::BadGateway) {
            span.set_status(Status::Error("bad gateway".into()));
        }
        Ok::<_, fmt::Error>(answer)
    });
    answer.unwrap_or(Err(Error::BadGateway))
}

fn answer(order: u64, server: SpanContext, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    let once = |name: &str, (key, id): (&str, u64), resends: usize, make: &dyn Fn(SpanContext) -> _| {
        tracer.in_span(name, SpanKind::Client, Some(server), |span| {
            span.set_attribute(key, &id.to_string());
            if resends != 0 {
                span.set_attribute("http.request.resend_count", &resends.to_string());
            }
            make(span.context())
        })
    };

    let mut items = Err(CallError::Unavailable);
    for resends in 0..3 {
        if items == Err(CallError::Unavailable) {
            items = tracer.in_span("GET /orders/{order}/items", SpanKind::Client, Some(server), |span| {
                span.set_attribute("order.id", &order.to_string());
                if resends != 0 {
                    span.set_attribute("http.request.resend_count", &resends.to_string());
                }
                backend.items(order, span.context())
            });
        }
    }
    let items = match items {
        Ok(items) => items,
        Err(CallError::NotFound) => return Err(Error::NotFound),
        Err(CallError::Unavailable) => return Err(Error::BadGateway),
    };

    let price = |item: u64| {
        let mut price = Err(CallError::Unavailable);
        for resends in 0..3 {
            if price == Err(CallError::Unavailable) {
                price = once("GET /prices/{item}", ("item.id", item), resends, &|context| backend.price(item, context));
            }
        }
        price
    };
    let (prices, suggestion) = thread::scope(|scope| {
        let prices: Vec<_> = items.iter().map(|&item| scope.spawn(move || (item, price(item)))).collect();
        let suggest = |context| backend.suggestion(order, context);
        let suggestion = once("GET /suggestions/{order}", ("order.id", order), 0, &suggest).ok();
        let prices: Vec<_> = prices.into_iter().map(|thread| thread.join().expect("a price")).collect();
        (prices, suggestion)
    });

    let mut lines = Vec::new();
    for (item, price) in prices {
        lines.push((item, price.map_err(|_| Error::BadGateway)?));
    }
    Ok(Response { lines, suggestion })
}
