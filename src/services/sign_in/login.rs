//! Signing in with a password.

use std::net::IpAddr;
use std::time::Duration;

use super::enter::{self, Entered, Entry, Halfway, Proved};
use super::login_throttle::{self, Guess, Throttled};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn as SignInNow;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::user::{Status, User};
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::operation::audit_event::Action;
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::foundation::SecretString;
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::operation::events;
use crate::services::sign_in::browser_session::Before;
use crate::services::sign_in::progress::Ask;
use crate::storage::account::user;

/// What became of an attempt.
pub enum SignIn {
    /// Signed in; by the cookie the browser is known again.
    Done(Box<Entered>, DeviceCookie),
    /// Something else is due before there is a session.
    Half(Box<Halfway>),
    /// Unknown, wrong, disabled: all the same from outside.
    Wrong,
    /// The right password of another account than the only one that may sign in here. Nobody was signed in.
    AnotherAccount,
    /// What a code was to complete has ended.
    Over,
    /// Too many attempts, on this account or from here: wait so long.
    Wait(Duration, Option<UserId>),
    /// Too many failures in a row: this account takes no passwords from browsers that it does not know.
    Stopped(Duration, Option<UserId>),
}

/// What the login form sends.
pub struct Attempt<'a> {
    /// Username or e-mail address, as typed.
    pub username: &'a str,
    /// The password.
    pub password: SecretString,
    /// Where from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser that it comes from.
    pub browser: Before,
    /// The flow that it belongs to.
    pub flow: &'a str,
    /// Whether the browser is to stay signed in when it is closed.
    pub stays: bool,
}

/// Checks a password in answer to `ask`, and begins a session. Whether the user exists, has a password or is disabled makes
/// no difference to the answer or to the work that is done for it.
///
/// # Errors
/// When the database, the counters or the password queue cannot take it now.
pub async fn sign_in(app: &App, by: &Actor, ask: &Ask, attempt: Attempt<'_>) -> Result<SignIn, ServiceError> {
    let may = by.may(SignInNow)?;
    if !app.settings.login.takes_passwords() {
        return Ok(SignIn::Wrong);
    }
    app.passwords.has_room()?;
    let identifier = LoginIdentifier::typed(attempt.username).ok();
    let found = match &identifier {
        Some(identifier) => {
            app.store
                .read("find_account_at_sign_in", async |conn| user::find_by_identifier(conn, identifier).await)
                .await?
        }
        None => None,
    };
    // An address that somebody has is counted as theirs however it is written, and so one that nobody has is counted as one.
    let typed = identifier.as_ref().map_or_else(|| attempt.username.to_owned(), |name| name.counted().to_string());
    let account = found.as_ref().ok_or(typed.as_str());
    // What was typed is not logged: people type passwords into the wrong field.
    let user = found.as_ref().map_or_else(|| "unknown".to_owned(), |user| user.id.to_string());
    let guess = Guess { account, address: attempt.address, cookie: attempt.device };
    let mut counted = match login_throttle::attempt(app, guess).await? {
        Ok(counted) => counted,
        Err(throttled) => {
            events::count_refused(app, Action::LoginThrottled, ask.client_id(), Some(attempt.address));
            return Ok(refuse(&throttled, found.as_ref().map(|user| user.id), attempt.address));
        }
    };
    let stored = found.as_ref().and_then(|user| user.password_hash.as_deref());
    let turn = app.passwords.turn().await?;
    counted.begins();
    let verified = turn.verify(attempt.password.clone(), stored).await?;
    let Some(mut user) = found.filter(|user| verified.matches && user.status == Status::Active) else {
        tracing::info!(user, address = %attempt.address, "sign-in failed");
        events::count_refused(app, Action::LoginFailed, ask.client_id(), Some(attempt.address));
        return Ok(SignIn::Wrong);
    };
    let id = user.id;
    if ask.only_account().is_some_and(|only| only != id) {
        counted.was_right();
        tracing::info!(user = %id, address = %attempt.address, "sign-in refused: another account was asked for a proof");
        return Ok(SignIn::AnotherAccount);
    }
    let (at, stays) = (app.clock.now(), attempt.stays);
    let proofs = Proofs::of(Proof::by_password(at));
    let new_browser = attempt.device.device(&app.login_key, device::Account::of(&user), at).is_none();
    let proved = Proved { user: user.clone(), proofs, at, second: None, stays, new_browser, counted };
    let entry = enter::enter(app, &may, ask, attempt.flow, &attempt.browser, proved).await?;
    if verified.needs_rehash && matches!(entry, Entry::In(_) | Entry::Half(_)) {
        rehash(app, &mut user, attempt.password).await;
    }
    let entered = match entry {
        Entry::In(entered) => entered,
        Entry::Half(halfway) => {
            tracing::info!(user = %id, address = %attempt.address, "password accepted, a second factor is due");
            return Ok(SignIn::Half(halfway));
        }
        Entry::Used | Entry::Over => {
            tracing::info!(user = %id, address = %attempt.address, "sign-in failed: the account was changed meanwhile");
            events::count_refused(app, Action::LoginFailed, ask.client_id(), Some(attempt.address));
            return Ok(SignIn::Wrong);
        }
    };
    tracing::info!(user = %id, session = %entered.session, address = %attempt.address, "signed in");
    let device =
        attempt.device.remember(&app.login_key, device::Account::of(&user), app.random.bytes(), app.clock.now());
    Ok(SignIn::Done(entered, device))
}

/// How somebody is told who has to wait.
pub(super) fn refuse(throttled: &Throttled, id: Option<UserId>, address: IpAddr) -> SignIn {
    let wait = throttled.retry_after();
    let user = id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    match throttled {
        Throttled::Wait(_) => {
            tracing::warn!(user, %address, wait_seconds = wait.as_secs(), "sign-in refused: too many attempts");
            SignIn::Wait(wait, id)
        }
        Throttled::Stopped => {
            tracing::warn!(user, %address, "sign-in refused: too many failures in a row, and the browser is not known");
            SignIn::Stopped(wait, id)
        }
    }
}

/// Brings a hash up to today's parameters, unless the password was changed meanwhile. Not worth failing a sign-in for.
async fn rehash(app: &App, user: &mut User, password: SecretString) {
    let Some(old) = &user.password_hash else { return };
    let Ok(new) = app.passwords.hash(password, app.random.bytes()).await else { return };
    let renewed = app
        .store
        .transaction("renew_password_hash", async |tx| user::renew_password_hash(tx, user.id, old, &new).await)
        .await;
    match renewed {
        Ok(true) => user.password_hash = Some(new),
        Ok(false) => {}
        Err(error) => tracing::warn!(user = %user.id, %error, "password hash could not be renewed"),
    }
}
