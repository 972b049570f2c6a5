//! Does what somebody wanted who says that an address is theirs.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::account;

/// Done twice, it sends two mails: each link works, and the account that one of them makes voids the other.
pub async fn run(app: &App, job: &Job) -> Result<(), Failure> {
    account::prove_address(app, &Actor::system("prove_address"), job).await
}
