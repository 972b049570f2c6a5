//! `/api/v1/me/consents`: what one has allowed to which application.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;

use crate::domain::oauth::client::ClientId;
use crate::http::api::v1::caller::Called;
use crate::http::extract::named::Named;
use crate::http::respond::problem::Problem;
use crate::services::account::{connected_apps, disconnect_app};
use crate::services::oauth::own_account::{Author, Reader};

/// What is told.
#[derive(Serialize)]
pub struct Consents {
    consents: Vec<Consent>,
}

/// An application, with what it may have.
#[derive(Serialize)]
struct Consent {
    client_id: String,
    client_name: String,
    first_party: bool,
    scope: String,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

/// `GET`: the last used first; two hundred consents and two hundred grants are looked at, at most.
///
/// # Errors
/// When the database does not answer.
pub async fn get(Called { app, who }: Called<Reader>) -> Result<Json<Consents>, Problem> {
    let connected = connected_apps(&app, who.user.id).await?;
    let consents = connected.into_iter().map(|one| Consent {
        client_id: one.client.id.as_str().to_owned(),
        client_name: one.client.name.clone(),
        first_party: one.client.metadata.first_party,
        scope: one.scope.to_string(),
        since: one.since.to_string(),
        last_used_at: one.last_used.map(|at| at.to_string()),
    });
    Ok(Json(Consents { consents: consents.collect() }))
}

/// `DELETE`: the consent goes, with every token of the application.
///
/// # Errors
/// When the application has nothing, or not any more.
pub async fn delete(Called { app, who }: Called<Author>, Named(client): Named) -> Result<StatusCode, Problem> {
    match disconnect_app(&app, &who.by, who.user.id, &ClientId::new(client)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("This application has no access to the account, or not any more.")),
    }
}
