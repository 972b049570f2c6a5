//! Which answers scripts of other origins may read.

use axum::http::{Request, header};

use crate::harness::{TestApp, body};

const OPEN: [(&str, &str); 6] = [
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/jwks"),
    ("POST", "/token"),
    ("GET", "/userinfo"),
    ("POST", "/revoke"),
];
const CLOSED: [&str; 9] = [
    "/authorize",
    "/login",
    "/consent",
    "/choose-account",
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

/// `GET` does not come through the router, `HEAD` does; whoever leaves the one must not lose what the other adds.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_router_has_the_headers_of_one_behind_it() {
    let app = TestApp::start().await;
    let [got, head] = ["GET", "HEAD"].map(|method| from_elsewhere(method, "/userinfo"));
    let (got, head) = (app.send(got).await, app.send(head).await);
    assert_eq!((got.status, head.status), (401.try_into().unwrap(), 401.try_into().unwrap()));
    let names = |answer: &crate::harness::Answer| -> Vec<String> {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&got), names(&head));
    for name in head.headers.keys().filter(|name| *name != "x-request-id") {
        assert_eq!(got.header(name.as_str()), head.header(name.as_str()), "{name}");
    }
    for (method, path, allow) in [("GET", "/token", "POST"), ("DELETE", "/userinfo", "GET,HEAD,POST")] {
        let refused = app.send(from_elsewhere(method, path)).await;
        assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, allow), "{path}");
    }
}
