//! The rows of what is done again and again.

use crate::app::App;
use crate::domain::operation::job::{Kind, NewJob};
use crate::services::ServiceError;
use crate::services::operation::jobs;
use crate::storage::operation::job;

/// Sees to it that there is one row for each kind with a schedule, and that it has the schedule of this version. Done at
/// each start: whoever starts last, the newer version in an update, decides.
///
/// # Errors
/// When the database does not answer.
pub async fn plan(app: &App) -> Result<(), ServiceError> {
    for kind in Kind::ALL {
        let Some(schedule) = kind.schedule() else { continue };
        match app.store.read("find_schedule", async |conn| job::scheduled(conn, kind).await).await? {
            Some(planned) if planned == schedule => {}
            Some(_) => {
                app.store.write_once("reschedule_job", async |tx| job::reschedule(tx, kind, schedule).await).await?
            }
            None => {
                // Of several instances that start at once one adds it: the key is taken.
                if let Some(new) = NewJob::scheduled(kind, jobs::now(app)) {
                    app.store.transaction("plan_job", async |tx| jobs::enqueue(app, tx, &new).await).await?;
                }
            }
        }
    }
    Ok(())
}
