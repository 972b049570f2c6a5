//! The addresses of a host that may be connected to. A name is looked up once for each exchange, and the connection
//! goes to an address of that answer: a second lookup could return another address (DNS rebinding).

use std::io;
use std::net::{IpAddr, SocketAddr};

use url::Host;

use super::candidate::Candidate;
use super::error::OutboundError;
use super::network::Network;
use super::target::Target;
use crate::foundation::address;

/// The most addresses of a name that are looked at.
const ADDRESSES: usize = 16;

/// Every address of a host.
#[derive(Clone, Debug, Default)]
pub struct Candidates(pub Vec<Candidate>);

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
