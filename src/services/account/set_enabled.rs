//! Switching an account off and on.

use super::{end_everything, gone};
use crate::app::App;
use crate::domain::account::user::Status;
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::storage::account::user;

/// Disables an account or enables it again. Disabling ends every session, grant and token in the same transaction:
/// enabled again, the person signs in anew.
///
/// # Errors
/// A refusal when there is no such user any more.
pub async fn set_enabled(app: &App, id: UserId, enabled: bool) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let status = if enabled { Status::Active } else { Status::Disabled };
    let ended = app
        .store
        .transaction(async |tx| match user::set_status(tx, id, status, now).await? {
            true if enabled => Ok(Some((0, 0))),
            true => end_everything(tx, id, now).await.map(Some),
            false => Ok(None),
        })
        .await?;
    let Some((sessions, grants)) = ended else { return Err(gone(id)) };
    tracing::info!(user = %id, enabled, sessions, grants, "user switched");
    Ok(())
}
