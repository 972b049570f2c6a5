//! What we publish about our own API, for applications that come with nothing but its address (RFC 9728 §2).

use serde::Serialize;

use super::discovery::path;
use super::token::scope::{OWN_ACCOUNT, STANDARD};
use crate::foundation::url::Issuer;

/// The metadata of the protected resource that this server is: userinfo and its API are called with tokens for the issuer.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the members are those of RFC 9728 section 2")]
pub struct ResourceMetadata {
    pub resource: String,
    pub authorization_servers: [String; 1],
    pub scopes_supported: Vec<&'static str>,
    pub bearer_methods_supported: [&'static str; 1],
    pub resource_name: String,
}

impl ResourceMetadata {
    /// The document of the server at `issuer`, which calls itself `name`.
    pub fn new(issuer: &Issuer, name: &str) -> Self {
        let us = issuer.as_str().to_owned();
        Self {
            resource: us.clone(),
            authorization_servers: [us],
            scopes_supported: STANDARD.into_iter().chain(OWN_ACCOUNT).collect(),
            bearer_methods_supported: ["header"],
            resource_name: name.to_owned(),
        }
    }
}

/// What a challenge says beside why a token was refused (RFC 9728 §5.1): where that document is.
pub fn in_challenge(issuer: &Issuer) -> String {
    format!("resource_metadata=\"{}\"", issuer.well_known(path::PROTECTED_RESOURCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lies_between_host_and_path() {
        let of = |text: &str| in_challenge(&Issuer::parse(text).unwrap());
        assert_eq!(
            of("https://a.example"),
            "resource_metadata=\"https://a.example/.well-known/oauth-protected-resource\""
        );
        assert_eq!(
            of("https://a.example/x/y"),
            "resource_metadata=\"https://a.example/.well-known/oauth-protected-resource/x/y\""
        );
    }
}
