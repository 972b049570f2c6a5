//! A host and a port, as settings name a server.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

use super::text::{self, Blemish};

/// An exact host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    host: Host,
    port: u16,
}

/// Why a text is not a host and a port.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum HostPortError {
    /// A stray character, such as a line break.
    #[error("{0}")]
    Blemish(Blemish),
    /// More than a host and a port: a URL, a path, a user.
    #[error("only a host and a port, nothing before or behind them")]
    More,
    /// No port.
    #[error("the port is missing, from 1 to 65535")]
    Port,
    /// The host is neither a name nor an address.
    #[error("the host is no name and no address")]
    Host,
}

impl HostPort {
    /// Reads `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`.
    ///
    /// # Errors
    /// When the text has another form. There are no patterns and no default port.
    pub fn parse(text: &str) -> Result<Self, HostPortError> {
        if let Some(blemish) = text::in_secret(text) {
            return Err(HostPortError::Blemish(blemish));
        }
        if text.contains(['/', '@', '?', '#', '\\']) {
            return Err(HostPortError::More);
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => return Err(HostPortError::Port),
        };
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|port| *port != 0 && is_number).ok_or(HostPortError::Port)?;
        let host = Host::parse(host).map_err(|_| HostPortError::Host)?;
        match &host {
            Host::Domain(name) if !is_name(name) => Err(HostPortError::Host),
            _ => Ok(Self { host, port }),
        }
    }

    /// Whether `url` has this host and this port, where the port may be implied by the scheme.
    pub fn is_of(&self, url: &Url) -> bool {
        url.port_or_known_default() == Some(self.port) && url.host().is_some_and(|host| host == self.host)
    }
}

/// Whether `name` has only characters of host names. The URL parser also accepts others, such as `*`.
fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_host_and_the_port_of_a_url_in_any_spelling() {
        let is_of = |text: &str, url: &str| HostPort::parse(text).unwrap().is_of(&Url::parse(url).unwrap());
        assert!(is_of("hooks.internal:8443", "https://HOOKS.internal:8443/a?b"));
        assert!(is_of("Hooks.Internal:443", "https://hooks.internal/"));
        assert!(is_of("10.0.0.1:80", "http://0x0a.1/"));
        assert!(is_of("[::1]:8080", "http://[0:0::1]:8080/"));
        assert!(is_of("münchen.example:443", "https://xn--mnchen-3ya.example/"));
        for other in [
            "https://hooks.internal/",
            "http://hooks.internal:8080/",
            "https://a.hooks.internal:8443/",
            "https://hooks.internal.:8443/",
            "https://hooks.internal.evil.example:8443/",
        ] {
            assert!(!is_of("hooks.internal:8443", other), "{other}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, wanted) in [
            ("hooks.internal", HostPortError::Port),
            ("hooks.internal:", HostPortError::Port),
            ("hooks.internal:0", HostPortError::Port),
            ("hooks.internal:+80", HostPortError::Port),
            ("hooks.internal:65536", HostPortError::Port),
            ("[::1]", HostPortError::Port),
            ("::1:80", HostPortError::Host),
            (":80", HostPortError::Host),
            ("*:80", HostPortError::Host),
            ("*.internal:80", HostPortError::Host),
            ("10.0.0.256:80", HostPortError::Host),
            ("https://hooks.internal:443", HostPortError::More),
            ("user@hooks.internal:443", HostPortError::More),
            ("hooks.internal:443/path", HostPortError::More),
            ("10.0.0.0/8:443", HostPortError::More),
        ] {
            assert_eq!(HostPort::parse(text), Err(wanted), "{text}");
        }
        assert!(matches!(HostPort::parse("a b:80"), Err(HostPortError::Blemish(_))));
    }

    #[test]
    fn it_is_shown_as_it_is_compared() {
        assert_eq!(HostPort::parse("HOOKS.internal:8443").unwrap().to_string(), "hooks.internal:8443");
        assert_eq!(HostPort::parse("[0:0::1]:80").unwrap().to_string(), "[::1]:80");
    }
}
