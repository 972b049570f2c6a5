//! Who somebody is at a provider, connected to an account here.

use crate::foundation::{
    SecretHash, Timestamp,
    id::{CredentialId, UserId},
};

/// So many of one account.
pub const MOST: usize = 20;

/// Who somebody is at a provider: provider, issuer and subject, never the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// By which its person finds it, and a session's proof names it.
    pub id: CredentialId,
    /// Whose it is here.
    pub user: UserId,
    /// The provider's id in the configuration.
    pub provider: String,
    /// Who says so.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// What they are called there, to tell two apart: an address or a name.
    pub label: Option<String>,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When it was last signed in with.
    pub last_used_at: Option<Timestamp>,
}

/// By what the session `sid` of a provider is found here (OpenID Connect Back-Channel Logout 1.0 §2.1): the name is the provider's
/// own, and may be that of another session at another one.
pub fn upstream_session(provider: &str, issuer: &str, sid: &str) -> SecretHash {
    SecretHash::of(&format!("upstream session/{provider}\n{issuer}\n{sid}"))
}
