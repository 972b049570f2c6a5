//! Algorithms that were taken out of the configuration: their keys sign no more, and go as every retired key does.

use crate::app::App;
use crate::domain::access::permission::{Allowed, ManageKeys};
use crate::domain::oauth::client::Client;
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use crate::runtime::key_ring::stored;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::client;
use crate::storage::operation::{audit_event, signing_key};

/// How many clients a line of the log names.
const NAMED: usize = 10;

/// Retires the active key of each algorithm that `keys.algorithms` no longer has, and deletes the next one, which has signed
/// nothing.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn retire(app: &App, may: &Allowed<'_, ManageKeys>) -> Result<(), ServiceError> {
    if !stored(&app.store).await?.iter().any(|key| is_unwanted(app, key)) {
        return Ok(());
    }
    let now = app.clock.now();
    let retired = app
        .store
        .transaction("retire_algorithms", async |tx| {
            let mut retired = Vec::new();
            for key in signing_key::all(tx).await?.into_iter().filter(|key| is_unwanted(app, key)) {
                let about = |action| event(app, may, action).about(Target::key(&key.id));
                if key.state == KeyState::Next {
                    signing_key::delete(tx, &key.id).await?;
                    audit_event::insert(tx, &about(Action::KeyDeleted)).await?;
                    continue;
                }
                signing_key::set_state(tx, &key.id, &KeyState::Retired { at: now }).await?;
                let change = Change::of("state", &Public(Some(key.state.as_str())), &Public(Some("retired")));
                audit_event::insert(tx, &about(Action::KeyRetired).changed(change)).await?;
                retired.push(key);
            }
            Ok(retired)
        })
        .await?;
    for SigningKeyRecord { id, algorithm, .. } in &retired {
        tracing::info!(algorithm = algorithm.name(), kid = id, "signing key retired: keys.algorithms has no such");
    }
    Ok(())
}

fn is_unwanted(app: &App, key: &SigningKeyRecord) -> bool {
    key.retired().is_none() && !app.settings.algorithms.contains(key.algorithm)
}

/// Warns, when a server starts, of clients that get no tokens because an algorithm was taken out that they are registered
/// for. Where none was taken out nothing is read but the keys.
pub async fn warn_of_clients(app: &App) {
    match left_behind(app).await {
        Ok(left) if left.is_empty() => {}
        Ok(left) => {
            let named = left.iter().take(NAMED).map(|client| client.id.as_str()).collect::<Vec<_>>().join(" ");
            tracing::warn!(
                client = named,
                rows = left.len(),
                "clients get no tokens: they are registered for an algorithm that keys.algorithms does not have"
            );
        }
        Err(error) => tracing::warn!(%error, "whether clients lost their algorithm could not be asked"),
    }
}

/// The clients that are registered for an algorithm of which there were keys and are to be none.
async fn left_behind(app: &App) -> Result<Vec<Client>, ServiceError> {
    let available = app.settings.algorithms;
    if stored(&app.store).await?.iter().all(|key| available.contains(key.algorithm)) {
        return Ok(Vec::new());
    }
    let mut clients = app.store.read("find_clients_left_behind", async |conn| client::list(conn).await).await?;
    clients.retain(|client| client.metadata.signed_with().any(|(_, algorithm)| !available.contains(algorithm)));
    Ok(clients)
}
