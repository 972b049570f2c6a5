//! Undoing a change of the address, by whoever reads the mail of the one before.

use std::time::Duration;

use super::change_email::Address;
use super::end_everything;
use super::one_time_link::{self, Found};
use super::tell::{self, Told};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, FollowLink};
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::renaming::Renaming;
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::id::UserId;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::factor::lost_factors;
use crate::services::federation::groups;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::login_throttle;
use crate::storage::account::user;
use crate::storage::factor::{recovery_code, second_factor};
use crate::storage::federation::identity;
use crate::storage::operation::audit_event;
use crate::storage::{Conn, StoreError};

/// Why all ends that was got by signing in.
const WHY: &str = "a change of the address was undone";

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum EmailUndone {
    /// The account has its address back, no password, and nobody is signed in to it.
    Done,
    /// Somebody else has the address by now. The link holds on.
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
/// ends, with every token; the password is void, and so is what was added since by which one can sign in, or take the account
/// away once more; and an account that was to be deleted is kept. What the account had before the change stays, a second
/// factor too: whoever reads an old mailbox does not get past it. A new password is chosen by recovery, whose mail goes to this
/// address. Both addresses are told.
///
/// The account is read in the transaction, once nobody can change it: whoever is signed in cannot be in the way.
///
/// # Errors
/// When the database does not answer.
pub async fn undo_address(app: &App, by: &Actor, token: &str) -> Result<EmailUndone, ServiceError> {
    let may = by.may(FollowLink)?;
    let Some(found) = one_time_link::find(app, Purpose::EmailUndo, token).await? else { return Ok(EmailUndone::Over) };
    let Address { email } = found.payload()?;
    let undone = app
        .store
        .transaction("undo_address", async |tx| Box::pin(undo(app, tx, &may, &found, email.clone())).await)
        .await?;
    jobs::begin(app);
    Ok(undone)
}

async fn undo(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, FollowLink>,
    found: &Found,
    email: String,
) -> Result<EmailUndone, StoreError> {
    let Some(before) = one_time_link::hold(app, tx, found).await? else { return Ok(EmailUndone::Over) };
    let id = before.id;
    // Later than before whatever the clock says: it is what tells two changes apart.
    let updated_at = app.clock.now().max(before.updated_at.after(Duration::from_micros(1)));
    let after = User { email: Some(email), email_verified: true, updated_at, ..before.clone() };
    let unreadable = |_| StoreError::Corrupt("an address or a username that was taken once");
    // It was theirs, whatever the rules are by now.
    let text = after.email.as_deref().unwrap_or_default();
    let name = LoginIdentifier::email(text).or_else(|_| LoginIdentifier::typed(text)).map_err(unreadable)?;
    let names = Renaming::email(name.clone());
    match user::give_back(tx, &after, &names, before.updated_at, &[name]).await? {
        Err(_) => return Ok(EmailUndone::Taken),
        Ok(false) => return Err(StoreError::Conflict),
        Ok(true) => {}
    }
    if !one_time_link::take_held(app, tx, found).await? {
        return Err(StoreError::Conflict);
    }
    one_time_link::end_newer_ways_back(tx, found, id).await?;
    user::clear_password(tx, id, updated_at).await?;
    login_throttle::unlock(tx, id).await?;
    let factors = remove_newer_factors(app, tx, may, found, id).await?;
    let about = |action| event(app, may, action).about(Target::user(id)).because(WHY);
    let kept = user::keep(tx, id).await?;
    audit_event::insert_if(tx, kept, &about(Action::UserDeletionUndone)).await?;
    end_everything(app, tx, may, id, WHY).await?;
    let mut changes = Change::of_user(Some(&before), &after);
    changes.push(Change::hidden("password"));
    audit_event::insert(tx, &about(Action::UserUpdated).changed(changes)).await?;
    for told in told(app, may.by(), &before, &after, factors) {
        told.enqueue(app, tx).await?;
    }
    tracing::info!(user = %id, factors, "change of an account's address undone");
    Ok(EmailUndone::Done)
}

/// Removes what was added since the address was changed and proves who somebody is. Tells how many factors that were.
async fn remove_newer_factors(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, FollowLink>,
    found: &Found,
    id: UserId,
) -> Result<usize, StoreError> {
    let identities = identity::remove_since(tx, id, found.made_at()).await?;
    let mut changes = groups::end(app, tx, id, &identities).await?;
    for _ in identities {
        let removed = event(app, may, Action::IdentityRemoved).about(Target::user(id)).because(WHY);
        // All that changed stands with the first.
        audit_event::insert(tx, &removed.changed(std::mem::take(&mut changes))).await?;
    }
    let factors = second_factor::remove_since(tx, id, found.made_at()).await?;
    recovery_code::remove_since(tx, id, found.made_at()).await?;
    if !second_factor::mark(tx, id).await? {
        // Codes alone are no second factor.
        recovery_code::replace(tx, id, &[], app.clock.now()).await?;
    }
    lost_factors::end(app, tx, may, id, WHY).await?;
    for factor in &factors {
        let removed = event(app, may, Action::FactorRemoved).about(Target::user(id)).because(WHY);
        audit_event::insert(tx, &removed.about(Target::factor(*factor))).await?;
    }
    Ok(factors.len())
}

/// Whoever reads the mail of the address that the account has again, and whoever reads that of the other one.
fn told(app: &App, by: &Actor, before: &User, after: &User, factors: usize) -> [Told; 2] {
    let there = tell::prepare(app, by, before, Message::EmailTakenBack);
    let here = tell::prepare(app, by, after, |how| Message::EmailRestored { how, factors });
    [there, here]
}
