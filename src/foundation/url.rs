//! Our own base URL.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

use super::text::{self, Blemish};

/// The issuer identifier (RFC 8414 §2): the base of every URL that we publish. Links are built from it alone, never
/// from a request's `Host` or `Forwarded` headers (CVE-2025-64101).
#[derive(Clone, PartialEq, Eq)]
pub struct Issuer {
    /// As configured, without a trailing slash: what `iss` carries, byte for byte.
    text: String,
    url: Url,
}

/// An absolute URL of ours, to be written into a mail. Only an [`Issuer`] makes one ([`Issuer::link`]), and an issuer comes from
/// the configuration alone: whatever `Host` or `Forwarded` header a request had, no mail leads anywhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLink(String);

impl OwnLink {
    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not an issuer.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IssuerError {
    /// Not a URL at all.
    #[error("issuer is not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// A stray character, which URL parsers would drop silently.
    #[error("{0}")]
    Blemish(Blemish),
    /// Not the one spelling that is accepted: clients compare the issuer byte for byte.
    #[error("issuer must be written as it is understood: {0}")]
    Spelling(String),
    /// A query or a fragment, which RFC 8414 §2 forbids, or user-info.
    #[error("issuer must have no query, fragment or user-info")]
    Parts,
    /// Plain http, which sends passwords and tokens in clear text.
    #[error("issuer must be https, except http on a loopback address for development")]
    Insecure,
    /// A path that is not plain: it stands in every URL and cookie of ours, and clients compare it byte for byte.
    #[error("issuer's path may have letters, digits, - . _ ~ and single slashes, and must not begin with /.well-known")]
    Path,
}

impl Issuer {
    /// Reads an issuer such as `https://id.example.com`.
    ///
    /// # Errors
    /// When it is not `https`, or `http` on a loopback host, or its path is not plain.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        if let Some(blemish) = text::in_address(text) {
            return Err(IssuerError::Blemish(blemish));
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        let url = Url::parse(text)?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(IssuerError::Parts);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(IssuerError::Insecure),
        }
        // The parser accepts other spellings too: upper case, a default port, a backslash, an address as one number.
        match url.as_str().trim_end_matches('/') {
            understood if understood == text => {}
            understood => return Err(IssuerError::Spelling(understood.to_owned())),
        }
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        if let Some(path) = url.path().strip_prefix('/').filter(|path| !path.is_empty())
            && (!path.split('/').all(plain) || path.starts_with(".well-known"))
        {
            return Err(IssuerError::Path);
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// The identifier itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its path, with a slash before it and none behind it; empty for a whole origin.
    pub fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The absolute URL of something well known about us: its place is between the host and our own path (RFC 8414 §3.1).
    pub fn well_known(&self, path: &str) -> String {
        format!("{}{path}{}", self.origin(), self.path())
    }

    /// The absolute URL of `path`, which starts with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The same, to be written into a mail. A path without its slash does not become a part of the host.
    pub fn link(&self, path: &str) -> OwnLink {
        OwnLink(self.join(&format!("/{}", path.trim_start_matches('/'))))
    }

    /// The name or the address of its host.
    pub fn host(&self) -> String {
        self.url.host().map(|host| host.to_string()).unwrap_or_default()
    }

    /// Whether browsers reach us over TLS, so that cookies can be `Secure` and have the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether its host is this machine, as in development.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Its serialised origin (RFC 6454 §6.1), as browsers send it in the `Origin` header.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.text)
    }
}

/// Whether the host is the machine itself: `localhost`, 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_as_configured_but_for_a_trailing_slash() {
        let issuer = Issuer::parse("https://id.example.com/").unwrap();
        assert_eq!(issuer.as_str(), "https://id.example.com");
        assert_eq!(issuer.join("/token"), "https://id.example.com/token");
    }

    #[test]
    fn no_path_leads_a_link_to_another_host() {
        let issuer = Issuer::parse("https://id.example.com").unwrap();
        for path in ["/reset?token=1", "reset?token=1", "//reset?token=1"] {
            assert_eq!(issuer.link(path).as_str(), "https://id.example.com/reset?token=1", "{path}");
        }
        for path in [".evil.example/", "@evil.example/", ":1@evil.example", "/\\evil.example"] {
            let url = Url::parse(issuer.link(path).as_str()).unwrap();
            assert_eq!(url.host_str(), Some("id.example.com"), "{path}");
        }
        assert_eq!(issuer.host(), "id.example.com");
    }

    #[test]
    fn everything_of_an_issuer_with_a_path_lies_under_it() {
        let issuer = Issuer::parse("https://example.com/auth/v1/").unwrap();
        assert_eq!((issuer.as_str(), issuer.path()), ("https://example.com/auth/v1", "/auth/v1"));
        assert_eq!(issuer.join("/token"), "https://example.com/auth/v1/token");
        assert_eq!(issuer.link("reset").as_str(), "https://example.com/auth/v1/reset");
        assert_eq!(issuer.origin(), "https://example.com");
        assert_eq!(Issuer::parse("https://example.com").unwrap().path(), "");
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert!(Issuer::parse("http://127.0.0.1:8080").is_ok());
        assert!(Issuer::parse("http://localhost:8080").is_ok());
        assert!(Issuer::parse("http://[::1]:8080").is_ok());
        assert_eq!(Issuer::parse("http://id.example.com"), Err(IssuerError::Insecure));
        assert_eq!(Issuer::parse("http://localhost.example.com"), Err(IssuerError::Insecure));
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        assert_eq!(Issuer::parse("https://a.example/?x=1"), Err(IssuerError::Parts));
        assert_eq!(Issuer::parse("https://u:p@a.example"), Err(IssuerError::Parts));
        for path in ["/a%20b", "/a//b", "/.well-known/x", "/a;b", "/ä"] {
            assert!(Issuer::parse(&format!("https://a.example{path}")).is_err(), "{path}");
        }
        assert!(Issuer::parse("a.example").is_err());
    }

    #[test]
    fn there_is_one_spelling_and_no_hidden_character() {
        for text in ["https://a.example\r", " https://a.example", "https://a.\texample", "https://a.example//"] {
            assert!(matches!(Issuer::parse(text), Err(IssuerError::Blemish(_))), "{text:?}");
        }
        for (text, understood) in [
            ("https://A.example", "https://a.example"),
            ("https://a.example:443", "https://a.example"),
            ("https:a.example", "https://a.example"),
            ("https:\\\\a.example", "https://a.example"),
            ("http://0x7f.1:8080", "http://127.0.0.1:8080"),
            ("https://ä.example", "https://xn--4ca.example"),
        ] {
            assert_eq!(Issuer::parse(text), Err(IssuerError::Spelling(understood.to_owned())), "{text}");
        }
    }
}
