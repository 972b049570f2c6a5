//! Does what somebody wanted who says that an address is theirs: a mail goes to whoever reads it.

use super::claim::{self, Claim};
use super::{change_email, sign_up};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::operation::job::{Failure, Job};
use crate::services::error::Chain;

/// Does what a job is about. Done twice it sends two mails, each with a link of its own.
///
/// # Errors
/// When it has to be tried again, or never can be done.
pub async fn prove_address(app: &App, by: &Actor, job: &Job) -> Result<(), Failure> {
    let done = match claim::open(app, job)? {
        Claim::SignUp(wanted) => sign_up::send_link(app, by, &wanted).await,
        Claim::Change(change) => change_email::send_link(app, by, &change).await,
    };
    done.map_err(|error| Failure::ForNow(Chain(&error).to_string()))
}
