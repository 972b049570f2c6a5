//! The authorization response, on its way through the browser.

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::page::page;
use super::refused::{log, with_trace};
use crate::app::App;
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::logout::session_state::session_state;
use crate::domain::oauth::params::Params;
use crate::domain::operation::decision_trace::Trace;
use crate::http::extract::browser::Browser;
use crate::http::request_id::with_request_id;
use crate::http::respond::form_post::FormPostPage;
use crate::http::respond::layout::Layout;
use crate::services::ServiceError;
use crate::services::oauth::jwt_answer;
use crate::services::oauth::recipient::Recipient;
use crate::services::sign_in::progress::Answer;

/// Characters that make each `session_state` another one.
const SALT: usize = 16;

/// Sends an answer to its client: by redirect, or as a form that the browser posts. An error carries the request's id:
/// the client never sees the headers of this response.
///
/// # Errors
/// When its client wants it encrypted and has no key, or none that is to be had now; it is never sent in the clear instead.
pub async fn send(app: &App, browser: &Browser, answer: Answer) -> Result<Response, ServiceError> {
    let Answer { client, mut response } = answer;
    let recipient = Recipient::of_answer(app, &client, response.mode).await?;
    // Errors have it too: whoever asked with prompt=none can wait for a change (OpenID Connect Session Management §2).
    if client.metadata.scope.contains("openid") {
        browser.show_state(app);
        let (state, salt) = (browser.state(app), app.random.readable(SALT));
        let state = session_state(&client.id, response.redirect.as_str(), &state, &salt);
        response.params.push(("session_state", state));
    }
    let trace = response.refusal.take().map(|refusal| {
        let refusal = refusal.with("told at", response.redirect.as_str());
        Trace::of(&refusal, Some(client.id.as_str()))
    });
    if let Some(trace) = &trace {
        log(trace);
    }
    if let Some((_, description)) = response.params.iter_mut().find(|(name, _)| *name == "error_description") {
        *description = with_request_id(description);
    }
    if response.mode.is_jwt() {
        let jwt = jwt_answer::authorization(app, &client, &response.params)?;
        response.params = vec![("response", Recipient::sealed(recipient.as_ref(), jwt)?)];
    }
    if response.mode.place() == ResponseMode::FormPost {
        let parameters = response.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let layout = Layout::new(app).without_switch();
        let form = FormPostPage { layout, client_name: client.name.clone(), action: response.location(), parameters };
        return Ok(with(page(StatusCode::OK, &form), trace));
    }
    Ok(with(see_other(&response.location())?, trace))
}

fn with(response: Response, trace: Option<Trace>) -> Response {
    match trace {
        Some(trace) => with_trace(response, trace),
        None => response,
    }
}

/// Leads a browser that posted a form to the same request as a link: another site's form comes without our cookie
/// (`SameSite=Lax`), and with a link the cookie comes along. `None` for a request that is too long for a link.
pub fn as_link(path: &str, params: &Params) -> Option<Result<Response, ServiceError>> {
    let link = format!("{path}?{}", params.encode());
    (link.len() <= MAX_LINK).then(|| see_other(&link))
}

/// Half of what a request's headers may have (`http::serve::Limits`).
const MAX_LINK: usize = 16 * 1024;

/// A redirect after which nothing of the request is sent again: 303, never 307 (RFC 9700 §4.12).
///
/// # Errors
/// When `location` is no header value.
pub fn see_other(location: &str) -> Result<Response, ServiceError> {
    let location = HeaderValue::from_str(location).map_err(ServiceError::internal)?;
    let mut headers = HeaderMap::with_capacity(3);
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
