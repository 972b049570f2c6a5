//! Access tokens that were presented before.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::domain::oauth::token::access_token::{Claims, TokenId};
use crate::foundation::{SecretHash, id::GrantId};

/// Claims of tokens whose signature was verified, found by the hash of the whole token. A signature that was right stays
/// right, so it is verified once. Whether the key is still published, and whether the token has expired or was revoked, is
/// checked each time.
pub struct VerifiedTokens {
    claims: Cache<SecretHash, Arc<(String, Claims)>>,
    /// Grants of which a token was presented here.
    grants: Cache<GrantId, ()>,
}

impl VerifiedTokens {
    /// An empty cache of bounded size.
    pub fn new() -> Self {
        Self { claims: Cache::new(10_000), grants: Cache::new(10_000) }
    }

    /// Whether an access token of the grant was presented to this instance, as far as it remembers.
    pub fn has_seen(&self, grant: GrantId) -> bool {
        self.grants.get(&grant).is_some()
    }

    /// The key that signed this token, and its claims, if its signature was verified before.
    pub fn verified(&self, token: &SecretHash) -> Option<Arc<(String, Claims)>> {
        self.claims.get(token)
    }

    /// Remembers that the key `kid` has signed this token.
    pub fn keep(&self, token: SecretHash, kid: &str, claims: &Claims) {
        self.note(claims);
        self.claims.insert(token, Arc::new((kid.to_owned(), claims.clone())));
    }

    /// Remembers that an access token of its grant was presented.
    pub fn note(&self, claims: &Claims) {
        if let Some(TokenId::OfGrant(grant)) = TokenId::parse(&claims.jti) {
            self.grants.insert(grant, ());
        }
    }
}

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self::new()
    }
}
