//! Redirect URIs, against the parser of browsers (the URL Standard).

use latchkey::domain::oauth::authorize::response::AuthorizationResponse;
use latchkey::domain::oauth::authorize::response_mode::ResponseMode;
use latchkey::domain::oauth::client::redirect::VerifiedRedirect;
use latchkey::domain::oauth::client::redirect_registration;
use latchkey::domain::oauth::client::{AuthMethod, Client};
use latchkey::domain::oauth::error::{ErrorCode, Refusal};
use latchkey::foundation::url::is_loopback;
use url::{Host, Url};

use super::given::{self, OWN, lines};

/// Lines: letters (`p` for a public client, `l` where the port of localhost may vary, `h` where http in a private network is
/// allowed, `s` where the server serves no old applications, `o` with another URI that is https), the URI that is registered, the one that is sent, the state.
pub fn redirect_uri(data: &[u8]) {
    let Some([kind, registered, sent, state]) = lines(data) else { return };
    let mut client = if kind.contains('p') { given::native() } else { given::web() };
    client.metadata.localhost_any_port = kind.contains('l');
    client.metadata.private_http = kind.contains('h');
    client.metadata.redirect_uris = vec![registered.to_owned()];
    if kind.contains('o') {
        client.metadata.redirect_uris.push("https://app.example/other".to_owned());
    }
    client.metadata.post_logout_redirect_uris = vec![registered.to_owned()];
    let registrable = redirect_registration::check(registered, &client.metadata).is_ok();
    let rules = given::rules(kind);
    let proven = VerifiedRedirect::prove(&client, Some(sent), rules);
    let after_logout = VerifiedRedirect::prove_after_logout(&client, sent, rules);
    if let Err(refusal) = &proven {
        assert!(given::is_sendable(refusal.description));
        let in_clear = kind.contains('s') && sent.starts_with("http:");
        assert!(in_clear || client.metadata.redirect_uris.iter().all(|uri| uri != sent), "a registered URI is refused");
    }
    if sent == "https://app.example/other" {
        return;
    }
    assert_eq!(proven.is_ok(), after_logout.is_some(), "two comparisons");
    if !registrable {
        return;
    }
    is_safe(registered, &client);
    let Ok(proven) = proven else { return };
    assert_eq!(proven.as_str(), sent);
    if sent != registered {
        only_the_port_differs(registered, sent, &client);
    }
    if !proven.is_shared(&client) {
        let url = Url::parse(sent).expect("a URL");
        assert!(url.scheme() == "https" || (is_loopback(&url) && !client.is_public()), "anybody can receive it");
    }
    answers_arrive(&proven, sent, state);
}

/// What can be registered is what it looks like.
fn is_safe(registered: &str, client: &Client) {
    let url = Url::parse(registered).expect("what is registered is a URL");
    assert!(url.fragment().is_none() && url.username().is_empty() && url.password().is_none(), "{registered}");
    assert!(!registered.contains(['*', '\\']) && registered.bytes().all(|byte| byte.is_ascii_graphic()));
    let public = client.metadata.token_endpoint_auth_method == AuthMethod::None;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            assert!(client.metadata.private_http && !public, "{registered}");
            let is_public_name = |name: &str| {
                name.rsplit_once('.').is_some_and(|(_, last)| !["local", "internal", "arpa"].contains(&last))
            };
            match url.host() {
                Some(Host::Domain(name)) => assert!(!is_public_name(name), "{registered}"),
                Some(Host::Ipv4(address)) => assert!(address.is_private(), "{registered}"),
                Some(Host::Ipv6(address)) => assert!(address.is_unique_local(), "{registered}"),
                None => panic!("{registered}"),
            }
        }
        scheme => assert!(scheme.contains('.'), "{registered}"),
    }
    if matches!(url.scheme(), "http" | "https") {
        let (_, rest) = registered.split_once(':').expect("a scheme");
        assert!(rest.starts_with("//") && !rest.starts_with("///"), "a browser reads it as a path: {registered}");
    }
}

/// The URLs are the same for a browser but for the port, which may vary.
fn only_the_port_differs(registered: &str, sent: &str, client: &Client) {
    let (one, other) = (Url::parse(registered).expect("a URL"), Url::parse(sent).expect("a URL"));
    let without_port = |mut url: Url| {
        url.set_port(None).expect("a URL with a host");
        url
    };
    assert_eq!((one.scheme(), other.scheme()), ("http", "http"));
    assert_eq!(without_port(one), without_port(other.clone()));
    match other.host() {
        Some(Host::Domain("localhost")) => assert!(client.metadata.localhost_any_port),
        Some(Host::Ipv4(address)) => assert!(address.is_loopback() && client.is_public()),
        Some(Host::Ipv6(address)) => assert!(address.is_loopback() && client.is_public()),
        _ => panic!("{sent} for {registered}"),
    }
}

/// Whatever the state, the answer goes to that URI, and brings the state back.
fn answers_arrive(proven: &VerifiedRedirect, sent: &str, state: &str) {
    let wanted = Url::parse(sent).expect("a URL");
    let refusal = Refusal::new(ErrorCode::AccessDenied, "No.");
    for mode in [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost] {
        let location = AuthorizationResponse::error(proven.clone(), mode, &refusal, Some(state), &OWN).location();
        assert!(location.starts_with(sent), "{location} for {sent}");
        let url = Url::parse(&location).expect("a URL");
        assert_eq!((url.scheme(), url.host(), url.port()), (wanted.scheme(), wanted.host(), wanted.port()));
        assert_eq!(url.path(), wanted.path());
        let (text, before) = match mode {
            ResponseMode::Query => (url.query(), wanted.query()),
            ResponseMode::Fragment => (url.fragment(), None),
            _ => continue,
        };
        let pairs = |text: Option<&str>| -> Vec<(String, String)> {
            form_urlencoded::parse(text.unwrap_or_default().as_bytes()).into_owned().collect()
        };
        let (all, mut expected) = (pairs(text), pairs(before));
        expected.extend([
            ("error".to_owned(), "access_denied".to_owned()),
            ("error_description".to_owned(), "No.".to_owned()),
            ("state".to_owned(), state.to_owned()),
            ("iss".to_owned(), OWN.as_str().to_owned()),
        ]);
        assert_eq!(all, expected, "{location}");
    }
}
