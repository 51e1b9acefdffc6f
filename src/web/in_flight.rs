//! How many requests of one client may be under way at once.
//!
//! Without a proxy each connection has one request at a time, and the server counts connections. Behind a proxy all connections
//! are the proxy's: it opens one for each request that is under way. So a client who sends many requests slowly, or reads many
//! answers slowly, would take them all. What counts is from the head of a request to the last byte of its answer.

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use crate::concurrency::{ClientConcurrency, ClientPlace};
use crate::error::{Kind, Refusal, Result};

/// When a client with too many requests under way should try again.
const RETRY: Duration = Duration::from_secs(5);

/// The requests that are under way, counted for each client.
pub(super) struct InFlight(ClientConcurrency);

impl InFlight {
    /// A limit of `most` requests for each client.
    pub(super) fn new(most: usize) -> Self {
        Self(ClientConcurrency::new(most))
    }

    /// A place for a request of this address, which it holds until its answer is sent.
    ///
    /// # Errors
    /// 429 `rate_limited` when the client has all of its places.
    pub(super) fn admit(&self, address: IpAddr) -> Result<ClientPlace> {
        self.0.take(address).ok_or_else(|| {
            let detail = "too many requests from this address are under way: wait until some of them are answered";
            Refusal::new(Kind::TooMany, "rate_limited", detail).retry_after(RETRY).into()
        })
    }
}

/// A body whose request holds a place until the last byte is sent, or the connection is gone.
pub(super) struct Held {
    body: BoxBody,
    _place: ClientPlace,
}

impl Held {
    /// Lets a body hold a place.
    pub(super) fn by(place: ClientPlace, body: BoxBody) -> Self {
        Self { body, _place: place }
    }
}

impl MessageBody for Held {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
