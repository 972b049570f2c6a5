//! Sends a mail.

use crate::app::App;
use crate::domain::operation::job::{Failure, Job};
use crate::services::operation::mail;

/// A mail whose answer was lost, or whose process ended before it was written down, is sent again with the same Message-ID:
/// who receives it can tell.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    mail::send(app, job).await
}
