//! Asking for an account.

use std::net::IpAddr;
use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignUp as SignUpNow;
use crate::domain::account::error::AccountError;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::password_policy::Person;
use crate::domain::account::profile::Profile;
use crate::domain::account::sign_up::{NewAddress, SignUpMode, Wrong};
use crate::domain::sign_in::mailed_code::MailedCode;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::domain::sign_in::place::places;
use crate::foundation::{SecretHash, SecretString, id::UserId};
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::claim::{self, Claim, SignUp};
use crate::services::account::new_password;
use crate::services::account::one_time_link::{self, NewLink, Whose};
use crate::services::operation::mail::{self, NewMail, Queued};
use crate::services::operation::{brake, jobs};
use crate::storage::account::login_identifier;

/// So often within [`WINDOW`] one address is asked for: from everywhere, and from one holder's address; and so often somebody
/// asks from there at all.
const MOST_OF_ADDRESS: u64 = 20;
const MOST_OF_ADDRESS_FROM_HERE: u32 = 5;
const MOST_FROM_PLACE: u32 = 30;
const WINDOW: Duration = Duration::from_secs(3600);

/// What the form sends.
pub struct SignUpForm<'a> {
    /// The address, as typed.
    pub email: &'a str,
    /// The username, as typed; not read where none is to be chosen.
    pub username: &'a str,
    /// The password.
    pub password: SecretString,
    /// Where from.
    pub address: IpAddr,
    /// What the account is wanted for.
    pub flow: &'a str,
    /// The secret of the browser.
    pub browser: SecretHash,
    /// The language that the page was in.
    pub locale: Option<String>,
    /// Whether the mail is to have a code too.
    pub with_code: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Asked {
    /// There is a mail on its way, or nothing: whoever asks is told the same.
    Sent,
    /// Something in the form cannot be taken, whoever has an account here.
    Wrong(Vec<Wrong>),
    /// Too much was asked for, from here or for this address: wait so long.
    Wait(Duration),
}

/// Asks for an account. Whether the address has one makes no difference to the answer, nor to the work that is done for it: the
/// form is judged, the password hashed, and one job written down, which sends a mail of one kind or another. A username that is
/// taken is told at once: usernames are public.
///
/// One network can make us store thirty jobs of a few kilobytes within an hour, five of them for one address, which gets twenty; a
/// job makes one mail, and a link of which two stay for an address and browser.
///
/// # Errors
/// A refusal where nobody makes an account for themselves. When the database or the password queue cannot take it now.
pub async fn ask(app: &App, by: &Actor, form: SignUpForm<'_>) -> Result<Asked, ServiceError> {
    by.may(SignUpNow)?;
    let policy = &app.settings.sign_up;
    if policy.mode != SignUpMode::Open {
        return Err(PageRefusal::NoSignUp.into());
    }
    let (address, username) = match (policy.address(form.email), policy.username(form.username)) {
        (Ok(address), Ok(username)) => (address, username),
        (address, username) => return Ok(Asked::Wrong(address.err().into_iter().chain(username.err()).collect())),
    };
    let mut limits: Vec<_> = places(form.address)
        .iter()
        .map(|place| app.ephemeral.limit(&format!("sign_up/{place}"), u64::from(MOST_FROM_PLACE * place.share)))
        .collect();
    let name = address.identifier.as_str();
    limits.extend(places(form.address).iter().map(|place| {
        app.ephemeral.limit(&format!("sign_up/{place}/{name}"), place.for_one(MOST_OF_ADDRESS_FROM_HERE))
    }));
    limits.push(app.ephemeral.limit(&format!("sign_up/{name}"), MOST_OF_ADDRESS));
    if let Some(wait) = brake::hit(app, by, &limits, WINDOW).await? {
        tracing::info!(address = %form.address, "sign-up refused: too many were asked for");
        return Ok(Asked::Wait(wait));
    }
    if let Some((_, name)) = &username {
        let nobody = UserId::generate(&app.random, app.clock.now());
        let names = [name.clone()];
        let read = app.store.read("find_username", async |conn| login_identifier::free(conn, nobody, &names).await);
        if read.await?.is_err() {
            return Ok(Asked::Wrong(vec![Wrong::UsernameTaken]));
        }
    }
    let username = username.map(|(typed, _)| typed);
    let person = Person { username: username.as_deref(), email: Some(&address.claim), profile: &Profile::default() };
    let password_hash = match new_password::accept(app, form.password.into(), &person).await {
        Ok(accepted) => accepted.hash,
        Err(ServiceError::Account(AccountError::Password(why))) => {
            return Ok(Asked::Wrong(vec![Wrong::Password(why)]));
        }
        Err(other) => return Err(other),
    };
    let wanted = SignUp {
        email: address.claim,
        username,
        password_hash,
        locale: form.locale,
        flow: form.flow.to_owned(),
        browser: form.browser.as_bytes().to_vec(),
        asked_at: app.clock.now(),
        with_code: form.with_code,
    };
    claim::enqueue(app, by, &Claim::SignUp(wanted)).await?;
    Ok(Asked::Sent)
}

/// Sends whoever reads the mail of the address a link that makes the account; or, where there is one, says so. Nothing is sent a
/// day after it was asked for.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn send_link(app: &App, by: &Actor, wanted: &SignUp) -> Result<(), ServiceError> {
    // Whoever has waited for longer than a link holds has asked again, or has given up.
    if app.clock.now() >= wanted.asked_at.after(Purpose::SignUp.lifetime()) {
        return Ok(());
    }
    let Ok(address) = NewAddress::parse(&wanted.email) else {
        return Err(ServiceError::internal("an address that was checked is none any more"));
    };
    if let Some(told) = claim::somebodys(app, &address, None, wanted.locale.clone()).await? {
        return claim::tell(app, by, told).await;
    }
    let link = NewLink {
        purpose: Purpose::SignUp,
        whose: Whose::Address(address.identifier.as_str()),
        payload: wanted,
        browser: SecretHash::from_stored(&wanted.browser),
        expires_at: None,
    };
    let code = wanted.with_code.then(|| MailedCode::generate(&app.random));
    let link = one_time_link::prepare(app, link)?;
    let link = match &code {
        Some(code) => link.with_code(app, code),
        None => link,
    };
    let message = Message::SignUp { path: link.path(), code: code.map(|code| code.reveal()) };
    let mail = mail::prepare(app, by, NewMail { to: address.mailbox, locale: wanted.locale.clone(), message })?;
    app.store
        .transaction("send_sign_up_link", async |tx| match mail::enqueue(app, tx, &mail).await? {
            Queued::Added => one_time_link::insert(tx, &link).await,
            Queued::TooManyToOne | Queued::TooManyWaiting => Ok(()),
        })
        .await?;
    jobs::begin(app);
    Ok(())
}
