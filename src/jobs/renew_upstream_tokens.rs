//! Renews the tokens of providers that will expire.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::error::Chain;
use crate::services::federation::tokens;

/// Each identity is by itself, so a run that is cut off loses nothing that was written, and the next one goes on.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    let () = job.read()?;
    let renewed = tokens::renew_due(app, &Actor::system("renew_upstream_tokens")).await;
    renewed.map_err(|error| Failure::ForNow(Chain(&error).to_string()))
}
