//! What lets a client's page notice that the sign-in state of the browser has changed (OpenID Connect Session Management 1.0).

use url::Url;

use crate::crypto::digest::s256;
use crate::domain::oauth::client::ClientId;

/// The `session_state` of an answer that goes to `redirect_uri` (§2, §4.2): a hash of who asks, from where, and the state of
/// the browser, which the page at `check_session_iframe` makes again of the browser's cookie. A text without spaces.
///
/// `browser` is empty where nobody is signed in. `salt` is one that has not been used before.
pub fn session_state(client: &ClientId, redirect_uri: &str, browser: &str, salt: &str) -> String {
    // What has no origin is no page, and cannot ask.
    let origin = Url::parse(redirect_uri).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let hash = s256(&format!("{} {origin} {browser} {salt}", client.as_str()));
    format!("{hash}.{salt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_differs_by_client_origin_browser_and_salt_and_by_nothing_else() {
        let of = |client: &str, uri: &str, browser: &str, salt: &str| {
            session_state(&ClientId::new(client), uri, browser, salt)
        };
        let one = of("web", "https://app.example/cb?a=b", "state", "salt");
        assert_eq!(one, of("web", "https://app.example:443/other", "state", "salt"), "the same origin");
        for other in [
            of("native", "https://app.example/cb", "state", "salt"),
            of("web", "https://app.example:8443/cb", "state", "salt"),
            of("web", "https://app.example/cb", "", "salt"),
            of("web", "https://app.example/cb", "state", "pepper"),
        ] {
            assert_ne!(one, other);
        }
        assert!(one.ends_with(".salt") && !one.contains(' '));
    }

    #[test]
    fn it_is_what_the_page_computes() {
        // By another implementation of SHA-256.
        let made = session_state(&ClientId::new("web"), "https://app.example/cb", "state", "salt");
        assert_eq!(made, "Jg_za_2M-PnJeudkZ0hXOfOQrgt_HmUjjzmWtfu3nOI.salt");
    }
}
