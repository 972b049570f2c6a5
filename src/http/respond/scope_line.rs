//! What an application asks for, or may have, in plain words.

use std::sync::Arc;

use crate::domain::federation::provider::Provider;
use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;
use crate::domain::oauth::token::resource::Resources;
use crate::domain::oauth::token::scope::provider_of;
use crate::http::respond::layout::Layout;
use crate::language::{Sentence, sentence};

/// One scope in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// The scope itself.
    pub scope: String,
    /// What it is about; `None` for what the standard does not define, which is shown as it is.
    title: Option<Sentence>,
    /// What allowing it means.
    description: Sentence,
    /// Claims of the operator's own that it releases.
    own: Vec<Sentence>,
    /// The icon's name in `templates/icons.html`.
    pub(in crate::http) icon: &'static str,
}

impl ScopeLine {
    /// Every scope in plain words, those about the person first and what the standard does not define last.
    pub fn list<'a>(
        scopes: impl IntoIterator<Item = &'a str>,
        catalogue: &ClaimCatalogue,
        providers: &[Arc<Provider>],
        resources: &Resources,
    ) -> Vec<Self> {
        const ORDER: [&str; 9] =
            ["openid", "profile", "email", "phone", "address", "groups", "account", "account:write", "offline_access"];
        let mut lines: Vec<Self> =
            scopes.into_iter().map(|scope| Self::of(scope, catalogue, providers, resources)).collect();
        lines.sort_by_key(|line| ORDER.iter().position(|scope| *scope == line.scope).unwrap_or(ORDER.len()));
        lines
    }

    /// Puts `scope` in plain words, with the claims that this service has it release.
    fn of(scope: &str, catalogue: &ClaimCatalogue, providers: &[Arc<Provider>], resources: &Resources) -> Self {
        let own: Vec<Sentence> = catalogue.custom_of(scope).map(claim_title).collect();
        let (icon, title, description) = match scope {
            "openid" => ("key", sentence!("scope-openid"), sentence!("scope-openid-what")),
            "profile" => ("person", sentence!("scope-profile"), sentence!("scope-profile-what")),
            "email" => ("mail", sentence!("scope-email"), sentence!("scope-email-what")),
            "phone" => ("phone", sentence!("scope-phone"), sentence!("scope-phone-what")),
            "address" => ("home", sentence!("scope-address"), sentence!("scope-address-what")),
            "groups" => ("person", sentence!("scope-groups"), sentence!("scope-groups-what")),
            "offline_access" => ("clock", sentence!("scope-offline"), sentence!("scope-offline-what")),
            "account" => ("person", sentence!("scope-account"), sentence!("scope-account-what")),
            "account:write" => ("person", sentence!("scope-account-write"), sentence!("scope-account-write-what")),
            other if let Some(provider) = provider_of(other) => {
                let name = providers.iter().find(|one| one.id == provider).map_or(provider, |one| one.name.as_str());
                ("key", sentence!("scope-upstream", provider = name), sentence!("scope-upstream-what"))
            }
            other => {
                let description = match resources.with_scope(other) {
                    Some(resource) => sentence!("scope-resource-what", resource = resource.name.as_str()),
                    None => sentence!("scope-other-what"),
                };
                return Self { scope: other.to_owned(), title: None, description, own, icon: "list" };
            }
        };
        Self { scope: scope.to_owned(), title: Some(title), description, own, icon }
    }

    pub(in crate::http) fn title(&self, layout: &Layout) -> String {
        self.title.as_ref().map_or_else(|| self.scope.clone(), |title| layout.say(title))
    }

    pub(in crate::http) fn description(&self, layout: &Layout) -> String {
        let (what, claims) = (layout.say(&self.description), layout.list(&self.own));
        match (&self.title, self.own.is_empty()) {
            (_, true) => what,
            (Some(_), false) => layout.say(sentence!("scope-and-claims", what = what, claims = claims)),
            (None, false) => layout.say(sentence!("scope-claims", claims = claims)),
        }
    }
}

/// A claim's name in plain words: `birthdate` is "birth date". One of the operator's own is shown as it is.
pub fn claim_title(claim: &str) -> Sentence {
    match claim {
        "sub" => sentence!("claim-sub"),
        "name" => sentence!("claim-name"),
        "given_name" => sentence!("claim-given-name"),
        "family_name" => sentence!("claim-family-name"),
        "middle_name" => sentence!("claim-middle-name"),
        "nickname" => sentence!("claim-nickname"),
        "preferred_username" => sentence!("claim-username"),
        "profile" => sentence!("claim-profile"),
        "picture" => sentence!("claim-picture"),
        "website" => sentence!("claim-website"),
        "gender" => sentence!("claim-gender"),
        "email" => sentence!("claim-email"),
        "email_verified" => sentence!("claim-email-verified"),
        "phone_number" => sentence!("claim-phone-number"),
        "phone_number_verified" => sentence!("claim-phone-number-verified"),
        "birthdate" => sentence!("claim-birthdate"),
        "zoneinfo" => sentence!("claim-zoneinfo"),
        "locale" => sentence!("claim-locale"),
        "address" => sentence!("claim-address"),
        "groups" => sentence!("claim-groups"),
        "updated_at" => sentence!("claim-updated-at"),
        "auth_time" => sentence!("claim-auth-time"),
        "acr" | "amr" => sentence!("claim-how"),
        other => sentence!("claim-other", claim = other.replace('_', " ")),
    }
}
