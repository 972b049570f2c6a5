//! Changing one's own password.

use std::net::IpAddr;
use std::time::Duration;

use super::{end_everything, new_password, tell};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::password_policy::Person;
use crate::domain::account::user::User;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::domain::sign_in::session::Session;
use crate::foundation::SecretString;
use crate::foundation::id::SessionId;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::operation::events::{self, event};
use crate::services::operation::jobs;
use crate::services::sign_in::browser_session::{self, Before, NewRecord};
use crate::services::sign_in::login_throttle::{self, Attempt, Guess};
use crate::services::sign_in::own_page::FreshSession;
use crate::services::sign_in::session_end::end_in;
use crate::storage::account::user;
use crate::storage::factor::second_factor;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session;

/// What the form sends.
pub struct PasswordChange<'a> {
    /// The password until now; of no use where there is none yet.
    pub current: SecretString,
    /// The password from now on.
    pub new: SecretString,
    /// Where from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser that it comes from; none where an application asks that acts by tokens.
    pub browser: Option<Before>,
}

/// What became of it.
pub enum Changed {
    /// The password is another; the browser, if it is one, is signed in by this record, and known again by this cookie.
    Done(Option<Box<NewRecord>>, DeviceCookie),
    /// The current password is not right.
    Wrong,
    /// Too many wrong ones, or too many new ones that were judged: wait so long.
    Wait(Duration),
    /// The session was ended, or the account changed, while this was under way: nothing was done.
    Overtaken,
}

/// Gives the person of `fresh` another password. In the same transaction every other session ends, and every grant with
/// its tokens: whoever knew the old password has nothing left of it. The session that it is done in goes on under another
/// id, and the browser's cookie changes; where there is no browser it ends too. Wrong current passwords count like those of
/// sign-ins.
///
/// # Errors
/// A refusal when the new password cannot be used, with the reason.
pub async fn change_password(
    app: &App,
    by: &Actor,
    fresh: &FreshSession,
    change: PasswordChange<'_>,
) -> Result<Changed, ServiceError> {
    let owner = fresh.user();
    let may = by.may(ActOnSelf(owner.id))?;
    let counted = match &owner.password_hash {
        Some(stored) => match prove(app, owner, stored, &change).await? {
            Ok(counted) => Some(counted),
            Err(refused) => return Ok(refused),
        },
        None => None,
    };
    if let Err(wait) = new_password::count(app, owner.id).await? {
        tracing::info!(user = %owner.id, address = %change.address, "password not changed: too many were judged");
        return Ok(Changed::Wait(wait));
    }
    let hash = new_password::accept(app, change.new.into(), &Person::from(owner)).await?.hash;
    let now = app.clock.now();
    let (old, next) = (fresh.session().id, renewed(app, fresh.session()));
    let changed = event(app, &may, Action::UserPasswordChanged).about(Target::user(owner.id));
    let changed = changed.changed([Change::hidden("password")]);
    let renewed = event(app, &may, Action::SessionRenewed).about(Target::user(owner.id));
    let renewed = renewed.about(Target::session(next.id)).because("the password was changed");
    let told = tell::prepare(app, by, owner, Message::PasswordChanged);
    let record = app
        .store
        .transaction("change_password", async |tx| {
            // As everything that changes an account: its row first.
            second_factor::lock(tx, owner.id).await?;
            // Somebody else gave the account another password, or the session has ended meanwhile: then nothing is done.
            if !user::is_unchanged(tx, owner).await? || !end_in(app, tx, old).await? {
                return Ok(None);
            }
            user::set_password(tx, owner.id, &hash, now).await?;
            login_throttle::unlock(tx, owner.id).await?;
            end_everything(app, tx, &may, owner.id, "the password was changed").await?;
            audit_event::insert(tx, &changed).await?;
            told.enqueue(app, tx).await?;
            let Some(browser) = &change.browser else { return Ok(Some(None)) };
            session::insert(tx, &next).await?;
            session::note_place(tx, next.id, &by.origin).await?;
            audit_event::insert(tx, &renewed).await?;
            let others = browser.sessions_but(old);
            let record = browser_session::sign_in(app, tx, browser, next.id, others, browser.stays(app)).await?;
            Ok(Some(record))
        })
        .await?;
    if let Some(counted) = counted {
        counted.succeeded().await;
    }
    let Some(record) = record else { return Ok(Changed::Overtaken) };
    jobs::begin(app);
    let session = record.as_ref().map_or(old, |_| next.id);
    tracing::info!(user = %owner.id, %session, "password changed");
    let owner = User { password_hash: Some(hash), ..owner.clone() };
    let device = change.device.remember(&app.login_key, device::Account::of(&owner), app.random.bytes(), now);
    Ok(Changed::Done(record.map(Box::new), device))
}

/// Compares the current password, counted as an attempt to sign in before it is looked at.
async fn prove(
    app: &App,
    owner: &User,
    stored: &str,
    change: &PasswordChange<'_>,
) -> Result<Result<Attempt, Changed>, ServiceError> {
    app.passwords.has_room()?;
    let guess = Guess { account: Ok(owner), address: change.address, cookie: change.device };
    let mut counted = match login_throttle::attempt(app, guess).await? {
        Ok(counted) => counted,
        Err(throttled) => {
            events::count_refused(app, Action::LoginThrottled, None, Some(change.address));
            tracing::warn!(user = %owner.id, address = %change.address, "password change refused: too many attempts");
            return Ok(Err(Changed::Wait(throttled.retry_after())));
        }
    };
    let turn = app.passwords.turn().await?;
    counted.begins();
    if !turn.verify(change.current.clone(), Some(stored)).await?.matches {
        tracing::info!(user = %owner.id, address = %change.address, "password not changed: the current one is wrong");
        events::count_refused(app, Action::LoginFailed, None, Some(change.address));
        return Ok(Err(Changed::Wrong));
    }
    counted.was_right();
    Ok(Ok(counted))
}

/// The same session under another id: whoever had taken a token of the old one has nothing of the new.
fn renewed(app: &App, session: &Session) -> Session {
    let now = app.clock.now();
    let id = SessionId::generate(&app.random, now);
    Session { id, seen_at: now, proved_in: None, chosen_in: None, ..session.clone() }
}
