//! Notes what names look like that have not been looked at.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::account;
use crate::services::error::Chain;

/// Each page is a transaction, so a run that is cut off leaves nothing half done, and the next one goes on.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    let () = job.read()?;
    let looked = account::look_at_names(app, &Actor::system("look_at_names")).await;
    looked.map(drop).map_err(|error| Failure::ForNow(Chain(&error).to_string()))
}
