//! Refresh tokens: rotated at each use. A client whose answer was lost can repeat its request.

use std::time::Duration;

use crate::crypto::mac::MacKey;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::client::authentication::{Authenticated, failed};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine::Moment;
use crate::domain::oauth::state_machine::refresh::{self, Machine, OxideAuth, Refused};
use crate::domain::oauth::token::scope::{Scope, malformed};
use crate::foundation::{Secret, SecretHash, Timestamp, id::GrantId};

/// A refresh token, as stored: one generation in the family of its grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Of the token's text.
    pub hash: SecretHash,
    /// The grant, which is also the family.
    pub grant: GrantId,
    /// 0 for the first; a rotation adds one.
    pub generation: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it can no longer be used, if it lies idle.
    pub expires_at: Timestamp,
    /// When it was rotated.
    pub used_at: Option<Timestamp>,
    /// The process whose clock `used_at` is by.
    pub used_by: Option<i64>,
}

/// How long the direct predecessor may be presented again and gets the same successor: for a client whose answer was
/// lost, or that refreshed twice at once.
pub const GRACE: Duration = Duration::from_secs(10);

/// What presenting a refresh token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Its first use: it is to be marked as used, and a successor made.
    Rotate,
    /// A repetition within [`GRACE`], the successor still unused: the same successor again.
    Repeat,
    /// A used token after that: somebody else has it too. The family ends (RFC 9700 §4.14.2).
    Replay,
}

impl RefreshToken {
    /// Decides what presenting this token means; `successor` is the next generation, if there is one. [`scope`] has
    /// checked that it was not idle for too long.
    pub fn present(&self, successor: Option<&Self>, now: Timestamp) -> Presented {
        match (self.used_at, successor) {
            (None, _) => Presented::Rotate,
            (Some(used_at), Some(successor)) if successor.used_at.is_none() && now < used_at.after(GRACE) => {
                Presented::Repeat
            }
            (Some(_), _) => Presented::Replay,
        }
    }
}

/// The successor of a refresh token: derived, so that a repetition yields the same bytes and none need be stored.
pub fn successor(key: &MacKey, presented: &str, grant: GrantId, generation: i64) -> Secret {
    Secret::from_bytes(key.mac(&[presented.as_bytes(), grant.as_uuid().as_bytes(), &generation.to_be_bytes()]))
}

/// Decides whether `client` may refresh with `token`, and which scope that yields (RFC 6749 §6): what was granted, or
/// less if less was asked for. The next refresh may have all of it again. oxide-auth decides whether the token is this
/// client's, whether it has ended and whether the scope was granted, in this order: a stranger learns nothing about the
/// grant.
///
/// # Errors
/// `invalid_grant` when the token is another client's, or has lain idle for too long; `invalid_scope` when more was asked
/// for than was granted.
pub fn scope(
    params: &Params,
    client: &Authenticated,
    token: &RefreshToken,
    granted_to: &ClientId,
    granted: &Scope,
    now: Moment,
) -> Result<Scope, Refusal> {
    scope_by::<OxideAuth>(params, client, token, granted_to, granted, now)
}

fn scope_by<M: Machine>(
    params: &Params,
    client: &Authenticated,
    token: &RefreshToken,
    granted_to: &ClientId,
    granted: &Scope,
    now: Moment,
) -> Result<Scope, Refusal> {
    let asked = Scope::asked_for(params)?;
    let request = refresh::Request {
        grant_type: params.get("grant_type"),
        client,
        token: params.get("refresh_token"),
        scope: asked,
    };
    let stands_for = refresh::Token {
        client: granted_to.as_str(),
        scope: granted.as_set(),
        // A used token has no end here: it is a repetition or a replay, however old.
        end: token.used_at.is_none().then_some(token.expires_at),
    };
    let refuse = |description| Refusal::new(ErrorCode::InvalidGrant, description);
    refresh::run::<M>(&request, &stands_for, now).map(Scope::from_set).map_err(|refused| match refused {
        Refused::Client => failed(&client.id),
        Refused::Incomplete => Refusal::new(ErrorCode::InvalidRequest, "The request is malformed."),
        Refused::NotGood if client.id != *granted_to => {
            refuse("The refresh token was issued to another client.").with("issued to", granted_to)
        }
        Refused::NotGood => refuse("The refresh token has expired.")
            .of(Kind::RefreshExpired)
            .with("expired at", token.expires_at)
            .with("now", now.ours),
        Refused::Scope => match asked.unwrap_or_default().parse::<Scope>() {
            Ok(asked) => Refusal::new(ErrorCode::InvalidScope, "The scope exceeds what was granted.")
                .with("asked for", asked)
                .with("granted", granted),
            Err(_) => malformed(),
        },
    })
}

/// The refresh token that a token request presents.
///
/// # Errors
/// `invalid_request` when there is none.
pub fn presented(params: &Params) -> Result<&str, Refusal> {
    params.require("refresh_token", "The refresh_token is missing.")
}

#[cfg(test)]
#[path = "refresh_token_tests.rs"]
mod tests;
