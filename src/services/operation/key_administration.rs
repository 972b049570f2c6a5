//! The keys for whoever administers them: all of them at a glance, and a rotation that may be asked for over the network.

use std::time::Duration;

use super::brake;
use super::encryption_keys;
use super::key_rotation::{self, Rotation, signs_from};
use super::keys::{self, ListedKey};
use crate::app::App;
use crate::crypto::Algorithm;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageKeys;
use crate::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use crate::foundation::Timestamp;
use crate::services::ServiceError;

/// How often the keys are rotated within [`WINDOW`] by machines. Each time a key of each algorithm is added to `/jwks`, and stays
/// there until the last token that it may have signed has expired: with the algorithms that there usually are and tokens that
/// live for a day the document has at most forty keys, of half a kilobyte each.
pub const MOST: u64 = 8;
/// See [`MOST`].
pub const WINDOW: Duration = Duration::from_secs(86_400);

/// A key, as it is shown.
pub struct KeySummary {
    /// Its id.
    pub kid: String,
    /// `sig` or `enc` (RFC 7517 §4.2).
    pub usage: &'static str,
    /// Its algorithm.
    pub alg: &'static str,
    /// `next`, `active`, `retired` or `hints`.
    pub state: &'static str,
    /// Whether it is in `/jwks`.
    pub published: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it has signed, or from when it will at the earliest; `None` for one that does not.
    pub signs_from: Option<Timestamp>,
}

/// What came of a rotation that was asked for.
pub enum Asked {
    /// The keys are rotated.
    Done,
    /// The next key has to be published for so long yet.
    TooYoung(Duration),
    /// They were rotated as often as they may be; the next time is so far away.
    TooOften(Duration),
}

/// Every key: those that sign, and then those that others encrypt to, each oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn summaries(app: &App) -> Result<Vec<KeySummary>, ServiceError> {
    let listed = keys::list(app).await?;
    let records: Vec<_> = listed.iter().map(|listed| listed.key.clone()).collect();
    let mut all: Vec<_> = listed.into_iter().map(|listed| summary(&records, listed)).collect();
    let encryption = encryption_keys::list(app).await?;
    all.extend(encryption.into_iter().map(|listed| KeySummary {
        kid: listed.key.id,
        usage: "enc",
        alg: listed.key.algorithm.name(),
        state: listed.state,
        published: listed.state == "active",
        created_at: listed.key.created_at,
        signs_from: None,
    }));
    Ok(all)
}

fn summary(records: &[SigningKeyRecord], ListedKey { key, state }: ListedKey) -> KeySummary {
    let from = match key.state {
        KeyState::Next => Some(signs_from(records, &key)),
        KeyState::Active { since } => Some(since),
        KeyState::Retired { .. } => None,
    };
    KeySummary {
        kid: key.id,
        usage: "sig",
        alg: key.algorithm.name(),
        state,
        published: state != "hints",
        created_at: key.created_at,
        signs_from: from,
    }
}

/// Rotates as [`key_rotation::rotate`] does, never by force, and [`MOST`] times in a day: whoever stole a machine's token cannot
/// fill the database, nor make `/jwks` long. Asking too early costs none of these times.
///
/// # Errors
/// As [`key_rotation::rotate`], and when the counters do not answer.
pub async fn rotate(app: &App, by: &Actor, only: Option<Algorithm>) -> Result<Asked, ServiceError> {
    by.may(ManageKeys)?;
    let wait = key_rotation::has_to_wait(app, only).await?;
    if !wait.is_zero() {
        return Ok(Asked::TooYoung(wait));
    }
    let limit = app.ephemeral.limit("keys/rotated", MOST);
    if let Some(wait) = brake::hit(app, by, &[limit], WINDOW).await? {
        return Ok(Asked::TooOften(wait));
    }
    Ok(match key_rotation::rotate(app, by, only, false).await? {
        Rotation::Done(_) => Asked::Done,
        Rotation::Unripe(wait) => Asked::TooYoung(wait),
    })
}
