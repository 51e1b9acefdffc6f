//! A handler whose threads send their results; the spans of first tries are started here and move to the threads.

use std::fmt;
use std::sync::mpsc;
use std::thread;

use crate::{Span, SpanContext, SpanKind, Status, Tracer};

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

enum Arrival {
    Price(usize, Result<u64, CallError>),
    Suggestion(Option<u64>),
}

pub fn handle(request: &Request, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    let mut server = tracer.start("GET /orders/{order}", SpanKind::Server, request.parent);
    let order = request.order;
    server.set_attribute("order.id", &order.to_string());
    let context = server.context();
    let result = ask_all(order, context, tracer, backend);
    match &result {
        Ok(_) | Err(Error::NotFound) => {}
        Err(Error::BadGateway) => server.set_status(Status::Error(String::from("502"))),
    }
    result
}

fn ask_all(order: u64, server: SpanContext, tracer: &Tracer, backend: &dyn Backend) -> Result<Response, Error> {
    let begin = |name: &str, key: &str, id: u64| {
        let mut span = tracer.start(name, SpanKind::Client, Some(server));
        span.set_attribute(key, &id.to_string());
        span
    };
    let begin_items = || begin("GET /orders/{order}/items", "order.id", order);
    let items = up_to_three(begin_items(), &begin_items, &|context| backend.items(order, context));
    let items =
        items.map_err(|error| if error == CallError::NotFound { Error::NotFound } else { Error::BadGateway })?;

    let (sender, arrivals) = mpsc::channel();
    let mut prices = vec![None; items.len()];
    let mut suggestion = None;
    thread::scope(|scope| {
        let first = begin("GET /suggestions/{order}", "order.id", order);
        let to_us = sender.clone();
        scope.spawn(move || {
            let suggestion = once(first, &|context| backend.suggestion(order, context));
            to_us.send(Arrival::Suggestion(suggestion.ok())).expect("somebody listens");
        });
        for (place, &item) in items.iter().enumerate() {
            let begin_price = move || begin("GET /prices/{item}", "item.id", item);
            let first = begin_price();
            let to_us = sender.clone();
            scope.spawn(move || {
                let price = up_to_three(first, &begin_price, &|context| backend.price(item, context));
                to_us.send(Arrival::Price(place, price)).expect("somebody listens");
            });
        }
        drop(sender);
        for arrival in arrivals {
            match arrival {
                Arrival::Price(place, price) => prices[place] = Some(price),
                Arrival::Suggestion(item) => suggestion = item,
            }
        }
    });

    let price_of = |(item, price): (u64, Option<Result<u64, CallError>>)| match price {
        Some(Ok(price)) => Ok((item, price)),
        Some(Err(_)) | None => Err(Error::BadGateway),
    };
    let lines = items.into_iter().zip(prices).map(price_of).collect::<Result<_, _>>()?;
    Ok(Response { lines, suggestion })
}

/// Makes the call of a span that is open.
fn once<T>(mut span: Span, call: &dyn Fn(SpanContext) -> Result<T, CallError>) -> Result<T, CallError> {
    let result = call(span.context());
    if let Err(error) = result {
        span.record_error(&error.to_string());
        span.set_status(Status::Error(error.to_string()));
    }
    span.finish();
    result
}

fn up_to_three<T>(
    first: Span,
    begin: &dyn Fn() -> Span,
    call: &dyn Fn(SpanContext) -> Result<T, CallError>,
) -> Result<T, CallError> {
    let mut result = once(first, call);
    for resend in ["1", "2"] {
        if let Err(CallError::Unavailable) = result {
            let mut again = begin();
            again.set_attribute("http.request.resend_count", resend);
            result = once(again, call);
        }
    }
    result
}
