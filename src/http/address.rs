//! Where a request comes from.
//!
//! Behind a reverse proxy every connection comes from the proxy. It tells the client's address in a header, which anybody can
//! write; so the header is believed only when the connection comes from a proxy that the operator named.

use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};

use crate::error::Error;
use crate::network::Network;

/// Most proxies between a client and this server that are followed back.
const HOPS_MAX: usize = 32;

/// The reverse proxies that are believed when they say where a request comes from.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// The proxies in these networks.
    pub(crate) const fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether an address is that of a proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client behind a connection from `peer`: the last address that a trusted proxy saw and that is not a proxy itself.
    ///
    /// A proxy writes `Forwarded` (RFC 7239) or `X-Forwarded-For` and may pass the other one on as a client sent it. So where
    /// both are there and name different clients, neither is believed.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(peer) {
            return peer;
        }
        let standard = hops(headers, "forwarded", forwarded_for);
        let usual = hops(headers, "x-forwarded-for", |element| Some(element.trim()));
        match (standard.is_empty(), usual.is_empty()) {
            (true, _) => self.last_stranger(peer, &usual),
            (false, true) => self.last_stranger(peer, &standard),
            (false, false) => {
                let client = self.last_stranger(peer, &standard);
                if client == self.last_stranger(peer, &usual) { client } else { peer }
            }
        }
    }

    /// Follows the hops back from the nearest one. A hop that hides its address ends the way.
    fn last_stranger(&self, peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
        let mut last = peer;
        for hop in hops.iter().rev().take(HOPS_MAX) {
            let Some(address) = *hop else { break };
            last = address;
            if !self.trusts(address) {
                break;
            }
        }
        last
    }
}

/// The addresses in all headers of a name, the client first; `None` for one that can't be read.
fn hops(headers: &HeaderMap, name: &str, node: impl Fn(&str) -> Option<&str>) -> Vec<Option<IpAddr>> {
    let elements = headers.get_all(name).flat_map(|value| value.to_str().unwrap_or_default().split(','));
    elements.map(|element| node(element).and_then(read_node)).collect()
}

/// The `for` parameter of one element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    })
}

/// An address with or without a port, as `192.0.2.1:4711` or `[2001:db8::1]:4711` (RFC 7239, section 6).
fn read_node(node: &str) -> Option<IpAddr> {
    let node = node.trim();
    let address = match node.parse::<SocketAddr>() {
        Ok(with_port) => with_port.ip(),
        Err(_) => node.trim_start_matches('[').trim_end_matches(']').parse().ok()?,
    };
    Some(address.to_canonical())
}

/// The address of the client, which rate limits are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address(pub(crate) IpAddr);

impl Address {
    /// The client's address; `0.0.0.0` for a connection that has none.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let unknown = IpAddr::from([0, 0, 0, 0]);
        let peer = request.peer_addr().map_or(unknown, |address| address.ip().to_canonical());
        let proxies = request.app_data::<web::Data<TrustedProxies>>();
        Self(proxies.map_or(peer, |proxies| proxies.client(peer, request.headers())))
    }
}

impl FromRequest for Address {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// The client that a proxy at 10.0.0.1 tells of, with proxies in 10.0.0.0/8.
    fn behind_proxy(headers: &[(&str, &str)]) -> String {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header));
        proxies.client("10.0.0.1".parse().unwrap(), request.to_http_request().headers()).to_string()
    }

    #[test]
    fn the_client_is_the_last_hop_that_is_not_a_proxy() {
        assert_eq!(behind_proxy(&[("x-forwarded-for", "203.0.113.9")]), "203.0.113.9");
        assert_eq!(behind_proxy(&[("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.2.0.1")]), "203.0.113.9");
        assert_eq!(behind_proxy(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9")]), "203.0.113.9");
        assert_eq!(behind_proxy(&[("forwarded", "for=6.6.6.6, for=\"[2001:db8::7]:81\";proto=https")]), "2001:db8::7");
        assert_eq!(behind_proxy(&[("forwarded", "proto=https;For=203.0.113.9:4711")]), "203.0.113.9");
    }

    #[test]
    fn what_a_client_writes_itself_is_not_believed() {
        assert_eq!(behind_proxy(&[]), "10.0.0.1");
        assert_eq!(behind_proxy(&[("x-forwarded-for", "6.6.6.6, unknown")]), "10.0.0.1");
        assert_eq!(behind_proxy(&[("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "203.0.113.9")]), "10.0.0.1");
        assert_eq!(
            behind_proxy(&[("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")]),
            "203.0.113.9"
        );
        let stranger = TestRequest::default().append_header(("x-forwarded-for", "6.6.6.6")).to_http_request();
        let peer = "203.0.113.9".parse().unwrap();
        assert_eq!(TrustedProxies::default().client(peer, stranger.headers()), peer);
    }
}
