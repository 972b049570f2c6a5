//! Turns an error into the page that a person sees.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::page::page;
use super::page_refusal::{self, Shown, tell_its_makers, try_again};
use super::refused::{failed, log, with_trace};
use crate::app::App;
use crate::domain::oauth::error::{Detail, ErrorCode, Kind};
use crate::domain::operation::decision_trace::{self, Trace};
use crate::http::request_id;
use crate::http::respond::error_page::{DetailLine, ErrorPage};
use crate::http::respond::layout::Layout;
use crate::language::{Language, Sentence, sentence};
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
            let described = english(&sentence!("error-busy"));
            busy(&app, 2, again, Trace::of_failure(Kind::Unavailable, "temporarily_unavailable", &described, cause))
        }
        None => response,
    }
}

/// The page for a path that does not exist.
pub async fn not_found(State(app): State<App>) -> Response {
    let page = Told::new(sentence!("error-not-found"), sentence!("error-not-found-what"));
    show(&app, StatusCode::NOT_FOUND, page)
}

fn render(app: &App, error: &ServiceError, again: Option<String>) -> Response {
    match error {
        ServiceError::Protocol(refusal) => {
            // A request that cannot be answered at the client, which is not proven.
            let advice = match refusal.code {
                ErrorCode::InvalidClient | ErrorCode::InvalidRequest => tell_its_makers(),
                _ => try_again(),
            };
            let (message, trace) = (page_refusal::of_application(refusal.kind), Trace::of(refusal, None));
            let page = Told { description: Some(trace.description.clone()), ..Told::refused(message, advice) };
            refused(app, StatusCode::BAD_REQUEST, page, trace)
        }
        ServiceError::Page(refusal) => {
            let Shown { status, sentence, advice, kind, detail } = page_refusal::shown(refusal);
            let description = &english(&sentence);
            let told = decision_trace::Told { kind, error: &refusal.to_string(), description, detail: &detail };
            refused(app, status, Told::refused(sentence, advice), Trace::told(told, None))
        }
        ServiceError::Forbidden(forbidden) => {
            internal(app, StatusCode::FORBIDDEN, &forbidden.to_string(), sentence!("error-forbidden"))
        }
        ServiceError::Factor(refusal) => {
            internal(app, StatusCode::BAD_REQUEST, &refusal.to_string(), sentence!("error-no-factor"))
        }
        ServiceError::Unavailable(unavailable) => {
            let trace = failed(error, &english(&sentence!("error-busy")));
            busy(app, unavailable.retry_after.as_secs().max(1), again, trace)
        }
        // No page changes accounts, clients, keys or jobs: that such a refusal comes here is our failure too.
        ServiceError::Account(_)
        | ServiceError::Registration(_)
        | ServiceError::Key(_)
        | ServiceError::Job(_)
        | ServiceError::Internal(_) => {
            let page = Told::new(sentence!("error-failed"), sentence!("error-failed-what"));
            let trace = failed(error, &english(&page.message));
            with_trace(show(app, StatusCode::INTERNAL_SERVER_ERROR, Told { restart: again, ..page }), trace)
        }
    }
}

/// The log, the page in development and whoever asks later are told the same.
fn refused(app: &App, status: StatusCode, page: Told, trace: Trace) -> Response {
    log(&trace);
    let facts = trace.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_str()));
    let mut details = DetailLine::list(std::iter::once(("error", trace.error.as_str())).chain(facts));
    details.push(DetailLine::plain("what mends it", &trace.remedy.advice));
    details.extend(trace.remedy.commands.iter().map(|command| DetailLine::plain("command", command)));
    details.extend(trace.remedy.settings.iter().map(|setting| DetailLine::plain("setting", setting)));
    with_trace(show(app, status, Told { details, ..page }), trace)
}

/// A refusal that no page of ours leads to.
fn internal(app: &App, status: StatusCode, error: &str, message: Sentence) -> Response {
    let (description, detail) = (&english(&message), &Detail::default());
    let told = decision_trace::Told { kind: Kind::NotAllowed, error, description, detail };
    refused(app, status, Told::refused(message, try_again()), Trace::told(told, None))
}

/// As it stands in the log, in whatever language the page is.
fn english(sentence: &Sentence) -> String {
    Language::ENGLISH.say(sentence)
}

/// What an error page says.
struct Told {
    title: Sentence,
    message: Sentence,
    advice: Option<Sentence>,
    description: Option<String>,
    restart: Option<String>,
    details: Vec<DetailLine>,
}

impl Told {
    fn new(title: Sentence, message: Sentence) -> Self {
        Self { title, message, advice: None, description: None, restart: None, details: Vec::new() }
    }

    fn refused(message: Sentence, advice: Sentence) -> Self {
        Self { advice: Some(advice), ..Self::new(sentence!("error-refused"), message) }
    }
}

fn busy(app: &App, retry_after: u64, again: Option<String>, trace: Trace) -> Response {
    let page = Told { restart: again, ..Told::new(sentence!("error-busy-title"), sentence!("error-busy")) };
    let mut response = show(app, StatusCode::SERVICE_UNAVAILABLE, page);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    with_trace(response, trace)
}

fn show(app: &App, status: StatusCode, told: Told) -> Response {
    let Told { title, message, advice, description, restart, details } = told;
    let (layout, request_id) = (Layout::new(app).without_switch(), request_id::current());
    page(status, &ErrorPage { layout, title, message, advice, description, restart, request_id, details })
}
