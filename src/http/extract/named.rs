//! What a path names: an id, or the name of a provider or a file.

use std::convert::Infallible;

use axum::extract::{self, FromRequestParts};
use axum::http::request::Parts;

/// The one part of the path that varies, decoded. It is never refused here, so that every endpoint answers in its own words to what
/// it does not know; axum's own refusal would be a line of plain text. What is not UTF-8, or has a NUL (PostgreSQL would answer with
/// an error), becomes a text that no id and no name has.
pub struct Named(pub String);

/// The replacement character of Unicode.
const NOTHING: &str = "\u{fffd}";

#[expect(clippy::disallowed_types, reason = "the one place that asks for it")]
impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = extract::Path::<String>::from_request_parts(parts, state).await.map(|path| path.0);
        Ok(Self(text.ok().filter(|text| !text.contains('\0')).unwrap_or_else(|| NOTHING.to_owned())))
    }
}
