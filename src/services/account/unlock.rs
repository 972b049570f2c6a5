//! Letting an account be tried again.

use crate::app::App;
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::sign_in::login_throttle;

/// Forgets the wrong passwords that slow sign-ins of an account down, or have stopped them. Tells whether there were any.
///
/// # Errors
/// When the database does not answer.
pub async fn unlock(app: &App, id: UserId) -> Result<bool, ServiceError> {
    let unlocked = app.store.transaction(async |tx| login_throttle::unlock(tx, id).await).await?;
    tracing::info!(user = %id, unlocked, "user unlocked");
    Ok(unlocked)
}
