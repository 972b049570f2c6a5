//! `/dev/clock`: what time it is, and moving on.

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::Url;

use crate::app::App;
use crate::domain::operation::dev_clock::Forward;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::foundation::url::is_loopback;
use crate::http::extract::form;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::{self, PageError};
use crate::services::operation::dev_clock::{self, Moved};

/// Where it is.
pub const CLOCK: &str = "/dev/clock";

/// The time. Its form posts `forward` to `/dev/clock`.
#[derive(Template)]
#[template(path = "dev/clock.html")]
pub struct ClockPage {
    /// The shared part.
    pub layout: Layout,
    /// What time it is (RFC 3339).
    pub now: String,
    /// By how many seconds that is ahead of the machine.
    pub ahead_seconds: u64,
    /// What is wrong with what was typed.
    pub error: Option<&'static str>,
}

impl Page for ClockPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// `GET /dev/clock`.
pub async fn get(State(app): State<App>) -> Response {
    page(StatusCode::OK, &shown(&app, None))
}

/// `POST /dev/clock`: `forward`, as in `90m`. A browser is shown the page again, a program gets JSON. Behind the guard against
/// other sites' forms; and only under a name of this machine, since to a browser another site is whatever its name says,
/// wherever the name leads.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, PageError> {
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    if !is_for_this_machine(&headers, &uri) {
        let told = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        return Err(PageRefusal::ForeignForm { origin: told(header::HOST), site: None }.into());
    }
    let wants_page = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
    let params = form::read(request).await.map_err(PageRefusal::from)?;
    params.once().map_err(PageRefusal::from)?;
    let wrong = |error: &'static str| match wants_page {
        true => page(StatusCode::BAD_REQUEST, &shown(&app, Some(error))),
        false => (StatusCode::BAD_REQUEST, no_store(), Json(json!({"error": error}))).into_response(),
    };
    let step = match Forward::try_from(params.get("forward").unwrap_or_default()) {
        Ok(step) => step,
        Err(error) => return Ok(wrong(error)),
    };
    match dev_clock::forward(&app, step).await? {
        Moved::To(_) if wants_page => Ok(see_other(CLOCK)?),
        Moved::To(now) => {
            let ahead = dev_clock::ahead(&app).as_secs();
            let told = json!({"now": now.to_string(), "ahead_seconds": ahead});
            Ok((no_store(), Json(told)).into_response())
        }
        Moved::TooFar => Ok(wrong("the clock is ten years ahead at most")),
        Moved::NotHere => Ok(page_error::not_found(State(app)).await),
    }
}

fn no_store() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-store")]
}

fn shown(app: &App, error: Option<&'static str>) -> ClockPage {
    let (now, ahead_seconds) = (app.clock.now().to_string(), dev_clock::ahead(app).as_secs());
    ClockPage { layout: Layout::new(app), now, ahead_seconds, error }
}

/// Whether the request names this machine. A program may name nothing; every browser names the host that it believes to
/// talk to.
fn is_for_this_machine(headers: &HeaderMap, uri: &Uri) -> bool {
    let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let Some(host) = uri.authority().map(axum::http::uri::Authority::as_str).or(host) else { return true };
    Url::parse(&format!("http://{host}")).is_ok_and(|url| is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn another_name_that_leads_here_is_another_site() {
        let table = [
            ("127.0.0.1:8080", true),
            ("localhost:8080", true),
            ("[::1]:8080", true),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("", false),
        ];
        for (host, ours) in table {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            assert_eq!(is_for_this_machine(&headers, &Uri::from_static("/dev/clock")), ours, "{host}");
        }
        assert!(is_for_this_machine(&HeaderMap::new(), &Uri::from_static("/dev/clock")));
    }
}
