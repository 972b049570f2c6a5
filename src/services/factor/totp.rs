//! Adding and removing authenticator apps.

use super::verify::{self, Code, Right};
use crate::app::App;
use crate::crypto::totp::TotpSecret;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ActOnSelf, Allowed, ManageUsers, SignIn};
use crate::domain::account::user::User;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::policy::Rule;
use crate::domain::factor::second_factor::{Kind, LONGEST_NAME, MOST, SET_UP_WITHIN, SecondFactor};
use crate::domain::factor::totp::{Step, TotpCode};
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::session::Session;
use crate::foundation::text::plain;
use crate::foundation::{SecretHash, SecretString, id::CredentialId};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::account::user;
use crate::storage::factor::{recovery_code, second_factor};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::{pending_sign_in, session};

/// What an app is called whose owner gave it no name.
const UNNAMED: &str = "Authenticator app";

/// What a person needs to set an app up.
pub struct Enrolment {
    /// To be typed in: 32 characters of base 32.
    pub secret: SecretString,
    /// The same for a QR code.
    pub uri: SecretString,
}

/// What became of setting an app up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// It is the person's from now on.
    Added(CredentialId),
    /// The code is not one of this app now, or too much time has passed: see [`continue_or_begin`].
    Wrong,
}

/// The app that is being set up on an account page or in the middle of a sign-in, in `place`: the same one however often its
/// page is opened there. What was begun in another session, or half sign-in, is gone, and never shown here: whoever began
/// it has seen its secret.
///
/// # Errors
/// A refusal where none can be added, or the person has as many as there may be.
pub async fn continue_or_begin(
    app: &App,
    by: &Actor,
    user: &User,
    place: SecretHash,
) -> Result<Enrolment, ServiceError> {
    let (may, now) = (by.may(SignIn)?, app.clock.now());
    let open = app
        .store
        .read("find_factor_being_set_up", async |conn| second_factor::unconfirmed(conn, user.id, place, now).await)
        .await?;
    match open {
        Some(factor) => shown(app, user, &verify::open(app, user.id, &factor)?),
        None => new(app, &may, user, place).await,
    }
}

async fn new(app: &App, _: &Allowed<'_, SignIn>, user: &User, place: SecretHash) -> Result<Enrolment, ServiceError> {
    if app.settings.factors.rule == Rule::Off {
        return Err(FactorRefusal::SwitchedOff.into());
    }
    let now = app.clock.now();
    let secret = TotpSecret::generate(&app.random);
    let factor = unconfirmed(app, user, &secret)?;
    let begun = app
        .store
        .transaction("begin_factor", async |tx| {
            if !second_factor::lock(tx, user.id).await? || second_factor::of_user(tx, user.id).await?.len() >= MOST {
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
        name: UNNAMED.to_owned(),
        sealed: Some(sealed),
        last_step: None,
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
            if !second_factor::lock(tx, user.id).await? || second_factor::of_user(tx, user.id).await?.len() >= MOST {
                return Ok(false);
            }
            second_factor::begin(tx, user.id, &factor, place, now.after(SET_UP_WITHIN)).await?;
            // Before any step that a clock can be at: none of its codes has been taken here.
            let none = Step::given(0, now);
            second_factor::confirm(tx, user.id, factor.id, &factor.name, none, now).await?;
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

/// The name that an app gets.
pub fn name(typed: &str) -> String {
    let name = plain(typed.trim(), LONGEST_NAME);
    if name.is_empty() { UNNAMED.to_owned() } else { name }
}

/// The app works: its owner gives a code of it. Their session, which is `session`, is then one of two factors. Guessing is of
/// no use: whoever sets an app up has its secret.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(
    app: &App,
    by: &Actor,
    (session, user): (&Session, &User),
    typed_name: &str,
    code: &TotpCode,
) -> Result<Confirmed, ServiceError> {
    let may = by.may(ActOnSelf(user.id))?;
    let now = app.clock.now();
    let found = verify::find(app, user, &Code::NewTotp(code.clone(), name(typed_name), session.set_up_in())).await?;
    let Some(right @ Right::NewTotp(..)) = found else { return Ok(Confirmed::Wrong) };
    let Some(factor) = right.proof(now).credential else { return Ok(Confirmed::Wrong) };
    let stronger = Session { proofs: session.proofs.clone().and(right.proof(now)), ..session.clone() };
    let added = right.event(app, &may, by.clone(), user.id);
    let confirmed = app
        .store
        .transaction("confirm_factor", async |tx| {
            second_factor::lock(tx, user.id).await?;
            if !user::is_unchanged(tx, user).await? || !right.take(tx, user.id, now).await? {
                return Ok(false);
            }
            session::reauthenticate(tx, &stronger).await?;
            if let Some(added) = &added {
                audit_event::insert(tx, added).await?;
            }
            Ok(true)
        })
        .await?;
    if !confirmed {
        return Ok(Confirmed::Wrong);
    }
    tracing::info!(user = %user.id, "second factor added");
    Ok(Confirmed::Added(factor))
}

/// Removes an app of a person; with the last one their recovery codes go too. Tells whether there was one. The caller has seen
/// to it that whoever asks has proved themselves just now.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(app: &App, by: &Actor, user: &User, factor: CredentialId) -> Result<bool, ServiceError> {
    let may = by.may(ActOnSelf(user.id))?;
    let removed = event(app, &may, Action::FactorRemoved).about(Target::user(user.id)).about(Target::factor(factor));
    let now = app.clock.now();
    let done = app
        .store
        .transaction("remove_factor", async |tx| {
            second_factor::lock(tx, user.id).await?;
            let done = second_factor::remove(tx, user.id, factor).await?;
            if !second_factor::mark(tx, user.id).await? {
                recovery_code::replace(tx, user.id, &[], now).await?;
                // What waits for a code of this app would wait in vain.
                pending_sign_in::end_of_user(tx, user.id).await?;
            }
            audit_event::insert_if(tx, done, &removed).await
        })
        .await?;
    if done {
        tracing::info!(user = %user.id, "second factor removed");
    }
    Ok(done)
}
