//! Applications that registered themselves and that nobody uses.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageClients;
use crate::services::ServiceError;
use crate::services::oauth::client::remove;
use crate::storage::oauth::client_registration;

/// How many are deleted in one run: the next goes on.
const MOST: i64 = 500;

/// Deletes those whose time is over without anybody having used them. As many as the time is known that is believed: a clock that
/// was set deletes nothing.
///
/// # Errors
/// When the database does not answer; those that were deleted stay deleted.
pub async fn delete_unused(app: &App, by: &Actor) -> Result<usize, ServiceError> {
    let may = by.may(ManageClients)?;
    let now = app.clock_guard.earliest(&app.clock);
    let unused = async |conn: &mut _| client_registration::unused(conn, now, MOST).await;
    let unused = app.store.read("find_unused_clients", unused).await?;
    for client in &unused {
        remove(app, &may, client).await?;
    }
    Ok(unused.len())
}
