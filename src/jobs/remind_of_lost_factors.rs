//! Tells people once more that their second factors can soon be removed.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::error::Chain;
use crate::services::factor::lost_factors;

/// Each person is a transaction, so a run that is cut off leaves nobody half told, and the next one goes on.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    let () = job.read()?;
    let reminded = lost_factors::remind(app, &Actor::system("remind_of_lost_factors")).await;
    reminded.map_err(|error| Failure::ForNow(Chain(&error).to_string()))
}
