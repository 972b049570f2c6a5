//! Signing in with a passkey alone: its authenticator says who it is, and has known its owner.

use std::net::IpAddr;

use super::enter::{self, AddsTo, Entry, Proved, Second};
use super::login::SignIn;
use super::login_throttle;
use super::progress::Ask;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn as SignInNow;
use crate::domain::account::user::Status;
use crate::domain::factor::passkey::Purpose;
use crate::domain::factor::proof::Proofs;
use crate::domain::operation::audit_event::Action;
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::services::factor::passkey;
use crate::services::factor::signature::{self, Reply};
use crate::services::factor::verify::Right;
use crate::services::operation::events;
use crate::services::sign_in::browser_session::Before;

/// What the login page sends when a passkey was given.
pub struct Attempt<'a> {
    /// The challenge of the page, and the answer to it.
    pub reply: Reply<'a>,
    /// Where from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser that it comes from.
    pub browser: Before,
    /// The flow that it belongs to.
    pub flow: &'a str,
    /// Whether the browser is to stay signed in.
    pub stays: bool,
}

/// Checks a passkey in answer to `ask`, and begins a session. An unknown one, a wrong answer and a disabled account are all
/// the same from outside. Nobody guesses a signature: a wrong one is not counted against anybody, and whoever has tried an
/// account's passwords does not keep its owner's passkey out. Strangers make us store nothing; each costs one read by an index
/// and one verification.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_in(app: &App, by: &Actor, ask: &Ask, attempt: Attempt<'_>) -> Result<SignIn, ServiceError> {
    let may = by.may(SignInNow)?;
    let address = attempt.address;
    let wrong = || {
        tracing::debug!(%address, "passkey refused");
        events::count_refused(app, Action::LoginFailed, ask.client_id(), Some(address));
        Ok(SignIn::Wrong)
    };
    if passkey::can_sign_in(app).is_none() {
        return wrong();
    }
    let browser = SecretHash::of(&attempt.browser.binding);
    let purpose = Purpose::SignIn { browser, flow: SecretHash::of(attempt.flow) };
    let found = signature::of_anybody(app, &may, &purpose, attempt.reply).await?;
    let Some((user, signature)) = found.filter(|(user, _)| user.status == Status::Active) else { return wrong() };
    if ask.only_account().is_some_and(|only| only != user.id) {
        tracing::info!(user = %user.id, %address, "sign-in refused: another account was asked for a proof");
        return Ok(SignIn::AnotherAccount);
    }
    let at = app.clock.now();
    let counted = login_throttle::Attempt::uncounted(app);
    let proofs = Proofs::of(signature.proof(at));
    let second = Some(Second { right: Right::Passkey(Box::new(signature)), to: AddsTo::Nothing, remember: false });
    let owner = user.clone();
    let new_browser = attempt.device.device(&app.login_key, device::Account::of(&owner), at).is_none();
    let proved = Proved { user, proofs, at, second, stays: attempt.stays, new_browser, counted };
    match enter::enter(app, &may, ask, attempt.flow, &attempt.browser, proved).await? {
        Entry::In(entered) => {
            tracing::info!(user = %owner.id, session = %entered.session, %address, "signed in with a passkey");
            let known = attempt.device.remember(
                &app.login_key,
                device::Account::of(&owner),
                app.random.bytes(),
                app.clock.now(),
            );
            Ok(SignIn::Done(entered, known))
        }
        // Nothing is missing after a passkey that knew its owner, but for a rule that is yet to be made.
        Entry::Half(halfway) => Ok(SignIn::Half(halfway)),
        Entry::Used | Entry::Over => wrong(),
    }
}
