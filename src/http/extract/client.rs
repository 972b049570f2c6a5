//! The client that a request proves to come from.

use axum::extract::{FromRequest, Request};
use axum::http::header;

use super::{actor, form};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::oauth::client::authentication::{Authenticated, Credentials, IN_FORM};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::http::respond::oauth_error::ClientError;
use crate::services::oauth::client::{self, NotAuthenticated};
use crate::services::oauth::client_throttle;

/// An authenticated client (a public one has only named itself), and the parameters of its request. Every endpoint that
/// needs them gets both here.
pub struct AuthenticatedClient {
    /// The client, proven.
    pub client: Authenticated,
    /// The same, as an author.
    pub by: Actor,
    /// The form's parameters.
    pub params: Params,
}

impl FromRequest<App> for AuthenticatedClient {
    type Rejection = ClientError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ClientError> {
        let by = actor::of_service(request.extensions(), request.headers(), app);
        let mut headers = request.headers().get_all(header::AUTHORIZATION).iter();
        let authorization = headers.next().map(|value| value.to_str().map(str::to_owned)).transpose();
        let several = headers.next().is_some();
        let asked = request.uri().clone();
        let params = form::read(request).await?;
        if several {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "There is more than one Authorization header.").into());
        }
        let malformed = || Refusal::new(ErrorCode::InvalidClient, "The Authorization header is malformed.");
        let authorization = authorization.map_err(|_| malformed())?;
        if IN_FORM.into_iter().any(|name| params.is_repeated(name)) {
            params.once()?;
        }
        let credentials = Credentials::read(authorization.as_deref(), &params)?;
        match client::authenticate(app, &credentials, asked.path()).await {
            Ok(client) => Ok(Self { by: by.authenticated(client.id.clone()), client, params }),
            // Only after a failure: a right secret is taken however many wrong ones there were.
            Err(NotAuthenticated::Refused { refusal, is_known }) => {
                match client_throttle::failed(app, &by, &credentials.client, is_known) {
                    Some(wait) => Err(ClientError::Throttled(wait, refusal)),
                    None => Err(refusal.into()),
                }
            }
            Err(NotAuthenticated::TooOften(wait)) => Err(ClientError::TooOften(wait, credentials.client)),
            Err(NotAuthenticated::Failed(error)) => Err(error.into()),
        }
    }
}
