//! Where attempts come from: an address, and the networks round it that one holder may have.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network, and how much may fail in it before it has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    network: IpAddr,
    prefix: u8,
    /// Its limit, as a multiple of that of a single holder's address.
    pub share: u32,
}

/// The places that `address` is in, from the widest to that of a single holder. The holder of one IPv6 address has the
/// /64 round it, a household often a /56, a company a /48. The neighbours in an IPv4 /24 may be others: its limit is
/// four times as high.
pub fn places(address: IpAddr) -> Vec<Place> {
    let levels: &[(u8, u32)] = match address.to_canonical() {
        IpAddr::V4(_) => &[(24, 4), (32, 1)],
        IpAddr::V6(_) => &[(48, 4), (56, 2), (64, 1)],
    };
    levels.iter().map(|(prefix, share)| Place::new(address.to_canonical(), *prefix, *share)).collect()
}

impl Place {
    fn new(address: IpAddr, prefix: u8, share: u32) -> Self {
        let network = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
                Ipv4Addr::from_bits(address.to_bits() & mask).into()
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            }
        };
        Self { network, prefix, share }
    }

    /// How often one person or address may be asked for from here, if it may be `most` times from one holder's address. From
    /// the networks round that it is twice as often and no more: whoever has all of such a network does not use up alone what
    /// there is for one person from everywhere.
    pub fn for_one(&self, most: u32) -> u64 {
        u64::from(most.saturating_mul(self.share.min(2)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Vec<(String, u32)> {
        places(address.parse().unwrap()).iter().map(|place| (place.to_string(), place.share)).collect()
    }

    fn shared(one: &str, other: &str) -> usize {
        let other = of(other);
        of(one).iter().filter(|place| other.contains(place)).count()
    }

    #[test]
    fn an_address_is_in_the_networks_that_its_holder_may_have() {
        let v4 = [("198.51.100.0/24", 4), ("198.51.100.7/32", 1)];
        let v6 = [("2001:db8:1::/48", 4), ("2001:db8:1:200::/56", 2), ("2001:db8:1:234::/64", 1)];
        let named = |places: &[(&str, u32)]| places.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect();
        assert_eq!(of("198.51.100.7"), Vec::<(String, u32)>::from_iter::<Vec<_>>(named(&v4)));
        assert_eq!(of("2001:db8:1:234:5:6:7:8"), Vec::<(String, u32)>::from_iter::<Vec<_>>(named(&v6)));
        assert_eq!(of("::ffff:198.51.100.7"), of("198.51.100.7"));
    }

    #[test]
    fn a_network_of_one_holder_is_one_place() {
        assert_eq!(shared("2001:db8::1", "2001:db8::2:3"), 3);
        assert_eq!(shared("2001:db8::1", "2001:db8:0:f::1"), 2, "a /60 shares its /56");
        assert_eq!(shared("2001:db8::1", "2001:db8:0:100::1"), 1);
        assert_eq!(shared("2001:db8::1", "2001:db8:1::1"), 0);
        assert_eq!(shared("192.0.2.1", "192.0.2.2"), 1);
        assert_eq!(shared("192.0.2.1", "192.0.3.1"), 0);
    }
}
