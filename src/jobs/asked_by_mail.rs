//! Answers by mail what somebody asked for in a form.

use crate::app::App;
use crate::domain::operation::job::{Failure, Job};
use crate::services::account::asked_by_mail;

/// Done twice, the person gets two mails, and the links of both work.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    asked_by_mail::answer(app, job).await
}
