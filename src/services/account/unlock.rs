//! Letting an account be tried again.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageUsers;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::sign_in::login_throttle;
use crate::storage::operation::audit_event;

/// Forgets the wrong passwords that slow sign-ins of an account down, or have stopped them. Tells whether there were any.
///
/// # Errors
/// When the database does not answer.
pub async fn unlock(app: &App, by: &Actor, id: UserId) -> Result<bool, ServiceError> {
    let may = by.may(ManageUsers)?;
    let forgotten = event(app, &may, Action::UserUnlocked).about(Target::user(id));
    let unlocked = app
        .store
        .transaction("unlock_account", async |tx| {
            let done = login_throttle::unlock(tx, id).await?;
            audit_event::insert_if(tx, done, &forgotten).await
        })
        .await?;
    tracing::info!(user = %id, unlocked, "user unlocked");
    Ok(unlocked)
}
