//! What a user has allowed a client, remembered.

use std::collections::BTreeSet;

use crate::domain::oauth::token::scope::Scope;
use crate::foundation::Timestamp;

/// Everything that one user has ever allowed one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The scopes.
    pub scope: Scope,
    /// Single claims that were asked for by name (OpenID Connect Core §5.5).
    pub claims: BTreeSet<String>,
    /// When the user was last asked and allowed it.
    pub updated_at: Timestamp,
}

impl Consent {
    /// Whether it covers a request for `scope` and `claims`.
    pub fn covers(&self, scope: &Scope, claims: &BTreeSet<String>) -> bool {
        scope.is_within(&self.scope) && claims.is_subset(&self.claims)
    }
}
