//! Scopes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine::scope::Set;

/// A set of scope tokens (RFC 6749 §3.3). The grammar and the algebra are oxide-auth's; the text form is sorted here, so
/// that it is the same in every token and row.
#[derive(Clone, PartialEq, Eq)]
pub struct Scope(Set);

/// The scopes of OpenID Connect Core §5.4 and §11, in the order in which they are published.
pub const STANDARD: [&str; 6] = ["openid", "profile", "email", "phone", "address", "offline_access"];

/// To read one's own account through our API, as its pages show it.
pub const ACCOUNT: &str = "account";
/// To change there what can be changed on the pages.
pub const ACCOUNT_WRITE: &str = "account:write";
/// The scopes of the API of one's own account. Only applications of whoever runs this server may have them: whoever holds
/// such a token acts on the account as its person.
pub const OWN_ACCOUNT: [&str; 2] = [ACCOUNT, ACCOUNT_WRITE];

/// To see the keys of this server, and to rotate them.
pub const MANAGE_KEYS: &str = "latchkey:keys";
/// The scopes by which machines of whoever runs this server administer it. A machine gets them when it is registered for them and
/// asks for them by name; no person can give them to an application, and no application can register itself for them.
pub const OPERATION: [&str; 1] = [MANAGE_KEYS];

/// What the scopes begin with by which an application gets the tokens that a provider gave its person; the provider's name
/// follows. A client may have those that it was registered for by name, and no others.
const UPSTREAM: &str = "upstream:";

/// The scope of the tokens of this provider.
pub fn upstream_scope(provider: &str) -> String {
    format!("{UPSTREAM}{provider}")
}

/// The provider whose tokens this scope is for.
pub fn provider_of(scope: &str) -> Option<&str> {
    scope.strip_prefix(UPSTREAM)
}

/// Longer requests are an attack on whoever parses them (CVE-2026-4634).
const MAX_BYTES: usize = 2048;
const MAX_TOKENS: usize = 64;

impl Scope {
    /// No scope at all.
    pub fn empty() -> Self {
        #[expect(clippy::expect_used, reason = "the empty text is a scope of no tokens")]
        Self("".parse().expect("no tokens"))
    }

    /// Reads a client's `scope` parameter.
    ///
    /// # Errors
    /// `invalid_scope` for a character outside RFC 6749 §3.3, or for too many tokens.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        within_limits(text)?;
        text.parse().map(Self).map_err(|_| malformed())
    }

    /// A scope that was stored, without the limits of a request: what was allowed over the years may be more than one may
    /// ask for at once.
    pub fn from_stored(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The requested scope as text; `None` when the request does not say. Checks what oxide-auth's machines do not;
    /// they check that it is well-formed, see [`malformed`].
    ///
    /// # Errors
    /// `invalid_scope` when it is too long, or holds nothing but spaces: the grammar wants a token (RFC 6749 §3.3).
    pub fn asked_for(params: &Params) -> Result<Option<&str>, Refusal> {
        let Some(text) = params.get("scope") else {
            return Ok(None);
        };
        within_limits(text)?;
        match text.bytes().all(|byte| byte == b' ') {
            true => Err(Refusal::new(ErrorCode::InvalidScope, "The scope is empty.")),
            false => Ok(Some(text)),
        }
    }

    /// Whether it holds `token`.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|known| known == token)
    }

    /// Whether everything in it is also in `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.allow_access(&other.0)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.iter().next().is_none()
    }

    /// The tokens for which `keep` holds.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        self.tokens().into_iter().filter(|token| keep(token)).collect()
    }

    /// Everything that is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.filter(|token| other.contains(token))
    }

    /// Everything that is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.tokens().into_iter().chain(other.tokens()).collect()
    }

    /// What is in this scope and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.filter(|token| !other.contains(token))
    }

    /// The scopes of one's own account in it.
    #[must_use]
    pub fn of_own_account(&self) -> Self {
        self.filter(|token| OWN_ACCOUNT.contains(&token))
    }

    /// The scopes by which machines administer this server.
    #[must_use]
    pub fn of_operation(&self) -> Self {
        self.filter(|token| OPERATION.contains(&token))
    }

    /// The scopes of providers' tokens in it.
    #[must_use]
    pub fn of_upstream(&self) -> Self {
        self.filter(|token| provider_of(token).is_some())
    }

    /// Whether it lets an application change the account itself.
    pub fn changes_own_account(&self) -> bool {
        self.contains(ACCOUNT_WRITE)
    }

    /// Its tokens in alphabetical order.
    pub fn tokens(&self) -> Vec<&str> {
        let mut tokens: Vec<_> = self.0.iter().collect();
        tokens.sort_unstable();
        tokens
    }

    /// As oxide-auth's machines want it.
    pub fn as_set(&self) -> &Set {
        &self.0
    }

    /// As oxide-auth's machines want it back.
    pub fn into_set(self) -> Set {
        self.0
    }

    /// From one of oxide-auth's machines.
    pub fn from_set(set: Set) -> Self {
        Self(set)
    }
}

fn within_limits(text: &str) -> Result<(), Refusal> {
    match text.len() > MAX_BYTES || text.split(' ').filter(|token| !token.is_empty()).count() > MAX_TOKENS {
        true => Err(Refusal::new(ErrorCode::InvalidScope, "The scope is too long.")),
        false => Ok(()),
    }
}

/// The refusal of a scope that oxide-auth finds malformed.
pub fn malformed() -> Refusal {
    Refusal::new(ErrorCode::InvalidScope, "The scope has a character that is not allowed.")
}

impl<'a> FromIterator<&'a str> for Scope {
    fn from_iter<I: IntoIterator<Item = &'a str>>(tokens: I) -> Self {
        let text = tokens.into_iter().collect::<Vec<_>>().join(" ");
        #[expect(clippy::expect_used, reason = "the tokens come out of scopes that were parsed")]
        Self(text.parse().expect("tokens of a parsed scope"))
    }
}

impl FromStr for Scope {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tokens().join(" "))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|refusal| serde::de::Error::custom(refusal.description))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    #[test]
    fn text_is_sorted_and_without_repetition() {
        assert_eq!(scope("profile  openid profile").to_string(), "openid profile");
        assert_eq!(scope("").to_string(), "");
    }

    #[test]
    fn the_algebra_of_sets_holds() {
        let (small, large) = (scope("a b"), scope("a b c"));
        assert!(small.is_within(&large) && !large.is_within(&small));
        assert!(Scope::empty().is_within(&small));
        assert_eq!(large.without(&small), scope("c"));
        assert_eq!(large.intersection(&scope("c d")), scope("c"));
        assert_eq!(small.union(&scope("d")), scope("a b d"));
    }

    #[test]
    fn characters_outside_the_grammar_and_floods_are_refused() {
        for bad in ["a\"b", "a\\b", "é", "a\tb", "a\nb"] {
            assert_eq!(Scope::parse(bad).unwrap_err().code, ErrorCode::InvalidScope, "{bad}");
        }
        assert!(Scope::parse(&"a ".repeat(65)).is_err());
        assert!(Scope::parse(&"a".repeat(2049)).is_err());
    }

    #[test]
    fn only_the_scopes_of_ones_own_account_are_such() {
        assert_eq!(scope("openid account:write accounts account").of_own_account(), scope("account account:write"));
        assert!(scope("openid profile").of_own_account().is_empty());
        assert_eq!(scope("openid latchkey:keys latchkey").of_operation(), scope("latchkey:keys"));
    }

    #[test]
    fn it_survives_json() {
        let json = serde_json::to_value(scope("b a")).unwrap();
        assert_eq!(json, "a b");
        assert_eq!(serde_json::from_value::<Scope>(json).unwrap(), scope("a b"));
    }
}
