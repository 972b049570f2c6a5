//! The parameters of an authorization request, wherever they come from: the one place where they are put together. What is
//! done with them after that does not depend on how they came.

use std::borrow::Cow;

use super::id_token_hint;
use crate::app::App;
use crate::domain::account::sign_up::SignUpMode;
use crate::domain::oauth::authorize::pushed::{self, Pushed};
use crate::domain::oauth::authorize::request::{self, AuthorizationRequest, Prompt};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::client::signing;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::services::ServiceError;
use crate::storage::oauth::pushed_request;

/// What is asked for, and how it came.
pub struct Resolved<'a> {
    /// What is asked for.
    pub params: Cow<'a, Params>,
    came: Came,
}

/// How a request came.
enum Came {
    /// In a browser, which anybody can send here.
    ByBrowser,
    /// From its client itself, before a browser brought its `request_uri` (RFC 9126).
    Pushed(Pushed),
    /// From its client itself, just now.
    ByClient,
}

/// What a browser brings to the authorization endpoint. With a `request_uri` of ours everything that was not pushed is ignored
/// (RFC 9126 §4, RFC 9101 §6.3): it could be anybody's.
///
/// # Errors
/// A refusal is for a page: nobody knows where else to tell it.
pub async fn resolve<'a>(app: &App, sent: &'a Params) -> Result<Resolved<'a>, ServiceError> {
    let Some(hash) = sent.get("request_uri").and_then(pushed::hash_of) else {
        return Ok(Resolved { params: Cow::Borrowed(sent), came: Came::ByBrowser });
    };
    let (client, now) = (request::client_id(sent)?, app.clock.now());
    let find = async |conn: &mut _| pushed_request::find(conn, &hash, &client, now).await;
    let Some((parameters, until)) = app.store.read("find_pushed_request", find).await? else {
        return Err(pushed::unknown().with("client_id", &client).into());
    };
    let params = Params::parse(parameters.as_bytes()).map_err(ServiceError::internal)?;
    Ok(Resolved { params: Cow::Owned(params), came: Came::Pushed(Pushed { hash, until }) })
}

impl<'a> Resolved<'a> {
    /// What a client sends by itself.
    pub fn of_client(sent: &'a Params) -> Self {
        Self { params: Cow::Borrowed(sent), came: Came::ByClient }
    }

    /// Checks all of it but for the client and the redirect URI, which are proven.
    ///
    /// # Errors
    /// For the client.
    pub fn check(
        &self,
        app: &App,
        client: &Client,
        redirect: &VerifiedRedirect,
    ) -> Result<AuthorizationRequest, Refusal> {
        let must_push = app.settings.oauth.require_pushed_requests
            || client.metadata.requests.require_pushed_authorization_requests;
        let pushed = match self.came {
            Came::ByBrowser if must_push => return Err(pushed::missing()),
            Came::ByBrowser | Came::ByClient => None,
            Came::Pushed(pushed) => Some(pushed),
        };
        let hint = self.params.get("id_token_hint");
        let hinted = hint.map(|hint| id_token_hint::read_for(app, hint, &client.id).map(|hint| hint.sub));
        let request = request::check(&self.params, client, redirect, hinted, app.settings.oauth.only_code)?;
        signing::check(client, app.settings.algorithms)?;
        match asks_in_vain(app, &request) {
            true => {
                Err(Refusal::new(ErrorCode::InvalidRequest, "This prompt is not supported.").with("prompt", "create"))
            }
            false => Ok(AuthorizationRequest { pushed, ..request }),
        }
    }
}

/// Whether its user is to make an account where nobody does (Initiating User Registration via OpenID Connect 1.0 §4).
fn asks_in_vain(app: &App, request: &AuthorizationRequest) -> bool {
    request.prompt.contains(&Prompt::Create) && app.settings.sign_up.mode != SignUpMode::Open
}
