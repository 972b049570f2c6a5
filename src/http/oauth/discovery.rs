//! `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: one document.

use std::future::{Ready, ready};

use axum::body::Bytes;
use axum::http::header::HeaderValue;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::domain::oauth::discovery::Metadata;
use crate::http::respond::document::{self, KnownCopy};

/// The metadata document, made once: it changes only with the configuration.
#[derive(Clone)]
pub struct Discovery {
    body: Bytes,
    etag: HeaderValue,
}

impl Discovery {
    /// The document of this server.
    pub fn new(app: &App) -> Self {
        let metadata = Metadata::new(&app.issuer, &app.settings.extra_scopes);
        let body = serde_json::to_vec(&metadata).unwrap_or_default();
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&body)));
        Self {
            body: body.into(),
            etag: HeaderValue::from_str(&etag).unwrap_or_else(|_| HeaderValue::from_static("\"\"")),
        }
    }

    /// Serves the document.
    pub fn handler(self) -> impl Fn(KnownCopy) -> Ready<Response> + Clone {
        move |known| ready(document::json(&known, self.body.clone(), &self.etag, "public, max-age=300"))
    }
}
