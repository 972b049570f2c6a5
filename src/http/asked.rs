//! Which request an answer belongs to, for whoever asks later why it was refused.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;

use super::account::email_links;
use super::account::switch::SWITCH;
use super::api::v1::path as api;
use super::extract::client_ip;
use super::federation::{CALLBACK, LOGOUT as BACKCHANNEL_LOGOUT};
use super::language;
use super::oauth::register::CLIENT;
use super::recover::{CANCEL, RECOVER, RESET};
use super::set_out::{LOGIN, SIGN_UP};
use super::sign_in::confirm_sign_up;
use super::sign_in::invitation::INVITATION;
use super::sign_in::next_page::{
    ADD_FACTOR, CHOOSE_ACCOUNT, CONSENT, KEEP_ACCOUNT, LOST_FACTORS, MAILED_CODE, MAILED_LINK, SECOND_FACTOR,
};
use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::domain::operation::decision_trace::Trace;
use crate::domain::sign_in::destination::OwnPage;
use crate::foundation::RequestId;
use crate::services::operation::decision_traces::{self, Asked};

/// What is known of a request before it is answered.
pub fn of(app: &App, id: RequestId, request: &mut Request) -> Asked {
    Asked {
        request: id,
        address: client_ip::note(request, app),
        method: method(request.method()),
        path: known(request.uri().path()),
    }
}

/// Keeps the trace that an answer carries. Nearly all carry none.
pub fn keep(app: &App, asked: Asked, response: &mut Response) {
    if let Some(trace) = response.extensions_mut().remove::<Arc<Trace>>() {
        decision_traces::keep(app, asked, Arc::unwrap_or_clone(trace));
    }
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "another method",
    }
}

/// The path, if it is one that refuses anything. What else was asked for may be anything, and is not repeated.
fn known(asked: &str) -> &'static str {
    if asked.starts_with("/federation/") && asked.ends_with("/callback") {
        return CALLBACK;
    }
    if asked.starts_with("/federation/") && asked.ends_with("/backchannel-logout") {
        return BACKCHANNEL_LOGOUT;
    }
    if asked.strip_prefix(path::REGISTER).is_some_and(|rest| rest.starts_with('/')) {
        return CLIENT;
    }
    let mut ours = PATHS.into_iter().chain(OwnPage::ALL.map(OwnPage::path));
    ours.find(|known| *known == asked).or_else(|| api::of(asked)).unwrap_or("another path")
}

const PATHS: [&str; 30] = [
    path::TOKEN,
    path::INTROSPECT,
    path::USERINFO,
    path::REVOKE,
    path::REGISTER,
    path::CHALLENGE,
    path::PAR,
    path::AUTHORIZE,
    path::LOGOUT,
    path::CHECK_SESSION,
    LOGIN,
    SECOND_FACTOR,
    ADD_FACTOR,
    CONSENT,
    CHOOSE_ACCOUNT,
    "/logout/confirm",
    MAILED_CODE,
    MAILED_LINK,
    RECOVER,
    RESET,
    LOST_FACTORS,
    CANCEL,
    KEEP_ACCOUNT,
    SIGN_UP,
    confirm_sign_up::CONFIRM,
    INVITATION,
    email_links::CONFIRM,
    email_links::UNDO,
    SWITCH,
    language::SWITCH,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_repeated() {
        assert_eq!((method(&Method::POST), known("/token")), ("POST", "/token"));
        for path in ["/account", SECOND_FACTOR, ADD_FACTOR] {
            assert_eq!(known(path), path);
        }
        assert_eq!((method(&Method::TRACE), known("/token/hunter2")), ("another method", "another path"));
        let session = (method(&Method::DELETE), known("/api/v1/me/sessions/hunter2"));
        assert_eq!(session, ("DELETE", "/api/v1/me/sessions/{session}"));
    }
}
