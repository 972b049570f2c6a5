//! Turns an error into the page that a person sees.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::page::page;
use super::page_refusal::{self, Shown, TELL_ITS_MAKERS, TRY_AGAIN};
use super::refused::{failed, log, with_trace};
use crate::app::App;
use crate::domain::oauth::error::{Detail, ErrorCode, Kind};
use crate::domain::operation::decision_trace::{Told, Trace};
use crate::http::request_id;
use crate::http::respond::error_page::{DetailLine, ErrorPage};
use crate::http::respond::layout::Layout;
use crate::services::ServiceError;

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
            // The layer has logged why.
            let cause = "the database, of which the browser's session was asked";
            busy(&app, 2, again, Trace::of_failure(Kind::Unavailable, "temporarily_unavailable", BUSY, cause))
        }
        None => response,
    }
}

/// The page for a path that does not exist.
pub async fn not_found(State(app): State<App>) -> Response {
    let message = "There is no page at this address.";
    show(&app, StatusCode::NOT_FOUND, "Nothing here", message, None, None, Vec::new())
}

fn render(app: &App, error: &ServiceError, again: Option<String>) -> Response {
    match error {
        ServiceError::Protocol(refusal) => {
            // A request that cannot be answered at the client, which is not proven.
            let advice = match refusal.code {
                ErrorCode::InvalidClient | ErrorCode::InvalidRequest => TELL_ITS_MAKERS,
                _ => TRY_AGAIN,
            };
            refused(app, StatusCode::BAD_REQUEST, advice, Trace::of(refusal, None))
        }
        ServiceError::Page(refusal) => {
            let Shown { status, sentence, advice, kind, detail } = page_refusal::shown(refusal);
            let told = Told { kind, error: &refusal.to_string(), description: sentence, detail: &detail };
            refused(app, status, advice, Trace::told(told, None))
        }
        ServiceError::Forbidden(forbidden) => {
            let description = "This is not allowed to whoever asks for it.";
            let error = &forbidden.to_string();
            let told = Told { kind: Kind::NotAllowed, error, description, detail: &Detail::default() };
            refused(app, StatusCode::FORBIDDEN, TRY_AGAIN, Trace::told(told, None))
        }
        ServiceError::Factor(refusal) => {
            let description = "No second factor can be added to this account now.";
            let error = &refusal.to_string();
            let told = Told { kind: Kind::NotAllowed, error, description, detail: &Detail::default() };
            refused(app, StatusCode::BAD_REQUEST, TRY_AGAIN, Trace::told(told, None))
        }
        ServiceError::Unavailable(unavailable) => {
            let trace = failed(error, BUSY);
            busy(app, unavailable.retry_after.as_secs().max(1), again, trace)
        }
        // No page changes accounts, clients, keys or jobs: that such a refusal comes here is our failure too.
        ServiceError::Account(_)
        | ServiceError::Registration(_)
        | ServiceError::Key(_)
        | ServiceError::Job(_)
        | ServiceError::Internal(_) => {
            let message = "Something went wrong on our side.";
            let trace = failed(error, message);
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            with_trace(show(app, status, "That did not work", message, None, again, Vec::new()), trace)
        }
    }
}

/// The log, the page in development and whoever asks later are told the same.
fn refused(app: &App, status: StatusCode, advice: &str, trace: Trace) -> Response {
    log(&trace);
    let facts = trace.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_str()));
    let mut details = DetailLine::list(std::iter::once(("error", trace.error.as_str())).chain(facts));
    details.push(DetailLine::plain("what mends it", &trace.remedy.advice));
    details.extend(trace.remedy.commands.iter().map(|command| DetailLine::plain("command", command)));
    details.extend(trace.remedy.settings.iter().map(|setting| DetailLine::plain("setting", setting)));
    let title = "This request cannot be answered";
    with_trace(show(app, status, title, &trace.description, Some(advice), None, details), trace)
}

const BUSY: &str = "The server is busy or being maintained. Nothing is lost: try again in a moment.";

fn busy(app: &App, retry_after: u64, again: Option<String>, trace: Trace) -> Response {
    let mut response = show(app, StatusCode::SERVICE_UNAVAILABLE, "Please try again", BUSY, None, again, Vec::new());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    with_trace(response, trace)
}

fn show(
    app: &App,
    status: StatusCode,
    title: &str,
    message: &str,
    advice: Option<&str>,
    restart: Option<String>,
    details: Vec<DetailLine>,
) -> Response {
    let layout = Layout::new(app).without_switch();
    let (message, advice) = (message.to_owned(), advice.map(str::to_owned));
    let request_id = request_id::current();
    page(status, &ErrorPage { layout, title: title.to_owned(), message, advice, restart, request_id, details })
}
