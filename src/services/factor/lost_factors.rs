//! What somebody has said of lost second factors, once it is said: shown, stopped, and told of once more. How it is said and
//! followed up is in `services/sign_in/lost_factors.rs`.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageUsers, Operate, SignIn};
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::recovery::reachable;
use crate::domain::account::user::User;
use crate::domain::factor::lost_factors::LostFactors;
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::UserId;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::one_time_link::{self, NewLink, Whose};
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::storage::account::user;
use crate::storage::factor::{lost_factors as rows, second_factor};
use crate::storage::operation::audit_event;
use crate::storage::{Conn, StoreError};

/// People who are reminded in one run of the job.
const PAGE: i64 = 100;

/// What a person has said, while it holds.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, user: &User) -> Result<Option<LostFactors>, ServiceError> {
    let lost = app.store.read("find_lost_factors", async |conn| rows::find(conn, user.id).await).await?;
    Ok(lost.filter(|lost| lost.is_open(user.updated_at, app.clock.now())))
}

/// A link by which it is stopped.
pub(in crate::services) fn to_cancel(
    app: &App,
    user: &User,
    lost: &LostFactors,
) -> Result<one_time_link::Prepared, ServiceError> {
    let (purpose, expires_at) = (Purpose::CancelFactorRecovery, Some(lost.expires_at));
    one_time_link::prepare(app, NewLink { purpose, whose: Whose::User(user), payload: &(), browser: None, expires_at })
}

/// Whether the link of a mail that stops it is open. It uses nothing up.
///
/// # Errors
/// When the database does not answer.
pub async fn can_cancel(app: &App, presented: &str) -> Result<bool, ServiceError> {
    Ok(one_time_link::find(app, Purpose::CancelFactorRecovery, presented).await?.is_some())
}

/// Stops it by the link of a mail; `false` when the link does not hold. Whatever was said since the mail is stopped too: it
/// is the owner who reads it.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel_by_link(app: &App, by: &Actor, presented: &str) -> Result<bool, ServiceError> {
    let may = by.may(SignIn)?;
    let found = one_time_link::find(app, Purpose::CancelFactorRecovery, presented).await?;
    let Some((found, id)) = found.and_then(|found| found.user.as_ref().map(|user| user.id).map(|id| (found, id)))
    else {
        return Ok(false);
    };
    let cancelled = app
        .store
        .transaction("cancel_lost_factors", async |tx| {
            if !one_time_link::take(app, tx, &found).await? {
                return Ok(false);
            }
            end(app, tx, &may, id, "by the link in the mail").await?;
            Ok(true)
        })
        .await?;
    if cancelled {
        tracing::info!(user = %id, address = ?by.origin.address, "what was said of lost second factors was cancelled");
    }
    Ok(cancelled)
}

/// An administrator stops it; `false` when there was nothing to stop.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel(app: &App, by: &Actor, id: UserId) -> Result<bool, ServiceError> {
    let may = by.may(ManageUsers)?;
    let stopped = app
        .store
        .transaction("cancel_lost_factors_of", async |tx| end(app, tx, &may, id, "by an administrator").await)
        .await?;
    if stopped {
        tracing::info!(user = %id, "what was said of lost second factors was cancelled");
    }
    Ok(stopped)
}

/// Stops it, in the transaction of what shows that they are not lost.
pub(in crate::services) async fn end<P>(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, P>,
    id: UserId,
    why: &'static str,
) -> Result<bool, StoreError> {
    let ended = rows::end(tx, id).await?;
    let cancelled = event(app, may, Action::LostFactorsCancelled).about(Target::user(id)).because(why);
    audit_event::insert_if(tx, ended, &cancelled).await
}

/// Tells people once more whose factors can soon be removed. Whoever cannot be told now is told at the next run.
///
/// # Errors
/// When the database does not answer; those before were told.
pub async fn remind(app: &App, by: &Actor) -> Result<(), ServiceError> {
    by.may(Operate)?;
    let now = jobs::now(app);
    let due =
        app.store.read("find_lost_factors_to_remind", async |conn| rows::to_remind(conn, now, PAGE).await).await?;
    for id in due {
        let read = async |conn: &mut Conn| Ok((user::find(conn, id).await?, rows::find(conn, id).await?));
        let (Some(user), Some(lost)) = app.store.read("find_whom_to_remind", read).await? else { continue };
        let holds = lost.is_open(user.updated_at, app.clock.now());
        let (true, Ok(to)) = (holds, reachable(&user)) else {
            // The account was changed since: it is void, unless it was said anew a moment ago.
            let forget = async |tx: &mut Conn| {
                second_factor::lock(tx, id).await?;
                match rows::find(tx, id).await?.as_ref() == Some(&lost) {
                    true => rows::end(tx, id).await.map(drop),
                    false => Ok(()),
                }
            };
            app.store.transaction("forget_lost_factors", forget).await?;
            continue;
        };
        let link = to_cancel(app, &user, &lost)?;
        let message = Message::LostFactorsSoon { path: link.path(), effective_at: lost.effective_at };
        let told = mail::prepare(app, by, NewMail { to, locale: user.locale(), message })?;
        app.store
            .transaction("remind_of_lost_factors", async |tx| {
                second_factor::lock(tx, id).await?;
                // It may have been stopped a moment ago.
                let still = rows::find(tx, id).await?.as_ref() == Some(&lost);
                if still && mail::enqueue(app, tx, &told).await? == Queued::Added {
                    rows::reminded(tx, id, now).await?;
                    one_time_link::insert(tx, &link).await?;
                }
                Ok(())
            })
            .await?;
    }
    jobs::begin(app);
    Ok(())
}
