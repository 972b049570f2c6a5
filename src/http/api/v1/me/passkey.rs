//! `/api/v1/me/factors/passkey`: a passkey as a second factor, and to sign in by.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::factors::Added;
use crate::http::api::v1::caller::Called;
use crate::http::extract::json::Sent;
use crate::http::respond::problem::{Code, Problem};
use crate::services::ServiceError;
use crate::services::factor::passkey::{self, Made};
use crate::services::factor::signature::Reply;
use crate::services::oauth::own_account::Owner;
use crate::services::sign_in::browser_session::Before;

/// What it takes to make a passkey.
#[derive(Serialize)]
pub struct Enrolment {
    /// For `navigator.credentials.create`, or what the system has in its place.
    options: Value,
    /// What comes back with the credential.
    challenge: String,
}

/// What was made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    challenge: String,
    credential: Map<String, Value>,
    name: Option<String>,
}

/// `POST`: the question for the browser or the system. Nothing is stored for it.
///
/// # Errors
/// When none can be added.
pub async fn begin(Called { app, who }: Called<Owner>) -> Result<Json<Enrolment>, Problem> {
    let (user, place) = (who.fresh.user(), who.fresh.session().set_up_in().place());
    let begun = passkey::begin(&app, user, place).await?;
    let options = serde_json::from_str(&begun.options).map_err(ServiceError::internal)?;
    Ok(Json(Enrolment { options, challenge: begun.sealed }))
}

/// `POST …/confirm`: the passkey is the person's from now on. The session of the token is one of two factors by it. A person
/// has ten at most, each of at most 8 KiB, and each leaves the mark of its challenge for a day.
///
/// # Errors
/// When the credential is no answer to the challenge, or is somebody's already.
pub async fn confirm(
    Called { app, who }: Called<Owner>,
    Sent(sent): Sent<NewPasskey>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let answer = serde_json::to_string(&sent.credential).map_err(ServiceError::internal)?;
    let reply = Reply { challenge: &sent.challenge, answer: &answer };
    let name = sent.name.as_deref().unwrap_or_default();
    let made = Made { name, reply, browser: Before::of_no_browser(&app) };
    match passkey::add(&app, &who.by, &who.fresh, made).await? {
        passkey::Added::Added(id, _) => Ok((StatusCode::CREATED, Json(Added { id: id.to_string() }))),
        passkey::Added::Wrong => {
            let detail = "The credential is no answer to the challenge, or came too late. Begin anew.";
            Err(Problem::new(Code::PasskeyRefused, detail).at("/credential", "is no answer to the challenge"))
        }
        passkey::Added::Known => {
            Err(Problem::new(Code::PasskeyKnown, "This passkey was added before, by this person or another."))
        }
        passkey::Added::Overtaken => Err(Problem::overtaken()),
    }
}
