//! What a client may say of itself, and want where a request says nothing.

use super::Metadata;
use super::about::{AboutMetadata, ApplicationType};
use super::link;
use super::redirect_registration::UriRefused;
use super::registration_error::RegistrationError;
use super::request_defaults::RequestDefaults;
use super::translations::Translations;
use crate::foundation::text::in_path;

/// The most contacts, classes and members in other languages.
const CONTACTS: usize = 20;
const CLASSES: usize = 16;
const TRANSLATIONS: usize = 50;
/// The most bytes of each text.
const LONGEST: usize = 500;

/// Decides whether a client may say so of itself.
///
/// # Errors
/// The first thing that it may not say.
pub fn check(metadata: &Metadata) -> Result<(), RegistrationError> {
    check_defaults(&metadata.defaults)?;
    check_translations(&metadata.translations)?;
    let AboutMetadata { contacts, initiate_login_uri, software_id, software_version, application_type } =
        &metadata.about;
    let texts = [("software_id", software_id), ("software_version", software_version)];
    let texts = texts.into_iter().filter_map(|(member, text)| Some((member, text.as_ref()?)));
    let all = texts.chain(contacts.iter().map(|contact| ("contacts", contact)));
    let unfit = |text: &str| text.is_empty() || text.len() > LONGEST || in_path(text).is_some();
    if let Some((member, _)) = all.into_iter().find(|(_, text)| unfit(text)) {
        return Err(RegistrationError::Text { member, most: LONGEST });
    }
    if contacts.len() > CONTACTS {
        return Err(RegistrationError::TooMany { member: "contacts", most: CONTACTS });
    }
    if let Some(uri) = initiate_login_uri {
        let is_https = link::read(uri).is_some_and(|url| url.scheme() == "https" && url.fragment().is_none());
        if !is_https {
            return Err(RegistrationError::InitiateLogin { uri: uri.clone() });
        }
    }
    let web = *application_type == Some(ApplicationType::Web);
    match of_a_device(metadata).filter(|_| web) {
        Some(uri) => Err(RegistrationError::RedirectUri { uri: uri.clone(), why: UriRefused::NotOfTheWeb }),
        None => Ok(()),
    }
}

/// What an application is told that has not said where it runs: what it can be told and say again.
pub(super) fn where_it_runs(metadata: &Metadata) -> ApplicationType {
    let usual = if of_a_device(metadata).is_some() { ApplicationType::Native } else { ApplicationType::Web };
    metadata.about.application_type.unwrap_or(usual)
}

/// A redirect URI that leads to an app on a device: one with a scheme of its own.
fn of_a_device(metadata: &Metadata) -> Option<&String> {
    metadata.redirect_uris.iter().find(|uri| !uri.starts_with("https://") && !uri.starts_with("http://"))
}

/// A class that nobody reaches here is no fault, as it is none of a request.
fn check_defaults(defaults: &RequestDefaults) -> Result<(), RegistrationError> {
    let member = "default_acr_values";
    if defaults.default_acr_values.len() > CLASSES {
        return Err(RegistrationError::TooMany { member, most: CLASSES });
    }
    let unfit = |class: &String| {
        class.is_empty() || class.len() > LONGEST || !class.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match defaults.default_acr_values.iter().any(unfit) {
        true => Err(RegistrationError::Text { member, most: LONGEST }),
        false => Ok(()),
    }
}

/// Tags are as RFC 5646 writes them, and the texts fit where the members without a tag do.
fn check_translations(translations: &Translations) -> Result<(), RegistrationError> {
    let all = translations.iter();
    if all.len() > TRANSLATIONS {
        return Err(RegistrationError::TooMany { member: "translated members", most: TRANSLATIONS });
    }
    for (name, text) in all {
        let (member, tag) = name.split_once('#').unwrap_or((name, ""));
        let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if tag.len() > 35 || !tag.split('-').all(part) {
            return Err(RegistrationError::LanguageTag { member: name.to_owned() });
        }
        let unfit = text.is_empty() || text.len() > LONGEST || in_path(text).is_some();
        match member {
            "client_name" if unfit => return Err(RegistrationError::Text { member: "client_name#", most: LONGEST }),
            "client_name" => {}
            _ if link::read(text).is_some() && !unfit => {}
            _ => return Err(RegistrationError::Link { uri: text.to_owned() }),
        }
    }
    Ok(())
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

    #[test]
    fn what_could_not_stand_without_a_tag_cannot_with_one() {
        let translated = |name: &str, text: &str| {
            let members = [(name.to_owned(), text.to_owned())].into();
            with(|metadata| metadata.translations = Translations::new(members))
        };
        assert_eq!(translated("client_name#pt-BR", "Nome"), Ok(()));
        assert_eq!(translated("logo_uri#x-1", "https://a.example/"), Ok(()));
        for (name, text) in [
            ("client_name#", "a"),
            ("client_name#de_DE", "a"),
            ("client_name#de", ""),
            ("client_name#de", "a\nb"),
            ("policy_uri#de", "javascript:alert(1)"),
        ] {
            assert!(translated(name, text).is_err(), "{name} {text}");
        }
    }
}
