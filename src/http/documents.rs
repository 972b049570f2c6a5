//! Public documents: the metadata and the keys. Everybody reads them, so they are answered from memory before the
//! router is asked: its layers would cost more than the answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::etag::is_known;
use crate::app::App;
use crate::domain::account::sign_up::SignUpMode;
use crate::domain::oauth::discovery::{Metadata, path};
use crate::domain::oauth::protected_resource::ResourceMetadata;
use crate::language::Language;

/// [`crate::domain::operation::signing_key::JWKS_MAX_AGE`], as a header. The metadata changes only with the configuration.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The documents.
#[derive(Clone)]
pub struct Documents(Arc<Sources>);

/// What the documents are made from.
struct Sources {
    app: App,
    metadata: Document,
    resource: Document,
}

/// A document with the tag by which others ask whether it has changed (RFC 9110 §8.8.3).
#[derive(Clone)]
struct Document {
    body: Bytes,
    etag: HeaderValue,
}

impl Documents {
    /// The documents of this server. The metadata (RFC 8414 §2, OpenID Connect Discovery §3) is made once.
    pub fn new(app: &App) -> Self {
        let languages = Language::all().map(Language::tag).collect();
        let resources = &app.settings.resources;
        let extra = app.settings.extra_scopes.union(&app.settings.upstream_scopes).union(&resources.scopes());
        let metadata = Metadata::new(&app.issuer, &extra, &app.settings.claims, app.settings.algorithms, languages);
        let metadata = metadata.offering_accounts(app.settings.sign_up.mode == SignUpMode::Open);
        let metadata = metadata.by_rules(app.settings.rules);
        let metadata = metadata.giving_tokens_for(resources, &app.issuer);
        let metadata = metadata.demanding_pushed_requests(app.settings.oauth.require_pushed_requests);
        let metadata = metadata.registering_clients(app.settings.registration.is_on(), &app.issuer);
        let metadata = metadata.decrypting_request_objects(app.settings.encryption);
        let resource = ResourceMetadata::new(&app.issuer, &app.settings.brand.name);
        let (metadata, resource) = (Document::of(&metadata), Document::of(&resource));
        Self(Arc::new(Sources { app: app.clone(), metadata, resource }))
    }

    /// The answer to a `GET` for a document; `None` for every other request, which the router answers.
    pub fn answer(&self, request: &Request) -> Option<Response> {
        match *request.method() == Method::GET {
            true => Some(self.at(request.uri().path())?.answer(request.headers())),
            false => None,
        }
    }

    /// The document at this path.
    fn at(&self, path: &str) -> Option<Document> {
        match path {
            path::OPENID_CONFIGURATION | path::OAUTH_METADATA => Some(self.0.metadata.clone()),
            path::PROTECTED_RESOURCE => Some(self.0.resource.clone()),
            path::JWKS => {
                let keys = self.0.app.keys.current();
                Some(Document { body: keys.jwks.clone(), etag: tag(&keys.jwks_etag) })
            }
            _ => None,
        }
    }
}

fn tag(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

impl Document {
    fn of(value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        let etag = tag(&format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&body))));
        Self { body: body.into(), etag }
    }

    fn answer(self, request: &HeaderMap) -> Response {
        const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
        let not_modified = is_known(request, &self.etag);
        let headers: [(HeaderName, HeaderValue); 5] = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, CACHE),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN),
            (header::ETAG, self.etag),
        ];
        match not_modified {
            true => (StatusCode::NOT_MODIFIED, headers).into_response(),
            false => (headers, self.body).into_response(),
        }
    }
}

/// The same through the router, for `HEAD`.
pub async fn other_methods(State(app): State<App>, request: Request) -> Response {
    let document = Documents::new(&app).at(request.uri().path());
    match document {
        Some(document) => document.answer(request.headers()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operation::signing_key::JWKS_MAX_AGE;

    #[test]
    fn the_header_says_what_rotation_relies_on() {
        assert_eq!(CACHE, format!("public, max-age={}", JWKS_MAX_AGE.as_secs()));
    }
}
