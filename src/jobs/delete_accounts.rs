//! Deletes accounts that their people wanted to be rid of.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::account;
use crate::services::error::Chain;

/// Each account is a transaction, so a run that is cut off leaves nothing half done, and the next one goes on.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    let () = job.read()?;
    let deleted = account::delete_due(app, &Actor::system("delete_accounts")).await;
    deleted.map(drop).map_err(|error| Failure::ForNow(Chain(&error).to_string()))
}
