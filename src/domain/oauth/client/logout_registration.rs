//! Where clients may be told of logouts.

use url::{Origin, Url};

use super::redirect_registration::{self, UriRefused};
use super::registration_error::RegistrationError;
use super::{LogoutMetadata, Metadata};

/// Decides whether a client may be told where it says. Plain http has the rules of redirect URIs: whoever can listen there
/// would learn whose session has ended, and when.
///
/// # Errors
/// The first URI that cannot be.
pub fn check(metadata: &Metadata) -> Result<(), RegistrationError> {
    let LogoutMetadata { backchannel_logout_uri, frontchannel_logout_uri, .. } = &metadata.logout;
    for uri in [backchannel_logout_uri, frontchannel_logout_uri].into_iter().flatten() {
        let refused = |why| RegistrationError::LogoutUri { uri: uri.clone(), why };
        // A private-use scheme leads to no server, and to nothing that a frame shows.
        if !Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            return Err(refused(UriRefused::NoWebAddress));
        }
        redirect_registration::check(uri, metadata).map_err(refused)?;
    }
    match frontchannel_logout_uri.as_ref().filter(|uri| !is_of_a_redirect_uri(uri, metadata)) {
        Some(uri) => Err(RegistrationError::LogoutUri { uri: uri.clone(), why: UriRefused::ForeignOrigin }),
        None => Ok(()),
    }
}

/// Whether scheme, host and port are those of one of the redirect URIs (OpenID Connect Front-Channel Logout §2): otherwise our
/// page would show somebody else's.
fn is_of_a_redirect_uri(uri: &str, metadata: &Metadata) -> bool {
    let origin = |uri: &str| Url::parse(uri).ok().map(|url| url.origin()).filter(Origin::is_tuple);
    let own = origin(uri);
    own.is_some() && metadata.redirect_uris.iter().any(|redirect| origin(redirect) == own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::client;

    fn checked(uri: &str) -> Result<(), UriRefused> {
        let mut metadata = client().metadata;
        metadata.logout.backchannel_logout_uri = Some(uri.to_owned());
        check(&metadata).map_err(|refused| match refused {
            RegistrationError::LogoutUri { why, .. } => why,
            other => panic!("{other}"),
        })
    }

    #[test]
    fn a_server_is_told_over_https_or_on_this_machine() {
        for uri in ["https://app.example/logout", "https://app.example:8443/logout?tenant=a", "http://127.0.0.1:9/l"] {
            assert_eq!(checked(uri), Ok(()), "{uri}");
        }
        for (uri, why) in [
            ("https://app.example/logout#a", UriRefused::Fragment),
            ("http://app.example/logout", UriRefused::Insecure),
            ("com.example.app:/logout", UriRefused::NoWebAddress),
            ("/logout", UriRefused::NoWebAddress),
            ("", UriRefused::NoWebAddress),
            ("https://user@app.example/logout", UriRefused::UserInfo),
        ] {
            assert_eq!(checked(uri), Err(why), "{uri}");
        }
    }

    #[test]
    fn a_frame_shows_what_is_where_browsers_are_sent_back_to() {
        let checked = |uri: &str| {
            let mut metadata = client().metadata;
            metadata.redirect_uris = vec!["https://app.example/cb".into(), "https://b.example:8443/cb".into()];
            metadata.logout.frontchannel_logout_uri = Some(uri.to_owned());
            check(&metadata).is_ok()
        };
        for uri in ["https://app.example/out", "https://app.example:443/out?a=b", "https://b.example:8443/out"] {
            assert!(checked(uri), "{uri}");
        }
        for uri in [
            "https://other.example/out",
            "http://app.example/out",
            "https://app.example:8443/out",
            "https://b.example/out",
            "https://app.example/out#a",
        ] {
            assert!(!checked(uri), "{uri}");
        }
    }

    #[test]
    fn a_client_that_says_nothing_can_be_registered() {
        assert!(check(&client().metadata).is_ok());
    }
}
