//! `/api/v1/openapi.json`: what the API takes and gives, for people and for programs that make clients (OpenAPI 3.1).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::foundation::url::Issuer;
use crate::http::etag::is_known;
use crate::services::ServiceError;

/// Written by hand, and compared with the API by its tests.
const TEXT: &str = include_str!("openapi.json");

/// `GET`. It is the same for everybody, and made of a text in the program: nothing is stored.
///
/// # Errors
/// None in practice.
pub async fn get(State(app): State<App>, asked: HeaderMap) -> Result<Response, crate::http::respond::problem::Problem> {
    let body = Bytes::from(written(&app.issuer).map_err(ServiceError::internal)?);
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&body)));
    let etag = HeaderValue::try_from(etag).map_err(ServiceError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::ETAG, etag.clone()),
    ];
    Ok(match is_known(&asked, &etag) {
        true => (StatusCode::NOT_MODIFIED, headers).into_response(),
        false => (headers, body).into_response(),
    })
}

/// The text with the addresses of the server at `issuer`.
fn written(issuer: &Issuer) -> Result<Vec<u8>, serde_json::Error> {
    let mut document: Value = serde_json::from_str(TEXT)?;
    if let Some(document) = document.as_object_mut() {
        document.insert("servers".to_owned(), json!([{ "url": issuer.as_str().trim_end_matches('/') }]));
    }
    let flow = "/components/securitySchemes/account/flows/authorizationCode";
    if let Some(flow) = document.pointer_mut(flow).and_then(Value::as_object_mut) {
        flow.insert("authorizationUrl".to_owned(), json!(issuer.join(path::AUTHORIZE)));
        flow.insert("tokenUrl".to_owned(), json!(issuer.join(path::TOKEN)));
    }
    let flow = "/components/securitySchemes/machine/flows/clientCredentials";
    if let Some(flow) = document.pointer_mut(flow).and_then(Value::as_object_mut) {
        flow.insert("tokenUrl".to_owned(), json!(issuer.join(path::TOKEN)));
    }
    serde_json::to_vec(&document)
}
