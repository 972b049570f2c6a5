//! Refresh tokens: rotated at each use, and a lost answer strands nobody.

use std::borrow::Cow;
use std::time::Duration;

use oxide_auth::code_grant::refresh::{Input, Output, Refresh, Request};
use oxide_auth::primitives::grant::{Extensions, Grant as ShownGrant};

use crate::crypto::mac::MacKey;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine;
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::{Secret, SecretHash, Timestamp, id::GrantId};

/// A refresh token, as stored: one generation of the family that its grant is.
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
    /// Decides what presenting this token means; `successor` is the next generation, if there is one.
    ///
    /// # Errors
    /// `invalid_grant` when it has lain idle for too long.
    pub fn present(&self, successor: Option<&Self>, now: Timestamp) -> Result<Presented, Refusal> {
        match (self.used_at, successor) {
            (None, _) if now < self.expires_at => Ok(Presented::Rotate),
            (None, _) => Err(Refusal::new(ErrorCode::InvalidGrant, "The refresh token has expired.")
                .with("expired at", self.expires_at)
                .with("now", now)),
            (Some(used_at), Some(successor)) if successor.used_at.is_none() && now < used_at.after(GRACE) => {
                Ok(Presented::Repeat)
            }
            (Some(_), _) => Ok(Presented::Replay),
        }
    }
}

/// The successor of a refresh token: derived, so that a repetition yields the same bytes and none need be stored.
pub fn successor(key: &MacKey, presented: &str, grant: GrantId, generation: i64) -> Secret {
    Secret::from_bytes(key.mac(&[presented.as_bytes(), grant.as_uuid().as_bytes(), &generation.to_be_bytes()]))
}

/// Decides which scope a refresh yields (RFC 6749 §6): what was granted, or less if less was asked for. The smaller
/// scope does not stick: the next refresh may have all of it again. oxide-auth's machine checks order and presence.
///
/// # Errors
/// `invalid_grant` when the token is another client's; `invalid_scope` when more was asked for than was granted.
pub fn scope(params: &Params, client: &Client, granted_to: &ClientId, granted: &Scope) -> Result<Scope, Refusal> {
    // Before anything that the answer to could tell a stranger about the grant.
    if client.id != *granted_to {
        return Err(Refusal::new(ErrorCode::InvalidGrant, "The refresh token was issued to another client.")
            .with("issued to", granted_to));
    }
    if let Some(asked) = Scope::requested(params)?.filter(|asked| !asked.is_within(granted)) {
        return Err(Refusal::new(ErrorCode::InvalidScope, "The scope exceeds what was granted.")
            .with("asked for", asked)
            .with("granted", granted));
    }
    let shown = Shown { params, client: client.id.as_str() };
    let mut machine = Refresh::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Unauthenticated { .. } => Input::Authenticated { scope: params.get("scope").map(Cow::Borrowed) },
            Output::RecoverRefresh { .. } => Input::Recovered {
                scope: params.get("scope").map(Cow::Borrowed),
                grant: Some(Box::new(ShownGrant {
                    owner_id: String::new(),
                    client_id: granted_to.as_str().to_owned(),
                    scope: granted.as_set().clone(),
                    redirect_uri: state_machine::placeholder().to_url(),
                    until: state_machine::never(),
                    extensions: Extensions::new(),
                })),
            },
            Output::Refresh { grant, .. } => return Ok(Scope::from_set(grant.scope)),
            Output::Ok(_) | Output::Err(_) => {
                return Err(Refusal::new(ErrorCode::InvalidRequest, "The request is malformed."));
            }
        };
    }
}

/// The refresh token that a token request presents.
///
/// # Errors
/// `invalid_request` when there is none.
pub fn presented(params: &Params) -> Result<&str, Refusal> {
    params.require("refresh_token", "The refresh_token is missing.")
}

/// What the machine is shown: the client has already authenticated.
struct Shown<'a> {
    params: &'a Params,
    client: &'a str,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        self.params.get("refresh_token").map(Cow::Borrowed)
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.params.get("scope").map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.params.get("grant_type").map(Cow::Borrowed)
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client), Cow::Borrowed(&[])))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

#[cfg(test)]
#[path = "refresh_token_tests.rs"]
mod tests;
