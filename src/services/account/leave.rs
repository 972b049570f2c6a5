//! Deleting one's own account: begun, thought better of, and done when the time is over.

use super::change_email::Address;
use super::tell::{self, Told};
use super::{end_everything, one_time_link};
use crate::app::{App, Switch};
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ActOnSelf, ManageUsers};
use crate::domain::account::leaving::{CannotLeave, may_leave};
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::Timestamp;
use crate::foundation::id::UserId;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::oauth::back_channel_logout;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::own_page::FreshSession;
use crate::storage::account::user;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session;

/// What became of wanting to delete one's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It is deleted then; everything that was signed in anywhere has ended.
    At(Timestamp),
    /// It is not.
    Not(CannotLeave),
    /// The account was changed, or the session has ended, since the proof was given.
    Overtaken,
}

/// The person of `fresh` wants to be rid of their account, and has typed `confirmation`. In one transaction everything ends
/// that was got by signing in, and they are told by mail. Until it is deleted they can sign in and keep it ([`stay`]).
///
/// # Errors
/// When the database does not answer.
pub async fn leave(app: &App, by: &Actor, fresh: &FreshSession, confirmation: &str) -> Result<Leaving, ServiceError> {
    let owner = fresh.user();
    let may = by.may(ActOnSelf(owner.id))?;
    let settings = app.settings.account;
    if let Err(why) = may_leave(owner, settings.self_deletion == Switch::On, confirmation) {
        return Ok(Leaving::Not(why));
    }
    let ways_back = ways_back(app, owner).await?;
    let (id, at) = (owner.id, app.clock.now().after(settings.delete_after));
    // Whoever can take back a change of the address is not left with nothing to take back.
    let at = ways_back.iter().map(|(_, ends)| *ends).fold(at, Timestamp::max);
    let begun = event(app, &may, Action::UserDeletionBegun).about(Target::user(id));
    let before =
        ways_back.into_iter().map(|(email, _)| User { email: Some(email), email_verified: true, ..owner.clone() });
    let all_told: Vec<_> = std::iter::once(owner.clone())
        .chain(before)
        .map(|reader| tell::prepare(app, by, &reader, |how| Message::DeletionBegun { how, at }))
        .collect();
    let done = app
        .store
        .transaction("begin_account_deletion", async |tx| {
            if !fresh.hold(tx).await? {
                return Ok(false);
            }
            user::delete_at(tx, id, at).await?;
            end_everything(app, tx, &may, id, "its person deletes the account").await?;
            audit_event::insert(tx, &begun).await?;
            for told in &all_told {
                told.enqueue(app, tx).await?;
            }
            Ok(true)
        })
        .await?;
    if !done {
        return Ok(Leaving::Overtaken);
    }
    jobs::begin(app);
    tracing::info!(user = %id, "account is to be deleted by its person");
    Ok(Leaving::At(at))
}

/// The addresses that an account had within the last week, and until when each can be had back: whoever reads its mail may be
/// the owner.
async fn ways_back(app: &App, owner: &User) -> Result<Vec<(String, Timestamp)>, ServiceError> {
    let links = one_time_link::open_of_user::<Address>(app, Purpose::EmailUndo, owner).await?;
    Ok(links.into_iter().map(|(Address { email }, ends)| (email, ends)).collect())
}

/// A person keeps the account that was to be deleted, and is told by mail that it is kept. Tells whether it was to be deleted.
///
/// # Errors
/// When the database does not answer.
pub async fn stay(app: &App, by: &Actor, id: UserId) -> Result<bool, ServiceError> {
    let may = by.may(ActOnSelf(id))?;
    let kept = event(app, &may, Action::UserDeletionUndone).about(Target::user(id));
    let person = app.store.read("find_account_to_keep", async |conn| user::find(conn, id).await).await?;
    let told = person.map_or_else(Told::nobody, |person| tell::prepare(app, by, &person, Message::DeletionUndone));
    let done = app
        .store
        .transaction("keep_account", async |tx| {
            let done = user::keep(tx, id).await?;
            if done {
                told.enqueue(app, tx).await?;
            }
            audit_event::insert_if(tx, done, &kept).await
        })
        .await?;
    if done {
        jobs::begin(app);
        tracing::info!(user = %id, "account is kept by its person");
    }
    Ok(done)
}

/// Accounts that are looked for at once.
const PAGE: i64 = 100;

/// Deletes each account whose time is over, with all that it had. It goes by the earliest time that it can be: a clock that
/// was set deletes nobody. Tells how many.
///
/// # Errors
/// When the database does not answer; what was deleted stays deleted.
pub async fn delete_due(app: &App, by: &Actor) -> Result<usize, ServiceError> {
    let may = by.may(ManageUsers)?;
    let now = app.clock_guard.earliest(&app.clock);
    let mut all = 0;
    loop {
        let due = app.store.read("find_accounts_to_delete", async |conn| user::due(conn, now, PAGE).await).await?;
        let mut deleted = 0;
        for id in due {
            let event = event(app, &may, Action::UserDeleted).about(Target::user(id));
            let event = event.because("its person wanted it");
            let done = app
                .store
                .transaction("delete_due_account", async |tx| {
                    // Whoever has signed in since and did not keep it: with the account goes what says where.
                    let open: Vec<_> = session::proved_of_user(tx, id).await?.into_iter().map(|(id, _)| id).collect();
                    let told = back_channel_logout::whom_to_tell(tx, &open).await?;
                    let done = user::delete_due(tx, id, now).await?;
                    if done {
                        back_channel_logout::enqueue_all(app, tx, told).await?;
                    }
                    audit_event::insert_if(tx, done, &event).await
                })
                .await?;
            if done {
                tracing::info!(user = %id, "account deleted, as its person wanted");
                deleted += 1;
            }
        }
        all += deleted;
        // None, or those that were found were kept a moment ago.
        if deleted == 0 {
            return Ok(all);
        }
    }
}
