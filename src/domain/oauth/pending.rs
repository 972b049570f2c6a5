//! An authorization request that waits for its user.

use super::authorize::AuthorizationRequest;
use crate::foundation::{SecretHash, Timestamp, id::SessionId};

/// An authorization request that waits for its user to sign in, choose or consent. The browser knows its id, which is
/// of use only together with the browser's own secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What was asked for.
    pub request: AuthorizationRequest,
    /// Of the secret of the browser that it was made in.
    pub browser: SecretHash,
    /// The session that the user chose, where they were asked which.
    pub chosen: Option<SessionId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it can no longer be taken up.
    pub expires_at: Timestamp,
}
