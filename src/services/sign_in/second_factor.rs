//! The second half of a sign-in: a code of an authenticator app or of the list on paper, or a passkey, after the password.

use std::net::IpAddr;

use super::enter::{self, AddsTo, Entry, Proved, Second};
use super::login::{SignIn, refuse};
use super::login_throttle::{self, Guess};
use super::progress::Ask;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn as SignInNow;
use crate::domain::account::user::User;
use crate::domain::factor::proof::Proofs;
use crate::domain::operation::audit_event::Action;
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::foundation::Timestamp;
use crate::services::ServiceError;
use crate::services::factor::verify::{self, Code};
use crate::services::operation::events;
use crate::services::sign_in::browser_session::Before;

/// What the form of the second factor sends.
pub struct Answer<'a> {
    /// The code.
    pub code: Code<'a>,
    /// Where from.
    pub address: IpAddr,
    /// What the browser knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// The browser that it comes from.
    pub browser: Before,
    /// The flow that it belongs to.
    pub flow: &'a str,
    /// Whether the browser is to be remembered.
    pub remember: bool,
}

/// What a code adds to.
struct Held<'a> {
    user: &'a User,
    proofs: &'a Proofs,
    at: Timestamp,
    to: AddsTo,
    stays: bool,
}

/// Checks a code in answer to `ask`, and completes the sign-in, or adds to the session that there is. A wrong one counts as
/// a wrong password does, before it is looked at.
///
/// # Errors
/// When the database or the counters cannot take it now: a code is never wrong because of that.
pub async fn complete(app: &App, by: &Actor, ask: &Ask, answer: Answer<'_>) -> Result<SignIn, ServiceError> {
    let may = by.may(SignInNow)?;
    let Some(held) = held(app, ask, &answer.browser) else { return Ok(SignIn::Over) };
    let (user, address) = (held.user, answer.address);
    let guess = Guess { account: Ok(user), address, cookie: answer.device };
    let mut counted = match login_throttle::attempt(app, guess).await? {
        Ok(counted) => counted,
        Err(throttled) => {
            events::count_refused(app, Action::LoginThrottled, ask.client_id(), Some(address));
            return Ok(refuse(&throttled, Some(user.id), address));
        }
    };
    let found = verify::find(app, &may, user, &answer.code).await?;
    let wrong = || {
        tracing::info!(user = %user.id, %address, "second factor refused");
        events::count_refused(app, Action::SecondFactorFailed, ask.client_id(), Some(address));
    };
    let Some(right) = found else {
        counted.begins();
        wrong();
        return Ok(SignIn::Wrong);
    };
    let proofs = held.proofs.clone().and(right.proof(app.clock.now()));
    let second = Some(Second { right, to: held.to, remember: answer.remember });
    // Whoever is signed in already was told of the browser then.
    let account = device::Account::of(user);
    let new_browser =
        matches!(held.to, AddsTo::Half(_)) && answer.device.device(&app.login_key, account, app.clock.now()).is_none();
    let proved = Proved { user: user.clone(), proofs, at: held.at, second, stays: held.stays, new_browser, counted };
    match enter::enter(app, &may, ask, answer.flow, &answer.browser, proved).await? {
        Entry::In(entered) => {
            tracing::info!(user = %user.id, session = %entered.session, %address, "signed in with a second factor");
            let known = answer.device.remember(&app.login_key, account, app.random.bytes(), app.clock.now());
            Ok(SignIn::Done(entered, known))
        }
        Entry::Half(halfway) => Ok(SignIn::Half(halfway)),
        Entry::Used => {
            wrong();
            Ok(SignIn::Wrong)
        }
        Entry::Over => Ok(SignIn::Over),
    }
}

/// The password that was given in this flow, or else the session that is too weak for what is asked. Its auth_time stays:
/// a code says nothing about how long ago the password was given.
fn held<'a>(app: &App, ask: &'a Ask, browser: &Before) -> Option<Held<'a>> {
    if let Some(half) = &ask.half {
        let (user, proofs) = (&half.user, &half.pending.proofs);
        return Some(Held {
            user,
            proofs,
            at: app.clock.now(),
            to: AddsTo::Half(half.secret),
            stays: half.pending.stays,
        });
    }
    let (session, user) = ask.signed_in.as_ref()?;
    Some(Held {
        user,
        proofs: &session.proofs,
        at: session.authenticated_at,
        to: AddsTo::Session,
        stays: browser.stays(app),
    })
}
