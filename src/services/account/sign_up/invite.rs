//! Invitations: somebody may make an account who reads the mail of an address.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::make::{self, Chosen, Newcomer};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ManageUsers, SignUp as SignUpNow};
use crate::domain::account::error::AccountError;
use crate::domain::account::identifier::{IdentifierError, LoginIdentifier};
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::password_policy::Person;
use crate::domain::account::profile::Profile;
use crate::domain::account::sign_up::{NewAddress, SignUpMode, Wrong, new_username};
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::domain::sign_in::place::places;
use crate::foundation::{SecretString, Timestamp, id::UserId};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::new_password;
use crate::services::account::one_time_link::{self, Found, NewLink, Whose};
use crate::services::operation::events::event;
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::services::operation::{brake, jobs};
use crate::storage::Conn;
use crate::storage::account::{login_identifier, user};
use crate::storage::operation::audit_event;

/// So often within [`WINDOW`] an invitation is answered from one place: each password is judged and hashed.
const MOST_FROM_PLACE: u32 = 30;
const WINDOW: Duration = Duration::from_secs(3600);

/// Somebody to be invited.
pub struct NewInvitation {
    /// Their address.
    pub email: String,
    /// The username that they are to have; `None`: they choose one where the settings say so.
    pub username: Option<String>,
    /// How long the invitation holds; `None`: as long as is usual.
    pub valid: Option<Duration>,
}

/// Somebody was invited.
pub struct Invited {
    /// The link that is in the mail. It makes an account: whoever gets it by another way is as good as invited.
    pub link: SecretString,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// What became of the mail.
    pub mail: Queued,
}

/// What an invitation says.
#[derive(Serialize, Deserialize)]
struct Remembered {
    email: String,
    username: Option<String>,
}

/// What an invitation comes to for whoever was invited.
pub struct Invitation {
    /// The address.
    pub email: String,
    /// The username.
    pub username: GivenName,
}

/// The username of somebody who was invited.
pub enum GivenName {
    /// They choose one, if the settings say so.
    Open,
    /// The invitation says it.
    Given(String),
    /// The invitation said one that somebody else has by now, or something that looks like it: they choose another.
    Gone(String),
}

/// What whoever was invited sends.
pub struct Answer<'a> {
    /// The username, as typed; not read where it is given and nobody else has it, or none is to be chosen.
    pub username: &'a str,
    /// The password.
    pub password: SecretString,
    /// Where from.
    pub address: IpAddr,
    /// The language that the page was in.
    pub locale: Option<String>,
    /// What follows.
    pub flow: &'a str,
}

/// What came of an answer.
pub enum Accepted {
    /// There is an account.
    Made(Box<Newcomer>),
    /// Something in the form cannot be taken.
    Wrong(Vec<Wrong>),
    /// Too much was asked for from here: wait so long.
    Wait(Duration),
    /// The invitation was used, or its time is over.
    Over,
}

/// Invites somebody: a mail with a link goes to the address. An invitation that the same address had before is void.
///
/// # Errors
/// A refusal says which name cannot be taken and why, or that nobody is invited here.
pub async fn invite(app: &App, by: &Actor, new: NewInvitation) -> Result<Invited, ServiceError> {
    let may = by.may(ManageUsers)?;
    if app.settings.sign_up.mode == SignUpMode::Off {
        return Err(AccountError::NoInvitations.into());
    }
    let NewInvitation { email, username, valid } = new;
    let address = NewAddress::parse(&email)
        .map_err(|_| AccountError::Email { email: email.clone(), why: IdentifierError::Email })?;
    let name = username.as_deref().map(new_username).transpose().map_err(|wrong| {
        let why = if let Wrong::Username(why) = wrong { why } else { IdentifierError::Empty };
        AccountError::Username { username: username.clone().unwrap_or_default(), why }
    })?;
    let names: Vec<_> =
        std::iter::once(address.identifier.clone()).chain(name.as_ref().map(|(_, name)| name.clone())).collect();
    let nobody = UserId::generate(&app.random, app.clock.now());
    let free =
        app.store.read("find_names_to_invite", async |conn| login_identifier::free(conn, nobody, &names).await).await?;
    free.map_err(|taken| AccountError::Taken { names: taken.0 })?;
    let payload = Remembered { email: address.claim, username: name.map(|(typed, _)| typed) };
    let link = NewLink {
        purpose: Purpose::Invitation,
        whose: Whose::Address(address.identifier.as_str()),
        payload: &payload,
        browser: None,
        expires_at: valid.map(|valid| app.clock.now().after(valid)),
    };
    let link = one_time_link::prepare(app, link)?;
    let message = Message::Invitation { path: link.path(), until: link.expires_at() };
    let mail = mail::prepare(app, by, NewMail { to: address.mailbox, locale: None, message })?;
    let none = Public(None);
    let changes = [
        Change::of("email", &none, &Public(Some(&payload.email))),
        Change::of("username", &none, &Public(payload.username.as_deref())),
    ];
    let invited = event(app, &may, Action::UserInvited).changed(changes.into_iter().flatten());
    let queued = app
        .store
        .transaction("invite_somebody", async |tx| {
            one_time_link::insert(tx, &link).await?;
            audit_event::insert(tx, &invited).await?;
            mail::enqueue(app, tx, &mail).await
        })
        .await?;
    jobs::begin(app);
    let expires_at = link.expires_at();
    Ok(Invited { link: SecretString::new(app.issuer.join(&link.path())), expires_at, mail: queued })
}

/// What the invitation behind the link says, if it is open. It uses nothing up.
///
/// # Errors
/// When the database does not answer.
pub async fn invitation(app: &App, token: &str) -> Result<Option<Invitation>, ServiceError> {
    match find(app, token).await? {
        Some(found) => said(app, &found).await.map(Some),
        None => Ok(None),
    }
}

/// What an open invitation comes to by now.
async fn said(app: &App, found: &Found) -> Result<Invitation, ServiceError> {
    let Remembered { email, username } = found.payload()?;
    let Some(given) = username else { return Ok(Invitation { email, username: GivenName::Open }) };
    let nobody = UserId::generate(&app.random, app.clock.now());
    let names = [LoginIdentifier::username(&given).map_err(ServiceError::internal)?];
    let read = async |conn: &mut Conn| login_identifier::free(conn, nobody, &names).await;
    let free = app.store.read("find_username_of_invitation", read).await?.is_ok();
    Ok(Invitation { email, username: if free { GivenName::Given(given) } else { GivenName::Gone(given) } })
}

/// Makes an account of whoever was invited.
///
/// # Errors
/// When the database or the password queue cannot take it now.
pub async fn accept(app: &App, by: &Actor, token: &str, answer: Answer<'_>) -> Result<Accepted, ServiceError> {
    let may = by.may(SignUpNow)?;
    let Some(found) = find(app, token).await? else { return Ok(Accepted::Over) };
    let Invitation { email, username } = said(app, &found).await?;
    let chosen = match username {
        GivenName::Given(given) => Ok(Some(given)),
        GivenName::Open => app.settings.sign_up.username(answer.username).map(|chosen| chosen.map(|(typed, _)| typed)),
        // Whoever invited them wants them to have one.
        GivenName::Gone(_) if answer.username.trim().is_empty() => Err(Wrong::UsernameMissing),
        GivenName::Gone(_) => new_username(answer.username).map(|(typed, _)| Some(typed)),
    };
    let username = match chosen {
        Ok(username) => username,
        Err(wrong) => return Ok(Accepted::Wrong(vec![wrong])),
    };
    let limits = places(answer.address);
    let limits = limits.iter().map(|place| {
        app.ephemeral.limit(&format!("invitation/{place}"), u64::from(MOST_FROM_PLACE.saturating_mul(place.share)))
    });
    if let Some(wait) = brake::hit(app, by, &limits.collect::<Vec<_>>(), WINDOW).await? {
        return Ok(Accepted::Wait(wait));
    }
    let person = Person { username: username.as_deref(), email: Some(&email), profile: &Profile::default() };
    let password_hash = match new_password::accept(app, answer.password.into(), &person).await {
        Ok(accepted) => accepted.hash,
        Err(ServiceError::Account(AccountError::Password(why))) => {
            return Ok(Accepted::Wrong(vec![Wrong::Password(why)]));
        }
        Err(other) => return Err(other),
    };
    let chosen = Chosen { email, username, password_hash, locale: answer.locale };
    let (user, names) = make::account(app, chosen)?;
    let address = NewAddress::parse(user.email.as_deref().unwrap_or_default());
    let Ok(NewAddress { identifier: address, .. }) = address else { return Ok(Accepted::Over) };
    let created = event(app, &may, Action::UserCreated).about(Target::user(user.id)).because("was invited");
    let created = created.changed(Change::of_user(None, &user));
    let stored = app
        .store
        .transaction("make_account_of_invitation", async |tx| {
            // Looked at first: whoever finds a name taken chooses another one, by the same invitation.
            if let Err(taken) = login_identifier::free(tx, user.id, &names).await? {
                return Ok(if taken.0.contains(&address) { Stored::Over } else { Stored::Taken });
            }
            if !one_time_link::take(app, tx, &found).await? || user::insert(tx, &user, &names).await?.is_err() {
                return Ok(Stored::Over);
            }
            audit_event::insert(tx, &created).await?;
            Ok(Stored::Made)
        })
        .await?;
    Ok(match stored {
        Stored::Over => Accepted::Over,
        Stored::Taken => Accepted::Wrong(vec![Wrong::UsernameTaken]),
        Stored::Made => {
            tracing::info!(user = %user.id, "user made an account by invitation");
            let (proved_at, flow) = (app.clock.now(), answer.flow.to_owned());
            Accepted::Made(Box::new(Newcomer { user, proved_at, flow }))
        }
    })
}

/// What the transaction came to.
enum Stored {
    Made,
    Taken,
    Over,
}

async fn find(app: &App, token: &str) -> Result<Option<Found>, ServiceError> {
    match app.settings.sign_up.mode {
        SignUpMode::Off => Ok(None),
        SignUpMode::Invitation | SignUpMode::Open => one_time_link::find(app, Purpose::Invitation, token).await,
    }
}
