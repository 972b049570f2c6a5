//! The record of who did what (docs/events.md): what an event says, and how it is made. One can be made only by whoever
//! may do what it tells of ([`Allowed`]).

mod action;
mod change;
mod differences;

use std::net::IpAddr;

use serde::Serialize;
use serde_json::Value;

pub use self::action::{Action, Class, Form};
pub use self::change::{Change, Public, Recordable};
use crate::domain::access::actor::{Actor, Origin, Who};
use crate::domain::access::permission::{Allowed, Operate};
use crate::domain::oauth::client::ClientId;
use crate::domain::sign_in::place::places;
use crate::foundation::id::{CredentialId, EventId, GrantId, InitialTokenId, JobId, SessionId, UserId};
use crate::foundation::text::plain;
use crate::foundation::{Random, Timestamp};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// Whoever asked was refused, or refused themselves.
    Refused,
    /// We failed.
    Failed,
}

impl Outcome {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

impl Target {
    fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// An account.
    pub fn user(id: UserId) -> Self {
        Self::new("user", id.to_string())
    }

    /// A client. Its id can be what somebody sent: at most as much of it as one can have.
    pub fn client(id: &ClientId) -> Self {
        Self::new("client", plain(id.as_str(), ClientId::MAX))
    }

    /// A sign-in session.
    pub fn session(id: SessionId) -> Self {
        Self::new("session", id.to_string())
    }

    /// What a person allowed a client.
    pub fn grant(id: GrantId) -> Self {
        Self::new("grant", id.to_string())
    }

    /// An access token, by its `jti`.
    pub fn token(jti: &str) -> Self {
        Self::new("token", plain(jti, ClientId::MAX))
    }

    /// A signing key, by its `kid`.
    pub fn key(kid: &str) -> Self {
        Self::new("key", kid)
    }

    /// Work that happens without a request.
    pub fn job(id: JobId) -> Self {
        Self::new("job", id.to_string())
    }

    /// What a person proves beside their password.
    pub fn factor(id: CredentialId) -> Self {
        Self::new("factor", id.to_string())
    }

    /// A browser in which no second factor is asked for.
    pub fn device(id: CredentialId) -> Self {
        Self::new("device", id.to_string())
    }

    /// What lets somebody register applications.
    pub fn initial_access_token(id: InitialTokenId) -> Self {
        Self::new("initial_access_token", id.to_string())
    }

    /// Something that was written down.
    pub fn event(id: EventId) -> Self {
        Self::new("event", id.to_string())
    }

    /// A class of events.
    pub fn class(class: Class) -> Self {
        Self::new("class", class.as_str())
    }
}

/// An event that is to be written. Every text in it is bounded, and says nothing that its author could not know.
#[derive(Clone, Debug)]
#[expect(clippy::manual_non_exhaustive, reason = "nothing else of this crate makes one either")]
pub struct NewEvent {
    /// Never used twice.
    pub id: EventId,
    /// When.
    pub occurred_at: Timestamp,
    /// What.
    pub action: Action,
    /// What came of it.
    pub outcome: Outcome,
    /// By whom.
    pub by: Actor,
    /// To what.
    pub targets: Vec<Target>,
    /// The network that it was counted for, where it was not one request.
    pub place: Option<String>,
    /// Why, in a few words of ours.
    pub reason: Option<&'static str>,
    /// What is different now.
    pub changes: Vec<Change>,
    /// How often, where it was counted.
    pub count: u64,
    /// So that only the functions here make one.
    _made: (),
}

impl NewEvent {
    /// Something that its author may do, and has done.
    pub fn new<P>(may: &Allowed<'_, P>, action: Action, random: &Random, now: Timestamp) -> Self {
        Self {
            id: EventId::generate(random, now),
            occurred_at: now,
            action,
            outcome: Outcome::Success,
            by: may.by().clone(),
            targets: Vec::new(),
            place: None,
            reason: None,
            changes: Vec::new(),
            count: 1,
            _made: (),
        }
    }

    /// What was counted since `since`, by whoever keeps the count.
    pub fn counted(_: &Allowed<'_, Operate>, counted: Counted, number: u64, random: &Random, since: Timestamp) -> Self {
        let Counted { action, client, place, others } = counted;
        let nobody = Actor::nobody(Origin::default());
        let outcome = if action.is_given() { Outcome::Success } else { Outcome::Refused };
        Self {
            id: EventId::generate(random, since),
            occurred_at: since,
            action,
            outcome,
            by: match client {
                Some(client) if action == Action::TokenIssued || action == Action::TokenRefused => {
                    nobody.authenticated(client)
                }
                Some(client) => nobody.for_client(&client),
                None => nobody,
            },
            targets: Vec::new(),
            place,
            reason: others.then_some("others: from more places, or for more clients, than are told apart in a minute"),
            changes: Vec::new(),
            count: number,
            _made: (),
        }
    }

    /// Whom it concerns: whose account it was done to, on whose behalf, or who did it. They find it among what happened to
    /// their account.
    pub fn person(&self) -> Option<UserId> {
        let account = self.targets.iter().find(|target| target.kind == "user");
        let by = match self.by.who {
            Who::User { user, .. } => Some(user),
            _ => None,
        };
        let person = account.and_then(|target| target.id.parse().ok()).or(self.by.on_behalf_of).or(by);
        person.filter(|_| self.action.is_told_to_its_person())
    }

    /// The same, done to this too.
    #[must_use]
    pub fn about(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// The same, with what is different now.
    #[must_use]
    pub fn changed(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }

    /// The same, for this reason.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The same, which came to this.
    #[must_use]
    pub fn with(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// The same, done so many times.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.count = u64::try_from(count).unwrap_or(u64::MAX);
        self
    }

    /// The same, by whoever its author has just proved to be.
    #[must_use]
    pub fn by(mut self, by: Actor) -> Self {
        self.by = by;
        self
    }
}

/// What is counted rather than written each time: an action, of or for a client, from a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    /// What happens.
    pub action: Action,
    /// A client that exists.
    pub client: Option<ClientId>,
    /// The network of a single holder.
    pub place: Option<String>,
    /// It stands for all that there was no room to tell apart.
    pub others: bool,
}

impl Counted {
    /// Something that a client got.
    pub fn of_client(action: Action, client: &ClientId) -> Self {
        Self { action, client: Some(client.clone()), place: None, others: false }
    }

    /// Something that was refused to whoever is there, for a client that exists.
    pub fn from(action: Action, client: Option<&ClientId>, address: Option<IpAddr>) -> Self {
        let place = address.and_then(|address| places(address).last().map(ToString::to_string));
        Self { action, client: client.cloned(), place, others: false }
    }

    /// What it is counted as where there is no room for it.
    #[must_use]
    pub fn among_others(&self) -> Self {
        Self { action: self.action, client: None, place: None, others: true }
    }
}

/// An event as it was written, by this version or another.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of docs/events.md")]
pub struct RecordedEvent {
    pub seq: i64,
    pub id: EventId,
    pub occurred_at: Timestamp,
    pub action: String,
    pub outcome: String,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub on_behalf_of: Option<UserId>,
    pub targets: Value,
    pub client: Option<String>,
    pub session: Option<SessionId>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub request: Option<String>,
    pub reason: Option<String>,
    pub changes: Value,
    pub count: i64,
}

impl RecordedEvent {
    /// Whether it is by this user, on their behalf or about them.
    pub fn concerns_user(&self, user: UserId) -> bool {
        let id = user.to_string();
        self.on_behalf_of == Some(user)
            || (self.actor_kind == "user" && self.actor_id.as_deref() == Some(&id))
            || self.is_about("user", &id)
    }

    /// Whether it is by this client, for it or about it.
    pub fn concerns_client(&self, client: &ClientId) -> bool {
        self.client.as_deref() == Some(client.as_str()) || self.is_about("client", client.as_str())
    }

    fn is_about(&self, kind: &str, id: &str) -> bool {
        let targets = self.targets.as_array().map(Vec::as_slice).unwrap_or_default();
        targets.iter().any(|target| target["type"] == kind && target["id"] == id)
    }
}

#[cfg(test)]
mod tests;
