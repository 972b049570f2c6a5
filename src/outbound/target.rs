//! Which URLs are called at all.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

use crate::foundation::host_port::HostPort;
use crate::foundation::text::{self, Blemish};
use crate::foundation::url::is_loopback;

/// A URL that may be called, if its addresses may be.
pub struct Target {
    url: Url,
    host: Host,
    port: u16,
    exception: Option<Exception>,
}

/// Why a server may have private addresses, and plain http.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// It is named in `outbound.allow`.
    Allowed,
    /// It is this machine, during development.
    Development,
}

/// Why a URL is not called. The texts do not quote it: it may carry a secret.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum UrlRefused {
    /// Longer than `LONGEST`.
    #[error("the URL is longer than {LONGEST} bytes")]
    TooLong,
    /// A stray character, which URL parsers would drop silently.
    #[error("the URL is not clean: {0}")]
    Blemish(Blemish),
    /// Not a URL at all.
    #[error("not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// `file:`, `ftp:`, `data:`, …
    #[error("only https is called, or http where outbound.allow names the server; not {0}")]
    Scheme(String),
    /// Plain http to a server that `outbound.allow` does not name.
    #[error("plain http is called only where outbound.allow names the server: name {0} there, or use https")]
    Plain(String),
    /// A user or a password: they would be sent with each request, and shown in each log on the way.
    #[error("the URL must not hold a user or a password")]
    Credentials,
    /// A fragment: it is never sent, so the URL is a mistake.
    #[error("the URL must not have a fragment (#…)")]
    Fragment,
    /// No host, or one that is longer than a name can be (RFC 1035 §2.3.4).
    #[error("the URL's host is no name and no address")]
    Host,
    /// Port 0: nothing listens there.
    #[error("the URL's port is 0")]
    Port,
}

/// Longer than any registered URL that we have seen, and short enough to keep.
const LONGEST: usize = 4096;
const LONGEST_NAME: usize = 253;

/// As in "named in outbound.allow".
impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allowed => "named in outbound.allow",
            Self::Development => "this machine, during development",
        })
    }
}

impl Target {
    /// Reads a URL. The servers in `allow` may be called at any address; with `loopback`, so may this machine.
    ///
    /// # Errors
    /// When it must not be called.
    pub fn parse(text: &str, allow: &[HostPort], loopback: bool) -> Result<Self, UrlRefused> {
        if text.len() > LONGEST {
            return Err(UrlRefused::TooLong);
        }
        if let Some(blemish) = text::in_secret(text) {
            return Err(UrlRefused::Blemish(blemish));
        }
        let url = Url::parse(text)?;
        let exception = if allow.iter().any(|server| server.is_of(&url)) {
            Some(Exception::Allowed)
        } else {
            (loopback && is_loopback(&url)).then_some(Exception::Development)
        };
        let (host, port) = (host(&url)?, port(&url)?);
        match (url.scheme(), exception) {
            ("https", _) | ("http", Some(_)) => {}
            ("http", None) => return Err(UrlRefused::Plain(format!("{host}:{port}"))),
            _ => return Err(scheme_refused(&url)),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefused::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlRefused::Fragment);
        }
        Ok(Self { url, host, port, exception })
    }

    /// The host. Every spelling of an address is read as that address.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, given or implied by the scheme.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Why its addresses are not checked; `None` if they are.
    pub fn exception(&self) -> Option<Exception> {
        self.exception
    }

    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// What the `Host` header says.
    pub(super) fn authority(&self) -> String {
        self.url.port().map_or_else(|| self.host.to_string(), |port| format!("{}:{port}", self.host))
    }

    /// What the request line says.
    pub(super) fn path_and_query(&self) -> String {
        let query = self.url.query().map(|query| format!("?{query}"));
        format!("{}{}", self.url.path(), query.unwrap_or_default())
    }
}

/// Host and port only: the path and the query may be a secret, as those of chat webhooks are.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// As it is displayed.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

fn host(url: &Url) -> Result<Host, UrlRefused> {
    match (url.scheme(), url.host()) {
        (_, Some(host)) if host.to_string().len() <= LONGEST_NAME => Ok(host.to_owned()),
        ("https" | "http", _) => Err(UrlRefused::Host),
        _ => Err(scheme_refused(url)),
    }
}

fn port(url: &Url) -> Result<u16, UrlRefused> {
    match url.port_or_known_default() {
        Some(0) => Err(UrlRefused::Port),
        Some(port) => Ok(port),
        None => Err(scheme_refused(url)),
    }
}

fn scheme_refused(url: &Url) -> UrlRefused {
    UrlRefused::Scheme(url.scheme().chars().take(20).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<UrlRefused> {
        Target::parse(text, &[], false).err()
    }

    #[test]
    fn a_clean_https_url_is_called_at_any_port() {
        for (text, shown, authority, path) in [
            ("https://a.example", "a.example:443", "a.example", "/"),
            ("https://A.example:443/x?y=z", "a.example:443", "a.example", "/x?y=z"),
            ("https://a.example:22//x", "a.example:22", "a.example:22", "//x"),
            ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443", "[2606:4700::1111]:8443", "/"),
            ("https://0x8.0x8.010.8/", "8.8.8.8:443", "8.8.8.8", "/"),
        ] {
            let target = Target::parse(text, &[], false).unwrap();
            assert_eq!(
                (target.to_string(), target.authority(), target.path_and_query()),
                (shown.into(), authority.into(), path.into())
            );
        }
    }

    #[test]
    fn what_hides_something_or_is_not_https_is_refused() {
        for (text, wanted) in [
            ("https://user@a.example/", UrlRefused::Credentials),
            ("https://:password@a.example/", UrlRefused::Credentials),
            ("https://a.example/#x", UrlRefused::Fragment),
            ("https://a.example/#", UrlRefused::Fragment),
            ("https://a.example:0/", UrlRefused::Port),
            ("http://a.example/", UrlRefused::Plain("a.example:80".into())),
            ("ftp://a.example/", UrlRefused::Scheme("ftp".into())),
            ("file:///etc/passwd", UrlRefused::Scheme("file".into())),
            ("gopher://a.example:70/", UrlRefused::Scheme("gopher".into())),
            ("javascript:alert(1)", UrlRefused::Scheme("javascript".into())),
        ] {
            assert_eq!(refused(text), Some(wanted), "{text}");
        }
        assert_eq!(refused(&format!("https://a.example/{}", "x".repeat(LONGEST))), Some(UrlRefused::TooLong));
        assert_eq!(refused(&format!("https://{}.example/", "a.".repeat(150))), Some(UrlRefused::Host));
        for text in
            ["https://a.example/\r\nX: y", "https://a.exa\tmple/", " https://a.example/", "https://a\u{200b}.example/"]
        {
            assert!(matches!(refused(text), Some(UrlRefused::Blemish(_))), "{text:?}");
        }
        for text in
            ["", "a.example", "//a.example/", "https://", "https://a b/", "https://10.0.0.256/", "https://[::1%eth0]/"]
        {
            assert!(refused(text).is_some(), "{text}");
        }
    }

    #[test]
    fn only_the_very_server_that_is_named_may_be_plain_http_or_this_machine_in_development() {
        let allow = [HostPort::parse("hooks.internal:8080").unwrap()];
        let exception = |text: &str, loopback| Target::parse(text, &allow, loopback).map(|target| target.exception());
        assert_eq!(exception("http://HOOKS.internal:8080/x", false), Ok(Some(Exception::Allowed)));
        assert_eq!(exception("https://hooks.internal:8080/x", false), Ok(Some(Exception::Allowed)));
        assert_eq!(exception("https://hooks.internal/", false), Ok(None));
        for other in ["http://hooks.internal/", "http://hooks.internal:8081/", "http://x.hooks.internal:8080/"] {
            assert!(matches!(exception(other, true), Err(UrlRefused::Plain(_))), "{other}");
        }
        assert!(matches!(exception("ftp://hooks.internal:8080/", false), Err(UrlRefused::Scheme(_))));
        for own in ["http://localhost:3000/", "http://127.1:3000/", "http://[::1]/"] {
            assert_eq!(exception(own, true), Ok(Some(Exception::Development)), "{own}");
            assert!(matches!(exception(own, false), Err(UrlRefused::Plain(_))), "{own}");
        }
        assert!(matches!(exception("http://10.0.0.1/", true), Err(UrlRefused::Plain(_))));
    }
}
