//! Deleting an account.

use super::{end_everything, gone};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// Deletes an account, and with it every session, grant, token and consent. Its id is never given to anybody else; the
/// names are free again.
///
/// # Errors
/// A refusal when there is no such user any more.
pub async fn delete(app: &App, by: &Actor, id: UserId) -> Result<(), ServiceError> {
    let may = by.may(ManageUsers)?;
    let deleted = event(app, &may, Action::UserDeleted).about(Target::user(id));
    let done = app
        .store
        .transaction("delete_account", async |tx| {
            end_everything(app, tx, &may, id, "the account was deleted").await?;
            let done = user::delete(tx, id).await?;
            audit_event::insert_if(tx, done, &deleted).await
        })
        .await?;
    match done {
        true => {
            jobs::begin(app);
            tracing::info!(user = %id, "user deleted, with sessions, grants, tokens and consents");
            Ok(())
        }
        false => Err(gone(id)),
    }
}
