//! Turns an error into the page that a person sees.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::oauth_error::log;
use super::page::page;
use super::page_refusal::{self, TELL_ITS_MAKERS, TRY_AGAIN};
use crate::app::App;
use crate::domain::oauth::error::{Detail, ErrorCode, Refusal};
use crate::http::request_id;
use crate::http::respond::error_page::{DetailLine, ErrorPage};
use crate::http::respond::layout::Layout;
use crate::services::ServiceError;
use crate::services::error::Chain;

/// An error of a page. It becomes a page in [`layer`], which knows what a template needs.
pub struct PageError(pub ServiceError);

impl<E: Into<ServiceError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// Renders errors. An answer of 500 that no handler of ours gave comes from the layer that keeps browser sessions, when
/// it could not store one: the database is to blame, not the person.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let again =
        (request.method() == Method::GET).then(|| request.uri().path_and_query().map(ToString::to_string)).flatten();
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Arc<ServiceError>>() {
        Some(error) => render(&app, &error, again),
        None if response.status() == StatusCode::INTERNAL_SERVER_ERROR
            && !response.headers().contains_key(header::CONTENT_TYPE) =>
        {
            unavailable(&app, 2, again)
        }
        None => response,
    }
}

/// The page for a path that does not exist.
pub async fn not_found(State(app): State<App>) -> Response {
    let message = "There is no page at this address.".to_owned();
    show(&app, StatusCode::NOT_FOUND, "Nothing here", message, None, None, Vec::new())
}

fn render(app: &App, error: &ServiceError, again: Option<String>) -> Response {
    match error {
        ServiceError::Protocol(refusal) => refused(app, refusal),
        ServiceError::Page(refusal) => {
            let shown = page_refusal::shown(refusal);
            tracing::info!(error = %refusal, description = shown.sentence, detail = %shown.detail, "refused");
            refused_with(app, shown.status, shown.sentence, shown.advice, &shown.detail, None)
        }
        ServiceError::Forbidden(forbidden) => {
            let sentence = "This is not allowed to whoever asks for it.";
            tracing::info!(error = %forbidden, description = sentence, "refused");
            refused_with(app, StatusCode::FORBIDDEN, sentence, TRY_AGAIN, &Detail::default(), None)
        }
        ServiceError::Unavailable(cause) => {
            tracing::error!(cause = cause.cause, "unavailable");
            unavailable(app, cause.retry_after.as_secs().max(1), again)
        }
        // No page changes accounts, clients, keys or jobs: that such a refusal comes here is our failure too.
        ServiceError::Account(_)
        | ServiceError::Registration(_)
        | ServiceError::Key(_)
        | ServiceError::Job(_)
        | ServiceError::Internal(_) => {
            tracing::error!(error = %Chain(error), "internal error");
            let message = "Something went wrong on our side.".to_owned();
            show(app, StatusCode::INTERNAL_SERVER_ERROR, "That did not work", message, None, again, Vec::new())
        }
    }
}

/// A request against the protocol that cannot be answered at the client, which is not proven.
fn refused(app: &App, refusal: &Refusal) -> Response {
    log(refusal);
    let advice = match refusal.code {
        ErrorCode::InvalidClient | ErrorCode::InvalidRequest => TELL_ITS_MAKERS,
        _ => TRY_AGAIN,
    };
    let code = refusal.code.as_str();
    refused_with(app, StatusCode::BAD_REQUEST, refusal.description, advice, &refusal.detail, Some(code))
}

fn refused_with(
    app: &App,
    status: StatusCode,
    sentence: &str,
    advice: &str,
    detail: &Detail,
    code: Option<&str>,
) -> Response {
    let facts = detail.0.iter().map(|(label, value)| (*label, value.as_str()));
    let details = DetailLine::list(code.map(|code| ("error", code)).into_iter().chain(facts));
    show(app, status, "This request cannot be answered", sentence.to_owned(), Some(advice), None, details)
}

fn unavailable(app: &App, retry_after: u64, again: Option<String>) -> Response {
    let message = "The server is busy or being maintained. Nothing is lost: try again in a moment.".to_owned();
    let mut response = show(app, StatusCode::SERVICE_UNAVAILABLE, "Please try again", message, None, again, Vec::new());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    response
}

fn show(
    app: &App,
    status: StatusCode,
    title: &str,
    message: String,
    advice: Option<&str>,
    restart: Option<String>,
    details: Vec<DetailLine>,
) -> Response {
    let layout = Layout::new(&app.random, app.settings.dev.is_some());
    let advice = advice.map(str::to_owned);
    let request_id = request_id::current();
    page(status, &ErrorPage { layout, title: title.to_owned(), message, advice, restart, request_id, details })
}
