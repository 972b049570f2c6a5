//! What a client says of itself that is neither shown at sign-in nor changes what it gets.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Metadata;
use super::redirect_registration::UriRefused;
use super::registration_error::RegistrationError;

/// The members about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutMetadata {
    /// Who is responsible for it, usually addresses of e-mail: for operators (RFC 7591 §2).
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

/// The most contacts, and the most bytes of each text.
const CONTACTS: usize = 20;
const LONGEST: usize = 500;

impl AboutMetadata {
    /// Where a browser is sent to begin a sign-in to the client here (OpenID Connect Core §4).
    pub fn begins_at(&self, issuer: &str) -> Option<String> {
        let mut url = Url::parse(self.initiate_login_uri.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("iss", issuer);
        Some(url.into())
    }
}

/// Decides whether a client may say so of itself.
///
/// # Errors
/// The first thing that it may not say.
pub fn check(metadata: &Metadata) -> Result<(), RegistrationError> {
    let AboutMetadata { contacts, initiate_login_uri, software_id, software_version, application_type } =
        &metadata.about;
    let texts = [("software_id", software_id), ("software_version", software_version)];
    let texts = texts.into_iter().filter_map(|(member, text)| Some((member, text.as_ref()?)));
    let all = texts.chain(contacts.iter().map(|contact| ("contacts", contact)));
    let unfit = |text: &str| text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control);
    if let Some((member, _)) = all.into_iter().find(|(_, text)| unfit(text)) {
        return Err(RegistrationError::Text { member, most: LONGEST });
    }
    if contacts.len() > CONTACTS {
        return Err(RegistrationError::TooMany { member: "contacts", most: CONTACTS });
    }
    if let Some(uri) = initiate_login_uri {
        let is_https = Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && url.fragment().is_none());
        if !is_https {
            return Err(RegistrationError::InitiateLogin { uri: uri.clone() });
        }
    }
    let web = *application_type == Some(ApplicationType::Web);
    let private = |uri: &&String| !uri.starts_with("https://") && !uri.starts_with("http://");
    match metadata.redirect_uris.iter().find(private).filter(|_| web) {
        Some(uri) => Err(RegistrationError::RedirectUri { uri: uri.clone(), why: UriRefused::NotOfTheWeb }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{client, public};

    fn with(change: impl FnOnce(&mut Metadata)) -> Result<(), RegistrationError> {
        let mut metadata = client().metadata;
        change(&mut metadata);
        check(&metadata)
    }

    #[test]
    fn a_sign_in_is_begun_at_https_only_openid_connect_core_section_4() {
        let begun_at = |uri: &str| with(|metadata| metadata.about.initiate_login_uri = Some(uri.to_owned()));
        assert_eq!(begun_at("https://app.example/login?tenant=1"), Ok(()));
        for uri in
            ["http://app.example/login", "http://localhost/login", "com.example:/login", "/login", "https://a/#b"]
        {
            assert!(matches!(begun_at(uri), Err(RegistrationError::InitiateLogin { .. })), "{uri}");
        }
    }

    #[test]
    fn the_link_keeps_what_was_registered_and_says_who_begins() {
        let about = |uri: &str| AboutMetadata { initiate_login_uri: Some(uri.to_owned()), ..AboutMetadata::default() };
        assert_eq!(
            about("https://app.example/login?tenant=1").begins_at("https://id.example").as_deref(),
            Some("https://app.example/login?tenant=1&iss=https%3A%2F%2Fid.example")
        );
        assert_eq!(AboutMetadata::default().begins_at("https://id.example"), None);
    }

    #[test]
    fn an_application_of_the_web_has_no_redirect_uri_of_a_device() {
        let mut metadata = public().metadata;
        metadata.redirect_uris = vec!["com.example.app:/cb".into()];
        assert_eq!(check(&metadata), Ok(()), "nothing was said");
        metadata.about.application_type = Some(ApplicationType::Native);
        assert_eq!(check(&metadata), Ok(()));
        metadata.about.application_type = Some(ApplicationType::Web);
        assert!(matches!(check(&metadata), Err(RegistrationError::RedirectUri { .. })));
    }

    #[test]
    fn texts_are_bounded() {
        assert!(with(|metadata| metadata.about.contacts = vec!["a@b.example".into(); 21]).is_err());
        assert!(with(|metadata| metadata.about.contacts = vec!["a\nb".into()]).is_err());
        assert!(with(|metadata| metadata.about.software_id = Some("x".repeat(501))).is_err());
        assert_eq!(with(|metadata| metadata.about.contacts = vec!["ops@app.example".into(); 2]), Ok(()));
    }
}
