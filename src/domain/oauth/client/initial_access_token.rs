//! Initial access tokens: what lets somebody register applications (RFC 7591 §3).

use std::time::Duration;

use crate::foundation::Timestamp;
use crate::foundation::id::InitialTokenId;

/// An initial access token, without the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// Names it.
    pub id: InitialTokenId,
    /// Whom or what for, in the operator's words.
    pub name: String,
    /// How many applications it can still register.
    pub uses_left: i64,
    /// How many it has registered.
    pub used: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl InitialAccessToken {
    /// The most applications that one token can register.
    pub const MOST_USES: u32 = 1_000_000;
    /// The longest that one lives.
    pub const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);
    /// The most characters of a name.
    pub const NAME_MAX: usize = 100;
}
