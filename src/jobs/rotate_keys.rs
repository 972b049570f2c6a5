//! Rotates signing keys that have grown old.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::error::Chain;
use crate::services::operation::key_rotation;

/// A key is rotated in one transaction that looks whether it is still the active one, so nothing happens twice.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    let () = job.read()?;
    let outcome = key_rotation::rotate_due(app, &Actor::system("rotate keys")).await;
    outcome.map_err(|error| Failure::ForNow(Chain(&error).to_string()))
}
