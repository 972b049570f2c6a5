//! Redirect URIs: which may be registered, and which of them a request may name.

use thiserror::Error;
use url::Url;

use super::client::Client;
use super::error::{ErrorCode, Refusal, first_difference};
use crate::foundation::url::is_loopback;

/// A redirect URI that this client registered. Holding one is the proof: nothing is ever sent anywhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRedirect(String);

impl VerifiedRedirect {
    /// Proves the redirect URI of an authorization request. Compared byte for byte (RFC 9700 §2.1, RFC 3986 §6.2.1):
    /// no normalisation, so that nothing can be hidden from it. Only the port of a loopback address may vary, for
    /// native clients (RFC 8252 §7.3).
    ///
    /// # Errors
    /// To be shown on a page, never redirected (RFC 6749 §4.1.2.1).
    pub fn prove(client: &Client, sent: Option<&str>) -> Result<Self, Refusal> {
        let registered = &client.metadata.redirect_uris;
        let Some(sent) = sent else {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is missing.")
                .with("client", &client.id)
                .with("registered", registered.join(" ")));
        };
        Self::find(registered, sent, client.is_public()).ok_or_else(|| {
            let closest =
                registered.iter().max_by_key(|uri| uri.bytes().zip(sent.bytes()).take_while(|(a, b)| a == b).count());
            let refusal =
                Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is not registered for this client.")
                    .with("client", &client.id)
                    .with("redirect_uri sent", sent)
                    .with("registered", registered.join(" "));
            match closest {
                Some(closest) => refusal.with("first difference", first_difference(sent, closest)),
                None => refusal,
            }
        })
    }

    /// Proves where a browser may be sent after logout (OpenID Connect RP-Initiated Logout §3): the same comparison.
    pub fn prove_after_logout(client: &Client, sent: &str) -> Option<Self> {
        Self::find(&client.metadata.post_logout_redirect_uris, sent, client.is_public())
    }

    fn find(registered: &[String], sent: &str, native: bool) -> Option<Self> {
        let same = |registered: &String| registered == sent || (native && same_but_for_loopback_port(registered, sent));
        registered.iter().any(same).then(|| Self(sent.to_owned()))
    }

    /// The URI, byte for byte as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether any program on the user's machine could have it too: a loopback address or a private-use scheme
    /// (RFC 8252 §8.6).
    pub fn is_shared(&self) -> bool {
        Url::parse(&self.0).map_or(true, |url| url.scheme() != "https" || is_loopback(&url))
    }

    /// Whether it leads to this machine over HTTP.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && is_loopback(&url))
    }
}

/// Whether two URIs on a loopback IP address differ in nothing but the port. `localhost` is not among them: it can be
/// made to resolve elsewhere (RFC 8252 §8.3).
fn same_but_for_loopback_port(registered: &str, sent: &str) -> bool {
    ["http://127.0.0.1", "http://[::1]"].into_iter().any(|host| {
        let after_port = |uri: &str| -> Option<String> {
            let rest = uri.strip_prefix(host)?;
            let Some(rest) = rest.strip_prefix(':') else {
                return rest.starts_with('/').then(|| rest.to_owned());
            };
            let (port, path) = rest.split_at(rest.find('/')?);
            let sound = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
            sound.then(|| path.to_owned())
        };
        matches!((after_port(registered), after_port(sent)), (Some(a), Some(b)) if a == b)
    })
}

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
    /// An allow-list, so that `javascript:` and its kin cannot come in by another spelling (CVE-2026-9086).
    #[error("must be https, http on a loopback address, or a private-use scheme with a dot such as com.example.app:")]
    Scheme,
    /// Private-use schemes can be claimed by any program: only for clients that hold no secret.
    #[error("a private-use scheme is only for clients with the auth method none")]
    PrivateUse,
    /// A star promises a wildcard, and there are none.
    #[error("must not contain *: there are no wildcards")]
    Wildcard,
}

/// Decides whether `uri` may be registered as a redirect URI (RFC 9700 §2.1, RFC 8252 §7).
///
/// # Errors
/// The reason, to stand behind the URI in a sentence.
pub fn check_registration(uri: &str, public: bool) -> Result<(), UriRefused> {
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
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(UriRefused::Insecure),
        scheme if scheme.contains('.') && public => Ok(()),
        scheme if scheme.contains('.') => Err(UriRefused::PrivateUse),
        _ => Err(UriRefused::Scheme),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(registered: &str, sent: &str, native: bool) -> bool {
        VerifiedRedirect::find(&[registered.to_owned()], sent, native).is_some()
    }

    #[test]
    fn only_the_same_bytes_match() {
        let registered = "https://app.example/cb?x=1";
        assert!(finds(registered, registered, false));
        for other in [
            "https://app.example/cb",
            "https://app.example/cb?x=1&y=2",
            "https://app.example/cb?x=2",
            "https://APP.example/cb?x=1",
            "https://app.example:443/cb?x=1",
            "https://app.example/a/../cb?x=1",
            "https://app.example/cb/..;/evil?x=1",
            "https://app.example@evil.example/cb?x=1",
            "https://app.example/cb?x=1#",
            "https://app.example/cb?x=1 ",
        ] {
            assert!(!finds(registered, other, true), "{other}");
        }
    }

    #[test]
    fn a_native_client_may_choose_its_loopback_port_and_nothing_else() {
        assert!(finds("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true));
        assert!(finds("http://127.0.0.1:3000/cb", "http://127.0.0.1/cb", true));
        assert!(finds("http://[::1]:1/cb", "http://[::1]:2/cb", true));
        assert!(!finds("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", false), "not for a web client");
        for other in [
            "http://127.0.0.1:51004/cb2",
            "http://127.0.0.1:51004/cb?x",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:+1/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://[::1]:1/cb",
            "https://127.0.0.1:1/cb",
        ] {
            assert!(!finds("http://127.0.0.1/cb", other, true), "{other}");
        }
        assert!(!finds("http://localhost/cb", "http://localhost:1/cb", true), "RFC 8252 section 8.3");
    }

    #[test]
    fn what_may_be_registered_is_an_allow_list() {
        assert_eq!(check_registration("https://app.example/cb?a=b", false), Ok(()));
        assert_eq!(check_registration("http://localhost:3000/cb", false), Ok(()));
        assert_eq!(check_registration("com.example.app:/cb", true), Ok(()));
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
            assert_eq!(check_registration(uri, false), Err(why), "{uri}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_has_the_registered_host(sent in "http://127\\.0\\.0\\.1[:@/?#.0-9a-z\\[\\]%]{0,24}") {
            if finds("http://127.0.0.1/cb", &sent, true) {
                let url = Url::parse(&sent).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), "/cb");
            }
        }
    }
}
