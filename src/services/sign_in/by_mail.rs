//! Signing in by what was sent by mail: a link, or the code beside it. Both are of one row, work once, and only in the browser
//! that asked: whoever makes somebody else open their link signs nobody in. Each asking is one of its own: what an earlier or a
//! later one comes to is seen by nothing here.

use std::net::IpAddr;

use super::browser_session::Before;
use super::enter::{self, Entry, Proved};
use super::login::SignIn;
use super::login_throttle::Attempt;
use super::progress::Ask;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn as SignInNow;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::user::Status;
use crate::domain::factor::method::Method;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::operation::audit_event::Action;
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::domain::sign_in::mailed_code::{MailedCode, bound_to};
use crate::services::ServiceError;
use crate::services::account::code_brake;
use crate::services::account::one_time_link::{self, Found};
use crate::services::account::sign_in_link::Remembered;
use crate::services::operation::events;

/// A browser that came with what was mailed.
pub struct Came<'a> {
    /// Where from.
    pub address: IpAddr,
    /// What it knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser.
    pub browser: Before,
    /// The flow that it signs in for.
    pub flow: &'a str,
    /// What the mail was asked for with ([`bound_to`]); nothing where none was asked for in this way.
    pub mailed_to: Option<&'a str>,
}

/// The link that was presented, if it is open, with what it remembers. It uses nothing up.
///
/// # Errors
/// When the database does not answer.
pub async fn find_link(app: &App, presented: &str) -> Result<Option<(Found, Remembered)>, ServiceError> {
    match one_time_link::find(app, Purpose::SignIn, presented).await? {
        Some(found) => {
            let remembered = found.payload()?;
            Ok(Some((found, remembered)))
        }
        None => Ok(None),
    }
}

/// Signs in by a link, in answer to `ask`, in the browser that asked for it.
///
/// # Errors
/// When the database does not answer.
pub async fn by_link(app: &App, by: &Actor, ask: &Ask, found: &Found, came: Came<'_>) -> Result<SignIn, ServiceError> {
    match is_here(found, &found.payload()?, &came.browser.binding) {
        true => sign_in(app, by, ask, found, came).await,
        false => Ok(SignIn::Over),
    }
}

/// Whether a link was asked for at a page of the browser with this secret.
pub fn is_here(found: &Found, remembered: &Remembered, binding: &str) -> bool {
    remembered.asked.as_deref().is_some_and(|asked| found.is_of_browser(&bound_to(binding, asked)))
}

/// Signs in by a code, in answer to `ask`. Whether a mail was sent at all makes no difference to the answer or to what is
/// done for it.
///
/// # Errors
/// When the database or the counters do not answer: a code is never wrong because of that.
pub async fn by_code(app: &App, by: &Actor, ask: &Ask, typed: &str, came: Came<'_>) -> Result<SignIn, ServiceError> {
    if let Some(wait) = code_brake::hit(app, by, came.address).await? {
        return Ok(SignIn::Wait(wait, None));
    }
    let found = match MailedCode::typed(typed).zip(came.mailed_to) {
        Some((code, asked_with)) => one_time_link::find_by_code(app, Purpose::SignIn, asked_with, &code).await?,
        None => None,
    };
    match found {
        Some(found) => sign_in(app, by, ask, &found, came).await,
        None => {
            tracing::info!(address = %came.address, "sign-in by a mailed code failed");
            events::count_refused(app, Action::LoginFailed, ask.client_id(), Some(came.address));
            Ok(SignIn::Wrong)
        }
    }
}

async fn sign_in(app: &App, by: &Actor, ask: &Ask, found: &Found, came: Came<'_>) -> Result<SignIn, ServiceError> {
    let may = by.may(SignInNow)?;
    let Some(user) = found.user.clone().filter(|user| user.status == Status::Active) else { return Ok(SignIn::Over) };
    let (id, address) = (user.id, came.address);
    if ask.only_account().is_some_and(|only| only != id) {
        tracing::info!(user = %id, %address, "sign-in refused: another account was asked for a proof");
        return Ok(SignIn::AnotherAccount);
    }
    let Remembered { stays, .. } = found.payload()?;
    let at = app.clock.now();
    let proofs = Proofs::of(Proof::by(Method::Email, at, None));
    let counted = Attempt::uncounted(app);
    let new_browser = came.device.device(&app.login_key, device::Account::of(&user), at).is_none();
    let proved = Proved { user: user.clone(), proofs, at, second: None, stays, new_browser, counted };
    match enter::enter_by_link(app, &may, ask, came.flow, &came.browser, proved, found).await? {
        Entry::In(entered) => {
            tracing::info!(user = %id, session = %entered.session, %address, "signed in by mail");
            let account = device::Account::of(&user);
            let known = came.device.remember(&app.login_key, account, app.random.bytes(), app.clock.now());
            Ok(SignIn::Done(entered, known))
        }
        Entry::Half(halfway) => {
            tracing::info!(user = %id, %address, "mailed link accepted, a second factor is due");
            Ok(SignIn::Half(halfway))
        }
        Entry::Used | Entry::Over => Ok(SignIn::Over),
    }
}
