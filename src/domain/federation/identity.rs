//! Who somebody is at a provider, connected to an account here.

use crate::foundation::{
    Timestamp,
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
