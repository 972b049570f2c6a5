//! Logout at a client's request (OpenID Connect RP-Initiated Logout 1.0).

use super::{ServiceError, authorize, clients, sessions};
use crate::app::App;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::logout::{Logout, decide};
use crate::domain::oauth::params::Params;
use crate::domain::session::Session;
use crate::foundation::id::SessionId;

/// What a logout request means in this browser.
pub struct Plan {
    /// The live session that would end.
    pub session: Option<Session>,
    /// What the user is shown as the one who signs out.
    pub user: Option<String>,
    /// The client that asks, by name.
    pub client: Option<String>,
    /// What comes next, or why nothing is redirected.
    pub logout: Result<Logout, Refusal>,
}

/// Finds out what a logout request means. Nothing has happened yet.
///
/// # Errors
/// When the database does not answer.
pub async fn plan(app: &App, params: &Params, session: Option<SessionId>) -> Result<Plan, ServiceError> {
    let (session, user) = sessions::live(app, session).await?.unzip();
    let hint = match params.get("id_token_hint").map(|token| authorize::any_hint(app, token)).transpose() {
        Ok(hint) => hint,
        Err(refusal) => {
            let user = user.map(|user| user.display_name());
            return Ok(Plan { session, user, client: None, logout: Err(refusal) });
        }
    };
    let id = hint.as_ref().map(|hint| hint.aud.as_str()).or(params.get("client_id")).map(ClientId::new);
    let client = match id {
        Some(id) => clients::find(app, &id).await?,
        None => None,
    };
    let logout = decide(params, client.as_deref(), hint.as_ref(), session.as_ref());
    let client = client.map(|client| client.name.clone());
    Ok(Plan { session, user: user.map(|user| user.display_name()), client, logout })
}
