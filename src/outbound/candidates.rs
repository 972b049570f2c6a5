//! The addresses of a host that may be connected to. A name is looked up once for each exchange, and the connection
//! goes to an address of that answer: a second lookup could return another address (DNS rebinding).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use url::Host;

use super::error::OutboundError;
use super::network::Network;
use super::target::{Exception, Target};
use crate::foundation::address::{self, Special};

/// The most addresses of a name that are looked at.
const ADDRESSES: usize = 16;

/// Every address of a host.
#[derive(Clone, Debug, Default)]
pub struct Candidates(pub Vec<Candidate>);

/// An address of a host, and whether it is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The address.
    pub address: IpAddr,
    /// Why it is not public; `None` if it is.
    pub special: Option<Special>,
}

impl Candidate {
    /// Whether it is refused; an `exception` for the server permits all its addresses.
    pub fn is_refused(&self, exception: Option<Exception>) -> bool {
        self.special.is_some() && exception.is_none()
    }
}

/// As in "10.0.0.1 is private (10.0.0.0/8)".
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.special {
            Some(special) => write!(f, "{} is {special}", self.address),
            None => write!(f, "{} is public", self.address),
        }
    }
}

impl Candidates {
    /// The addresses of `target`'s host; a host that is written as an address needs no lookup.
    pub async fn of(target: &Target, network: &Network) -> Result<Self, OutboundError> {
        let addresses = match target.host() {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => {
                let found = network.look_up(name).await.and_then(|found| match found.is_empty() {
                    true => Err(io::Error::other("the name has no address")),
                    false => Ok(found),
                });
                found.map_err(|source| OutboundError::NotFound { host: name.clone(), source })?
            }
        };
        let judge = |address| Candidate { address, special: address::special(address) };
        Ok(Self(addresses.into_iter().take(ADDRESSES).map(judge).collect()))
    }

    /// The addresses to connect to.
    pub fn usable(&self, target: &Target) -> Result<Vec<SocketAddr>, OutboundError> {
        let usable = self.0.iter().filter(|candidate| !candidate.is_refused(target.exception()));
        let usable: Vec<_> = usable.map(|candidate| SocketAddr::new(candidate.address, target.port())).collect();
        match usable.is_empty() {
            false => Ok(usable),
            true => Err(OutboundError::Refused {
                host: target.host().to_string(),
                port: target.port(),
                addresses: self.0.clone(),
            }),
        }
    }
}
