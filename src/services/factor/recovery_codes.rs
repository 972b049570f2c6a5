//! Codes on paper, for whoever has lost everything else.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::user::User;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::recovery_code::{COUNT, RecoveryCode};
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::{SecretHash, SecretString, Timestamp};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::factor::{recovery_code, second_factor};
use crate::storage::operation::audit_event;

/// Makes new ones; those from before are void. They are shown now and never again.
///
/// # Errors
/// A refusal for whoever has no second factor that they could stand in for.
pub async fn create(app: &App, by: &Actor, user: &User) -> Result<Vec<SecretString>, ServiceError> {
    let may = by.may(ActOnSelf(user.id))?;
    let now = app.clock.now();
    let codes: Vec<_> = (0..COUNT).map(|_| RecoveryCode::generate(&app.random)).collect();
    let hashes: Vec<SecretHash> = codes.iter().map(|code| code.hash(&app.factor_key, user.id)).collect();
    let created = event(app, &may, Action::RecoveryCodesCreated).about(Target::user(user.id));
    let done = app
        .store
        .transaction("create_recovery_codes", async |tx| {
            second_factor::lock(tx, user.id).await?;
            if !second_factor::mark(tx, user.id).await? {
                return Ok(false);
            }
            recovery_code::replace(tx, user.id, &hashes, now).await?;
            audit_event::insert(tx, &created).await?;
            Ok(true)
        })
        .await?;
    if !done {
        return Err(FactorRefusal::NoFactor.into());
    }
    tracing::info!(user = %user.id, "recovery codes created");
    Ok(codes.iter().map(RecoveryCode::reveal).collect())
}

/// How many a person has left, and when they were made; `None` when there never were any.
///
/// # Errors
/// When the database does not answer.
pub async fn left(app: &App, user: &User) -> Result<Option<(usize, Timestamp)>, ServiceError> {
    Ok(app.store.read("count_recovery_codes", async |conn| recovery_code::left(conn, user.id).await).await?)
}
