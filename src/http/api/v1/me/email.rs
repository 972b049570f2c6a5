//! `/api/v1/me/email`: another address, or a proof of the one that there is.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::account::sign_up::Wrong;
use crate::http::api::v1::caller::{Called, address};
use crate::http::extract::json::Sent;
use crate::http::language;
use crate::http::respond::problem::{Code, Problem};
use crate::services::account::{
    AddressWanted, ChangeAsked, CodeGiven, EmailCode, EmailConfirmed, ask_for_address, cancel_address,
    confirm_address_by_code, new_request,
};
use crate::services::oauth::own_account::{Author, Owner};

/// How long to wait when whoever reads the mail of the address before cannot be told just now.
const NOT_NOW: Duration = Duration::from_secs(3600);

/// The address that is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    email: String,
}

/// It was asked for.
#[derive(Serialize)]
pub struct Asked {
    /// To be sent with the code.
    id: String,
}

/// The code of the mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    id: String,
    code: String,
}

/// `POST`: a mail with a link and a code goes to the address. The answer is the same whoever has it. It counts with what is
/// asked for on the page: ten times an hour for an account, each of which makes us store one job of a kilobyte, one mail and
/// one link.
///
/// # Errors
/// When it cannot be anybody's address here, or is their own and known to be.
pub async fn post(
    Called { app, who }: Called<Owner>,
    Sent(sent): Sent<Wanted>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    let (id, code_for) = new_request(&app, who.fresh.session());
    let wanted = AddressWanted {
        typed: &sent.email,
        from: address(&who.by),
        locale: Some(language::current().language().tag().to_owned()),
        code_for: Some(code_for),
    };
    match ask_for_address(&app, &who.by, &who.fresh, wanted).await? {
        ChangeAsked::Sent => Ok((StatusCode::ACCEPTED, Json(Asked { id }))),
        ChangeAsked::Same => {
            Err(Problem::new(Code::AddressUnchanged, "The account has this address, and it is known to be theirs."))
        }
        ChangeAsked::Wrong(wrong) => {
            let message = match wrong {
                Wrong::Domain => "is of a domain whose addresses are not taken here",
                _ => "is not an address that mail can be sent to",
            };
            Err(Problem::new(Code::AddressRefused, "The address cannot be taken; errors says why.")
                .at("/email", message))
        }
        ChangeAsked::Wait(wait) => Err(Problem::wait(wait)),
    }
}

/// `POST …/confirm`: the code of the mail that was asked for with a token of this session. It takes no sign-in of the
/// last five minutes: asking did, and mails may take longer than that.
///
/// # Errors
/// When the code is wrong, there were too many, or somebody else got the address meanwhile.
pub async fn confirm(
    Called { app, who }: Called<Author>,
    Sent(sent): Sent<Confirmation>,
) -> Result<StatusCode, Problem> {
    let given = CodeGiven { request: &sent.id, code: &sent.code, from: address(&who.by) };
    match confirm_address_by_code(&app, &who.by, who.user.id, &who.session, given).await? {
        EmailCode::Right(EmailConfirmed::Done(_)) => Ok(StatusCode::NO_CONTENT),
        EmailCode::Right(EmailConfirmed::Taken) => {
            Err(Problem::new(Code::AddressTaken, "Somebody else has this address by now; nothing was changed."))
        }
        EmailCode::Right(EmailConfirmed::Over) => Err(Problem::overtaken()),
        EmailCode::Right(EmailConfirmed::NotNow) => Err(Problem::wait(NOT_NOW)),
        EmailCode::Wrong => {
            let detail = "The code is not that of the mail, was tried too often, or its time is over.";
            Err(Problem::new(Code::WrongCode, detail).at("/code", "is not that of the mail"))
        }
        EmailCode::Wait(wait) => Err(Problem::wait(wait)),
    }
}

/// `DELETE`: what was asked for, here or on the page, is void. Whether there was anything is not told.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel(Called { app, who }: Called<Author>) -> Result<StatusCode, Problem> {
    cancel_address(&app, &who.by, who.user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
