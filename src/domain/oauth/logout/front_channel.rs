//! Telling clients that a session has ended, by frames in the browser (OpenID Connect Front-Channel Logout 1.0).

use url::Url;

use crate::domain::oauth::authorize::response::{append_query, encode};
use crate::foundation::url::Issuer;

/// What the page after a logout loads in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The client's page.
    pub url: String,
    /// Its origin, which the page's policy names.
    pub origin: String,
}

/// The frame that tells a client that registered `uri` of the end of a session. The query of the URI is kept, and `iss` and
/// `sid` are added where the client wants to know which session it was (§2, §3). `None` for what is no URL of the web, which
/// its registration rules out.
pub fn frame(uri: &str, wants_session: bool, issuer: &Issuer, sid: &str) -> Option<Frame> {
    let origin = Url::parse(uri).ok()?.origin();
    if !origin.is_tuple() {
        return None;
    }
    let which = [("iss", issuer.as_str().to_owned()), ("sid", sid.to_owned())];
    let url = if wants_session { append_query(uri, &encode(&which)) } else { uri.to_owned() };
    Some(Frame { url, origin: origin.ascii_serialization() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{NOW, issuer, session};

    #[test]
    fn the_registered_query_is_kept_and_the_session_is_named_only_to_who_wants_it() {
        let id = session(NOW).id.to_string();
        let of = |uri: &str, wants| frame(uri, wants, &issuer(), &id).unwrap();
        let told = format!("iss=https%3A%2F%2Fid.example&sid={id}");
        assert_eq!(of("https://app.example/out", true).url, format!("https://app.example/out?{told}"));
        assert_eq!(of("https://app.example/out?a=b", true).url, format!("https://app.example/out?a=b&{told}"));
        assert_eq!(of("https://app.example/out?a=b", false).url, "https://app.example/out?a=b");
        assert_eq!(of("https://app.example:8443/out", true).origin, "https://app.example:8443");
        assert_eq!(frame("com.example.app:/out", true, &issuer(), &id), None);
    }
}
