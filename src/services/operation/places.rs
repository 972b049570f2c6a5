//! Where addresses are, in words.

use tokio::task::spawn_blocking;

use crate::app::App;
use crate::language::Language;
use crate::services::ServiceError;

/// City and country of an address, if the operator has a database that knows: roughly, and never proof of anything.
pub fn of(app: &App, address: Option<&str>, language: Language) -> Option<String> {
    app.places.place(address?.parse().ok()?, language.tag())
}

/// Reads the database again if its file was replaced.
///
/// # Errors
/// When it cannot be read; what was read before holds on.
pub async fn reload(app: &App) -> Result<(), ServiceError> {
    let held = app.clone();
    let reloaded = spawn_blocking(move || held.places.reload()).await.map_err(ServiceError::internal)?;
    if reloaded.map_err(ServiceError::internal)? {
        tracing::info!("the database of places was read again");
    }
    Ok(())
}
