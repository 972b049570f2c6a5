//! `/api/v1/me/password`: another password.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::domain::sign_in::device::DeviceCookie;
use crate::foundation::SecretString;
use crate::http::api::v1::caller::{Called, address};
use crate::http::extract::json::Sent;
use crate::http::respond::problem::{Code, Problem};
use crate::services::account::{Changed, PasswordChange, change_password};
use crate::services::oauth::own_account::Owner;

/// What is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Needed where there is one.
    current_password: Option<String>,
    new_password: String,
}

/// `PUT`: every session of the person ends, and every token of every application, also the one that this was asked with.
/// The person signs in anew with the new password. What an attempt stores is bounded as on the page: wrong passwords are
/// counted in one row of the account, and new ones that are judged in one counter.
///
/// # Errors
/// What is wrong with either password.
pub async fn put(Called { app, who }: Called<Owner>, Sent(change): Sent<Change>) -> Result<StatusCode, Problem> {
    if !app.settings.login.takes_passwords() {
        return Err(Problem::new(Code::NotFound, "Nobody signs in with a password here."));
    }
    let change = PasswordChange {
        current: SecretString::new(change.current_password.unwrap_or_default()),
        new: SecretString::new(change.new_password),
        address: address(&who.by),
        device: &DeviceCookie::default(),
        browser: None,
    };
    match change_password(&app, &who.by, &who.fresh, change).await? {
        Changed::Done(..) => Ok(StatusCode::NO_CONTENT),
        Changed::Wrong => Err(Problem::new(Code::WrongPassword, "This is not the current password.")
            .at("/current_password", "is not the current password")),
        Changed::Wait(wait) => Err(Problem::wait(wait)),
        Changed::Overtaken => Err(Problem::overtaken()),
    }
}
