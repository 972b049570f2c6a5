//! Somebody says that an address is theirs. What they want is written down as a job, whoever has that address, and looked up
//! when it is done: so that neither an answer nor the time that it takes tells who has an account.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::account::sign_up::NewAddress;
use crate::domain::account::user::User;
use crate::domain::operation::job::{Failure, Job, Kind};
use crate::foundation::Timestamp;
use crate::foundation::id::UserId;
use crate::foundation::mail_address::MailAddress;
use crate::mail::message::Message;
use crate::services::operation::jobs;
use crate::services::operation::mail::{self, NewMail};
use crate::services::operation::sealed_job;
use crate::services::{ServiceError, Unavailable};
use crate::storage::account::{login_identifier, user};
use crate::storage::operation::job;

/// Jobs of this kind that wait at one time: what strangers cause while none is done does not fill the database (40 MB).
const MOST_WAITING: i64 = 10_000;

/// What the address is wanted for.
#[derive(Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub(in crate::services) enum Claim {
    /// An account.
    SignUp(SignUp),
    /// Another address of an account that there is.
    Change(EmailChange),
}

/// An account that somebody wants. A link remembers it until the address is proven: the password as a hash only, and all of it
/// sealed.
#[derive(Serialize, Deserialize)]
pub(in crate::services) struct SignUp {
    pub email: String,
    pub username: Option<String>,
    pub password_hash: String,
    pub locale: Option<String>,
    /// What the account is wanted for.
    pub flow: String,
    /// The hash of the secret of the browser that asked.
    pub browser: Vec<u8>,
    /// When the password was typed.
    pub asked_at: Timestamp,
    /// Whether the mail has a code too, to be typed where the account was asked for; what the version before wrote has none.
    #[serde(default)]
    pub with_code: bool,
}

/// Another address that somebody wants to have.
#[derive(Serialize, Deserialize)]
pub(in crate::services) struct EmailChange {
    pub user: String,
    pub email: String,
    pub locale: Option<String>,
    /// The hash of what a code of the mail is bound to, where one is wanted.
    #[serde(default)]
    pub code_for: Option<Vec<u8>>,
    /// The session that it was asked for in; the version before did not say it.
    #[serde(default)]
    pub session: Option<String>,
    /// When the account had changed last.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
}

/// Writes down what somebody wants.
///
/// # Errors
/// When the database does not answer, or as many wait as may.
pub(in crate::services) async fn enqueue(app: &App, by: &Actor, claim: &Claim) -> Result<(), ServiceError> {
    // Sealed, since a database that is stolen is not to tell who wanted what.
    let new = sealed_job::new(app, Kind::ProveAddress, &by.who.to_string(), claim)?;
    let added = app
        .store
        .transaction("ask_to_prove_address", async |tx| {
            if job::are_waiting(tx, Kind::ProveAddress, MOST_WAITING).await? {
                return Ok(false);
            }
            jobs::enqueue(app, tx, &new).await?;
            Ok(true)
        })
        .await?;
    if !added {
        let cause = "as many addresses wait to be proven as may".to_owned();
        let refused =
            Unavailable { cause, retry_after: Duration::from_secs(30), may_be_done: false, by_strangers: false };
        return Err(ServiceError::Unavailable(refused));
    }
    jobs::begin(app);
    Ok(())
}

/// What a job is about.
///
/// # Errors
/// When it cannot be read, now or ever.
pub(in crate::services) fn open(app: &App, job: &Job) -> Result<Claim, Failure> {
    sealed_job::read(app, job)
}

/// What whoever reads the mail of `address` is told where it cannot be given to anybody, or not to `owner`; `None` where it
/// can. To whom that mail goes is read from the account, where there is one (GHSA-qgqp-xh8r-v73r).
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn somebodys(
    app: &App,
    address: &NewAddress,
    owner: Option<UserId>,
    locale: Option<String>,
) -> Result<Option<NewMail>, ServiceError> {
    let (name, id) = (&address.identifier, owner.unwrap_or_else(|| UserId::generate(&app.random, app.clock.now())));
    let (found, free) = app
        .store
        .read("find_whose_address", async |conn| {
            let found = user::find_by_identifier(conn, name).await?;
            Ok((found, login_identifier::free(conn, id, std::slice::from_ref(name)).await?.is_ok()))
        })
        .await?;
    Ok(match found.filter(|found| Some(found.id) != owner) {
        Some(user) => {
            let to = mailbox(&user).unwrap_or_else(|| address.mailbox.clone());
            let locale = user.locale().or(locale);
            Some(NewMail { to, locale, message: Message::HasAccount {} })
        }
        None if free => None,
        None => Some(NewMail { to: address.mailbox.clone(), locale, message: Message::LooksLikeAnother {} }),
    })
}

/// Sends a mail that holds no link of its own.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn tell(app: &App, by: &Actor, told: NewMail) -> Result<(), ServiceError> {
    let mail = mail::prepare(app, by, told)?;
    app.store.transaction("tell_whose_address", async |tx| mail::enqueue(app, tx, &mail).await).await?;
    jobs::begin(app);
    Ok(())
}

/// Where mail to somebody goes.
pub(in crate::services) fn mailbox(user: &User) -> Option<MailAddress> {
    user.email.as_deref().and_then(|email| MailAddress::parse(email).ok())
}
