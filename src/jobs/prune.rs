//! Deletes what has expired.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::error::Chain;
use crate::services::oauth::registration;
use crate::services::operation::prune;

/// Each step is a transaction, so a run that is cut off leaves nothing half done, and the next one goes on.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    let () = job.read()?;
    let by = Actor::system("prune");
    let failed = |error| Failure::ForNow(Chain(&error).to_string());
    prune::all(app, &by).await.map_err(failed)?;
    registration::delete_unused(app, &by).await.map(drop).map_err(failed)
}
