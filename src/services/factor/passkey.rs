//! Adding passkeys, and asking for them.

use super::challenge::{self, Challenge};
use super::signature::{self, Inserted, Reply};
use crate::app::App;
use crate::crypto::passkey::RelyingParty;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::user::User;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::passkey::Purpose;
use crate::domain::factor::policy::{Passkeys, Rule};
use crate::domain::factor::second_factor::{Kind, SecondFactor, name};
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::session::Session;
use crate::foundation::SecretHash;
use crate::foundation::id::CredentialId;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::tell;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::browser_session::{self, Before, NewRecord};
use crate::services::sign_in::own_page::FreshSession;
use crate::services::sign_in::session;
use crate::storage::StoreError;
use crate::storage::factor::{passkey, second_factor};
use crate::storage::operation::audit_event;

/// What became of adding a passkey.
pub enum Added {
    /// It is the person's from now on; the browser is signed in by this record.
    Added(CredentialId, Option<Box<NewRecord>>),
    /// The answer does not hold, or came too late.
    Wrong,
    /// This credential is somebody's already.
    Known,
    /// The session was ended, or the account changed, while this was under way: nothing was done.
    Overtaken,
}

/// What the form of a new passkey sends.
pub struct Made<'a> {
    /// What it is to be called.
    pub name: &'a str,
    /// The challenge, and the browser's answer.
    pub reply: Reply<'a>,
    /// The browser that it comes from.
    pub browser: Before,
}

/// Whom passkeys are added for; `None` where none can be added.
pub fn can_be_added(app: &App) -> Option<&RelyingParty> {
    let on = app.settings.passkeys != Passkeys::Off && app.settings.factors.rule != Rule::Off;
    app.relying_party.as_ref().filter(|_| on)
}

/// Whom passkeys sign in for by themselves; `None` where they do not.
pub fn can_sign_in(app: &App) -> Option<&RelyingParty> {
    app.relying_party.as_ref().filter(|_| app.settings.passkeys == Passkeys::SignIn)
}

/// The challenge for a new passkey of a person, made in `place`: a session, or half a sign-in. Nothing is stored.
///
/// # Errors
/// A refusal where none can be added, or the person has as many as there may be.
pub async fn begin(app: &App, user: &User, place: SecretHash) -> Result<Challenge, ServiceError> {
    let party = can_be_added(app).ok_or(FactorRefusal::NoPasskeys)?;
    let (factors, known) = app
        .store
        .read("find_known_passkeys", async |conn| {
            Ok((second_factor::of_user(conn, user.id).await?, passkey::credential_ids(conn, user.id).await?))
        })
        .await?;
    if !Kind::Passkey.has_room(&factors) {
        return Err(FactorRefusal::TooMany.into());
    }
    let name = user.login_name().unwrap_or("account");
    let begun = party.begin_registration(user.id.as_uuid(), (name, &user.display_name()), known)?;
    challenge::seal(app, &Purpose::Register(user.id, place), begun)
}

/// The challenge for one of a person's passkeys, after their password; `None` for whoever has none. Nothing is stored.
///
/// # Errors
/// None in practice.
pub fn ask(
    app: &App,
    user: &User,
    factors: &[SecondFactor],
    place: SecretHash,
) -> Result<Option<Challenge>, ServiceError> {
    let Some(party) = &app.relying_party else { return Ok(None) };
    let stored: Vec<&str> = factors.iter().filter_map(|factor| factor.credential.as_deref()).collect();
    match party.begin_assertion(&stored)? {
        Some(begun) => Ok(Some(challenge::seal(app, &Purpose::SecondFactor(user.id, place), begun)?)),
        None => Ok(None),
    }
}

/// The challenge for whatever passkey there is, on a login page in this browser for this request; `None` where they do not
/// sign in. Nothing is stored.
///
/// # Errors
/// None in practice.
pub fn ask_anybody(app: &App, browser: SecretHash, flow: &str) -> Result<Option<Challenge>, ServiceError> {
    let Some(party) = can_sign_in(app) else { return Ok(None) };
    let purpose = Purpose::SignIn { browser, flow: SecretHash::of(flow) };
    Ok(Some(challenge::seal(app, &purpose, party.begin_discovery()?)?))
}

/// The person of `fresh` has made a passkey. Their session is then one of two factors, under another cookie of the browser, as
/// after [`super::totp::confirm`]. Nothing can be guessed here, so that nothing is counted.
///
/// # Errors
/// A refusal where none can be added, or the person has as many as there may be.
pub async fn add(app: &App, by: &Actor, fresh: &FreshSession, made: Made<'_>) -> Result<Added, ServiceError> {
    let Made { name: typed_name, reply, browser: before } = made;
    let (session, user) = (fresh.session(), fresh.user());
    let may = by.may(ActOnSelf(user.id))?;
    if can_be_added(app).is_none() {
        return Err(FactorRefusal::NoPasskeys.into());
    }
    let purpose = Purpose::Register(user.id, session.set_up_in().place());
    let Some(new) = signature::new(app, &purpose, name(typed_name), reply)? else { return Ok(Added::Wrong) };
    let (now, stays) = (app.clock.now(), before.stays(app));
    let stronger = Session { proofs: session.proofs.clone().and(new.proof(now)), ..session.clone() };
    let told = event(app, &may, Action::FactorAdded).about(Target::user(user.id)).about(Target::factor(new.factor()));
    let mail = tell::prepare(app, by, user, Message::FactorAdded);
    let done = app
        .store
        .transaction("add_passkey", async |tx| {
            if !fresh.hold(tx).await? {
                return Ok(Ok(Added::Overtaken));
            }
            match new.insert(tx, user.id).await? {
                Inserted::Added => {}
                Inserted::Used => return Ok(Ok(Added::Wrong)),
                Inserted::Known => return Ok(Ok(Added::Known)),
                Inserted::TooMany => return Ok(Err(FactorRefusal::TooMany)),
            }
            // It is held, so that it is there; were it not, the passkey would not be added either.
            let Some(session) = session::step_up(app, tx, &may, stronger).await? else {
                return Err(StoreError::Corrupt("sessions.ended_at"));
            };
            audit_event::insert(tx, &told).await?;
            mail.enqueue(app, tx).await?;
            let others = before.sessions_but(session.id);
            let record = browser_session::sign_in(app, tx, &before, session.id, others, stays).await?;
            Ok(Ok(Added::Added(new.factor(), record.map(Box::new))))
        })
        .await??;
    if matches!(done, Added::Added(..)) {
        jobs::begin(app);
        tracing::info!(user = %user.id, "passkey added");
    }
    Ok(done)
}
