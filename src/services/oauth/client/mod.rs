//! Registered clients: looked up from memory, changed in the database.

mod assertion_room;
mod authenticate;
mod check;
mod delete;
mod in_vain;
mod register;
mod rotate_secret;
mod secret;
mod set_enabled;
mod update;

use std::sync::Arc;

pub use self::authenticate::{NotAuthenticated, authenticate};
use self::check::check;
pub use self::check::check_servers;
pub use self::delete::{delete, erase, remove};
pub use self::in_vain::warn_of_excluded;
pub use self::register::{Registered, Registration, register, replace};
pub use self::rotate_secret::rotate_secret;
pub use self::secret::{NewSecret, fit, given_or_new};
pub use self::set_enabled::set_enabled;
pub use self::update::{Updated, update};
use crate::app::App;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::{Client, ClientId};
use crate::services::ServiceError;
use crate::storage::oauth::client;

/// The client with this id, at most a second old.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, id: &ClientId) -> Result<Option<Arc<Client>>, ServiceError> {
    let now = app.clock.now();
    if let Some(client) = app.clients.fresh(id, now) {
        return Ok(Some(client));
    }
    let found = app.store.read("find_client", async |conn| client::find(conn, id).await).await?.map(Arc::new);
    match &found {
        Some(client) => app.clients.keep(client.clone(), now),
        None => app.clients.forget(id),
    }
    Ok(found)
}

/// Those of these clients that there are, each at most a second old, by one question for all that are not known.
///
/// # Errors
/// When the database does not answer.
pub async fn find_all(app: &App, ids: Vec<ClientId>) -> Result<Vec<Arc<Client>>, ServiceError> {
    let now = app.clock.now();
    let mut found = Vec::new();
    let mut others = ids;
    others.retain(|id| match app.clients.fresh(id, now) {
        Some(client) => {
            found.push(client);
            false
        }
        None => true,
    });
    if !others.is_empty() {
        let read = app.store.read("find_clients", async |conn| client::find_all(conn, &others).await).await?;
        for client in read.into_iter().map(Arc::new) {
            app.clients.keep(client.clone(), now);
            found.push(client);
        }
    }
    Ok(found)
}

/// The client with this id, as it is now.
///
/// # Errors
/// A refusal when there is none.
pub async fn show(app: &App, id: &ClientId) -> Result<Client, ServiceError> {
    app.store.read("find_client_afresh", async |conn| client::find(conn, id).await).await?.ok_or_else(|| unknown(id))
}

/// Every client, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<Client>, ServiceError> {
    Ok(app.store.read("list_clients", async |conn| client::list(conn).await).await?)
}

fn unknown(id: &ClientId) -> ServiceError {
    RegistrationError::Unknown { id: id.clone() }.into()
}
