//! What whole groups of URLs have in common.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::request_id;

/// Lets scripts of any origin call the endpoints that browsers' applications need. Never with credentials: a cookie is
/// of no use there (CVE-2024-41657).
pub fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::WWW_AUTHENTICATE, request_id::HEADER])
        .max_age(Duration::from_secs(3600))
        // Answers are the same for every origin.
        .vary([])
}

/// The same for our own API, which is called with more methods, and by conditions.
pub fn cors_of_api() -> CorsLayer {
    cors()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH])
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ETAG, request_id::HEADER])
}

/// Adds the headers of [`cors`] to an answer that does not come through the router. Not for preflights.
pub fn open_to_scripts(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate,x-request-id"));
    response
}

/// Keeps an answer of the API out of caches, and browsers from guessing its type (RFC 6749 §5.1).
pub fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // Makes room at once for the headers of CORS and of the request's id too.
    headers.reserve(12);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Completes the cookie with which tower-sessions removes a cookie: without `Secure` a browser ignores one whose name
/// begins with `__Host-`, and the dead cookie stays.
pub async fn complete_cookies(request: Request, next: Next) -> Response {
    const SET_COOKIE: HeaderName = header::SET_COOKIE;
    let mut response = next.run(request).await;
    let cookies: Vec<HeaderValue> = response.headers().get_all(SET_COOKIE).iter().map(completed).collect();
    response.headers_mut().remove(SET_COOKIE);
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn completed(cookie: &HeaderValue) -> HeaderValue {
    let Ok(text) = cookie.to_str() else {
        return cookie.clone();
    };
    match text.starts_with("__Host-") && !text.contains("; Secure") {
        true => {
            HeaderValue::from_str(&format!("{text}; Secure; HttpOnly; SameSite=Lax")).unwrap_or_else(|_| cookie.clone())
        }
        false => cookie.clone(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn scripts_may_read_the_same_with_the_layer_and_without() {
        let routed = Router::new().route("/", get(async || "")).layer(cors());
        let routed = routed.oneshot(Request::new(Body::empty())).await.unwrap();
        let open = open_to_scripts("".into_response());
        assert!(open.headers().contains_key("access-control-allow-origin"));
        let but_length = |response: Response| {
            let (mut parts, _) = response.into_parts();
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers
        };
        assert_eq!(but_length(open), but_length(routed));
    }

    #[test]
    fn only_the_removal_of_a_host_cookie_is_completed() {
        let text = |cookie: &str| completed(&HeaderValue::from_str(cookie).unwrap()).to_str().unwrap().to_owned();
        assert_eq!(
            text("__Host-x=; Path=/; Max-Age=0"),
            "__Host-x=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            text("__Host-x=1; HttpOnly; SameSite=Lax; Secure; Path=/"),
            "__Host-x=1; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        assert_eq!(text("x=; Path=/"), "x=; Path=/");
    }
}
