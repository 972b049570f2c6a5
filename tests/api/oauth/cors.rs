//! Which answers scripts of other origins may read.

use axum::http::{Request, header};

use crate::harness::{Answer, TestApp, body};

const OPEN: [(&str, &str); 7] = [
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/jwks"),
    ("POST", "/token"),
    ("GET", "/userinfo"),
    ("POST", "/par"),
    ("POST", "/revoke"),
];
const CLOSED: [&str; 11] = [
    "/authorize",
    "/login",
    "/consent",
    "/choose-account",
    "/account/switch",
    "/account/add",
    "/logout",
    "/logout/confirm",
    "/introspect",
    "/",
    "/nothing",
];

fn from_elsewhere(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::ORIGIN, "https://spa.test")
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_apps_may_call_what_they_need() {
    let app = TestApp::start().await;
    for (method, path) in OPEN {
        let preflight = from_elsewhere("OPTIONS", path)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "authorization, content-type");
        let answer = app.send(preflight).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.header("access-control-allow-methods").contains(method), "{path}");
        let headers = answer.header("access-control-allow-headers").to_ascii_lowercase();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{path}: {headers}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "never with cookies");

        let answer = app.send(from_elsewhere(method, path)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}: errors too");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        // The documents are never refused.
        let is_document = path == "/jwks" || path.starts_with("/.well-known");
        assert!(is_document || exposed.contains("www-authenticate"), "{path}: {exposed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_in_a_browser_gets_its_tokens() {
    let app = TestApp::start().await;
    let spa = app.client().public().create().await;
    let code = spa.code("alice").await;
    let mut request = spa.authenticated("/token", &spa.redemption(&code));
    request.headers_mut().insert(header::ORIGIN, "https://spa.test".parse().unwrap());
    let answer = app.call(request).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    answer.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_introspection_are_nobody_elses_business() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    for path in CLOSED.into_iter().map(str::to_owned).chain([client.request().url()]) {
        let preflight = from_elsewhere("OPTIONS", &path).header("access-control-request-method", "POST");
        for answer in [
            app.send(preflight).await,
            app.send(from_elsewhere("GET", &path)).await,
            app.call(body(from_elsewhere("POST", &path), "")).await,
        ] {
            let leaks = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(leaks, None, "{path}");
        }
    }
}

/// `GET` is answered before the router, `HEAD` behind it: neither may lose what the other has.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_router_has_the_headers_of_one_behind_it() {
    let app = TestApp::start().await;
    let got = app.send(from_elsewhere("GET", "/userinfo")).await;
    let head = app.send(from_elsewhere("HEAD", "/userinfo")).await;
    assert_eq!((got.status.as_u16(), head.status.as_u16()), (401, 401));
    let headers = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        // The one differs each time; the other is added by the server, or by the router before it.
        headers.remove("x-request-id");
        headers.remove("content-length");
        headers
    };
    assert_eq!(headers(&got), headers(&head));
    assert!(got.headers.contains_key("x-request-id") && got.headers.contains_key("cache-control"));
    for (method, path, allowed) in [("GET", "/token", "POST"), ("DELETE", "/userinfo", "GET,HEAD,POST")] {
        let refused = app.send(from_elsewhere(method, path)).await;
        assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, allowed), "{path}");
    }
}
