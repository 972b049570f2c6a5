//! One's own remembered browsers: looked at, and forgotten.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::remembered_device::RememberedDevice;
use crate::foundation::id::{CredentialId, UserId};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::remembered_device;

/// The browsers in which a person is not asked for a second factor, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn remembered_devices(app: &App, user: UserId) -> Result<Vec<RememberedDevice>, ServiceError> {
    let now = app.clock.now();
    let read = async |conn: &mut _| remembered_device::of_user(conn, user, now).await;
    Ok(app.store.read("list_remembered_devices", read).await?)
}

/// Forgets one of them: the next sign-in there asks for the second factor. What is signed in there stays so. Tells whether
/// there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_device(app: &App, by: &Actor, user: UserId, id: CredentialId) -> Result<bool, ServiceError> {
    let may = by.may(ActOnSelf(user))?;
    let forgotten = event(app, &may, Action::DeviceForgotten).about(Target::user(user)).about(Target::device(id));
    let done = app
        .store
        .transaction("forget_device", async |tx| {
            let done = remembered_device::end_of(tx, user, id).await?;
            audit_event::insert_if(tx, done, &forgotten).await
        })
        .await?;
    if done {
        tracing::info!(%user, "remembered browser forgotten");
    }
    Ok(done)
}
