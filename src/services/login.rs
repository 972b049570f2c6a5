//! Signing in with a password.

use std::net::IpAddr;
use std::time::Duration;

use super::authorize::{self, Ask, Entered};
use super::browser_sessions::Before;
use super::{ServiceError, brake};
use crate::app::App;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::user::{Status, User};
use crate::foundation::SecretString;
use crate::storage::user;

/// What became of an attempt.
pub enum SignIn {
    /// Signed in.
    Done(Box<Entered>),
    /// Unknown, wrong, disabled: all the same from outside.
    Wrong,
    /// Too many attempts: wait so long.
    Wait(Duration),
}

/// What the login form sends.
pub struct Attempt<'a> {
    /// Username or e-mail address, as typed.
    pub username: &'a str,
    /// The password.
    pub password: SecretString,
    /// Where from.
    pub address: IpAddr,
    /// The browser that it comes from.
    pub browser: Before,
    /// The flow that it belongs to.
    pub flow: &'a str,
}

/// Checks a password in answer to `ask`, and begins a session. Whether the user exists, has a password or is disabled makes no difference
/// to the answer or to the work that is done for it.
///
/// # Errors
/// When the database, the counters or the password queue cannot take it now.
pub async fn sign_in(app: &App, ask: &Ask, attempt: Attempt<'_>) -> Result<SignIn, ServiceError> {
    let identifier = LoginIdentifier::typed(attempt.username).ok();
    let found = match &identifier {
        Some(identifier) => app.store.read(async |conn| user::find_by_identifier(conn, identifier).await).await?,
        None => None,
    };
    let account = match (&found, &identifier) {
        (Some(user), _) => user.id.to_string(),
        (None, Some(identifier)) => identifier.to_string(),
        (None, None) => "nobody".to_owned(),
    };
    // What was typed is not logged: people type passwords into the wrong field.
    let user = found.as_ref().map_or_else(|| "unknown".to_owned(), |user| user.id.to_string());
    let counted = match brake::attempt(app, &account, attempt.address).await? {
        Ok(counted) => counted,
        Err(wait) => {
            tracing::warn!(user, address = %attempt.address, wait = wait.as_secs(), "sign-in refused: too many attempts");
            return Ok(SignIn::Wait(wait));
        }
    };
    let stored = found.as_ref().and_then(|user| user.password_hash.as_deref());
    let verified = app.passwords.verify(attempt.password.clone(), stored).await?;
    let Some(user) = found.filter(|user| verified.matches && user.status == Status::Active) else {
        tracing::info!(user, address = %attempt.address, "sign-in failed");
        return Ok(SignIn::Wrong);
    };
    brake::forgive(app, &counted).await?;
    if verified.needs_rehash {
        rehash(app, &user, attempt.password).await;
    }
    let id = user.id;
    let entered = authorize::enter(app, ask, attempt.flow, &attempt.browser, user, &["pwd".to_owned()]).await?;
    tracing::info!(user = %id, session = %entered.session, address = %attempt.address, "signed in");
    Ok(SignIn::Done(Box::new(entered)))
}

/// Brings a hash up to today's parameters, unless the password was changed meanwhile. Not worth failing a sign-in for.
async fn rehash(app: &App, user: &User, password: SecretString) {
    let Some(old) = &user.password_hash else { return };
    let Ok(new) = app.passwords.hash(password, app.random.bytes()).await else { return };
    let renewed = app.store.transaction(async |tx| user::renew_password_hash(tx, user.id, old, &new).await).await;
    if let Err(error) = renewed {
        tracing::warn!(user = %user.id, %error, "password hash could not be renewed");
    }
}
