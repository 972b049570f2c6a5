//! Which claims there are, and which scope releases each.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::scope::{STANDARD, Scope};

/// The claims that each scope asks for: those of OpenID Connect Core §5.4, and groups, a common name that no standard
/// defines.
const BY_SCOPE: [(&str, &[&str]); 5] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
    (GROUPS, &["groups"]),
];

/// The scope that releases the groups of a person.
pub const GROUPS: &str = "groups";

/// Claims that tokens and answers have, or may have later: no operator can redefine them (CVE-2024-29892).
const RESERVED: [&str; 28] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "sub_jwk",
    "client_id",
    "scope",
    "typ",
    "cnf",
    "act",
    "may_act",
    "events",
    "active",
    "token_type",
    "_claim_names",
    "_claim_sources",
];

/// Which claims there are, and which scope releases each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimCatalogue {
    /// The operator's own claims, each with its scope.
    custom: BTreeMap<String, String>,
}

/// Why a claim cannot be one of the operator's own.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CatalogueError {
    /// A protocol or a standard defines it.
    #[error("claims.extra.{0}: the claim has a meaning of its own, choose another name")]
    Reserved(String),
    /// Not a name that one can write and read.
    #[error("claims.extra.{0}: a claim has 1 to 128 printable ASCII characters without space, quote or backslash")]
    Name(String),
    /// Not a scope, or one that people are not asked about.
    #[error("claims.extra.{0}: {1:?} cannot release a claim; name a scope that people can be asked for")]
    Scope(String, String),
}

impl ClaimCatalogue {
    /// The standard claims, and `custom` ones: names with the scope that releases each.
    ///
    /// # Errors
    /// Names the first claim that is refused.
    pub fn new(custom: &BTreeMap<String, String>) -> Result<Self, CatalogueError> {
        let token = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        for (name, scope) in custom {
            if !(1..=128).contains(&name.len()) || !token(name) {
                return Err(CatalogueError::Name(name.clone()));
            }
            if RESERVED.contains(&name.as_str()) || standard().any(|known| known == name) {
                return Err(CatalogueError::Reserved(name.clone()));
            }
            if scope.is_empty() || !token(scope) || matches!(scope.as_str(), "openid" | "offline_access") {
                return Err(CatalogueError::Scope(name.clone(), scope.clone()));
            }
        }
        Ok(Self { custom: custom.clone() })
    }

    /// Whether the claim is one of the operator's own.
    pub fn is_custom(&self, name: &str) -> bool {
        self.custom.contains_key(name)
    }

    /// Whether a person can have the claim.
    pub fn knows(&self, name: &str) -> bool {
        standard().any(|known| known == name) || self.is_custom(name)
    }

    /// The claims that a scope releases.
    pub fn of_scope<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a str> {
        let standard = BY_SCOPE.iter().filter(|(name, _)| scope.contains(name)).flat_map(|(_, claims)| *claims);
        let custom = self.custom.iter().filter(|(_, by)| scope.contains(by)).map(|(name, _)| name.as_str());
        standard.copied().chain(custom)
    }

    /// The operator's own claims that one scope releases, beside what the standard says.
    pub fn custom_of<'a>(&'a self, scope: &'a str) -> impl Iterator<Item = &'a str> {
        self.custom.iter().filter(move |(_, by)| *by == scope).map(|(name, _)| name.as_str())
    }

    /// The scopes that release claims, beside those of OpenID Connect.
    pub fn scopes(&self) -> BTreeSet<&str> {
        let custom = self.custom.values().map(String::as_str).filter(|scope| !STANDARD.contains(scope));
        custom.chain([GROUPS]).collect()
    }

    /// Every claim that a person can have, as published in discovery.
    pub fn supported(&self) -> Vec<&str> {
        let custom = self.custom.keys().map(String::as_str);
        let about_sign_in: [&str; 4] = ["sub", "iss", "auth_time", "acr"];
        about_sign_in.into_iter().chain(standard()).chain(custom).collect()
    }
}

fn standard<'a>() -> impl Iterator<Item = &'a str> {
    BY_SCOPE.iter().flat_map(|(_, claims)| claims.iter().map(|name| -> &'a str { name }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{catalogue, scope};

    #[test]
    fn a_claim_with_a_meaning_of_its_own_cannot_be_given_another() {
        let refused = |name: &str| {
            let custom = BTreeMap::from([(name.to_owned(), "profile".to_owned())]);
            matches!(ClaimCatalogue::new(&custom), Err(CatalogueError::Reserved(_)))
        };
        let catalogue = ClaimCatalogue::default();
        let reserved: Vec<&str> = RESERVED.into_iter().chain(standard()).collect();
        for name in reserved.into_iter().chain(catalogue.supported()) {
            assert!(refused(name), "{name}");
        }
        assert!(!refused("department") && !refused("https://example.com/department"));
    }

    #[test]
    fn a_claim_needs_a_name_and_a_scope_that_people_can_be_asked_for() {
        for (name, scope) in [("", "profile"), ("a b", "profile"), ("a\"", "profile"), ("ä", "profile")] {
            let custom = BTreeMap::from([(name.to_owned(), scope.to_owned())]);
            assert!(matches!(ClaimCatalogue::new(&custom), Err(CatalogueError::Name(_))), "{name}");
        }
        for scope in ["", "a b", "openid", "offline_access", "é"] {
            let custom = BTreeMap::from([("department".to_owned(), scope.to_owned())]);
            assert!(matches!(ClaimCatalogue::new(&custom), Err(CatalogueError::Scope(..))), "{scope}");
        }
    }

    #[test]
    fn a_scope_releases_its_claims_and_no_others() {
        let catalogue = catalogue(&[("department", "profile"), ("cost_center", "hr")]);
        let of = |text: &str| catalogue.of_scope(&scope(text)).map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(
            of("openid email groups hr"),
            ["email", "email_verified", "groups", "cost_center"].map(String::from).into()
        );
        assert!(of("profile").contains("department") && of("profile").contains("name"));
        assert_eq!(catalogue.custom_of("profile").collect::<Vec<_>>(), ["department"]);
        assert_eq!(catalogue.scopes(), ["groups", "hr"].into());
        assert!(catalogue.knows("cost_center") && !catalogue.knows("shoe_size"));
    }
}
