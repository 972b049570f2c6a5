//! Logout at a client's request (OpenID Connect RP-Initiated Logout 1.0).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::App;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::logout::front_channel::{Frame, frame};
use crate::domain::oauth::logout::rp_initiated::{Logout, decide, may_be_shown};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::selection::Account;
use crate::services::ServiceError;
use crate::services::oauth::{client, id_token_hint};
use crate::services::sign_in::accounts::Accounts;
use crate::storage::oauth::grant;

/// What a logout request means in this browser.
pub struct Plan {
    /// Everybody who is signed in, whoever is current first.
    pub signed_in: Vec<Account>,
    /// The client that asks, as the hint or the client_id names it, where pages may show it.
    pub client: Option<Arc<Client>>,
    /// What comes next, or why the request is refused.
    pub logout: Result<Logout, Refusal>,
}

/// Finds out what a logout request means. Nothing has happened yet.
///
/// # Errors
/// When the database does not answer.
pub async fn plan(app: &App, params: &Params, accounts: Accounts) -> Result<Plan, ServiceError> {
    let signed_in = accounts.live(app).await?;
    let hint = match params.get("id_token_hint").map(|token| id_token_hint::read(app, token)).transpose() {
        Ok(hint) => hint,
        // It proves nothing, so the person is asked (RP-Initiated Logout 1.0 §2). Refusing would leave everybody signed
        // in whose application still holds an ID token of a key that is no longer published.
        Err(refusal) => {
            tracing::info!(detail = %refusal.detail, "id_token_hint not used");
            None
        }
    };
    let id = hint.as_ref().map(|hint| hint.aud.as_str()).or(params.get("client_id")).map(ClientId::new);
    let client = match id {
        Some(id) => client::find(app, &id).await?,
        None => None,
    };
    let sessions: Vec<_> = signed_in.iter().map(|(session, _)| session).collect();
    let logout = decide(params, client.as_deref(), hint.as_ref(), &sessions, app.settings.rules, &app.subjects);
    let client = client.filter(|client| logout.as_ref().is_ok_and(|logout| may_be_shown(client, logout.ends)));
    Ok(Plan { signed_in, client, logout })
}

/// Frames that a page shows at most: each loads a page of a client.
const MOST_FRAMES: usize = 50;

/// What tells the clients of these accounts' sessions, in the browser, that they have ended.
///
/// # Errors
/// When the database does not answer.
pub async fn frames(app: &App, leaving: &[Account]) -> Result<Vec<Frame>, ServiceError> {
    let ids: Vec<_> = leaving.iter().map(|(session, _)| session.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let read = async |conn: &mut _| grant::clients_of_sessions(conn, &ids).await;
    let told = app.store.read("find_clients_to_sign_out", read).await?;
    let of_each = told.iter().map(|told| &told.client).collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let clients = client::find_all(app, of_each).await?;
    let mut frames = Vec::new();
    for told in &told {
        let client = clients.iter().find(|client| client.id == told.client && client.enabled);
        let Some(logout) = client.map(|client| &client.metadata.logout) else { continue };
        let Some(uri) = logout.frontchannel_logout_uri.as_deref() else { continue };
        let sid = app.subjects.sid(told.session, told.pairwise_sub.as_ref())?;
        frames.extend(frame(uri, logout.frontchannel_logout_session_required, &app.issuer, &sid));
    }
    // One that is not told which session it was is told once.
    frames.sort_by(|one, other| one.url.cmp(&other.url));
    frames.dedup();
    frames.truncate(MOST_FRAMES);
    Ok(frames)
}
