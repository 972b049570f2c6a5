//! Second factors: set up, proved, removed; and the codes on paper for whoever has lost them.

pub mod challenge;
pub mod lost_factors;
pub mod passkey;
pub mod recovery_codes;
pub(in crate::services) mod reset;
pub mod signature;
pub mod totp;
pub mod verify;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::factor::second_factor::SecondFactor;
use crate::services::ServiceError;
pub use crate::services::factor::reset::{Reset, reset};
use crate::storage::factor::second_factor;

/// The factors that a person can prove themselves with, in the order in which they were added.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, user: &User) -> Result<Vec<SecondFactor>, ServiceError> {
    Ok(app.store.read("list_factors", async |conn| second_factor::of_user(conn, user.id).await).await?)
}
