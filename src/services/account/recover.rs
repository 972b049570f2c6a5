//! Another password for whoever has lost theirs: a link goes to the account's own address, and whoever reads it there chooses.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::one_time_link::{self, Found, NewLink, Whose};
use super::{end_everything, new_password};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::password_policy::Person;
use crate::domain::account::recovery::reachable;
use crate::domain::account::user::{Status, User};
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::SecretString;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::services::sign_in::login_throttle;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// What a link remembers.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// What waits for the sign-in that follows.
    flow: Option<String>,
}

/// What became of a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reset {
    /// It is set; this waits for a sign-in with it.
    Done {
        /// A request on its way, as in the links of the pages of a sign-in.
        flow: Option<String>,
    },
    /// The link holds no longer: nothing was done.
    Void,
    /// Too many were tried: wait so long.
    Wait(Duration),
}

/// Writes to `user` how to choose another password; nothing to whoever cannot be written to.
pub(super) async fn send_link(
    app: &App,
    by: &Actor,
    user: &User,
    flow: Option<String>,
    locale: Option<String>,
) -> Result<(), ServiceError> {
    let Ok(to) = reachable(user) else {
        tracing::info!(user = %user.id, "no link to choose another password: disabled, or without an address");
        return Ok(());
    };
    let may = by.may(SignIn)?;
    let (whose, payload) = (Whose::User(user), &Payload { flow });
    let link = NewLink { purpose: Purpose::Reset, whose, payload, browser: None, expires_at: None };
    let link = one_time_link::prepare(app, link)?;
    let message = Message::Reset { path: link.path() };
    let mail = mail::prepare(app, by, NewMail { to, locale: user.locale().or(locale), message })?;
    let asked = event(app, &may, Action::RecoveryRequested).about(Target::user(user.id));
    let queued = app
        .store
        .transaction("send_reset_link", async |tx| {
            let queued = mail::enqueue(app, tx, &mail).await?;
            if queued == Queued::Added {
                one_time_link::insert(tx, &link).await?;
                audit_event::insert(tx, &asked).await?;
            }
            Ok(queued)
        })
        .await?;
    jobs::begin(app);
    match queued {
        Queued::Added => tracing::info!(user = %user.id, "link to choose another password sent"),
        Queued::TooManyToOne | Queued::TooManyWaiting => {
            tracing::debug!(user = %user.id, "no link to choose another password: too many mails");
        }
    }
    Ok(())
}

/// The link that was presented, if it is one of these and open, and whose it is.
///
/// # Errors
/// When the database does not answer.
pub async fn find_link(app: &App, presented: &str) -> Result<Option<(Found, User)>, ServiceError> {
    let found = one_time_link::find(app, Purpose::Reset, presented).await?;
    Ok(found.and_then(|found| {
        let user = found.user.clone().filter(|user| user.status == Status::Active)?;
        Some((found, user))
    }))
}

/// Sets another password for whoever came with this link. In the same transaction all ends that anybody has got by the old
/// one, and by any other proof: sessions, grants with their tokens, half sign-ins, other links. What slowed sign-ins down is
/// forgotten, the address is known to be theirs, and they are told of it by mail. Nobody is signed in: a second factor is
/// still demanded.
///
/// # Errors
/// A refusal when the password cannot be used, with the reason; then the link holds on.
pub async fn reset(app: &App, by: &Actor, presented: &str, password: SecretString) -> Result<Reset, ServiceError> {
    let may = by.may(SignIn)?;
    let Some((found, owner)) = find_link(app, presented).await? else { return Ok(Reset::Void) };
    let id = owner.id;
    if let Err(wait) = new_password::count(app, id).await? {
        return Ok(Reset::Wait(wait));
    }
    let Payload { flow } = found.payload()?;
    let hash = new_password::accept(app, password.into(), &Person::from(&owner)).await?.hash;
    let now = app.clock.now();
    let changed = event(app, &may, Action::UserPasswordChanged).about(Target::user(id));
    let changed = changed.changed([Change::hidden("password")]).because("by a link that was sent by mail");
    let verified = event(app, &may, Action::UserUpdated).about(Target::user(id));
    let verified = verified.changed(Change::of("email_verified", &false, &true));
    let told = match reachable(&owner) {
        Ok(to) => {
            Some(mail::prepare(app, by, NewMail { to, locale: owner.locale(), message: Message::PasswordReset })?)
        }
        Err(_) => None,
    };
    let ended = app
        .store
        .transaction("reset_password", async |tx| {
            if !one_time_link::take(app, tx, &found).await? || !user::set_mailed_password(tx, id, &hash, now).await? {
                return Ok(None);
            }
            audit_event::insert(tx, &changed).await?;
            if !owner.email_verified {
                user::verify_email(tx, id, now).await?;
                audit_event::insert(tx, &verified).await?;
            }
            login_throttle::unlock(tx, id).await?;
            if let Some(told) = &told {
                mail::enqueue(app, tx, told).await?;
            }
            end_everything(app, tx, &may, id, "the password was changed").await.map(Some)
        })
        .await?;
    jobs::begin(app);
    let Some((sessions, grants)) = ended else { return Ok(Reset::Void) };
    tracing::info!(user = %id, sessions, grants, "password set by a link that was sent by mail");
    Ok(Reset::Done { flow })
}
