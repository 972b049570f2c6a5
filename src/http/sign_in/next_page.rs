//! Where the browser goes from here: to the client, or to the page of whatever step is due. After each step of a sign-in
//! the same decision says which.

use axum::response::Response;

use crate::app::App;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::sign_in::decision::Step;
use crate::http::extract::browser::Browser;
use crate::http::respond::authorization::{see_other, send};
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::authorization_request;
use crate::services::sign_in::authorize::{self, Ask, Progress};

/// Where each step is asked.
pub const LOGIN: &str = "/login";
/// Where consent is asked.
pub const CONSENT: &str = "/consent";
/// Where an account is chosen.
pub const CHOOSE_ACCOUNT: &str = "/choose-account";

/// Marks a page that the browser was sent to because its cookie was missing: if it is still missing there, it will not
/// come at all.
pub const AGAIN: &str = "again";

/// Sends the browser to whatever comes next. A request that has just come in (`flow` is `None`) is made ready to travel,
/// and one that must begin anew begins here.
///
/// # Errors
/// When the request has to be stored and the database does not answer, or its client has changed meanwhile.
pub async fn next_page(
    app: &App,
    browser: &mut Browser,
    flow: Option<&str>,
    progress: Progress,
) -> Result<Response, PageError> {
    match progress {
        Progress::Respond(answer) => Ok(send(app, *answer)?),
        Progress::Ask(ask) => {
            let Ask { step, request, .. } = *ask;
            match flow {
                Some(flow) => Ok(see_other(&link(path_of(&step), flow))?),
                None => set_out(app, browser, request, path_of(&step), "").await,
            }
        }
        Progress::Restart(request) => set_out(app, browser, *request, LOGIN, &format!("&{AGAIN}=1")).await,
    }
}

/// The link of a page in this flow.
pub fn link(path: &str, flow: &str) -> String {
    format!("{path}?flow={flow}")
}

/// A request begins its way through the pages of this browser.
async fn set_out(
    app: &App,
    browser: &mut Browser,
    request: AuthorizationRequest,
    path: &str,
    rest: &str,
) -> Result<Response, PageError> {
    let binding = browser.remember(app);
    match authorization_request::carry(app, &request, binding, browser.address()).await? {
        Some(flow) => Ok(see_other(&format!("{}{rest}", link(path, &flow)))?),
        None => Ok(send(app, authorize::no_room(app, &request).await?)?),
    }
}

fn path_of(step: &Step) -> &'static str {
    match step {
        Step::SignIn | Step::Done => LOGIN,
        Step::ChooseAccount => CHOOSE_ACCOUNT,
        Step::Consent(_) => CONSENT,
    }
}
