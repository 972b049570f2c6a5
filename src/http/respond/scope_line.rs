//! What an application asks for, or may have, in plain words.

use crate::domain::oauth::token::claim_catalogue::ClaimCatalogue;

/// One scope in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// The scope itself.
    pub scope: String,
    /// What it is about.
    pub title: String,
    /// What allowing it means.
    pub description: String,
    /// The icon's name in `templates/icons.html`.
    pub(in crate::http) icon: &'static str,
}

impl ScopeLine {
    /// Every scope in plain words, those about the person first and what the standard does not define last.
    pub fn list<'a>(scopes: impl IntoIterator<Item = &'a str>, catalogue: &ClaimCatalogue) -> Vec<Self> {
        const ORDER: [&str; 7] = ["openid", "profile", "email", "phone", "address", "groups", "offline_access"];
        let mut lines: Vec<Self> = scopes.into_iter().map(|scope| Self::of(scope, catalogue)).collect();
        lines.sort_by_key(|line| ORDER.iter().position(|scope| *scope == line.scope).unwrap_or(ORDER.len()));
        lines
    }

    /// Puts `scope` in plain words, with the claims that this service has it release. A scope that the standard does not
    /// define is shown as it is.
    fn of(scope: &str, catalogue: &ClaimCatalogue) -> Self {
        let own = catalogue.custom_of(scope).map(claim_title).collect::<Vec<_>>().join(", ");
        let (icon, title, description) = match scope {
            "openid" => ("key", "Know that it is you", "An identifier of your account, and when you signed in"),
            "profile" => ("person", "Your profile", "Name, username, picture, birth date, language and the like"),
            "email" => ("mail", "Your e-mail address", "And whether it has been verified"),
            "phone" => ("phone", "Your phone number", "And whether it has been verified"),
            "address" => ("home", "Your postal address", "Street, town, postal code and country"),
            "groups" => ("person", "Your groups", "The names of the groups that you belong to"),
            "offline_access" => {
                ("clock", "Stay connected", "Keep this access while you are away, until you or it ends it")
            }
            other => return Self::custom(other, own),
        };
        let description = match own.is_empty() {
            true => description.to_owned(),
            false => format!("{description}; and: {own}"),
        };
        Self { scope: scope.to_owned(), title: title.to_owned(), description, icon }
    }

    fn custom(scope: &str, claims: String) -> Self {
        let description = match claims.is_empty() {
            true => "A permission that this service defines".to_owned(),
            false => format!("These details about you: {claims}"),
        };
        Self { scope: scope.to_owned(), title: scope.to_owned(), description, icon: "list" }
    }
}

/// A claim's name in plain words: `birthdate` is "birth date".
pub fn claim_title(claim: &str) -> String {
    match claim {
        "sub" => "account identifier",
        "given_name" => "first name",
        "family_name" => "last name",
        "preferred_username" => "username",
        "profile" => "profile page",
        "email" => "e-mail address",
        "email_verified" => "whether your e-mail address is verified",
        "phone_number_verified" => "whether your phone number is verified",
        "birthdate" => "birth date",
        "zoneinfo" => "time zone",
        "locale" => "language",
        "address" => "postal address",
        "updated_at" => "when your profile last changed",
        "auth_time" => "when you signed in",
        "acr" | "amr" => "how you signed in",
        other => return other.replace('_', " "),
    }
    .to_owned()
}
