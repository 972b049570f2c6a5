//! The connection: TCP to one of the addresses that were checked, and TLS.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::error::OutboundError;
use super::exchange::Connected;
use super::network::Network;
use super::target::Target;
use crate::foundation::trust;

/// How long one address is tried alone before the next one is tried beside it (RFC 8305 §5).
const HEAD_START: Duration = Duration::from_millis(250);

/// The most addresses that are tried.
const ATTEMPTS: usize = 4;

/// Connects to the first of `addresses` that answers.
pub async fn connect(
    network: &Network,
    target: &Target,
    addresses: &[SocketAddr],
) -> Result<Connected<TcpStream>, OutboundError> {
    let mut rest = alternating(addresses).into_iter().take(ATTEMPTS).peekable();
    let (mut attempts, mut first_error) = (FuturesUnordered::new(), None);
    loop {
        if let Some(address) = rest.next() {
            attempts.push(attempt(network, address));
        }
        let more = rest.peek().is_some();
        tokio::select! {
            biased;
            outcome = attempts.next() => match outcome {
                Some(Ok(connected)) => return Ok(connected),
                Some(Err(error)) => drop(first_error.get_or_insert(error)),
                None => break,
            },
            () = sleep(HEAD_START), if more => {}
        }
    }
    let source = first_error.unwrap_or_else(|| io::Error::other("there is no address"));
    Err(OutboundError::Unreachable { host: target.to_string(), source })
}

async fn attempt(network: &Network, address: SocketAddr) -> io::Result<Connected<TcpStream>> {
    let stream = network.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(Connected { stream, peer: address })
}

/// The system's first choice first, then IPv4 and IPv6 in turn: one of them may not work.
fn alternating(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return vec![] };
    let (same, other): (Vec<_>, Vec<_>) =
        addresses.iter().copied().partition(|address| address.is_ipv4() == first.is_ipv4());
    let longest = same.len().max(other.len());
    (0..longest).flat_map(|index| [same.get(index), other.get(index)]).flatten().copied().collect()
}

/// Makes the TLS handshake with the server that the URL names.
pub async fn secure(
    connector: &TlsConnector,
    target: &Target,
    connected: Connected<TcpStream>,
) -> Result<Connected<TlsStream<TcpStream>>, OutboundError> {
    let failed = |source| OutboundError::Tls { host: target.to_string(), source };
    let name = server_name(target.host()).map_err(failed)?;
    let stream = connector.connect(name, connected.stream).await.map_err(failed)?;
    Ok(Connected { stream, peer: connected.peer })
}

/// The name or the address that the certificate must have.
fn server_name(host: &Host) -> io::Result<ServerName<'static>> {
    match host {
        // TLS takes names without the dot at the end (RFC 6066 §3).
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name).to_owned();
            ServerName::try_from(name).map_err(io::Error::other)
        }
        Host::Ipv4(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress((*address).into())),
    }
}

/// TLS 1.2 and 1.3, with the authorities of the machine and those in the file `extra`.
pub fn connector(extra: Option<&Path>) -> io::Result<TlsConnector> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(trust::roots(extra)?)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_after_the_one_that_the_system_prefers() {
        let address = |text: &&str| SocketAddr::new(text.parse().unwrap(), 1);
        let given: Vec<_> = ["2606::1", "2606::2", "2606::3", "8.8.8.8", "9.9.9.9"].iter().map(address).collect();
        let wanted: Vec<_> = ["2606::1", "8.8.8.8", "2606::2", "9.9.9.9", "2606::3"].iter().map(address).collect();
        assert_eq!(alternating(&given), wanted);
        assert_eq!(alternating(&[]), vec![]);
    }

    #[test]
    fn a_certificate_is_made_out_to_the_host_without_the_dot_of_dns() {
        let name = |host: &str| server_name(&Host::parse(host).unwrap()).unwrap().to_str().into_owned();
        assert_eq!(name("a.example."), "a.example");
        assert_eq!(name("[::1]"), "::1");
    }
}
