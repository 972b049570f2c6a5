//! A grant: what a user allowed a client once. Codes and tokens point to it; revoking it ends them all.

use std::time::Duration;

use super::client::{Client, ClientId};
use super::error::{ErrorCode, Kind, Refusal};
use crate::domain::account::user::{Status, User};
pub use crate::domain::oauth::state_machine::Moment;
use crate::domain::oauth::token::claims::ClaimsRequest;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::sign_in::session::Session;
use crate::foundation::{
    Timestamp,
    id::{GrantId, SessionId, UserId},
};

/// What a user allowed a client once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The client that got it.
    pub client: ClientId,
    /// The user who gave it.
    pub user: UserId,
    /// What the client calls that user, where it is not the id of the account. It was decided when this was made, and stays so
    /// whatever becomes of the client's registration: a refreshed ID token has the `sub` of the first (OpenID Connect Core §12.2).
    pub pairwise_sub: Option<PairwiseSub>,
    /// The session in which it was given: the `sid` claim.
    pub session: Option<SessionId>,
    /// Whether it outlives that session (offline_access, OpenID Connect Core §11).
    pub offline: bool,
    /// The scope that was allowed.
    pub scope: Scope,
    /// The APIs that it was allowed for (RFC 8707); none: those that its client is registered for.
    pub resources: Vec<String>,
    /// Single claims that were allowed besides.
    pub claims: ClaimsRequest,
    /// When the user had signed in: the `auth_time` claim.
    pub authenticated_at: Timestamp,
    /// How the user had signed in: the `amr` claim.
    pub methods: Vec<String>,
    /// The class of that sign-in: the `acr` claim.
    pub acr: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, refreshed or not.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Grant {
    /// What the client calls the user: the `sub` of every token under this grant.
    pub fn sub(&self) -> String {
        self.pairwise_sub.as_ref().map_or_else(|| self.user.to_string(), ToString::to_string)
    }
}

/// A grant with its user and its session, as they are now.
#[derive(Clone, Debug)]
pub struct GrantState {
    /// The grant.
    pub grant: Grant,
    /// Its user.
    pub user: User,
    /// Its session, if it had one that still exists.
    pub session: Option<Session>,
}

impl GrantState {
    /// Decides whether anything may still be given out under this grant: the one gate that redemption, refresh,
    /// userinfo and introspection all pass, so that none can forget a check (threats.md §4.4).
    ///
    /// # Errors
    /// `invalid_grant`; the detail says which condition failed.
    pub fn check(&self, client: &Client, now: Timestamp) -> Result<(), Refusal> {
        let ended = |why: &'static str| {
            Refusal::new(ErrorCode::InvalidGrant, why).of(Kind::GrantEnded).with("grant", self.grant.id)
        };
        let refuse = |why| Err(ended(why));
        if !client.enabled || client.id != self.grant.client {
            return refuse("The grant belongs to another client.");
        }
        if self.grant.revoked_at.is_some() {
            return refuse("The grant was revoked.");
        }
        if now >= self.grant.expires_at {
            return refuse("The grant has expired.");
        }
        if self.user.status != Status::Active {
            return Err(ended("The user is disabled.").of(Kind::UserDisabled).with("user", self.user.id));
        }
        match self.grant.offline || self.session_holds(now) {
            true => Ok(()),
            false => refuse("The session that the grant belongs to has ended."),
        }
    }

    /// Whether the session of the grant has neither ended nor reached its absolute limit. The idle limit is for the
    /// browser alone: a refresh does not keep a browser's session alive, and an idle browser ends no grant.
    pub fn session_holds(&self, now: Timestamp) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_live(now, Duration::MAX))
    }
}

pub mod authorization_code;
pub mod client_credentials;
pub mod refresh_token;
#[cfg(test)]
mod tests;
