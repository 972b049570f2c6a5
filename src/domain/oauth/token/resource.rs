//! The APIs that tokens are for, each with scopes of its own (RFC 8707). The operator names them in the configuration.

use std::collections::BTreeSet;
use std::time::Duration;

use thiserror::Error;
use url::Url;

use super::claim_catalogue::{ClaimCatalogue, GROUPS};
use super::scope::{OPERATION, OWN_ACCOUNT, STANDARD, Scope, provider_of};
use crate::domain::oauth::client::TokenFormat;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;

/// An API of the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// How it is called in requests and in the `aud` of its tokens; compared byte for byte.
    pub identifier: String,
    /// What people are shown.
    pub name: String,
    /// Its scopes, which no other API has.
    pub scopes: Scope,
    /// What its tokens look like; `None`: as their client is registered.
    pub access_token_format: Option<TokenFormat>,
    /// How long its tokens live at most; `None`: as their client's.
    pub access_token_lifetime: Option<Duration>,
}

/// All of them, and the scopes that this server answers for itself.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    all: Vec<Resource>,
    /// The scopes that release claims at userinfo.
    releasing: BTreeSet<String>,
}

/// Why they cannot be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ResourceError {
    /// RFC 8707 §2.
    #[error("{identifier} is not an absolute URI without a fragment, in at most {LONGEST} characters of ASCII")]
    Identifier {
        /// What was to be one.
        identifier: String,
    },
    /// Two of them could not be told apart.
    #[error("{identifier} is the identifier of another resource, or of this server")]
    Taken {
        /// Which.
        identifier: String,
    },
    /// Whoever allows a scope says with it for which API.
    #[error("the scope {scope} is in two resources")]
    SharedScope {
        /// Which.
        scope: String,
    },
    /// It means something here already.
    #[error("the scope {scope} is one of this server's own")]
    OwnScope {
        /// Which.
        scope: String,
    },
}

/// The most characters of an identifier.
const LONGEST: usize = 512;
/// The most that one request may name.
const MOST: usize = 5;

impl Resources {
    /// Those of the configuration, beside the server at `issuer` and the claims that its userinfo tells.
    ///
    /// # Errors
    /// Names the first that cannot be.
    pub fn new(issuer: &str, all: Vec<Resource>, catalogue: &ClaimCatalogue) -> Result<Self, ResourceError> {
        let mut identifiers = BTreeSet::from([issuer]);
        let mut scopes = BTreeSet::new();
        for Resource { identifier, scopes: own, .. } in &all {
            if !is_identifier(identifier) {
                return Err(ResourceError::Identifier { identifier: identifier.clone() });
            }
            if !identifiers.insert(identifier) {
                return Err(ResourceError::Taken { identifier: identifier.clone() });
            }
            for scope in own.tokens() {
                let ours = [&STANDARD[..], &OWN_ACCOUNT, &OPERATION].concat();
                if ours.contains(&scope) || provider_of(scope).is_some() {
                    return Err(ResourceError::OwnScope { scope: scope.to_owned() });
                }
                if !scopes.insert(scope) {
                    return Err(ResourceError::SharedScope { scope: scope.to_owned() });
                }
            }
        }
        let releasing = catalogue.scopes().into_iter().chain([GROUPS]).map(str::to_owned).collect();
        Ok(Self { all, releasing })
    }

    /// The one with this identifier.
    pub fn find(&self, identifier: &str) -> Option<&Resource> {
        self.all.iter().find(|known| known.identifier == identifier)
    }

    /// The one that has this scope.
    pub fn with_scope(&self, scope: &str) -> Option<&Resource> {
        self.all.iter().find(|known| known.scopes.contains(scope))
    }

    /// Their identifiers.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|known| known.identifier.as_str())
    }

    /// All their scopes.
    pub fn scopes(&self) -> Scope {
        self.all.iter().fold(Scope::empty(), |all, known| all.union(&known.scopes))
    }

    /// Whether any of them wants tokens that have a row each.
    pub fn any_is_opaque(&self) -> bool {
        self.all.iter().any(|known| known.access_token_format == Some(TokenFormat::Opaque))
    }

    /// Whether a token of a person has this scope for us: for userinfo, or the API of the account.
    pub(super) fn is_ours(&self, scope: &str) -> bool {
        STANDARD.contains(&scope)
            || OWN_ACCOUNT.contains(&scope)
            || provider_of(scope).is_some()
            || self.releasing.contains(scope)
    }
}

/// The `resource` parameters of a request: the one parameter that may be repeated (RFC 8707 §2). Each once, in the order of
/// their text.
///
/// # Errors
/// `invalid_target` for one that cannot be an identifier, and for too many.
pub fn asked_for(params: &Params) -> Result<Vec<String>, Refusal> {
    let sent: BTreeSet<&str> = params.all("resource").collect();
    let refuse = |description| Refusal::new(ErrorCode::InvalidTarget, description);
    if sent.len() > MOST {
        return Err(refuse("The request names too many resources."));
    }
    match sent.iter().find(|one| !is_identifier(one)) {
        Some(bad) => Err(refuse("A resource has to be an absolute URI without a fragment.").with("resource", bad)),
        None => Ok(sent.into_iter().map(str::to_owned).collect()),
    }
}

/// Those of a request that are not among the granted ones.
///
/// # Errors
/// `invalid_target` with the first (RFC 8707 §2.2).
pub(super) fn among(asked: &[String], granted: &[String]) -> Result<(), Refusal> {
    match asked.iter().find(|one| !granted.contains(one)) {
        None => Ok(()),
        Some(other) => {
            let description = "The resource is not one that was named in the authorization request.";
            Err(Refusal::new(ErrorCode::InvalidTarget, description)
                .of(Kind::Resource)
                .with("resource", other)
                .with("granted", granted.join(" ")))
        }
    }
}

/// Whether a text can be an identifier: an absolute URI without a fragment (RFC 8707 §2, RFC 3986 §4.3).
fn is_identifier(text: &str) -> bool {
    text.len() <= LONGEST
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte))
        && Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{catalogue, form, scope};

    fn resource(identifier: &str, scopes: &str) -> Resource {
        Resource {
            identifier: identifier.into(),
            name: "API".into(),
            scopes: scope(scopes),
            access_token_format: None,
            access_token_lifetime: None,
        }
    }

    fn made(all: Vec<Resource>) -> Result<(), ResourceError> {
        Resources::new("https://id.example", all, &catalogue(&[("floor", "hr")])).map(drop)
    }

    #[test]
    fn each_has_an_identifier_and_scopes_of_its_own() {
        let orders = || resource("https://api.example/orders", "orders:read orders:write");
        assert_eq!(made(vec![orders(), resource("urn:example:billing", "billing hr")]), Ok(()));
        for bad in ["orders", "/orders", "https://api.example/#x", "https://api.example/ x", "https://é.example/", ""]
        {
            let refused = ResourceError::Identifier { identifier: bad.into() };
            assert_eq!(made(vec![resource(bad, "")]), Err(refused), "{bad}");
        }
        for taken in ["https://api.example/orders", "https://id.example"] {
            let refused = ResourceError::Taken { identifier: taken.into() };
            assert_eq!(made(vec![orders(), resource(taken, "")]), Err(refused), "{taken}");
        }
        let shared = ResourceError::SharedScope { scope: "orders:read".into() };
        assert_eq!(made(vec![orders(), resource("https://b.example", "orders:read")]), Err(shared));
        for own in ["openid", "offline_access", "account:write", "latchkey:keys", "upstream:google"] {
            let refused = ResourceError::OwnScope { scope: own.into() };
            assert_eq!(made(vec![resource("https://b.example", own)]), Err(refused), "{own}");
        }
    }

    #[test]
    fn a_request_may_name_several_each_an_absolute_uri() {
        let asked = |values: &[&str]| {
            let pairs: Vec<_> = values.iter().map(|value| ("resource", *value)).collect();
            asked_for(&form(&pairs)).map_err(|refusal| refusal.code)
        };
        assert_eq!(asked(&[]), Ok(vec![]));
        assert_eq!(asked(&["", ""]), Ok(vec![]), "without a value is omitted (RFC 6749 section 3.1)");
        let both = vec!["https://a.example/x?y=z".to_owned(), "urn:b".to_owned()];
        assert_eq!(asked(&["urn:b", "https://a.example/x?y=z", "urn:b"]), Ok(both));
        for bad in ["orders", "https://a.example/#", "https://a.example/a b", "https://a.example/\u{e4}"] {
            assert_eq!(asked(&["urn:b", bad]), Err(ErrorCode::InvalidTarget), "{bad}");
        }
        let six: Vec<_> = (0..6).map(|i| format!("urn:r{i}")).collect();
        let six: Vec<_> = six.iter().map(String::as_str).collect();
        assert_eq!(asked(&six), Err(ErrorCode::InvalidTarget));
        assert_eq!(asked(&six[..5]).map(|all| all.len()), Ok(5));
        assert_eq!(asked(&[&format!("https://a.example/{}", "a".repeat(500))]), Err(ErrorCode::InvalidTarget));
    }
}
