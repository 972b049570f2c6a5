//! URLs that strangers have registered, before they are called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use latchkey::foundation::address::special;
use latchkey::outbound::{Candidate, Target};
use url::{Host, Url};

/// A URL, and the addresses of its host.
pub fn outbound_url(data: &[u8]) {
    if let Some(bytes) = data.first_chunk::<16>() {
        an_address_in_disguise_is_as_special_as_it_is(*bytes);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(target) = Target::parse(text, &[], false) else { return };
    assert!(target.exception().is_none());
    let url = Url::parse(text).expect("a URL");
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert_eq!((url.host(), url.port_or_known_default()), (Some(borrowed(target.host())), Some(target.port())));
    assert!(text.bytes().all(|byte| byte > b' ' && byte != 0x7f), "what a parser drops silently");
    let address = match target.host() {
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
        Host::Domain(_) => return,
    };
    let candidate = Candidate { address, special: special(address) };
    assert_eq!(candidate.is_refused(target.exception()), special(address).is_some());
}

fn borrowed(host: &Host) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

/// Packets to a mapped address, or to one behind NAT64, go to the IPv4 address in it.
fn an_address_in_disguise_is_as_special_as_it_is(bytes: [u8; 16]) {
    let [a, b, c, d, ..] = bytes;
    let plain = Ipv4Addr::new(a, b, c, d);
    let is_special = special(IpAddr::V4(plain)).is_some();
    let local = plain.is_private() || plain.is_loopback() || plain.is_link_local() || plain.is_multicast();
    assert!(is_special || !(local || plain.is_broadcast() || plain.is_unspecified() || plain.is_documentation()));
    let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    for carrier in [plain.to_ipv6_mapped(), nat64] {
        assert_eq!(special(IpAddr::V6(carrier)).is_some(), is_special, "{carrier}");
    }
    let any = Ipv6Addr::from(bytes);
    let local = any.is_loopback() || any.is_unspecified() || any.is_unique_local() || any.is_unicast_link_local();
    assert!(!(local || any.is_multicast()) || special(IpAddr::V6(any)).is_some(), "{any}");
}
