//! The code in the mail, by which an account is made in the application that asked for it.

use std::net::IpAddr;
use std::time::Duration;

use super::make::{self, Chosen, Newcomer};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::SignUp as SignUpNow;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::mailed_code::MailedCode;
use crate::services::ServiceError;
use crate::services::account::claim::SignUp;
use crate::services::account::code_brake;
use crate::services::account::one_time_link;
use crate::services::operation::events::event;
use crate::storage::account::user;
use crate::storage::operation::audit_event;

/// A code that was typed where the account was asked for.
pub struct SignUpCode<'a> {
    /// What the mail was asked for with.
    pub asked_with: &'a str,
    /// The code, as typed.
    pub typed: &'a str,
    /// Where from.
    pub address: IpAddr,
}

/// What came of it.
pub enum ByCode {
    /// There is an account.
    Made(Box<Newcomer>),
    /// It is not the code of the mail, was tried too often or used, or its time is over; or there was no such mail, since the
    /// address has an account.
    Wrong,
    /// Somebody else has the username by now, or the address.
    Taken,
    /// Too many codes came from there: wait so long.
    Wait(Duration),
}

/// Makes the account: one, however often and by however many at once the code is given. Five codes are looked at for one mail,
/// and thirty an hour from one place.
///
/// # Errors
/// When the database or the counters do not answer: a code is never wrong because of that.
pub async fn confirm_by_code(app: &App, by: &Actor, given: SignUpCode<'_>) -> Result<ByCode, ServiceError> {
    let may = by.may(SignUpNow)?;
    let SignUpCode { asked_with, typed, address } = given;
    if let Some(wait) = code_brake::hit(app, by, address).await? {
        return Ok(ByCode::Wait(wait));
    }
    let found = match MailedCode::typed(typed) {
        Some(code) => one_time_link::find_by_code(app, Purpose::SignUp, asked_with, &code).await?,
        None => None,
    };
    let Some(found) = found else {
        tracing::info!(%address, "sign-up not confirmed: the code is wrong");
        return Ok(ByCode::Wrong);
    };
    let SignUp { email, username, password_hash, locale, flow, asked_at, .. } = found.payload()?;
    let (user, names) = make::account(app, Chosen { email, username, password_hash, locale })?;
    let created = event(app, &may, Action::UserCreated).about(Target::user(user.id)).because("signed up");
    let created = created.changed(Change::of_user(None, &user));
    let stored = app
        .store
        .transaction("make_account_by_code", async |tx| {
            if !one_time_link::take(app, tx, &found).await? {
                return Ok(None);
            }
            let stored = user::insert(tx, &user, &names).await?;
            audit_event::insert_if(tx, stored.is_ok(), &created).await?;
            Ok(Some(stored))
        })
        .await?;
    Ok(match stored {
        None => ByCode::Wrong,
        Some(Err(_)) => ByCode::Taken,
        Some(Ok(())) => {
            tracing::info!(user = %user.id, "user signed up");
            ByCode::Made(Box::new(Newcomer { user, proved_at: asked_at, flow }))
        }
    })
}
