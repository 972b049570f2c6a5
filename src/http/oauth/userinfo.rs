//! `GET|POST /userinfo` (OpenID Connect Core §5.3).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::profile::{Legacy, Rules};
use crate::http::extract::bearer::bearer;
use crate::http::extract::{client_ip, form};
use crate::http::respond::oauth_error::{BearerError, token_missing};
use crate::services::oauth::jwt_answer::Answer;
use crate::services::oauth::userinfo::claims;

/// Tells the holder of an access token about its user.
pub async fn userinfo(State(app): State<App>, request: Request) -> Result<Response, BearerError> {
    let from = client_ip::of_service(request.extensions(), request.headers(), &app);
    match presented(request, app.settings.rules).await? {
        Some(token) => Ok(match claims(&app, from, &token).await? {
            Answer::Plain(claims) => Json(claims).into_response(),
            Answer::Jwt(jwt) => ([(header::CONTENT_TYPE, "application/jwt")], jwt).into_response(),
        }),
        None => Ok(token_missing()),
    }
}

/// The access token: in the `Authorization` header or in the form body, once (RFC 6750 §2). Never in the query, where
/// it would be logged; and in a body only where the server's rules have that.
async fn presented(request: Request, rules: Rules) -> Result<Option<String>, Refusal> {
    let header = bearer(request.headers())?;
    let form = match *request.method() == Method::POST && request.headers().contains_key(header::CONTENT_TYPE) {
        true => Some(form::read(request).await?),
        false => None,
    };
    if let Some(params) = &form {
        params.once()?;
    }
    match (header, form.as_ref().and_then(|params| params.get("access_token"))) {
        (Some(_), Some(_)) => Err(invalid("The access token was sent in more than one way.")),
        (Some(token), None) => Ok(Some(token)),
        (None, Some(token)) => match rules.excluded(Legacy::TokenInForm) {
            Some(excluded) => {
                let description =
                    "By its profile oauth-2.1 this server takes the access token in the Authorization header.";
                Err(invalid(description).of(Kind::Profile).with("excluded by", excluded.by))
            }
            None => Ok(Some(token.to_owned())),
        },
        (None, None) => Ok(None),
    }
}

fn invalid(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, description)
}
