//! The access token of a request (RFC 6750 §2.1).

use axum::http::{HeaderMap, header};

use crate::domain::oauth::error::{ErrorCode, Refusal};

/// The token in the `Authorization` header; `None` when there is none, or the header is of another scheme.
///
/// # Errors
/// `invalid_request` when the header is there twice or malformed.
pub fn bearer(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let invalid = |description| Refusal::new(ErrorCode::InvalidRequest, description);
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(invalid("There is more than one Authorization header."));
    }
    match value.to_str().ok().and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            Ok(Some(token.trim().to_owned()))
        }
        Some((scheme, _)) if !scheme.eq_ignore_ascii_case("bearer") => Ok(None),
        _ => Err(invalid("The Authorization header is malformed.")),
    }
}
