//! What answers each URL of the demo app.

#![expect(
    clippy::disallowed_types,
    reason = "only its own buttons lead here, and it knows nothing of the server's extractors"
)]

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{self, HeaderMap};
use axum::response::{IntoResponse, Response};

use super::pages::{self, HomePage, ProblemPage, SignedOutPage, TourPage};
use super::redirect::redirect;
use super::session::{self, Session, SignedIn};
use super::state::Demo;
use super::steps::{self, Action};
use crate::foundation::Secret;

/// `GET /demo/style.css`.
pub async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, pages::STYLE).into_response()
}

/// `GET /demo/icon.svg`.
pub async fn icon() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-cache")];
    (headers, pages::ICON).into_response()
}

/// `GET /demo`: the invitation, or the tour of who is signed in.
pub async fn home(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    let cookie = session::cookie(&headers);
    let session = demo.sessions.with(cookie.as_deref(), |session| session.clone());
    match session {
        Some(Session { signed_in: Some(who), csrf, steps, .. }) => {
            pages::answer(&TourPage { issuer: demo.settings.issuer.as_str(), who: &who, csrf: &csrf, steps: &steps })
        }
        _ => pages::answer(&HomePage::new(&demo.settings)),
    }
}

/// `GET /demo/login`: sends the browser to the provider.
pub async fn login(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    let pending = match steps::begin(&demo).await {
        Ok(pending) => pending,
        Err(step) => return pages::answer(&ProblemPage::broken(vec![*step])),
    };
    let url = pending.url.to_string();
    let cookie = session::cookie(&headers);
    if demo.sessions.with(cookie.as_deref(), |session| session.begin(pending.clone())).is_some() {
        return redirect(&url);
    }
    let cookie = demo.sessions.open();
    demo.sessions.with(Some(&cookie), |session| session.begin(pending));
    with_cookie(&demo, &cookie, redirect(&url))
}

/// `GET /demo/callback`: the answer of the provider, through the browser.
pub async fn callback(State(demo): State<Arc<Demo>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let answer = Answer::read(&query);
    let cookie = session::cookie(&headers).unwrap_or_default();
    let pending = demo.sessions.with(Some(&cookie), |session| {
        let pending = answer.state.as_deref().and_then(|state| session.take_pending(state));
        (pending, session.signed_in.is_some())
    });
    let pending = match pending {
        Some((Some(pending), _)) => pending,
        // Back or reload after the sign-in was finished.
        Some((None, true)) => return redirect("/demo"),
        _ => return pages::answer(&ProblemPage::stale(&query)),
    };
    if answer.issuer.as_deref() != Some(demo.settings.issuer.as_str()) {
        return pages::answer(&ProblemPage::foreign(&query, demo.settings.issuer.as_str()));
    }
    let code = match (answer.error, answer.code) {
        (Some(error), _) => return pages::answer(&ProblemPage::refused(&error, answer.description, &query)),
        (None, Some(code)) => code,
        (None, None) => return pages::answer(&ProblemPage::stale(&query)),
    };
    let returned = format!("/demo/callback?{query}");
    match steps::finish(&demo, pending, &code, &returned).await {
        (steps, None) => pages::answer(&ProblemPage::broken(steps)),
        (steps, Some(who)) => {
            demo.sessions.with(Some(&cookie), |session| {
                session.restart();
                steps.into_iter().for_each(|step| {
                    session.push(step);
                });
                session.signed_in = Some(who);
            });
            let done = redirect("/demo");
            match demo.sessions.rename(&cookie) {
                Some(renamed) => with_cookie(&demo, &renamed, done),
                None => done,
            }
        }
    }
}

/// `POST /demo/do/{action}`: a button of the tour.
pub async fn act(
    State(demo): State<Arc<Demo>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let cookie = session::cookie(&headers);
    let token = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "csrf").map(|(_, value)| value);
    let who = demo.sessions.with(cookie.as_deref(), |session| {
        (token.as_deref() == Some(session.csrf.as_str())).then(|| session.signed_in.clone()).flatten()
    });
    let Some(who) = who.flatten() else {
        return redirect("/demo");
    };
    if name == "sign-out" {
        return sign_out(&demo, cookie.as_deref(), &who).await;
    }
    let Some(action) = Action::named(&name) else {
        return redirect("/demo");
    };
    let (step, after) = steps::act(&demo, action, who.clone()).await;
    let number = demo.sessions.with(cookie.as_deref(), |session| {
        // Someone who signed out in another tab meanwhile stays signed out.
        let current = session.signed_in.as_mut()?;
        // Tokens that another tab got meanwhile are newer than those that this action began with.
        if current.refresh_token == who.refresh_token {
            *current = after;
        }
        Some(session.push(step))
    });
    match number.flatten() {
        Some(number) => redirect(&format!("/demo#step-{number}")),
        None => redirect("/demo"),
    }
}

/// Forgets who is signed in here, then sends the browser to the provider to sign out there too.
async fn sign_out(demo: &Demo, cookie: Option<&str>, who: &SignedIn) -> Response {
    let state = Secret::generate(&demo.settings.random).reveal();
    let url = steps::logout_url(demo, &who.id_token, &state).await;
    demo.sessions.with(cookie, |session| {
        session.signed_in = None;
        session.restart();
        session.logout = url.clone().map(|url| (state, url));
    });
    redirect(url.as_ref().map_or("/demo/signed-out", |url| url.as_str()))
}

/// `GET /demo/signed-out`: where the provider sends the browser after a logout.
pub async fn signed_out(State(demo): State<Arc<Demo>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let state = Answer::read(&query).state;
    let cookie = session::cookie(&headers);
    let seen = demo.sessions.with(cookie.as_deref(), |session| (session.signed_in.is_some(), session.logout.clone()));
    match seen {
        // A link from elsewhere must not show a logout that did not happen.
        Some((true, _)) => redirect("/demo"),
        Some((false, Some((expected, url)))) if state.as_deref() == Some(expected.as_str()) => {
            pages::answer(&SignedOutPage::proven(&url, &format!("/demo/signed-out?{query}")))
        }
        _ => pages::answer(&SignedOutPage::default()),
    }
}

fn with_cookie(demo: &Demo, value: &str, response: Response) -> Response {
    let cookie = session::set_cookie(value, demo.settings.issuer.is_https());
    ([(header::SET_COOKIE, cookie)], response).into_response()
}

/// The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2). One that is repeated counts as absent.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Answer {
    fn read(query: &str) -> Self {
        let one = |wanted: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
            let value = values.next()?.1.into_owned();
            values.next().is_none().then_some(value)
        };
        Self {
            code: one("code"),
            state: one("state"),
            issuer: one("iss"),
            error: one("error"),
            description: one("error_description"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_counts_as_absent() {
        let answer = Answer::read("state=a&code=c&state=b&iss=http%3A%2F%2Fi");
        assert_eq!(answer.state, None);
        assert_eq!(answer.code.as_deref(), Some("c"));
        assert_eq!(answer.issuer.as_deref(), Some("http://i"));
    }
}
