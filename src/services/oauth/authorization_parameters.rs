//! The parameters of an authorization request, wherever they come from: the one place where they are put together. What is
//! done with them after that does not depend on how they came.

use std::borrow::Cow;
use std::sync::Arc;

use super::client;
use super::id_token_hint;
use super::request_object::{self as object, Asked};
use crate::app::App;
use crate::domain::account::sign_up::SignUpMode;
use crate::domain::oauth::authorize::pushed::{self, Pushed};
use crate::domain::oauth::authorize::request::{self, AuthorizationRequest, Prompt};
use crate::domain::oauth::authorize::request_object;
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
    /// Whether its client has signed it.
    signed: bool,
    /// Why its object cannot be read, where the client can be told.
    refused: Option<Refusal>,
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
        return match request_object::is_there(sent)? {
            // On the heap, so that others do not carry its size.
            true => Box::pin(by_object(app, sent)).await,
            false => Ok(Resolved::new(Cow::Borrowed(sent), Came::ByBrowser)),
        };
    };
    let (client, now) = (request::client_id(sent)?, app.clock.now());
    let find = async |conn: &mut _| pushed_request::find(conn, &hash, &client, now).await;
    let Some((parameters, until)) = app.store.read("find_pushed_request", find).await? else {
        return Err(pushed::unknown().with("client_id", &client).into());
    };
    let params = Params::parse(parameters.as_bytes()).map_err(ServiceError::internal)?;
    Ok(Resolved::new(Cow::Owned(params), Came::Pushed(Pushed { hash, until })))
}

/// A request with an object (RFC 9101, OpenID Connect Core §6). Where the object cannot be read, and the redirect URI beside it is
/// the client's, it is told there; otherwise there is a page: what an object says of where to go counts only once it holds.
async fn by_object<'a>(app: &App, sent: &'a Params) -> Result<Resolved<'a>, ServiceError> {
    let id = request::client_id(sent)?;
    let Some(client) = client::find(app, &id).await?.filter(|client| client.enabled) else {
        // Whoever proves the client refuses it.
        return Ok(Resolved::new(Cow::Borrowed(sent), Came::ByBrowser));
    };
    match object::asked(app, &client, sent, false).await {
        Ok(Asked { params, signed }) => Ok(Resolved { signed, ..Resolved::new(Cow::Owned(params), Came::ByBrowser) }),
        Err(ServiceError::Protocol(refusal)) => {
            let beside = sent.get("redirect_uri");
            match beside.is_some() && VerifiedRedirect::prove(&client, beside, app.settings.rules).is_ok() {
                true => {
                    let refused = Some(refusal);
                    Ok(Resolved { refused, ..Resolved::new(Cow::Borrowed(sent), Came::ByBrowser) })
                }
                false => Err(refusal.with("client_id", &id).into()),
            }
        }
        Err(failure) => Err(failure),
    }
}

impl<'a> Resolved<'a> {
    fn new(params: Cow<'a, Params>, came: Came) -> Self {
        Self { params, came, signed: false, refused: None }
    }

    /// What a client sends by itself.
    pub fn of_client(sent: &'a Params) -> Self {
        Self::new(Cow::Borrowed(sent), Came::ByClient)
    }

    /// What a client pushes, in a request object or not (RFC 9126 §3).
    ///
    /// # Errors
    /// A refusal of the object.
    pub async fn of_pushing(app: &App, client: &Arc<Client>, sent: &'a Params) -> Result<Self, ServiceError> {
        if sent.get("request").is_none() {
            return Ok(Self::of_client(sent));
        }
        let Asked { params, signed } = Box::pin(object::asked(app, client, sent, true)).await?;
        Ok(Self { signed, ..Self::new(Cow::Owned(params), Came::ByClient) })
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
        if let Some(refusal) = &self.refused {
            return Err(refusal.clone());
        }
        let must_push = app.settings.oauth.require_pushed_requests
            || client.metadata.requests.require_pushed_authorization_requests;
        let pushed = match self.came {
            Came::ByBrowser if must_push => return Err(pushed::missing()),
            Came::ByBrowser | Came::ByClient => {
                if client.metadata.request_objects.require_signed_request_object && !self.signed {
                    return Err(request_object::missing());
                }
                None
            }
            // That was looked at when it was pushed.
            Came::Pushed(pushed) => Some(pushed),
        };
        let hint = self.params.get("id_token_hint");
        let hinted = hint.map(|hint| id_token_hint::read_for(app, hint, &client.id).map(|hint| hint.sub));
        let request = request::check(&self.params, app.targets(client), redirect, hinted, app.settings.rules)?;
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
