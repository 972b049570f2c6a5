//! Redirect URIs: which may be registered.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;
use url::{Host, Url};

use crate::domain::oauth::client::{AuthMethod, Metadata};
use crate::foundation::url::is_loopback;

/// Why a redirect URI cannot be registered.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum UriRefused {
    /// Not an absolute URI in plain ASCII.
    #[error("is not an absolute URI in ASCII without spaces")]
    Syntax,
    /// RFC 6749 §3.1.2.
    #[error("must not have a fragment")]
    Fragment,
    /// User-info hides the real host from people and parsers (CVE-2026-7504).
    #[error("must not have user-info")]
    UserInfo,
    /// Clear text, off this machine.
    #[error("must be https; http is only for a loopback address")]
    Insecure,
    /// Clear text, in a private network.
    #[error("must be https; for an application in a private network --private-http allows http too")]
    PrivateInsecure,
    /// OpenID Connect Core §3.1.2.1: http for confidential clients only.
    #[error("must be https: http in a private network is only for clients with a secret")]
    PrivateInsecurePublic,
    /// Not an allowed scheme. An allow-list keeps out every spelling of `javascript:` and its kin (CVE-2026-9086).
    #[error("must be https, http on a loopback address, or a private-use scheme with a dot such as com.example.app:")]
    Scheme,
    /// A private-use scheme, which any program can claim: for clients without a secret, and for those that also have an
    /// https URI, whose server redeems what the app passes on.
    #[error(
        "has a private-use scheme, which a client with a secret may only have beside an https redirect URI: \
         the app hands the answer to the server that holds the secret"
    )]
    PrivateUse,
    /// Nothing that can be called: for URIs that are no redirect URIs.
    #[error("must be an https URL")]
    NoWebAddress,
    /// A frame of another site than the client's: for URIs that are no redirect URIs.
    #[error("must have the scheme, the host and the port of one of the redirect URIs")]
    ForeignOrigin,
    /// A private-use scheme of an application that says to be of the web (OpenID Connect Registration §2).
    #[error("is for application_type native: an application of the web has http and https URIs")]
    NotOfTheWeb,
    /// Tokens would go there by themselves (OpenID Connect Registration §2, application_type).
    #[error("must be https on a server for the implicit grant, unless application_type is native")]
    ImplicitOnDevice,
    /// A star, which suggests a wildcard; there are none.
    #[error("must not contain *: there are no wildcards")]
    Wildcard,
}

/// Decides whether `uri` may be registered as a redirect URI of a client with this `metadata` (RFC 9700 §2.1, RFC 8252
/// §7).
///
/// # Errors
/// The reason, to stand behind the URI in a sentence.
pub fn check(uri: &str, metadata: &Metadata) -> Result<(), UriRefused> {
    if !uri.is_ascii() || uri.bytes().any(|byte| byte.is_ascii_control() || b" \"<>\\^`{|}".contains(&byte)) {
        return Err(UriRefused::Syntax);
    }
    let url = Url::parse(uri).map_err(|_| UriRefused::Syntax)?;
    if uri.contains('#') {
        return Err(UriRefused::Fragment);
    }
    if uri.contains('*') {
        return Err(UriRefused::Wildcard);
    }
    let rest = uri.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
        return Err(UriRefused::UserInfo);
    }
    // A parser of URLs forgives a missing `//`; a browser reads `https:app.example` as a path of ours.
    if matches!(url.scheme(), "http" | "https") && authority.is_empty() {
        return Err(UriRefused::Syntax);
    }
    let public = metadata.token_endpoint_auth_method == AuthMethod::None;
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" if !is_private(&url) => Err(UriRefused::Insecure),
        "http" if public => Err(UriRefused::PrivateInsecurePublic),
        "http" if metadata.private_http => Ok(()),
        "http" => Err(UriRefused::PrivateInsecure),
        scheme if !scheme.contains('.') => Err(UriRefused::Scheme),
        _ if public || metadata.redirect_uris.iter().any(|other| other.starts_with("https://")) => Ok(()),
        _ => Err(UriRefused::PrivateUse),
    }
}

/// Whether the host is visibly in a private network: an address of RFC 1918 or RFC 4193, a name of one label, or one
/// under a domain that exists in no public DNS (RFC 6762 §3, RFC 8375 §3, and `internal`, which ICANN keeps free). Not
/// link-local addresses, which change hands, and not names of the public DNS that may lead to a private address today.
fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => Ipv4Addr::is_private(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_unique_local(&address),
        Some(Host::Domain(name)) => {
            !name.contains('.') || [".local", ".home.arpa", ".internal"].iter().any(|zone| name.ends_with(zone))
        }
        None => false,
    }
}

const LOCALHOST: &str = concat!(
    "localhost on any port: the name can be made to lead to another machine, and any program on the machine can take ",
    "a port and receive codes (RFC 8252 8.3). Use http://127.0.0.1 where the application can.",
);
const PRIVATE_HTTP: &str = concat!(
    "http in a private network: whoever listens there can read codes and change the application's pages, and in another ",
    "network the address is another machine. People are asked for consent each time. Use https where you can.",
);
const PRIVATE_USE: &str = concat!(
    "a private-use scheme beside https: any app on the device can claim the scheme, receive a code and hand it to the ",
    "server. People are asked for consent each time. Use an https link that the app claims where you can (RFC 8252 7.2).",
);

/// What a client gives up by its redirect URIs, each in a sentence for whoever registers it.
pub fn warnings(metadata: &Metadata) -> Vec<&'static str> {
    let parsed: Vec<_> = metadata.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()).collect();
    let public = metadata.token_endpoint_auth_method == AuthMethod::None;
    let localhost = |url: &Url| url.scheme() == "http" && url.host_str() == Some("localhost");
    let private_http = |url: &Url| url.scheme() == "http" && !is_loopback(url);
    let private_use = |url: &Url| !matches!(url.scheme(), "http" | "https");
    [
        (metadata.localhost_any_port && parsed.iter().any(localhost), LOCALHOST),
        (parsed.iter().any(private_http), PRIVATE_HTTP),
        (!public && parsed.iter().any(private_use), PRIVATE_USE),
    ]
    .into_iter()
    .filter_map(|(holds, warning)| holds.then_some(warning))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web() -> Metadata {
        Metadata::default()
    }

    fn public() -> Metadata {
        Metadata { token_endpoint_auth_method: AuthMethod::None, ..Metadata::default() }
    }

    #[test]
    fn what_may_be_registered_is_an_allow_list() {
        assert_eq!(check("https://app.example/cb?a=b", &web()), Ok(()));
        assert_eq!(check("http://localhost:3000/cb", &web()), Ok(()));
        assert_eq!(check("http://127.0.0.1", &public()), Ok(()));
        assert_eq!(check("com.example.app:/cb", &public()), Ok(()));
        for (uri, why) in [
            ("com.example.app:/cb", UriRefused::PrivateUse),
            ("http://app.example/cb", UriRefused::Insecure),
            ("https://app.example/cb#x", UriRefused::Fragment),
            ("https://app.example/cb#", UriRefused::Fragment),
            ("https://u@app.example/cb", UriRefused::UserInfo),
            ("https://@app.example/cb", UriRefused::UserInfo),
            ("https://*.example/cb", UriRefused::Wildcard),
            ("JaVaScRiPt:alert(1)", UriRefused::Scheme),
            ("data:text/html,x", UriRefused::Scheme),
            ("/cb", UriRefused::Syntax),
            ("https:app.example/cb", UriRefused::Syntax),
            ("https:/app.example/cb", UriRefused::Syntax),
            ("https:///app.example/cb", UriRefused::Syntax),
            ("https:/@app.example/cb", UriRefused::Syntax),
            ("http:127.0.0.1/cb?x=://y", UriRefused::Syntax),
            ("https://exämple.com/", UriRefused::Syntax),
            ("https://app.example/a b", UriRefused::Syntax),
        ] {
            assert_eq!(check(uri, &web()), Err(why), "{uri}");
        }
    }

    #[test]
    fn a_client_with_a_secret_has_a_private_scheme_only_beside_https() {
        let app = "app.immich:///oauth-callback";
        let beside = |other: &str| Metadata { redirect_uris: vec![other.into(), app.into()], ..web() };
        assert_eq!(check(app, &beside("https://immich.example/auth/login")), Ok(()));
        assert_eq!(check(app, &beside("http://127.0.0.1/cb")), Err(UriRefused::PrivateUse));
        assert_eq!(check("immich:///cb", &beside("https://immich.example/auth/login")), Err(UriRefused::Scheme));
    }

    #[test]
    fn http_in_a_private_network_has_to_be_switched_on() {
        let on = Metadata { private_http: true, ..web() };
        for uri in [
            "http://192.168.2.50:2283/auth/login",
            "http://10.0.0.1/cb",
            "http://172.31.255.255/cb",
            "http://[fd12::1]:8080/cb",
            "http://nas/cb",
            "http://nas.local/cb",
            "http://nas.home.arpa/cb",
            "http://immich.internal/cb",
        ] {
            assert_eq!(check(uri, &web()), Err(UriRefused::PrivateInsecure), "{uri}");
            assert_eq!(check(uri, &on), Ok(()), "{uri}");
            let public = Metadata { private_http: true, ..public() };
            assert_eq!(check(uri, &public), Err(UriRefused::PrivateInsecurePublic), "{uri}");
        }
        for uri in [
            "http://app.example/cb",
            "http://172.32.0.1/cb",
            "http://169.254.169.254/cb",
            "http://[fe80::1]/cb",
            "http://8.8.8.8/cb",
            "http://100.64.0.1/cb",
            "http://evil.example./cb",
            "http://local.evil.example/cb",
            "http://192.168.2.50.nip.io/cb",
        ] {
            assert_eq!(check(uri, &on), Err(UriRefused::Insecure), "{uri}");
        }
    }

    #[test]
    fn whatever_gives_something_up_is_told_and_nothing_else() {
        let count = |uris: &[&str], metadata: Metadata| {
            warnings(&Metadata { redirect_uris: uris.iter().map(ToString::to_string).collect(), ..metadata }).len()
        };
        assert_eq!(count(&["https://app.example/cb", "http://127.0.0.1/cb", "http://localhost/cb"], web()), 0);
        assert_eq!(count(&["com.example.app:/cb"], public()), 0);
        assert_eq!(count(&["https://app.example/cb", "com.example.app:/cb"], web()), 1);
        assert_eq!(count(&["http://localhost/cb"], Metadata { localhost_any_port: true, ..web() }), 1);
        assert_eq!(count(&["https://app.example/cb"], Metadata { localhost_any_port: true, ..web() }), 0);
        assert_eq!(count(&["http://nas.local/cb"], Metadata { private_http: true, ..web() }), 1);
    }
}
