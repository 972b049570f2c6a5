//! The address that a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::app::App;

/// The address of the browser or service at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<App> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let seen = seen(&parts.extensions, &parts.headers, app);
        if seen.is_proxy && !app.told_of_silent_proxy.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                proxy = %seen.address,
                "a trusted proxy does not say whom it speaks for, so everybody behind it counts as one address: \
                 let it set X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for), \
                 or take it out of server.trusted_proxies; this is told once"
            );
        }
        Ok(Self(seen.address))
    }
}

/// The address of a service, which may well come from a trusted network without any proxy.
pub fn of_service(extensions: &Extensions, headers: &HeaderMap, app: &App) -> IpAddr {
    seen(extensions, headers, app).address
}

/// The address that a request comes from. What a proxy says of it is read once, and noted at the request.
pub fn note(request: &mut Request, app: &App) -> IpAddr {
    let seen = seen(request.extensions(), request.headers(), app);
    if seen.address != peer(request.extensions()) {
        request.extensions_mut().insert(seen);
    }
    seen.address
}

fn seen(extensions: &Extensions, headers: &HeaderMap, app: &App) -> Seen {
    match extensions.get::<Seen>() {
        Some(seen) => *seen,
        None => client_address(peer(extensions), headers, &app.settings.trusted_proxies),
    }
}

fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip()).to_canonical()
}

/// Where a request comes from, as far as we can tell.
#[derive(Clone, Copy)]
struct Seen {
    address: IpAddr,
    /// Whether the address is only that of a proxy of ours, because it did not say for whom it speaks.
    is_proxy: bool,
}

/// The last address in `X-Forwarded-For` that is not one of our proxies'. Each proxy appends the address that it saw,
/// so whatever stands before the last untrusted address may be made up. Without that header a single `X-Real-IP` is
/// taken: a proxy that passes either header on as the browser sent it cannot be trusted with the other one either.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Seen {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    if !is_trusted(peer) {
        return Seen { address: peer, is_proxy: false };
    }
    let forwarded = headers.contains_key(FORWARDED_FOR);
    let header = if forwarded { FORWARDED_FOR } else { REAL_IP };
    // As bytes: a hop that is no text must end the chain, and not hide the line that our proxy wrote.
    let chain: Vec<&[u8]> =
        headers.get_all(header).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
    let mut address = peer;
    if forwarded || chain.len() == 1 {
        for hop in chain.iter().rev() {
            let Some(hop) = std::str::from_utf8(hop.trim_ascii()).ok().and_then(|hop| parse(hop).ok()) else { break };
            address = hop.to_canonical();
            if !is_trusted(address) {
                return Seen { address, is_proxy: false };
            }
        }
    }
    Seen { address, is_proxy: true }
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Some proxies add the port.
fn parse(hop: &str) -> Result<IpAddr, std::net::AddrParseError> {
    hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).address.to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(address("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(address("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn behind_proxies_the_last_address_that_is_none_of_theirs_counts() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(address("10.0.0.1", &["198.51.100.7"], &trusted), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["6.6.6.6, 198.51.100.7, 10.0.0.2"], &trusted), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["6.6.6.6", "198.51.100.7:4711"], &trusted), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &[], &trusted), "10.0.0.1");
    }

    #[test]
    fn what_is_not_an_address_ends_the_chain() {
        assert_eq!(address("10.0.0.1", &["198.51.100.7, unknown"], &["10.0.0.0/8"]), "10.0.0.1");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(b"\xff, 198.51.100.7").unwrap());
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let seen = client_address("10.0.0.1".parse().unwrap(), &headers, &trusted);
        assert_eq!(seen.address.to_string(), "198.51.100.7");
    }

    #[test]
    fn x_real_ip_is_read_where_a_trusted_proxy_sends_nothing_else() {
        let seen = |peer: &str, headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let mut all = HeaderMap::new();
            for (name, value) in headers {
                all.append(name, value);
            }
            let seen = client_address(peer.parse().unwrap(), &all, &["10.0.0.0/8".parse().unwrap()]);
            (seen.address.to_string(), seen.is_proxy)
        };
        let (real, forwarded) = (("x-real-ip", "198.51.100.7"), ("x-forwarded-for", "203.0.113.9"));
        assert_eq!(seen("10.0.0.1", &[real]), ("198.51.100.7".to_owned(), false));
        assert_eq!(seen("192.0.2.1", &[real]), ("192.0.2.1".to_owned(), false), "not from a stranger");
        assert_eq!(seen("10.0.0.1", &[real, forwarded]), ("203.0.113.9".to_owned(), false));
        let proxy = ("10.0.0.1".to_owned(), true);
        assert_eq!(seen("10.0.0.1", &[real, ("x-forwarded-for", "unknown")]), proxy, "a header that is there decides");
        assert_eq!(seen("10.0.0.1", &[real, ("x-real-ip", "198.51.100.8")]), proxy, "one of two could be made up");
        assert_eq!(seen("10.0.0.1", &[("x-real-ip", "198.51.100.7, 198.51.100.8")]), proxy);
        assert_eq!(seen("10.0.0.1", &[]), proxy);
        assert_eq!(seen("10.0.0.1", &[("x-forwarded-for", "10.0.0.9")]), ("10.0.0.9".to_owned(), true));
        assert_eq!(seen("10.0.0.1", &[("x-real-ip", "10.0.0.9")]), ("10.0.0.9".to_owned(), true));
    }
}
