//! Deleting an account.

use super::gone;
use crate::app::App;
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::storage::account::user;

/// Deletes an account, and with it every session, grant, token and consent. Its id is never given to anybody else; the
/// names are free again.
///
/// # Errors
/// A refusal when there is no such user any more.
pub async fn delete(app: &App, id: UserId) -> Result<(), ServiceError> {
    match app.store.transaction(async |tx| user::delete(tx, id).await).await? {
        true => {
            tracing::info!(user = %id, "user deleted, with sessions, grants, tokens and consents");
            Ok(())
        }
        false => Err(gone(id)),
    }
}
