//! The id that every request gets: on each of its log lines, in its answer, and on the page or in the error that a
//! person reports.

use axum::extract::{Request, State};
use axum::http::header::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::app::App;

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Short enough to read aloud; 50 bits, so that two of a day do not meet.
const LENGTH: usize = 10;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives each request its id. It is ours: one that a caller sends could be made to look like another's.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = app.random.readable(LENGTH);
    let span = tracing::info_span!("request", request_id = id);
    let header = HeaderValue::from_str(&id);
    let mut response = CURRENT.scope(id, answer(request, next)).instrument(span).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

async fn answer(request: Request, next: Next) -> Response {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return next.run(request).await;
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
    response
}
