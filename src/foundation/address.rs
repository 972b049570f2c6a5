//! Addresses that a stranger must not make us connect to: all that are not on the public internet. The ranges come from
//! IANA's registries of special-purpose addresses (RFC 6890).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Why an address is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Special {
    what: &'static str,
    range: IpNet,
    /// The IPv4 address embedded in an IPv6 address: packets go to it.
    carried: Option<Ipv4Addr>,
}

impl Special {
    /// The kind of address, in a word or two.
    pub fn what(&self) -> &'static str {
        self.what
    }
}

/// As in "private (10.0.0.0/8)".
impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.carried {
            None => write!(f, "{} ({})", self.what, self.range),
            Some(carried) => write!(f, "{} ({}, through {carried})", self.what, self.range),
        }
    }
}

/// Why `address` is not public; `None` if it is public.
pub fn special(address: IpAddr) -> Option<Special> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<Special> {
    let found = V4.iter().find(|(range, _)| range.contains(&address));
    found.map(|(range, what)| Special { what, range: IpNet::V4(*range), carried: None })
}

/// Only 2000::/3 is allocated for the IPv6 internet, so everything outside it is refused.
fn special_v6(address: Ipv6Addr) -> Option<Special> {
    if CARRIERS.iter().any(|range| range.contains(&address)) {
        let [.., a, b, c, d] = address.octets();
        let carried = Ipv4Addr::new(a, b, c, d);
        return special_v4(carried).map(|special| Special { carried: Some(carried), ..special });
    }
    let found = V6.iter().find(|(range, _)| range.contains(&address));
    let found = found.map(|(range, what)| Special { what, range: IpNet::V6(*range), carried: None });
    let outside = || Special { what: "reserved", range: IpNet::V6(EVERYTHING_V6), carried: None };
    found.or_else(|| (!GLOBAL_UNICAST.contains(&address)).then(outside))
}

const V4: [(Ipv4Net, &str); 17] = [
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "shared by a carrier's customers"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(168, 63, 129, 16, 32), "a cloud's own"), // Azure's WireServer: only its number looks public.
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "for protocols"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(255, 255, 255, 255, 32), "broadcast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

/// Prefixes with an IPv4 address in the last four bytes: mapped (RFC 4291 §2.5.5.2), and NAT64 (RFC 6052 §2.1), by
/// which networks without IPv4 reach public addresses.
const CARRIERS: [Ipv6Net; 2] = [v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96)];

/// Tunnels (6to4, Teredo) and a network's own NAT64 are refused as a whole: others decide where their packets go. A
/// range stands before any wider range that contains it.
const V6: [(Ipv6Net, &str); 16] = [
    (v6([0; 8], 128), "unspecified"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (v6([0; 8], 96), "IPv4-compatible"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "NAT64 of a network's own"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discard-only"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), "benchmarking"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "for protocols"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "segment routing"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "unique-local"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const EVERYTHING_V6: Ipv6Net = v6([0; 8], 0);

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(s: [u16; 8], length: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = s;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(address: &str) -> Option<&'static str> {
        special(address.parse().unwrap()).map(|special| special.what())
    }

    /// The first and the last address of each range, and what it is.
    const REFUSED: [(&str, &str, &str); 40] = [
        ("0.0.0.0", "0.255.255.255", "this network"),
        ("10.0.0.0", "10.255.255.255", "private"),
        ("100.64.0.0", "100.127.255.255", "shared by a carrier's customers"),
        ("127.0.0.0", "127.255.255.255", "loopback"),
        ("168.63.129.16", "168.63.129.16", "a cloud's own"),
        ("169.254.0.0", "169.254.255.255", "link-local"),
        ("172.16.0.0", "172.31.255.255", "private"),
        ("192.0.0.0", "192.0.0.255", "for protocols"),
        ("192.0.2.0", "192.0.2.255", "documentation"),
        ("192.88.99.0", "192.88.99.255", "6to4 relay"),
        ("192.168.0.0", "192.168.255.255", "private"),
        ("198.18.0.0", "198.19.255.255", "benchmarking"),
        ("198.51.100.0", "198.51.100.255", "documentation"),
        ("203.0.113.0", "203.0.113.255", "documentation"),
        ("224.0.0.0", "239.255.255.255", "multicast"),
        ("240.0.0.0", "255.255.255.254", "reserved"),
        ("255.255.255.255", "255.255.255.255", "broadcast"),
        ("::", "::", "unspecified"),
        ("::1", "::1", "loopback"),
        ("::2", "::ffff:ffff", "IPv4-compatible"),
        ("::ffff:10.0.0.0", "::ffff:10.255.255.255", "private"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "::ffff:169.254.169.254", "link-local"),
        ("64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255", "private"),
        ("64:ff9b::169.254.169.254", "64:ff9b::169.254.169.254", "link-local"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "NAT64 of a network's own"),
        ("100::", "100::ffff:ffff:ffff:ffff", "discard-only"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "Teredo"),
        ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "benchmarking"),
        ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "for protocols"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "6to4"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "segment routing"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "unique-local"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local"),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "site-local"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"),
        // Not allocated: IPv4-translated (::ffff:0:0:0/96), and future blocks.
        ("::fffe:0:0", "::fffe:ffff:ffff", "reserved"),
        ("4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"),
    ];

    #[test]
    fn every_range_is_refused_from_its_first_address_to_its_last() {
        for (first, last, wanted) in REFUSED {
            assert_eq!((what(first), what(last)), (Some(wanted), Some(wanted)), "{first} to {last}");
        }
        assert_eq!(what("::ffff:0:10.0.0.1"), Some("reserved"));
    }

    #[test]
    fn the_neighbours_just_outside_are_public() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.1.255",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "8.8.8.8",
            "::ffff:8.8.8.8",
            "::ffff:11.0.0.0",
            "64:ff9b::8.8.8.8",
            "64:ff9b::172.32.0.0",
            "2000::",
            "2000:ffff::1",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "3ffe:ffff::",
            "3fff:1000::",
        ] {
            assert_eq!(what(address), None, "{address}");
        }
    }

    #[test]
    fn what_is_said_names_the_range_and_where_the_packets_would_go() {
        let said = |address: &str| special(address.parse().unwrap()).unwrap().to_string();
        assert_eq!(said("10.1.2.3"), "private (10.0.0.0/8)");
        assert_eq!(said("fd00:ec2::254"), "unique-local (fc00::/7)");
        assert_eq!(said("::ffff:127.0.0.1"), "loopback (127.0.0.0/8, through 127.0.0.1)");
        assert_eq!(said("64:ff9b::a9fe:a9fe"), "link-local (169.254.0.0/16, through 169.254.169.254)");
    }
}
