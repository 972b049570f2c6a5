//! Noting what names look like that were given before we looked, or by a server of the version before; and of those whose
//! look another name had that is gone by now.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::Operate;
use crate::services::ServiceError;
use crate::storage::account::login_identifier;

/// Names that are looked at in one transaction.
const PAGE: i64 = 100;

/// Looks at every name that has not been looked at; tells of how many it was noted. Nobody loses a name by it, whatever it
/// looks like.
///
/// # Errors
/// When the database does not answer; what was noted stays noted.
pub async fn look_at_names(app: &App, by: &Actor) -> Result<usize, ServiceError> {
    by.may(Operate)?;
    let (mut noted, mut after) = (0, String::new());
    loop {
        let page = app
            .store
            .read("find_unlooked_names", async |conn| login_identifier::unlooked(conn, &after, PAGE).await)
            .await?;
        let Some(last) = page.last() else { return Ok(noted) };
        last.as_str().clone_into(&mut after);
        noted += app
            .store
            .transaction("note_looks_of_names", async |tx| login_identifier::note_looks(tx, &page).await)
            .await?;
    }
}
