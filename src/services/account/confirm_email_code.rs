//! Confirming another address in the application in which it was asked for: by the code of the mail, instead of its link; and
//! thinking better of it.

use std::net::IpAddr;
use std::time::Duration;

use super::change_email::{EmailConfirmed, give};
use super::{code_brake, one_time_link};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::operation::job::Kind;
use crate::domain::sign_in::mailed_code::{MailedCode, bound_to};
use crate::domain::sign_in::session::Session;
use crate::foundation::id::UserId;
use crate::foundation::{Secret, SecretHash};
use crate::services::ServiceError;
use crate::storage::account::one_time_link as links;
use crate::storage::operation::job;

/// What came of a code.
#[derive(Debug, PartialEq, Eq)]
pub enum EmailCode {
    /// It was right, and this came of it.
    Right(EmailConfirmed),
    /// It is not that of the mail, or there was none, or its time is over.
    Wrong,
    /// Too many codes came from here: wait so long.
    Wait(Duration),
}

/// The id by which a mail is confirmed that is asked for in `session`, and what its code is bound to.
pub fn new_request(app: &App, session: &Session) -> (String, SecretHash) {
    let id = Secret::generate(&app.random).reveal();
    let code_for = SecretHash::of(&binding(session, &id));
    (id, code_for)
}

fn binding(session: &Session, request: &str) -> String {
    bound_to(&format!("address/{}", session.id), request)
}

/// What somebody comes with.
pub struct CodeGiven<'a> {
    /// The id of what was asked for.
    pub request: &'a str,
    /// The code, as typed.
    pub code: &'a str,
    /// Where from.
    pub from: IpAddr,
}

/// Gives the person of `session` the address that the code was sent to. Whether there was such a mail makes no difference to
/// the answer for a code that is wrong. It stores nothing but counts: five codes are looked at for each mail, and thirty an
/// hour from each place, together with those of sign-ins.
///
/// # Errors
/// When the database or the counters do not answer: a code is never wrong because of that.
pub async fn confirm_address_by_code(
    app: &App,
    by: &Actor,
    owner: UserId,
    session: &Session,
    given: CodeGiven<'_>,
) -> Result<EmailCode, ServiceError> {
    by.may(ActOnSelf(owner))?;
    let Some(code) = MailedCode::typed(given.code) else { return Ok(EmailCode::Wrong) };
    if let Some(wait) = code_brake::hit(app, by, given.from).await? {
        return Ok(EmailCode::Wait(wait));
    }
    let found =
        one_time_link::find_by_code(app, Purpose::EmailConfirm, &binding(session, given.request), &code).await?;
    match found.filter(|found| found.user.as_ref().is_some_and(|user| user.id == owner)) {
        Some(found) => Ok(EmailCode::Right(give(app, by, &found).await?)),
        None => {
            tracing::info!(user = %owner, address = %given.from, "code to confirm an address refused");
            Ok(EmailCode::Wrong)
        }
    }
}

/// Nothing comes of what `owner` has asked for any more, wherever that was: links and codes are void, and mails that nobody
/// has begun to write are not written. Whether there was anything makes no difference to the answer.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel_address(app: &App, by: &Actor, owner: UserId) -> Result<(), ServiceError> {
    by.may(ActOnSelf(owner))?;
    let asked_by = by.who.to_string();
    app.store
        .transaction("cancel_address", async |tx| {
            job::withdraw(tx, Kind::ProveAddress, &asked_by).await?;
            links::end_of_user(tx, owner, &[Purpose::EmailConfirm]).await
        })
        .await?;
    tracing::info!(user = %owner, "whatever was asked for in the way of another address is void");
    Ok(())
}
