//! Where clients may be told of logouts.

use url::Url;

use super::Metadata;
use super::redirect_registration::{self, UriRefused};
use super::registration_error::RegistrationError;

/// Decides whether a client may be told where it says. Plain http has the rules of redirect URIs: whoever can listen there
/// would learn whose session has ended, and when.
///
/// # Errors
/// The first URI that cannot be.
pub fn check(metadata: &Metadata) -> Result<(), RegistrationError> {
    if let Some(uri) = &metadata.logout.backchannel_logout_uri {
        let refused = |why| RegistrationError::LogoutUri { uri: uri.clone(), why };
        // A server cannot be called by a private-use scheme.
        if !Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            return Err(refused(UriRefused::NoWebAddress));
        }
        redirect_registration::check(uri, metadata).map_err(refused)?;
    }
    Ok(())
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
    fn a_client_that_says_nothing_can_be_registered() {
        assert!(check(&client().metadata).is_ok());
    }
}
