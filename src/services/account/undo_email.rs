//! Undoing a change of the address, by whoever reads the mail of the one before.

use std::time::Duration;

use super::change_email::Address;
use super::one_time_link;
use super::{end_all, identifiers};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::FollowLink;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::sign_in::login_throttle;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum EmailUndone {
    /// The account has its address back, no password, and nobody is signed in to it.
    Done,
    /// Somebody else has the address by now.
    Taken,
    /// The link was used, or its time is over.
    Over,
}

/// The address that the link would give back, if it is open. It uses nothing up.
///
/// # Errors
/// When the database does not answer.
pub async fn address_to_restore(app: &App, token: &str) -> Result<Option<String>, ServiceError> {
    let found = one_time_link::find(app, Purpose::EmailUndo, token).await?;
    found.map(|found| found.payload::<Address>().map(|address| address.email)).transpose()
}

/// Gives an account back the address that it had. Whoever changed it knew the password and was signed in: so every session
/// ends, with every token, and the password is void. A new one is chosen by recovery, whose mail goes to this address.
///
/// # Errors
/// When the database does not answer.
pub async fn undo_address(app: &App, by: &Actor, token: &str) -> Result<EmailUndone, ServiceError> {
    let may = by.may(FollowLink)?;
    let Some(found) = one_time_link::find(app, Purpose::EmailUndo, token).await? else { return Ok(EmailUndone::Over) };
    let (Some(before), Address { email }) = (found.user.clone(), found.payload()?) else {
        return Ok(EmailUndone::Over);
    };
    let now = app.clock.now();
    // Later than before whatever the clock says: it is what tells two changes apart.
    let updated_at = now.max(before.updated_at.after(Duration::from_micros(1)));
    let after = User { email: Some(email), email_verified: true, updated_at, ..before.clone() };
    let names = identifiers(after.username.as_deref(), after.email.as_deref())?;
    let restored = event(app, &may, Action::UserUpdated).about(Target::user(before.id));
    let restored = restored.because("a change of the address was undone");
    let mut changes = Change::of_user(Some(&before), &after);
    changes.push(Change::hidden("password"));
    let restored = restored.changed(changes);
    let stored = app
        .store
        .transaction("undo_address", async |tx| {
            if !one_time_link::take(app, tx, &found).await? {
                return Ok(Ok(false));
            }
            let stored = user::replace(tx, &after, &names, before.updated_at).await?;
            if stored == Ok(true) {
                user::clear_password(tx, before.id, updated_at).await?;
                login_throttle::unlock(tx, before.id).await?;
                one_time_link::end_of_user(tx, before.id).await?;
                end_all(tx, before.id, now).await?;
                audit_event::insert(tx, &restored).await?;
            }
            Ok(stored)
        })
        .await?;
    Ok(match stored {
        Err(_) => EmailUndone::Taken,
        Ok(false) => EmailUndone::Over,
        Ok(true) => {
            tracing::info!(user = %before.id, "change of an account's address undone");
            EmailUndone::Done
        }
    })
}
