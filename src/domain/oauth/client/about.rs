//! What a client says of itself that changes nothing of what it gets.

use serde::{Deserialize, Serialize};
use url::Url;

/// The members about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutMetadata {
    /// Who is responsible for it, usually addresses of e-mail: for operators, and the first of those for people who sign in (RFC 7591 §2).
    pub contacts: Vec<String>,
    /// Where a sign-in to it can be begun by others, such as our page of connected apps (OpenID Connect Core §4).
    pub initiate_login_uri: Option<String>,
    /// Which software it is, the same for each installation (RFC 7591 §2).
    pub software_id: Option<String>,
    /// In which version.
    pub software_version: Option<String>,
    /// Where it runs (OpenID Connect Registration §2).
    pub application_type: Option<ApplicationType>,
}

/// Where an application runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a server, or in a browser.
    Web,
    /// On a person's device.
    Native,
}

impl ApplicationType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::Web, Self::Native];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl AboutMetadata {
    /// Where a browser is sent to begin a sign-in to the client here (OpenID Connect Core §4).
    pub fn begins_at(&self, issuer: &str) -> Option<String> {
        let mut url = Url::parse(self.initiate_login_uri.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("iss", issuer);
        Some(url.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_keeps_what_was_registered_and_says_who_begins() {
        let about = |uri: &str| AboutMetadata { initiate_login_uri: Some(uri.to_owned()), ..AboutMetadata::default() };
        assert_eq!(
            about("https://app.example/login?tenant=1").begins_at("https://id.example").as_deref(),
            Some("https://app.example/login?tenant=1&iss=https%3A%2F%2Fid.example")
        );
        assert_eq!(AboutMetadata::default().begins_at("https://id.example"), None);
    }
}
