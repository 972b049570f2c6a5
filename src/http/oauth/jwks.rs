//! `GET /jwks` (RFC 7517 §5).

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::http::respond::document::{self, KnownCopy};

/// [`crate::services::keys::JWKS_MAX_AGE`], as a header.
const CACHE: &str = "public, max-age=300";

/// The keys that tokens are verified with, from memory.
pub async fn jwks(State(app): State<App>, known: KnownCopy) -> Response {
    let keys = app.keys.current();
    document::json(&known, keys.jwks.clone(), &document::etag(&keys.jwks_etag), CACHE)
}

#[cfg(test)]
mod tests {
    use crate::services::keys::JWKS_MAX_AGE;

    #[test]
    fn the_header_says_what_rotation_relies_on() {
        assert_eq!(super::CACHE, format!("public, max-age={}", JWKS_MAX_AGE.as_secs()));
    }
}
