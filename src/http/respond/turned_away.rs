//! The answer of an entrance in the place of the handler behind it.

use axum::response::{IntoResponse, Response};

use super::page_error::PageError;

/// The answer of an entrance in a handler's place: the browser is sent elsewhere, or sees an error.
pub struct TurnedAway(Box<Result<Response, PageError>>);

impl<E: Into<PageError>> From<E> for TurnedAway {
    fn from(error: E) -> Self {
        Self(Box::new(Err(error.into())))
    }
}

impl From<Result<Response, PageError>> for TurnedAway {
    fn from(answer: Result<Response, PageError>) -> Self {
        Self(Box::new(answer))
    }
}

impl IntoResponse for TurnedAway {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
