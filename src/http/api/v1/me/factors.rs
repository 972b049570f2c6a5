//! `/api/v1/me/factors`: what one proves beside the password.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::factor::policy::Rule;
use crate::domain::factor::second_factor::{Kind, SecondFactor};
use crate::domain::factor::totp::TotpCode;
use crate::domain::sign_in::device::DeviceCookie;
use crate::http::api::v1::caller::{Called, address};
use crate::http::extract::json::Sent;
use crate::http::extract::named::Named;
use crate::http::respond::problem::{Code, Problem};
use crate::services::factor;
use crate::services::factor::recovery_codes::{self, Created};
use crate::services::factor::totp::{self, Confirmed, NewApp, Removed};
use crate::services::oauth::own_account::{Owner, Reader};
use crate::services::sign_in::browser_session::Before;

/// What is told.
#[derive(Serialize)]
pub struct Factors {
    factors: Vec<Factor>,
    /// Whether another app can be added.
    can_add: bool,
    /// Whether another passkey can be added.
    can_add_passkey: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<RecoveryCodes>,
}

#[derive(Serialize)]
struct Factor {
    id: String,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct RecoveryCodes {
    left: usize,
    created_at: String,
}

/// What it takes to set an authenticator app up.
#[derive(Serialize)]
pub struct Enrolment {
    /// To be typed in.
    secret: String,
    /// The same for a QR code.
    uri: String,
}

/// What is sent when the app works.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    code: String,
    name: Option<String>,
}

/// What was added.
#[derive(Serialize)]
pub struct Added {
    pub(super) id: String,
}

/// Codes on paper, told this once.
#[derive(Serialize)]
pub struct NewCodes {
    recovery_codes: Vec<String>,
}

impl Factor {
    fn of(factor: &SecondFactor) -> Self {
        Self {
            id: factor.id.to_string(),
            r#type: factor.kind.as_str(),
            name: factor.name.clone(),
            created_at: factor.confirmed_at.unwrap_or(factor.created_at).to_string(),
            last_used_at: factor.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// `GET`: a person has a handful at most.
///
/// # Errors
/// When the database does not answer.
pub async fn get(Called { app, who }: Called<Reader>) -> Result<Json<Factors>, Problem> {
    let factors = factor::list(&app, &who.user).await?;
    let left = recovery_codes::left(&app, &who.user).await?;
    Ok(Json(Factors {
        can_add: app.settings.factors.rule != Rule::Off && Kind::Totp.has_room(&factors),
        can_add_passkey: factor::passkey::can_be_added(&app).is_some() && Kind::Passkey.has_room(&factors),
        factors: factors.iter().map(Factor::of).collect(),
        recovery_codes: left.map(|(left, at)| RecoveryCodes { left, created_at: at.to_string() }),
    }))
}

/// `POST …/totp`: the secret of a new app, the same one until it is confirmed or its time is over. One row for each person.
///
/// # Errors
/// When none can be added.
pub async fn begin_totp(Called { app, who }: Called<Owner>) -> Result<(StatusCode, Json<Enrolment>), Problem> {
    let (user, place) = (who.fresh.user(), who.fresh.session().set_up_in());
    let new = totp::continue_or_begin(&app, &who.by, user, place).await?;
    let told = Enrolment { secret: new.secret.expose().to_owned(), uri: new.uri.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(told)))
}

/// `POST …/totp/confirm`: the app works, and is the person's from now on. The session of the token is one of two factors
/// by it. A wrong code counts as it does at a sign-in.
///
/// # Errors
/// When the code is not that of the app, or there were too many.
pub async fn confirm_totp(
    Called { app, who }: Called<Owner>,
    Sent(sent): Sent<Confirmation>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let wrong =
        |detail: &'static str| Problem::new(Code::WrongCode, detail).at("/code", "is not that of the new app now");
    let Some(code) = TotpCode::typed(&sent.code) else { return Err(wrong("A code has six digits.")) };
    let new = NewApp {
        name: sent.name.as_deref().unwrap_or_default(),
        code,
        address: address(&who.by),
        device: &DeviceCookie::default(),
        browser: Before::of_no_browser(&app),
    };
    match totp::confirm(&app, &who.by, &who.fresh, new).await? {
        Confirmed::Added(id, _) => Ok((StatusCode::CREATED, Json(Added { id: id.to_string() }))),
        Confirmed::Wrong => {
            Err(wrong("The code is not that of the app that is being set up, or too much time has passed."))
        }
        Confirmed::Wait(wait) => Err(Problem::wait(wait)),
        Confirmed::Overtaken => Err(Problem::overtaken()),
    }
}

/// `POST …/recovery-codes`: ten new ones; those from before are void.
///
/// # Errors
/// When there is no second factor that they could stand in for.
pub async fn create_recovery_codes(
    Called { app, who }: Called<Owner>,
) -> Result<(StatusCode, Json<NewCodes>), Problem> {
    let seen = recovery_codes::left(&app, who.fresh.user()).await?.map(|(_, at)| at);
    match recovery_codes::create(&app, &who.by, &who.fresh, seen).await? {
        Created::New(codes) => {
            let recovery_codes = codes.iter().map(|code| code.expose().to_owned()).collect();
            Ok((StatusCode::CREATED, Json(NewCodes { recovery_codes })))
        }
        Created::Others | Created::Overtaken => Err(Problem::overtaken()),
    }
}

/// `DELETE …/{factor}`; with the last one the recovery codes go too.
///
/// # Errors
/// When the person has no such factor, or not any more.
pub async fn delete(Called { app, who }: Called<Owner>, Named(factor): Named) -> Result<StatusCode, Problem> {
    let removed = match factor.parse() {
        Ok(id) => totp::remove(&app, &who.by, &who.fresh, id).await?,
        Err(_) => Removed::Unknown,
    };
    match removed {
        Removed::Done => Ok(StatusCode::NO_CONTENT),
        Removed::Unknown => Err(Problem::not_found("This person has no such factor, or not any more.")),
        Removed::Overtaken => Err(Problem::overtaken()),
    }
}
