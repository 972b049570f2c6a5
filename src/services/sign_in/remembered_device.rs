//! Remembering a browser in which somebody has given a second factor.

use super::browser_session::Before;
use crate::app::App;
use crate::domain::access::actor::{Actor, UserAgent};
use crate::domain::access::permission::Allowed;
use crate::domain::account::user::User;
use crate::domain::factor::method::Method;
use crate::domain::factor::proof::Proof;
use crate::domain::operation::audit_event::{Action, NewEvent, Target};
use crate::domain::sign_in::remembered_device::{MOST, RememberedDevice};
use crate::foundation::{Secret, SecretHash, Timestamp, id::CredentialId};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::remembered_device as stored;
use crate::storage::{Conn, StoreError};

/// What stands in for a second factor of `user` in this browser: it is written into the session, and says there that less was
/// demanded. `None` where the browser is not remembered, or none is any more.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, user: &User, before: &Before) -> Result<Option<Proof>, ServiceError> {
    let (now, hashes) = (app.clock.now(), before.remembered.hashes());
    if app.settings.remember_device.is_zero() || hashes.is_empty() {
        return Ok(None);
    }
    let found =
        app.store.read("find_remembered_device", async |conn| stored::find(conn, user.id, &hashes, now).await).await?;
    Ok(found.map(|id| Proof::by(Method::RememberedDevice, now, Some(id))))
}

/// A browser that is about to be remembered.
pub struct NewDevice {
    /// For its cookie.
    pub secret: Secret,
    device: RememberedDevice,
    instead: Vec<SecretHash>,
    told: NewEvent,
}

impl NewDevice {
    /// The browser in which `user` gives a second factor; `None` where browsers are not remembered.
    pub fn new<P>(app: &App, may: &Allowed<'_, P>, user: &User, before: &Before) -> Option<Self> {
        let (now, lasts) = (app.clock.now(), app.settings.remember_device);
        if lasts.is_zero() {
            return None;
        }
        let (secret, from) = (Secret::generate(&app.random), &may.by().origin);
        let id = CredentialId::generate(&app.random, now);
        let device = RememberedDevice {
            id,
            hash: secret.hash(),
            user: user.id,
            user_agent: from.user_agent.as_ref().map(|agent| UserAgent::as_str(agent).to_owned()),
            address: from.address.map(|address| address.to_string()),
            created_at: now,
            last_used_at: None,
            expires_at: now.after(lasts),
        };
        let told = event(app, may, Action::DeviceRemembered).about(Target::user(user.id)).about(Target::device(id));
        Some(Self { secret, device, instead: before.remembered.hashes(), told })
    }

    /// Remembers it, in the transaction in which the factor was given; by whoever has proved to be its person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn store(&self, tx: &mut Conn, by: Actor) -> Result<(), StoreError> {
        stored::insert(tx, &self.device, &self.instead, MOST).await?;
        audit_event::insert(tx, &self.told.clone().by(by)).await
    }
}

/// Whether what stands in for a second factor still does, in the transaction of the sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn take(tx: &mut Conn, user: &User, stand_in: &Proof, now: Timestamp) -> Result<bool, StoreError> {
    match stand_in.credential {
        Some(id) => stored::take(tx, user.id, id, now).await,
        None => Ok(false),
    }
}
