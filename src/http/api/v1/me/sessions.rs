//! `/api/v1/me/sessions`: where one is signed in.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;

use crate::http::api::v1::caller::Called;
use crate::http::extract::named::Named;
use crate::http::respond::problem::Problem;
use crate::services::account::{end_other_sessions, end_own_session, own_sessions};
use crate::services::oauth::own_account::{Author, Reader};

/// What is told.
#[derive(Serialize)]
pub struct Sessions {
    sessions: Vec<Session>,
}

/// One of them.
#[derive(Serialize)]
struct Session {
    id: String,
    /// Whether the token was issued in it.
    current: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    created_at: String,
    authenticated_at: String,
    last_used_at: String,
}

/// How many were ended.
#[derive(Serialize)]
pub struct Ended {
    ended: usize,
}

/// `GET`: the hundred that were used last at most.
///
/// # Errors
/// When the database does not answer.
pub async fn get(Called { app, who }: Called<Reader>) -> Result<Json<Sessions>, Problem> {
    let own = own_sessions(&app, who.user.id).await?;
    let sessions = own.into_iter().map(|own| Session {
        id: own.session.id.to_string(),
        current: Some(own.session.id) == who.session,
        user_agent: own.user_agent,
        address: own.address,
        created_at: own.session.created_at.to_string(),
        authenticated_at: own.session.authenticated_at.to_string(),
        last_used_at: own.session.seen_at.to_string(),
    });
    Ok(Json(Sessions { sessions: sessions.collect() }))
}

/// `DELETE` of all: every session but the one that the token was issued in, with what does not outlive them.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_others(Called { app, who }: Called<Author>) -> Result<Json<Ended>, Problem> {
    Ok(Json(Ended { ended: end_other_sessions(&app, &who.by, &who.session).await? }))
}

/// `DELETE` of one: also the one that the token was issued in, which signs the person out of the application.
///
/// # Errors
/// When there is no such session of this person, or not any more.
pub async fn delete(Called { app, who }: Called<Author>, Named(session): Named) -> Result<StatusCode, Problem> {
    let ended = match session.parse() {
        Ok(id) => end_own_session(&app, &who.by, &who.session, id).await?,
        Err(_) => false,
    };
    match ended {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("This person has no such session, or not any more.")),
    }
}
