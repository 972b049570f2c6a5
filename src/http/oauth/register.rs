//! `POST /register` (RFC 7591 §3, OpenID Connect Dynamic Client Registration 1.0 §3), and `GET|PUT|DELETE` of one registration
//! (RFC 7592 §2).
//!
//! What one connection can make us store: where everybody may register, one client of at most eight kilobytes for each request, as
//! many as `registration.unused_per_address` allows its place and `registration.max_clients` all, until it is deleted unused; and
//! three events for each that is made and deleted (registered, disabled, deleted), as often as the brake lets its place: ten times
//! `unused_per_address` in an hour. With a token, as many as that has uses. Each change of a registration leaves another event, of
//! twice the eight kilobytes at most: 60 in an hour of one client, 300 from one address and four times as many from the network
//! round it. One that changes nothing leaves none. A document at a `sector_identifier_uri` is fetched for it,
//! once, and for at most twenty changes of one registration in an hour.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::oauth::client::self_registration::told;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::discovery::path;
use crate::foundation::SecretString;
use crate::http::extract::bearer::bearer;
use crate::http::extract::client_metadata::SentMetadata;
use crate::http::extract::named::Named;
use crate::http::respond::oauth_error::token_missing;
use crate::http::respond::registration_error::{RegistrationFailure, too_many, too_many_changes};
use crate::services::oauth::registration::{self, Answer, Changed, Replaced, SelfRegistered};

/// One registration.
pub const CLIENT: &str = "/register/{client}";

/// Registers an application.
pub async fn post(
    State(app): State<App>,
    by: Actor,
    headers: HeaderMap,
    SentMetadata(json): SentMetadata,
) -> Result<Response, RegistrationFailure> {
    let token = bearer(&headers)?;
    Ok(match registration::register(&app, &by, token.as_deref(), &json).await? {
        Answer::TokenMissing => token_missing(),
        Answer::Wait(wait) => too_many(wait),
        Answer::Registered(registered) => {
            let SelfRegistered { client, secret, token } = *registered;
            let body = information(&app, &client, secret.as_ref(), token.expose());
            (StatusCode::CREATED, Json(body)).into_response()
        }
    })
}

/// Tells an application of its registration.
pub async fn get(
    State(app): State<App>,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, RegistrationFailure> {
    let Some(token) = bearer(&headers)? else { return Ok(token_missing()) };
    let client = registration::read(&app, &ClientId::new(id), &token).await?;
    Ok(Json(information(&app, &client, None, &token)).into_response())
}

/// Replaces the registration of an application.
pub async fn put(
    State(app): State<App>,
    by: Actor,
    Named(id): Named,
    headers: HeaderMap,
    SentMetadata(json): SentMetadata,
) -> Result<Response, RegistrationFailure> {
    let Some(token) = bearer(&headers)? else { return Ok(token_missing()) };
    Ok(match registration::replace(&app, &by, &ClientId::new(id), &token, &json).await? {
        Replaced::Wait(wait) => too_many_changes(wait),
        Replaced::Changed(changed) => {
            let Changed { client, secret } = *changed;
            Json(information(&app, &client, secret.as_ref(), &token)).into_response()
        }
    })
}

/// Deletes an application at its own wish.
pub async fn delete(
    State(app): State<App>,
    by: Actor,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, RegistrationFailure> {
    let Some(token) = bearer(&headers)? else { return Ok(token_missing()) };
    registration::forget(&app, &by, &ClientId::new(id), &token).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What an application is told (RFC 7591 §3.2.1, RFC 7592 §3). Of a secret from before there is only a hash; the token is the one
/// that it has.
fn information(app: &App, client: &Client, secret: Option<&SecretString>, token: &str) -> Map<String, Value> {
    let mut members = told(client);
    if let Some(secret) = secret {
        members.insert("client_secret".to_owned(), json!(secret.expose()));
        members.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    let uri = format!("{}/{}", app.issuer.join(path::REGISTER), client.id.as_str());
    members.insert("registration_client_uri".to_owned(), json!(uri));
    members.insert("registration_access_token".to_owned(), json!(token));
    members
}
