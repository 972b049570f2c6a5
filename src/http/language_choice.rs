//! The switch at the foot of every page.

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::extract::form;
use super::language::cookie_name;
use super::respond::authorization::see_other;
use super::respond::page_error::PageError;
use crate::app::App;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::language::Choice;
use crate::services::ServiceError;

/// A year.
const KEPT_FOR: u32 = 365 * 24 * 3600;

/// `POST /language`: the browser keeps the choice, and comes back to the page (`back`). Nothing is stored here.
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, PageError> {
    let params = form::read(request).await.map_err(PageRefusal::from)?;
    params.once().map_err(PageRefusal::from)?;
    let back = params.get("back").filter(|back| is_page_of_ours(back)).unwrap_or("/");
    let mut response = see_other(back)?;
    if let Some(choice) = params.get("language").and_then(Choice::parse) {
        let secure = if app.issuer.is_https() { "; Secure" } else { "" };
        let name = cookie_name(&app);
        let cookie = format!("{name}={choice}; HttpOnly; SameSite=Lax{secure}; Path=/; Max-Age={KEPT_FOR}");
        let cookie = HeaderValue::try_from(cookie).map_err(ServiceError::internal)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whether a browser that follows it stays here. Browsers read `//host` and `/\host` as another host, and leave out tabs and
/// line ends before they look.
fn is_page_of_ours(back: &str) -> bool {
    let rest = back.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with(['/', '\\'])) && back.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_a_page_of_ours_and_nowhere_else() {
        for ours in ["/", "/login?flow=abc", "/account/sessions"] {
            assert!(is_page_of_ours(ours), "{ours}");
        }
        for other in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "login",
            "/a b",
            "/ä",
        ] {
            assert!(!is_page_of_ours(other), "{other}");
        }
    }
}
