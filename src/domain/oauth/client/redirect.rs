//! Redirect URIs: which of the registered ones a request may name.

use url::Url;

use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal, first_difference};
use crate::domain::oauth::profile::{Legacy, Rules};
use crate::foundation::url::is_loopback;

/// A redirect URI that this client registered. Holding one is the proof: nothing is ever sent anywhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRedirect(String);

impl VerifiedRedirect {
    /// Proves the redirect URI of an authorization request. Compared byte for byte (RFC 9700 §2.1, RFC 3986 §6.2.1):
    /// no normalisation, so that nothing can be hidden from it. Only the port of a loopback address may vary, for
    /// native clients (RFC 8252 §7.3), and that of localhost for clients that this was switched on for.
    ///
    /// # Errors
    /// To be shown on a page, never redirected (RFC 6749 §4.1.2.1).
    pub fn prove(client: &Client, sent: Option<&str>, rules: Rules) -> Result<Self, Refusal> {
        let registered = &client.metadata.redirect_uris;
        let Some(sent) = sent else {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is missing.")
                .with("client", &client.id)
                .with("registered", registered.join(" ")));
        };
        let found = Self::find(registered, sent, Ports::of(client)).ok_or_else(|| {
            let closest =
                registered.iter().max_by_key(|uri| uri.bytes().zip(sent.bytes()).take_while(|(a, b)| a == b).count());
            let refusal =
                Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is not registered for this client.")
                    .of(Kind::RedirectUri)
                    .with("client", &client.id)
                    .with("redirect_uri sent", sent)
                    .with("registered", registered.join(" "));
            let refusal = match closest {
                Some(closest) => refusal.with("first difference", first_difference(sent, closest)),
                None => refusal,
            };
            match Self::find(registered, sent, Ports { loopback: true, localhost: true }) {
                None => refusal,
                Some(_) if sent.starts_with(LOCALHOST) => refusal
                    .of(Kind::RedirectPort)
                    .with("only the port differs", "clients update --localhost-any-port would allow it"),
                Some(_) => refusal.with("only the port differs", "it may vary for clients without a secret"),
            }
        })?;
        match rules.excluded(Legacy::PrivateHttp) {
            Some(excluded) if found.is_in_clear() => {
                let description = "By its profile oauth-2.1 this server sends nobody to a redirect_uri with http.";
                Err(Refusal::new(ErrorCode::InvalidRequest, description)
                    .of(Kind::Profile)
                    .with("client", &client.id)
                    .with("redirect_uri sent", sent)
                    .with("excluded by", excluded.by))
            }
            _ => Ok(found),
        }
    }

    /// Proves where a browser may be sent after logout (OpenID Connect RP-Initiated Logout §3): the same comparison.
    pub fn prove_after_logout(client: &Client, sent: &str, rules: Rules) -> Option<Self> {
        let found = Self::find(&client.metadata.post_logout_redirect_uris, sent, Ports::of(client))?;
        (rules.have(Legacy::PrivateHttp) || !found.is_in_clear()).then_some(found)
    }

    fn find(registered: &[String], sent: &str, ports: Ports) -> Option<Self> {
        let same = |registered: &String| registered == sent || ports.are_all_that_differs(registered, sent);
        registered.iter().any(same).then(|| Self(sent.to_owned()))
    }

    /// The URI, byte for byte as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether another program could receive and use what is sent there to `client`, so that only the user can tell the
    /// two apart. A loopback address or a private-use scheme belongs to whichever program on the user's machine claims
    /// it (RFC 8252 §8.6). A secret protects the first but not the second: the other program can hand the answer to the
    /// server that holds the secret, as the real app does. On http in a private network, whoever has the address or
    /// listens can do the same.
    pub fn is_shared(&self, client: &Client) -> bool {
        match self.is_loopback() {
            true => client.is_public(),
            false => !self.0.starts_with("https://"),
        }
    }

    /// Whether what is sent there can be read on its way: http to another machine.
    fn is_in_clear(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
    }

    /// Whether it leads to this machine over HTTP.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && is_loopback(&url))
    }
}

const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];
const LOCALHOST: &str = "http://localhost";

/// Of which hosts the port may vary.
#[derive(Clone, Copy)]
struct Ports {
    /// The loopback addresses.
    loopback: bool,
    /// The name `localhost`: by default not, because it can be made to resolve elsewhere (RFC 8252 §8.3).
    localhost: bool,
}

impl Ports {
    fn of(client: &Client) -> Self {
        Self { loopback: client.is_public(), localhost: client.metadata.localhost_any_port }
    }

    fn are_all_that_differs(self, registered: &str, sent: &str) -> bool {
        let loopback = LOOPBACK.into_iter().filter(|_| self.loopback);
        let mut hosts = loopback.chain(Some(LOCALHOST).filter(|_| self.localhost));
        hosts.any(|host| matches!((after_port(registered, host), after_port(sent, host)), (Some(a), Some(b)) if a == b))
    }
}

/// What follows the port, or would if there were one, in a URI on `host`; `None` for one on another host.
fn after_port<'a>(uri: &'a str, host: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix(host)?;
    let Some(rest) = rest.strip_prefix(':') else {
        return (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest);
    };
    let (port, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let sound = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    sound.then_some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::oauth::fixtures::{client, public};
    use crate::domain::oauth::profile::Profile;

    const RULES: Rules = Rules { profile: Profile::Compatible, only_code: false };

    fn finds(registered: &str, sent: &str, native: bool) -> bool {
        let ports = Ports { loopback: native, localhost: false };
        VerifiedRedirect::find(&[registered.to_owned()], sent, ports).is_some()
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
    fn by_the_profile_nobody_is_sent_to_http_but_on_their_own_machine() {
        let strict = Rules { profile: Profile::OAuth21, only_code: false };
        let mut client = client();
        for (uri, is_in_clear) in [
            ("http://nas.local/cb", true),
            ("http://192.168.2.50:2283/cb", true),
            ("http://127.0.0.1:3000/cb", false),
            ("http://localhost:3000/cb", false),
            ("https://nas.local/cb", false),
            ("com.example.app:/cb", false),
        ] {
            client.metadata.redirect_uris = vec![uri.into()];
            client.metadata.post_logout_redirect_uris = vec![uri.into()];
            assert!(VerifiedRedirect::prove(&client, Some(uri), RULES).is_ok(), "{uri}");
            let proven = VerifiedRedirect::prove(&client, Some(uri), strict);
            assert_eq!(proven.err().map(|refusal| refusal.kind), is_in_clear.then_some(Kind::Profile), "{uri}");
            let after = VerifiedRedirect::prove_after_logout(&client, uri, strict);
            assert_eq!(after.is_none(), is_in_clear, "{uri}");
        }
    }

    #[test]
    fn a_loopback_address_needs_no_path() {
        for (registered, sent) in [
            ("http://127.0.0.1", "http://127.0.0.1:61023"),
            ("http://127.0.0.1:1", "http://127.0.0.1"),
            ("http://[::1]", "http://[::1]:61023"),
            ("http://127.0.0.1?app=1", "http://127.0.0.1:61023?app=1"),
            ("http://127.0.0.1/?app=1", "http://127.0.0.1:61023/?app=1"),
        ] {
            assert!(finds(registered, sent, true), "{registered} {sent}");
        }
        for sent in [
            "http://127.0.0.1:61023/",
            "http://127.0.0.1:61023?x",
            "http://127.0.0.1:61023#x",
            "http://127.0.0.1#x",
            "http://127.0.0.1:",
            "http://127.0.0.1:80@evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "http://127.0.0.1\\evil.example",
        ] {
            assert!(!finds("http://127.0.0.1", sent, true), "{sent}");
        }
    }

    #[test]
    fn localhost_has_any_port_only_where_that_was_switched_on() {
        let mut native = public();
        native.metadata.redirect_uris = vec!["http://localhost/callback".into()];
        let sent = "http://localhost:51004/callback";
        let refusal = VerifiedRedirect::prove(&native, Some(sent), RULES).unwrap_err();
        assert!(refusal.detail.to_string().contains("--localhost-any-port"), "{}", refusal.detail);
        native.metadata.localhost_any_port = true;
        assert_eq!(VerifiedRedirect::prove(&native, Some(sent), RULES).unwrap().as_str(), sent);
        for other in [
            "http://localhost:51004/other",
            "http://localhost.evil.example:51004/callback",
            "http://localhost:1@evil.example/callback",
            "https://localhost:51004/callback",
            "http://127.0.0.1:51004/callback",
            "http://LOCALHOST:51004/callback",
        ] {
            assert!(VerifiedRedirect::prove(&native, Some(other), RULES).is_err(), "{other}");
        }
        // kubelogin has a secret and listens on a port that is free.
        let mut confidential = client();
        confidential.metadata.redirect_uris = vec!["http://localhost:8000".into()];
        confidential.metadata.localhost_any_port = true;
        assert!(VerifiedRedirect::prove(&confidential, Some("http://localhost:18000"), RULES).is_ok());
    }

    #[test]
    fn a_refusal_tells_where_the_closest_one_differs_and_whether_only_the_port_does() {
        let refused = |registered: &[&str], sent: &str| {
            let mut client = client();
            client.metadata.redirect_uris = registered.iter().map(|uri| (*uri).to_owned()).collect();
            VerifiedRedirect::prove(&client, Some(sent), RULES).unwrap_err().detail.to_string()
        };
        let registered = ["https://z.example/", "https://app.example/callback", "https://a.example/"];
        let detail = refused(&registered, "https://app.example/callbacc");
        assert!(detail.contains("byte 27: 'c' was sent, 'k' is registered"), "{detail}");
        assert!(!detail.contains("only the port"), "{detail}");
        let detail = refused(&["http://127.0.0.1:1/cb"], "http://127.0.0.1:2/cb");
        assert!(detail.contains("only the port differs") && detail.contains("clients without a secret"), "{detail}");
        assert!(!detail.contains("--localhost-any-port"), "{detail}");
    }

    #[test]
    fn what_somebody_else_could_receive_is_known_to_be_shared() {
        let shared = |uri: &str, client: &Client| VerifiedRedirect(uri.to_owned()).is_shared(client);
        let (native, web) = (public(), client());
        for (uri, by_native, by_web) in [
            ("https://app.example/cb", false, false),
            ("http://127.0.0.1:4000/cb", true, false),
            ("http://localhost/cb", true, false),
            ("com.example.app:/cb", true, true),
            ("app.immich:///oauth-callback", true, true),
            ("app.immich://localhost/oauth-callback", true, true),
            ("http://192.168.2.50:2283/auth/login", true, true),
        ] {
            assert_eq!((shared(uri, &native), shared(uri, &web)), (by_native, by_web), "{uri}");
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
