//! Switching an account off and on.

use super::{end_everything, gone};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::account::user::Status;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// Disables an account or enables it again. Disabling ends every session, grant and token in the same transaction:
/// enabled again, the person signs in anew.
///
/// # Errors
/// A refusal when there is no such user any more.
pub async fn set_enabled(app: &App, by: &Actor, id: UserId, enabled: bool) -> Result<(), ServiceError> {
    let may = by.may(ManageUsers)?;
    let now = app.clock.now();
    let status = if enabled { Status::Active } else { Status::Disabled };
    let action = if enabled { Action::UserEnabled } else { Action::UserDisabled };
    let switched = event(app, &may, action).about(Target::user(id));
    let ended = app
        .store
        .transaction("switch_account", async |tx| {
            let Some(changed) = user::set_status(tx, id, status, now).await? else {
                return Ok(None);
            };
            audit_event::insert_if(tx, changed, &switched).await?;
            match enabled {
                true => Ok(Some((0, 0))),
                false => end_everything(app, tx, &may, id, "the account was disabled").await.map(Some),
            }
        })
        .await?;
    let Some((sessions, grants)) = ended else { return Err(gone(id)) };
    jobs::begin(app);
    tracing::info!(user = %id, enabled, sessions, grants, "user switched");
    Ok(())
}
