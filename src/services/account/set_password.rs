//! Giving somebody another password.

use super::new_password::{self, NewPassword};
use super::{end_everything, gone, tell};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::account::password_policy::{Person, Strength};
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::login_throttle;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// Replaces a user's password, and ends every session, grant and token in the same transaction: whoever knew the old one
/// has nothing left of it. What was tried with the old one no longer slows anybody down. Tells how strong the new one is;
/// of an imported hash that is not known.
///
/// # Errors
/// A refusal when the password cannot be used, with the reason.
pub async fn set_password(
    app: &App,
    by: &Actor,
    whom: &User,
    password: impl Into<NewPassword>,
) -> Result<Option<Strength>, ServiceError> {
    let may = by.may(ManageUsers)?;
    let accepted = new_password::accept(app, password.into(), &Person::from(whom)).await?;
    let (id, hash) = (whom.id, accepted.hash);
    let now = app.clock.now();
    let changed = event(app, &may, Action::UserPasswordChanged).about(Target::user(id));
    let changed = changed.changed([Change::hidden("password")]);
    let told = tell::prepare(app, by, whom, Message::PasswordChanged);
    let ended = app
        .store
        .transaction("set_password", async |tx| match user::set_password(tx, id, &hash, now).await? {
            true => {
                login_throttle::unlock(tx, id).await?;
                audit_event::insert(tx, &changed).await?;
                told.enqueue(app, tx).await?;
                end_everything(app, tx, &may, id, "the password was changed").await.map(Some)
            }
            false => Ok(None),
        })
        .await?;
    let Some((sessions, grants)) = ended else { return Err(gone(id)) };
    jobs::begin(app);
    tracing::info!(user = %id, sessions, grants, "password set");
    Ok(accepted.strength)
}
