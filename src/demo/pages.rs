//! The demo app's pages.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::exchange::Exchange;
use super::session::SignedIn;
use super::settings::DemoSettings;
use super::step::Step;

/// Its style sheet, on the tokens that the provider's pages use too.
pub const STYLE: &str = concat!(include_str!("../../static/tokens.css"), include_str!("../../static/demo.css"));

/// Its icon: the provider's own.
pub const ICON: &str = include_str!("../../static/favicon.svg");

/// Answers with a page.
pub fn answer(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page of the demo app could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The invitation to sign in.
#[derive(Template)]
#[template(path = "demo/home.html")]
pub struct HomePage<'a> {
    issuer: &'a str,
    client_id: &'a str,
    machine_id: &'a str,
}

impl<'a> HomePage<'a> {
    /// The invitation of this provider.
    pub fn new(settings: &'a DemoSettings) -> Self {
        Self {
            issuer: settings.issuer.as_str(),
            client_id: &settings.app.client_id,
            machine_id: &settings.machine.client_id,
        }
    }
}

/// Who is signed in, and every step so far.
#[derive(Template)]
#[template(path = "demo/tour.html")]
pub struct TourPage<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// Who is signed in.
    pub who: &'a SignedIn,
    /// What makes a form this browser's own.
    pub csrf: &'a str,
    /// The cards, oldest first.
    pub steps: &'a [Step],
}

/// Why a sign-in did not end in the app.
#[derive(Template)]
#[template(path = "demo/problem.html")]
pub struct ProblemPage {
    title: &'static str,
    message: String,
    answer: Option<String>,
    steps: Vec<Step>,
}

impl ProblemPage {
    /// The provider said no.
    pub fn refused(error: &str, description: Option<String>, query: &str) -> Self {
        let (title, message) = match error {
            "access_denied" => ("You did not sign in", "That is fine: the app was told so, and nothing else."),
            "login_required" | "interaction_required" | "consent_required" => {
                ("The provider needs to ask you first", "The app asked it not to, so it said so.")
            }
            "temporarily_unavailable" | "server_error" => {
                ("The provider cannot do that right now", "Try again in a moment.")
            }
            _ => ("The provider refused", "The app asked for something that it does not give."),
        };
        let description = description.map(|text| format!(" It says: “{text}”")).unwrap_or_default();
        Self::with_answer(title, format!("{message}{description}"), query)
    }

    /// The answer belongs to no sign-in that this browser has under way.
    pub fn stale(query: &str) -> Self {
        let message = "It is too old, was used before, or was begun in another browser.".to_owned();
        Self::with_answer("This answer belongs to no sign-in of this browser", message, query)
    }

    /// The answer names another issuer, or none (RFC 9207 §2.4).
    pub fn foreign(query: &str, expected: &str) -> Self {
        let message = format!("Its iss is not {expected}, so the app did not use it.");
        Self::with_answer("This answer is not from the provider that was asked", message, query)
    }

    /// A step failed; the cards tell where.
    pub fn broken(steps: Vec<Step>) -> Self {
        let message = "The cards below show what was sent and what came back.".to_owned();
        Self { title: "The sign-in did not work", message, answer: None, steps }
    }

    fn with_answer(title: &'static str, message: String, query: &str) -> Self {
        let answer = format!("GET /demo/callback\n  ?{}", query.replace('&', "\n  &"));
        Self { title, message, answer: Some(answer), steps: Vec::new() }
    }
}

/// After a logout.
#[derive(Default, Template)]
#[template(path = "demo/signed_out.html")]
pub struct SignedOutPage {
    exchange: Option<Exchange>,
}

impl SignedOutPage {
    /// After a logout that came back with our `state`.
    pub fn proven(sent: &url::Url, returned: &str) -> Self {
        let note = "Where it was sent, where it came back";
        Self { exchange: Some(Exchange::through_the_browser(note, sent, returned)) }
    }
}
