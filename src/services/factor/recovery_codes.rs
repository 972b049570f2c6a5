//! Codes on paper, for whoever has lost everything else.

use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::user::User;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::recovery_code::{COUNT, RecoveryCode};
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::{SecretHash, SecretString, Timestamp};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::tell;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::own_page::FreshSession;
use crate::storage::factor::{recovery_code, second_factor};
use crate::storage::operation::audit_event;

/// What became of making recovery codes.
pub enum Created {
    /// These, which are shown now and never again.
    New(Vec<SecretString>),
    /// Others were made since the person was asked: a page that shows new ones was loaded again, and must not void them.
    Others,
    /// The session was ended, or the account changed, while this was under way: nothing was done.
    Overtaken,
}

/// Makes new ones for the person of `fresh`; those from before, which were made at `seen`, are void.
///
/// # Errors
/// A refusal for whoever has no second factor that they could stand in for.
pub async fn create(
    app: &App,
    by: &Actor,
    fresh: &FreshSession,
    seen: Option<Timestamp>,
) -> Result<Created, ServiceError> {
    let user = fresh.user();
    let may = by.may(ActOnSelf(user.id))?;
    // Later than those before whatever the clock says: it is what tells them apart.
    let next = seen.map(|seen| seen.after(Duration::from_micros(1)));
    let now = next.map_or_else(|| app.clock.now(), |next| app.clock.now().max(next));
    let codes: Vec<_> = (0..COUNT).map(|_| RecoveryCode::generate(&app.random)).collect();
    let hashes: Vec<SecretHash> = codes.iter().map(|code| code.hash(&app.factor_key, user.id)).collect();
    let created = event(app, &may, Action::RecoveryCodesCreated).about(Target::user(user.id));
    let told = tell::prepare(app, by, user, Message::RecoveryCodesMade);
    let done = app
        .store
        .transaction("create_recovery_codes", async |tx| {
            if !fresh.hold(tx).await? {
                return Ok(Done::Overtaken);
            }
            if !second_factor::mark(tx, user.id).await? {
                return Ok(Done::NoFactor);
            }
            if recovery_code::left(tx, user.id).await?.map(|(_, made)| made) != seen {
                return Ok(Done::Others);
            }
            recovery_code::replace(tx, user.id, &hashes, now).await?;
            audit_event::insert(tx, &created).await?;
            told.enqueue(app, tx).await?;
            Ok(Done::Created)
        })
        .await?;
    match done {
        Done::Created => {
            jobs::begin(app);
            tracing::info!(user = %user.id, "recovery codes created");
            Ok(Created::New(codes.iter().map(RecoveryCode::reveal).collect()))
        }
        Done::Others => Ok(Created::Others),
        Done::Overtaken => Ok(Created::Overtaken),
        Done::NoFactor => Err(FactorRefusal::NoFactor.into()),
    }
}

/// What the transaction came to.
enum Done {
    Created,
    Others,
    Overtaken,
    NoFactor,
}

/// How many a person has left, and when they were made; `None` when there never were any.
///
/// # Errors
/// When the database does not answer.
pub async fn left(app: &App, user: &User) -> Result<Option<(usize, Timestamp)>, ServiceError> {
    Ok(app.store.read("count_recovery_codes", async |conn| recovery_code::left(conn, user.id).await).await?)
}
