//! The first sign-in of somebody who has just made an account.

use std::net::IpAddr;

use super::make::Newcomer;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignIn;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::sign_in::destination::Destination;
use crate::domain::sign_in::device::{self, DeviceCookie};
use crate::services::ServiceError;
use crate::services::sign_in::accounts::Accounts;
use crate::services::sign_in::authorize::{self, Place};
use crate::services::sign_in::browser_session::Before;
use crate::services::sign_in::enter::{self, Entered, Entry, Halfway, Proved};
use crate::services::sign_in::login_throttle::{self, Guess};
use crate::services::sign_in::progress::Progress;

/// What came of it.
pub enum First {
    /// Signed in; by the cookie the browser is known again.
    In(Box<Entered>, DeviceCookie),
    /// Something else is due before there is a session.
    Half(Box<Halfway>),
    /// They sign in as everybody does, and go on from there.
    Elsewhere(Destination),
}

/// The browser that the link was opened in.
pub struct Browser<'a> {
    /// Where it stands.
    pub place: Place,
    /// As it was before.
    pub before: &'a Before,
    /// What it knows of earlier sign-ins.
    pub device: &'a DeviceCookie,
    /// Where it is.
    pub address: IpAddr,
    /// Whether it stays signed in when it is closed.
    pub stays: bool,
}

/// Signs a newcomer in, by the password that they typed when they asked, or when they confirmed elsewhere: `auth_time` is then.
///
/// # Errors
/// When the database does not answer. The account is there.
pub async fn enter(
    app: &App,
    by: &Actor,
    newcomer: Newcomer,
    here: Browser<'_>,
    otherwise: Destination,
) -> Result<First, ServiceError> {
    let may = by.may(SignIn)?;
    let Newcomer { user, proved_at: at, flow } = newcomer;
    let ask = match authorize::resume(app, by, &flow, here.place, Accounts::none(), false).await {
        Ok(Progress::Ask(ask)) => ask,
        Ok(Progress::Restart(destination)) => return Ok(First::Elsewhere(destination)),
        // Its client has changed, or it is too long ago: there is an account all the same.
        Ok(Progress::Respond(_) | Progress::Visit(_) | Progress::Leave) | Err(ServiceError::Page(_)) => {
            return Ok(First::Elsewhere(otherwise));
        }
        Err(other) => return Err(other),
    };
    let guess = Guess { account: Ok(&user), address: here.address, cookie: here.device };
    let Ok(counted) = login_throttle::attempt(app, guess).await? else {
        return Ok(First::Elsewhere(ask.goal.into_destination()));
    };
    let account = device::Account::of(&user);
    let device = here.device.remember(&app.login_key, account, app.random.bytes(), app.clock.now());
    let proofs = Proofs::of(Proof::by_password(at));
    let proved = Proved { user, proofs, at, second: None, stays: here.stays, counted, new_browser: false };
    match enter::enter(app, &may, &ask, &flow, here.before, proved).await? {
        Entry::In(entered) => {
            tracing::info!(session = %entered.session, address = %here.address, "signed in after signing up");
            Ok(First::In(entered, device))
        }
        Entry::Half(halfway) => Ok(First::Half(halfway)),
        Entry::Used | Entry::Over => Ok(First::Elsewhere(ask.goal.into_destination())),
    }
}
