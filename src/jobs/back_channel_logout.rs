//! Tells a client that a session has ended.

use crate::app::App;
use crate::domain::operation::job::{Failure, Job};
use crate::services::oauth::back_channel_logout;

/// A client that was told twice finds no session the second time.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    back_channel_logout::send(app, job).await
}
