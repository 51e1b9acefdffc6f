//! Networks of IP addresses, and which addresses count as one client.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Bits of an IPv6 address that tell one client's network from another's. A provider gives every customer at least
/// a /64, so the rest of the address is the client's to choose (RFC 6177, section 2).
const CLIENT_PREFIX_V6: u32 = 64;
/// Bits of an IPv6 address that name a site. A provider gives a customer up to a whole /48, which holds 65,536 networks
/// of /64 (RFC 6177, section 2).
const SITE_PREFIX_V6: u32 = 48;

/// A network in CIDR notation (RFC 4632), such as `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// The shortest prefix of an IPv4 network, in bits. No organisation has a larger one.
const SHORTEST_V4: u32 = 8;
/// The shortest prefix of an IPv6 network, in bits.
const SHORTEST_V6: u32 = 16;
/// Bits before an IPv4 address that is mapped into IPv6 (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX: u32 = 96;

/// Why a text is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNetworkError {
    /// It isn't in CIDR notation.
    #[error("{0:?} is not a network: write an address, or an address and a length such as 192.0.2.0/24")]
    NotANetwork(String),
    /// It holds so many addresses that nearly everybody would be in it.
    #[error("{0:?} is too large a network: its length is at least {SHORTEST_V4} for IPv4, and {SHORTEST_V6} for IPv6")]
    TooLarge(String),
}

impl Network {
    /// The network with an IPv4 address that is mapped into IPv6 as itself; `None` when it's too large.
    fn unmapped(self) -> Option<Self> {
        let Self { address, prefix } = match (self.address, self.address.to_canonical()) {
            (IpAddr::V6(_), address @ IpAddr::V4(_)) => {
                Self { address, prefix: self.prefix.checked_sub(MAPPED_PREFIX)? }
            }
            _ => self,
        };
        let shortest = if address.is_ipv4() { SHORTEST_V4 } else { SHORTEST_V6 };
        (prefix >= shortest).then_some(Self { address, prefix })
    }

    /// Whether an address belongs to this network. An IPv4 address that is mapped into IPv6 counts as itself.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                first_bits(own.to_bits().into(), 32, self.prefix) == first_bits(other.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                first_bits(own.to_bits(), 128, self.prefix) == first_bits(other.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }
}

/// The first `prefix` of `length` bits, as a number.
fn first_bits(address: u128, length: u32, prefix: u32) -> u128 {
    address.checked_shr(length.saturating_sub(prefix)).unwrap_or(0)
}

/// The address that limits count a client by: the whole of an IPv4 address, the /64 network of an IPv6 address.
#[must_use]
pub(crate) fn client_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(network_of(address, CLIENT_PREFIX_V6)),
    }
}

/// The /48 network around an IPv6 address, all of which one customer may have. An IPv4 address has nothing like it.
#[must_use]
pub(crate) fn site_key(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(IpAddr::V6(network_of(address, SITE_PREFIX_V6))),
    }
}

/// An address with all bits after the first `prefix` set to zero.
fn network_of(address: Ipv6Addr, prefix: u32) -> Ipv6Addr {
    let host_bits = 128 - prefix;
    Ipv6Addr::from_bits((address.to_bits() >> host_bits) << host_bits)
}

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let wrong = || ParseNetworkError::NotANetwork(text.to_owned());
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().map_err(|_| wrong())?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest {
            return Err(wrong());
        }
        Self { address, prefix }.unmapped().ok_or_else(|| ParseNetworkError::TooLarge(text.to_owned()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        assert!(is_in("10.0.0.0/8", "10.255.0.1") && !is_in("10.0.0.0/8", "11.0.0.1"));
        assert!(is_in("192.0.2.7", "192.0.2.7") && !is_in("192.0.2.7", "192.0.2.8"));
        assert!(is_in("2001:db8::/32", "2001:db8:1::1") && !is_in("2001:db8::/32", "2001:db9::1"));
        assert!(is_in("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(!is_in("10.0.0.0/8", "2001:db8::1"));
    }

    #[test]
    fn a_mapped_network_is_the_one_of_ipv4() {
        assert_eq!("::ffff:10.1.0.0/112".parse::<Network>(), "10.1.0.0/16".parse());
        assert_eq!("::ffff:192.0.2.7".parse::<Network>(), "192.0.2.7".parse());
        assert!(is_in("::ffff:10.1.0.0/112", "10.1.2.3") && !is_in("::ffff:10.1.0.0/112", "10.2.2.3"));
    }

    #[test]
    fn a_network_of_nearly_everybody_is_refused() {
        for large in
            ["0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/7", "::/0", "2000::/3", "::ffff:0:0/96", "::ffff:10.0.0.0/95"]
        {
            assert_eq!(large.parse::<Network>(), Err(ParseNetworkError::TooLarge(large.to_owned())));
        }
    }

    #[test]
    fn what_is_not_a_network_is_refused() {
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0", "example.org", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_client_of_ipv6_is_its_network() {
        let key = |address: &str| client_key(address.parse().unwrap()).to_string();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(key("192.0.2.7"), "192.0.2.7");
        assert_eq!(key("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn a_site_of_ipv6_holds_many_clients() {
        let key = |address: &str| site_key(address.parse().unwrap()).map(|key| key.to_string());
        assert_eq!(key("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1::"));
        assert_eq!((key("192.0.2.7"), key("::ffff:192.0.2.7")), (None, None));
    }
}
