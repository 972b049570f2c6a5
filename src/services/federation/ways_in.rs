//! The ways in which somebody signs in to their account beside a provider.

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::factor::second_factor::Kind;
use crate::services::ServiceError;
use crate::services::account::asked_by_mail;
use crate::services::factor::passkey;
use crate::storage::factor::second_factor;
use crate::storage::{Conn, StoreError};

/// Whether there is one by which its person can prove here and now who they are: a password, a passkey that signs in, or mail
/// where that is offered.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn has_own(app: &App, user: &User) -> Result<bool, ServiceError> {
    let by_mail = asked_by_mail::signs_in(app) && has_proven_address(user);
    if has_password(app, user) || by_mail {
        return Ok(true);
    }
    Ok(app.store.read("find_ways_in", async |conn| has_passkey(app, conn, user).await).await?)
}

/// Whether there is any, be it that another password has to be asked for by mail.
pub(super) async fn has_any(app: &App, tx: &mut Conn, user: &User) -> Result<bool, StoreError> {
    let by_mail = (asked_by_mail::is_offered(app) || asked_by_mail::signs_in(app)) && has_proven_address(user);
    Ok(has_password(app, user) || by_mail || has_passkey(app, tx, user).await?)
}

fn has_password(app: &App, user: &User) -> bool {
    app.settings.login.takes_passwords() && user.password_hash.is_some()
}

fn has_proven_address(user: &User) -> bool {
    user.email.is_some() && user.email_verified
}

async fn has_passkey(app: &App, conn: &mut Conn, user: &User) -> Result<bool, StoreError> {
    if passkey::can_sign_in(app).is_none() {
        return Ok(false);
    }
    Ok(second_factor::of_user(conn, user.id).await?.iter().any(|factor| factor.kind == Kind::Passkey))
}
