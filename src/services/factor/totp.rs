//! Adding and removing authenticator apps.

use std::net::IpAddr;
use std::time::Duration;

use super::verify::{self, Code};
use crate::app::App;
use crate::crypto::totp::TotpSecret;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ActOnSelf, Allowed, ManageUsers, SignIn};
use crate::domain::account::user::User;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::policy::Rule;
use crate::domain::factor::second_factor::{Kind, SET_UP_WITHIN, SecondFactor, SetUpIn, name};
use crate::domain::factor::totp::{Step, TotpCode};
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::device::DeviceCookie;
use crate::domain::sign_in::session::Session;
use crate::foundation::{SecretHash, SecretString, id::CredentialId};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::{forget_devices, tell};
use crate::services::operation::events::{self, event};
use crate::services::operation::jobs;
use crate::services::sign_in::browser_session::{self, Before, NewRecord};
use crate::services::sign_in::login_throttle::{self, Guess};
use crate::services::sign_in::own_page::FreshSession;
use crate::services::sign_in::session;
use crate::storage::StoreError;
use crate::storage::factor::{recovery_code, second_factor};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::pending_sign_in;

/// What a person needs to set an app up.
pub struct Enrolment {
    /// To be typed in: 32 characters of base 32.
    pub secret: SecretString,
    /// The same for a QR code.
    pub uri: SecretString,
}

/// What became of setting an app up.
pub enum Confirmed {
    /// It is the person's from now on; the browser is signed in by this record.
    Added(CredentialId, Option<Box<NewRecord>>),
    /// The code is not one of this app now, or too much time has passed: see [`continue_or_begin`].
    Wrong,
    /// Too many wrong ones: wait so long.
    Wait(Duration),
    /// The session was ended, or the account changed, while this was under way: nothing was done.
    Overtaken,
}

/// What the form of a new app sends.
pub struct NewApp<'a> {
    /// What it is to be called.
    pub name: &'a str,
    /// A code of it.
    pub code: TotpCode,
    /// Where from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser that it comes from.
    pub browser: Before,
}

/// What became of removing a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Done,
    /// The person has no such factor, or not any more.
    Unknown,
    /// The session was ended, or the account changed, while this was under way: nothing was done.
    Overtaken,
}

/// The app that is being set up on an account page or in the middle of a sign-in: the same one however often its page is
/// opened there. What was begun in another session, or half sign-in, is gone, and never shown here: whoever began
/// it has seen its secret.
///
/// # Errors
/// A refusal where none can be added, or the person has as many as there may be.
pub async fn continue_or_begin(app: &App, by: &Actor, user: &User, within: SetUpIn) -> Result<Enrolment, ServiceError> {
    match within {
        SetUpIn::Half(place) => open_or_new(app, &by.may(SignIn)?, user, place).await,
        SetUpIn::Session(place) => open_or_new(app, &by.may(ActOnSelf(user.id))?, user, place).await,
    }
}

async fn open_or_new<P>(
    app: &App,
    may: &Allowed<'_, P>,
    user: &User,
    place: SecretHash,
) -> Result<Enrolment, ServiceError> {
    let now = app.clock.now();
    let open = app
        .store
        .read("find_factor_being_set_up", async |conn| second_factor::unconfirmed(conn, user.id, place, now).await)
        .await?;
    match open {
        Some(factor) => shown(app, user, &verify::open(app, user.id, &factor)?),
        None => new(app, may, user, place).await,
    }
}

async fn new<P>(app: &App, _: &Allowed<'_, P>, user: &User, place: SecretHash) -> Result<Enrolment, ServiceError> {
    if app.settings.factors.rule == Rule::Off {
        return Err(FactorRefusal::SwitchedOff.into());
    }
    let now = app.clock.now();
    let secret = TotpSecret::generate(&app.random);
    let factor = unconfirmed(app, user, &secret)?;
    let begun = app
        .store
        .transaction("begin_factor", async |tx| {
            if !second_factor::lock(tx, user.id).await?
                || !Kind::Totp.has_room(&second_factor::of_user(tx, user.id).await?)
            {
                return Ok(false);
            }
            second_factor::begin(tx, user.id, &factor, place, now.after(SET_UP_WITHIN)).await?;
            Ok(true)
        })
        .await?;
    match begun {
        true => shown(app, user, &secret),
        false => Err(FactorRefusal::TooMany.into()),
    }
}

/// An app with this secret, sealed for it.
fn unconfirmed(app: &App, user: &User, secret: &TotpSecret) -> Result<SecondFactor, ServiceError> {
    let now = app.clock.now();
    let id = CredentialId::generate(&app.random, now);
    let sealed = app.master.seal(&verify::context(user.id, id), secret.as_bytes(), &app.random)?;
    Ok(SecondFactor {
        id,
        kind: Kind::Totp,
        name: None,
        sealed: Some(sealed),
        last_step: None,
        credential: None,
        suspected_at: None,
        created_at: now,
        confirmed_at: None,
        last_used_at: None,
    })
}

fn shown(app: &App, user: &User, secret: &TotpSecret) -> Result<Enrolment, ServiceError> {
    // Whoever has several accounts in one app sees which server and which name each is for.
    let server = app.issuer.as_str().split_once("://").map_or("", |(_, rest)| rest).trim_end_matches('/');
    let account = user.login_name().unwrap_or("account");
    Ok(Enrolment { secret: secret.text()?, uri: secret.uri(server, account)? })
}

/// Gives a person an app that has this secret already: one that they used with another server, or that everybody knows.
///
/// # Errors
/// A refusal where the person has as many as there may be.
pub async fn import(app: &App, by: &Actor, user: &User, secret: &TotpSecret) -> Result<(), ServiceError> {
    let may = by.may(ManageUsers)?;
    let now = app.clock.now();
    let factor = unconfirmed(app, user, secret)?;
    let place = SecretHash::of(&factor.id.to_string());
    let added = event(app, &may, Action::FactorAdded).about(Target::user(user.id)).about(Target::factor(factor.id));
    let done = app
        .store
        .transaction("import_factor", async |tx| {
            if !second_factor::lock(tx, user.id).await?
                || !Kind::Totp.has_room(&second_factor::of_user(tx, user.id).await?)
            {
                return Ok(false);
            }
            second_factor::begin(tx, user.id, &factor, place, now.after(SET_UP_WITHIN)).await?;
            // Before any step that a clock can be at: none of its codes has been taken here.
            let none = Step::given(0, now);
            second_factor::confirm(tx, user.id, factor.id, None, none, now).await?;
            second_factor::mark(tx, user.id).await?;
            audit_event::insert(tx, &added).await?;
            Ok(true)
        })
        .await?;
    match done {
        true => Ok(()),
        false => Err(FactorRefusal::TooMany.into()),
    }
}

/// The app works: its owner gives a code of it. Their session is then one of two factors, under another cookie of the
/// browser: whoever had taken the one of the weaker session has nothing of the stronger. A wrong code counts as it does at a
/// sign-in. Guessing is of no use, for whoever sets an app up has its secret; but nobody looks codes up without end.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(app: &App, by: &Actor, fresh: &FreshSession, new: NewApp<'_>) -> Result<Confirmed, ServiceError> {
    let NewApp { address, device, browser: before, .. } = new;
    let (session, user) = (fresh.session(), fresh.user());
    let may = by.may(ActOnSelf(user.id))?;
    let (now, stays) = (app.clock.now(), before.stays(app));
    let mut counted = match login_throttle::attempt(app, Guess { account: Ok(user), address, cookie: device }).await? {
        Ok(counted) => counted,
        Err(throttled) => {
            events::count_refused(app, Action::LoginThrottled, None, Some(address));
            return Ok(Confirmed::Wait(throttled.retry_after()));
        }
    };
    let place = session.set_up_in().place();
    let found = verify::find(app, &may, user, &Code::NewTotp(new.code, name(new.name), place)).await?;
    let Some((factor, right)) = found.and_then(|right| Some((right.proof(now).credential?, right))) else {
        counted.begins();
        tracing::info!(user = %user.id, %address, "second factor not added: the code is wrong");
        events::count_refused(app, Action::SecondFactorFailed, None, Some(address));
        return Ok(Confirmed::Wrong);
    };
    // It is no failure; that it was right says nothing of those before it.
    counted.set_aside().await;
    let stronger = Session { proofs: session.proofs.clone().and(right.proof(now)), ..session.clone() };
    let added = right.event(app, &may, by.clone(), user.id);
    let told = tell::prepare(app, by, user, Message::FactorAdded);
    let confirmed = app
        .store
        .transaction("confirm_factor", async |tx| {
            if !fresh.hold(tx).await? {
                return Ok(Confirmed::Overtaken);
            }
            if !right.take(tx, user.id, now).await? {
                return Ok(Confirmed::Wrong);
            }
            // It is held, so that it is there; were it not, the app would not be added either.
            let Some(session) = session::step_up(app, tx, &may, stronger).await? else {
                return Err(StoreError::Corrupt("sessions.ended_at"));
            };
            if let Some(added) = &added {
                audit_event::insert(tx, added).await?;
            }
            told.enqueue(app, tx).await?;
            let others = before.sessions_but(session.id);
            let record = browser_session::sign_in(app, tx, &before, session.id, others, stays).await?;
            Ok(Confirmed::Added(factor, record.map(Box::new)))
        })
        .await?;
    if matches!(confirmed, Confirmed::Added(..)) {
        jobs::begin(app);
        tracing::info!(user = %user.id, "second factor added");
    }
    Ok(confirmed)
}

/// Removes an app or a passkey of the person of `fresh`; with the last one their recovery codes go too.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(
    app: &App,
    by: &Actor,
    fresh: &FreshSession,
    factor: CredentialId,
) -> Result<Removed, ServiceError> {
    let user = fresh.user();
    let may = by.may(ActOnSelf(user.id))?;
    let removed = event(app, &may, Action::FactorRemoved).about(Target::user(user.id)).about(Target::factor(factor));
    let (now, told) = (app.clock.now(), tell::prepare(app, by, user, Message::FactorRemoved));
    let done = app
        .store
        .transaction("remove_factor", async |tx| {
            if !fresh.hold(tx).await? {
                return Ok(Removed::Overtaken);
            }
            if !second_factor::remove(tx, user.id, factor).await? {
                return Ok(Removed::Unknown);
            }
            if !second_factor::mark(tx, user.id).await? {
                recovery_code::replace(tx, user.id, &[], now).await?;
                // What waits for it would wait in vain.
                pending_sign_in::end_of_user(tx, user.id).await?;
                forget_devices(app, tx, &may, user.id, "the last second factor was removed").await?;
            }
            audit_event::insert(tx, &removed).await?;
            told.enqueue(app, tx).await?;
            Ok(Removed::Done)
        })
        .await?;
    if done == Removed::Done {
        jobs::begin(app);
        tracing::info!(user = %user.id, "second factor removed");
    }
    Ok(done)
}
