//! `[server]`: where and how connections are accepted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::reader::Reader;

/// Where and how connections are accepted.
#[derive(Clone, Debug)]
pub struct Server {
    /// The address to bind.
    pub listen: SocketAddr,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The certificate, when we serve https ourselves.
    pub tls: Option<Tls>,
    /// How long everything is still served after SIGTERM, while `/readyz` says 503.
    pub drain: Duration,
    /// How long requests may go on once nothing new is accepted.
    pub shutdown_grace: Duration,
    /// How long a connection is kept without a request.
    pub idle_timeout: Duration,
    /// Connections served at one time.
    pub max_connections: u32,
}

/// The files of a certificate.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Certificate chain, PEM.
    pub cert: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

impl Server {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let listen = from.value("server.listen");
        let trusted_proxies: Option<Vec<IpNet>> = from.value("server.trusted_proxies");
        for range in trusted_proxies.iter().flatten().filter(|range| is_too_wide(range)) {
            let message =
                format!("{range} would let nearly anyone claim any client address: name the proxies' own range");
            from.refuse("server.trusted_proxies", message);
        }
        let drain = from.within("server.drain", Duration::ZERO..=Duration::from_secs(3600));
        let shutdown_grace = from.within("server.shutdown_grace", Duration::ZERO..=Duration::from_secs(3600));
        let idle_timeout = from.within("server.idle_timeout", Duration::from_secs(1)..=Duration::from_secs(86_400));
        let max_connections = from.within("server.max_connections", 1..=1_000_000);
        let (cert, key) = (from.optional("server.tls.cert"), from.optional("server.tls.key"));
        let tls = match (cert?, key?) {
            (Some(cert), Some(key)) => Some(Tls { cert, key }),
            (None, None) => None,
            (Some(_), None) => return refuse_half(from, "server.tls.cert", "server.tls.key"),
            (None, Some(_)) => return refuse_half(from, "server.tls.key", "server.tls.cert"),
        };
        Some(Self {
            listen: listen?,
            trusted_proxies: trusted_proxies?,
            tls,
            drain: drain?,
            shutdown_grace: shutdown_grace?,
            idle_timeout: idle_timeout?,
            max_connections: max_connections?,
        })
    }
}

fn refuse_half(from: &mut Reader, given: &'static str, other: &str) -> Option<Server> {
    from.refuse(given, format!("needs {other} too"));
    None
}

/// The widest ranges that exist for private use are 10.0.0.0/8 and fc00::/7.
fn is_too_wide(range: &IpNet) -> bool {
    match range {
        IpNet::V4(range) => range.prefix_len() < 8,
        IpNet::V6(range) => range.prefix_len() < 7,
    }
}
