//! Where a request comes from.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::error::Error;

/// The address of the client, which rate limits are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address(pub(crate) IpAddr);

impl Address {
    /// The client's address; `0.0.0.0` for a connection that has none.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let unknown = IpAddr::from([0, 0, 0, 0]);
        Self(request.peer_addr().map_or(unknown, |address| address.ip()))
    }
}

impl FromRequest for Address {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
