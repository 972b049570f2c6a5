//! Forms of our pages are taken from our pages only (OWASP: verifying origin with standard headers). This comes on top
//! of the token in each form and of `SameSite`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::http::respond::page_error::PageError;

/// Refuses a form that the browser says came from another site. Not for what applications may send from their own pages:
/// `/authorize` and `/logout`.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.uri().authority().map(ToString::to_string);
    let from_elsewhere = |request: &Request| {
        let host = host.as_deref().or_else(|| text(request.headers(), "host"));
        is_from_elsewhere(request.headers(), &app.issuer.origin(), host)
    };
    if request.method() == Method::POST && from_elsewhere(&request) {
        let told = |name| text(request.headers(), name).map(str::to_owned);
        let refusal = PageRefusal::ForeignForm { origin: told("origin"), site: told("sec-fetch-site") };
        return PageError::from(refusal).into_response();
    }
    next.run(request).await
}

/// Whether either header says so. `Sec-Fetch-Site` (Fetch Metadata §2.3), which only the browser sets, is `same-origin`
/// for our own page and `none` for a person's own action; a sibling host (`same-site`) is not us. `Origin` (RFC 6454
/// §7) must be our issuer or, if we were opened under another name, the host that the request names. `null` says
/// nothing: because of our `Referrer-Policy: no-referrer`, browsers send it from our own pages. No browser of today
/// sends neither; such a client is left to the form's token.
fn is_from_elsewhere(headers: &HeaderMap, issuer: &str, host: Option<&str>) -> bool {
    let site = headers.contains_key("sec-fetch-site")
        && !matches!(text(headers, "sec-fetch-site"), Some("same-origin" | "none"));
    // Under our own name the scheme must be ours too: anybody on the network may have written a page that came over http.
    let alias = host.filter(|host| named(issuer) != Some(host));
    let here = |origin: &str| origin == "null" || origin == issuer || (alias.is_some() && named(origin) == alias);
    let origin = headers.contains_key(header::ORIGIN) && !text(headers, "origin").is_some_and(here);
    site || origin
}

/// Host and port of an origin.
fn named(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, named)| named)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_says_of_a_forms_home() {
        let table: [(Option<&str>, Option<&str>, bool); 19] = [
            // Origin, Sec-Fetch-Site, from elsewhere
            (None, None, false),
            (Some("https://id.example"), None, false),
            (Some("https://id.example"), Some("same-origin"), false),
            // Our own pages have no referrer, and so no origin.
            (Some("null"), Some("same-origin"), false),
            (Some("null"), None, false),
            (None, Some("same-origin"), false),
            (None, Some("none"), false),
            // Opened under another name.
            (Some("http://alias:8080"), Some("same-origin"), false),
            (Some("https://evil.example"), None, true),
            (Some("https://evil.example"), Some("cross-site"), true),
            (Some("https://evil.example"), Some("same-origin"), true),
            (Some("null"), Some("cross-site"), true),
            (None, Some("cross-site"), true),
            (None, Some("same-site"), true),
            (Some("https://app.id.example"), Some("same-site"), true),
            (Some("http://id.example"), None, true),
            (Some("https://id.example:444"), None, true),
            (Some("https://id.example.evil.example"), None, true),
            (Some(""), Some("something new"), true),
        ];
        for (origin, site, elsewhere) in table {
            let mut headers = HeaderMap::new();
            origin.map(|origin| headers.insert("origin", origin.parse().unwrap()));
            site.map(|site| headers.insert("sec-fetch-site", site.parse().unwrap()));
            let found = is_from_elsewhere(&headers, "https://id.example", Some("alias:8080"));
            assert_eq!(found, elsewhere, "{origin:?} {site:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("origin", axum::http::HeaderValue::from_bytes(b"\xff").unwrap());
        assert!(is_from_elsewhere(&headers, "https://id.example", None), "no text");
        headers.insert("origin", "http://id.example".parse().unwrap());
        assert!(is_from_elsewhere(&headers, "https://id.example", Some("id.example")), "our name, but not our page");
    }
}
