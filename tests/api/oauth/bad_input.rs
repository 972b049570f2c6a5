//! Each endpoint, each parameter, each way of getting it wrong: a well-formed 4xx, and nothing is used up.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::harness::{Answer, Client, TestApp, body, encode, with_document};
use crate::own_account::Caller;

/// Ways to spoil the value of a parameter, as raw form text after `name=`.
fn spoiled(name: &str) -> Vec<(&'static str, String)> {
    vec![
        ("empty", format!("{name}=")),
        ("without a value", name.to_owned()),
        ("repeated", format!("{name}=a&{name}=b")),
        ("repeated in disguise", format!("{name}=a&%{:02x}{}=b", name.as_bytes()[0], &name[1..])),
        ("large", format!("{name}={}", "x".repeat(60_000))),
        ("huge", format!("{name}={}", "x".repeat(100_000))),
        ("of another type", format!("{name}[]=1&{name}[a]=2&{name}=%7B%22a%22%3A1%7D")),
        ("invalid UTF-8", format!("{name}=%ff%fe")),
        ("overlong UTF-8", format!("{name}=%c0%af")),
        ("a surrogate", format!("{name}=%ed%a0%80")),
        ("a NUL", format!("{name}=a%00b")),
        ("a lone percent", format!("{name}=%")),
        ("half an escape", format!("{name}=%4")),
        ("a bad escape", format!("{name}=%zz")),
        ("control characters", format!("{name}=a%0d%0aSet-Cookie:%20x=y%1b[31m")),
        ("odd Unicode", format!("{name}=%e2%80%ae%f0%9f%92%a9%cc%81")),
        ("an injection", format!("{name}={}", encode(&[("", "' OR 1=1; DROP TABLE users; --")])[1..].to_owned())),
    ]
}

/// `form` without `name`, as text.
fn without(form: &[(&str, &str)], name: &str) -> String {
    encode(&form.iter().copied().filter(|(known, _)| *known != name).collect::<Vec<_>>())
}

/// Every spoiled form of `form`, and each with one parameter missing.
fn every_spoiled(form: &[(&str, &str)]) -> Vec<(String, String)> {
    each_spoiled(form).into_iter().map(|(name, how, text)| (format!("{name} {how}"), text)).collect()
}

/// The same with the parameter, what was done to it, and the form.
pub fn each_spoiled<'a>(form: &[(&'a str, &str)]) -> Vec<(&'a str, &'static str, String)> {
    let mut all = Vec::new();
    for (name, _) in form {
        let rest = without(form, name);
        all.push((*name, "missing", rest.clone()));
        all.extend(spoiled(name).into_iter().map(|(how, text)| (*name, how, format!("{rest}&{text}"))));
    }
    all
}

#[track_caller]
fn is_json_error(answer: &Answer, what: &str) {
    assert!(answer.status.is_client_error(), "{what}: {} {}", answer.status, answer.text());
    let error = answer.json();
    assert!(error["error"].as_str().is_some_and(|code| !code.is_empty()), "{what}: {error}");
    let description = error["error_description"].as_str().unwrap_or_default();
    assert!(description.contains(answer.header("x-request-id")), "{what}: {error}");
    assert!(description.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'), "{what}: {error}");
    answer.is_not_kept();
}

fn raw(client: &Client, path: &str, form: &str) -> Request<Body> {
    body(Request::post(path).header(header::AUTHORIZATION, client.basic()), form)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_refuses_spoiled_redemptions_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let mut browser = app.browser();
    let bound = client.authorize(&mut browser, "alice", client.request()).await.code();
    let plain = client.authorize(&mut browser, "alice", client.request().without_pkce()).await.code();
    let (with_pkce, without) = (client.redemption(&bound), &client.redemption(&plain)[..3]);
    for (what, form) in every_spoiled(&with_pkce).into_iter().chain(every_spoiled(without)) {
        // What PKCE binds needs no redirect_uri (OAuth 2.1 10.1).
        let optional = ["redirect_uri missing", "redirect_uri empty", "redirect_uri without a value"];
        if !(optional.contains(&what.as_str()) && form.contains("code_verifier")) {
            is_json_error(&app.call(raw(&client, "/token", &form)).await, &what);
        }
    }
    client.token(&with_pkce).await.ok();
    client.token(without).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_whatever_it_says() {
    let app = TestApp::start().await;
    let machine = app.client().machine("reports:read").create().await;
    let padded = |length: usize| format!("grant_type=client_credentials&pad={}", "x".repeat(length));
    assert_eq!(app.call(raw(&machine, "/token", &padded(60_000))).await.status, 200);
    let refused = app.call(raw(&machine, "/token", &padded(70_000))).await;
    is_json_error(&refused, "70 kB");
    assert_eq!(refused.json()["error"], "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_refuses_spoiled_refreshes_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let token = client.sign_in("alice").await.refresh_token;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    for (what, form) in every_spoiled(&form) {
        is_json_error(&app.call(raw(&client, "/token", &form)).await, &what);
    }
    for (how, scope) in spoiled("scope") {
        if !matches!(how, "empty" | "without a value") {
            let form = format!("{}&{scope}", encode(&form));
            is_json_error(&app.call(raw(&client, "/token", &form)).await, how);
        }
    }
    let next = client.refresh(&token).await.ok();
    client.refresh(&next.refresh_token).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn client_authentication_refuses_spoiled_credentials() {
    let app = TestApp::start().await;
    let client =
        app.client().auth(latchkey::domain::oauth::client::AuthMethod::ClientSecretPost).machine("a").create().await;
    let form = [("client_id", &*client.id), ("client_secret", &*client.secret), ("grant_type", "client_credentials")];
    for path in ["/token", "/introspect", "/revoke"] {
        for (what, form) in every_spoiled(&form) {
            let answer = app.call(body(Request::post(path), form)).await;
            is_json_error(&answer, &format!("{path}: {what}"));
        }
    }
    for value in [
        &b"Basic"[..],
        b"Basic ",
        b"Basic !",
        b"Basic AA==",
        b"Basic Og==",
        b"Bearer x",
        b"Digest x",
        b"",
        b"basic\xff",
        b"Basic YTpiOmM=, Basic YTpi",
        b"Basic gICA",
        b"Basic JSU6JQ==",
        b"Basic AGE6Yg==",
    ] {
        let request = Request::post("/token").header(header::AUTHORIZATION, value);
        is_json_error(&app.call(body(request, encode(&form[2..]))).await, &format!("{value:?}"));
    }
    client.client_credentials().await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_and_revocation_refuse_or_shrug_and_end_nothing() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let tokens = client.sign_in("alice").await;
    for path in ["/introspect", "/revoke"] {
        for (what, form) in every_spoiled(&[("token", &tokens.refresh_token)]) {
            let answer = app.call(raw(&client, path, &form)).await;
            // A token in a wrong form is an unknown token, which RFC 7009 2.2 and RFC 7662 2.2 make a success.
            let shrugs = answer.status == 200 && (path == "/revoke" || answer.json()["active"] == false);
            if !shrugs {
                is_json_error(&answer, &format!("{path}: {what}"));
            }
        }
    }
    assert!(client.finds_active(&tokens.refresh_token).await);
    client.userinfo(&tokens.access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_refuses_spoiled_tokens() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let token = client.sign_in("alice").await.access_token;
    for (what, form) in every_spoiled(&[("access_token", &token)]) {
        let answer = app.call(body(Request::post("/userinfo"), form)).await;
        is_json_error(&answer, &what);
        assert!(answer.header("www-authenticate").starts_with("Bearer "), "{what}");
    }
    for value in [
        &b"Bearer"[..],
        b"Bearer ",
        b"Bearer \xff",
        b"Bearer a b",
        b"Basic YTpi",
        b"",
        b"Bearer ..",
        b"Bearer e30.e30.e30",
    ] {
        let answer = app.send(Request::get("/userinfo").header(header::AUTHORIZATION, value)).await;
        is_json_error(&answer, &format!("{value:?}"));
    }
    client.userinfo(&token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_type_is_refused() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    for path in ["/token", "/introspect", "/revoke"] {
        for kind in
            ["application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencodedx"]
        {
            let request = Request::post(path)
                .header(header::AUTHORIZATION, client.basic())
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from("{\"grant_type\":\"client_credentials\"}"))
                .unwrap();
            app.call(request).await.refused("invalid_request");
        }
        let charset = Request::post(path)
            .header(header::AUTHORIZATION, client.basic())
            .header(header::CONTENT_TYPE, "Application/X-WWW-Form-Urlencoded; charset=UTF-8")
            .body(Body::from("grant_type=refresh_token&refresh_token=x&token=x"))
            .unwrap();
        let answer = app.call(charset).await;
        assert!(!answer.text().contains("must be application"), "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_parameters_is_refused() {
    let app = TestApp::start().await;
    let client = app.client().confidential().create().await;
    let flood: Vec<String> = (0..5000).map(|i| format!("p{i}=1")).collect();
    app.call(raw(&client, "/token", &flood.join("&"))).await.refused("invalid_request");
    app.browser().open(&format!("/authorize?{}", flood.join("&"))).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_gives_no_code_and_ends_no_session() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let before = app.rows().await;
    let hint = encode(&[("id_token_hint", tokens.id_token.as_str())]);
    for path in [client.request().url(), format!("/logout?{hint}"), "/federation/x/callback?state=x&code=x".to_owned()]
    {
        let answer = browser.exchange(Request::head(&path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET,POST"), "{path}");
    }
    assert_eq!(app.rows().await, before);
    browser.open(&client.request().url()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_not_allowed_and_other_paths_not_found() {
    let app = TestApp::start().await;
    for (path, methods) in [
        ("/token", "POST"),
        ("/introspect", "POST"),
        ("/revoke", "POST"),
        ("/userinfo", "GET POST"),
        ("/jwks", "GET"),
        ("/.well-known/openid-configuration", "GET"),
        ("/authorize", "GET POST"),
        ("/login", "GET POST"),
        ("/consent", "GET POST"),
        ("/choose-account", "GET POST"),
        ("/logout", "GET POST"),
        ("/logout/confirm", "POST"),
        ("/account/switch", "POST"),
        ("/account/add", "GET"),
        ("/healthz", "GET"),
        ("/readyz", "GET"),
        ("/", "GET"),
    ] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
            let answer = app.send(Request::builder().method(method).uri(path)).await;
            if methods.split(' ').any(|known| known == method) {
                assert_ne!(answer.status, 405, "{method} {path}");
            } else {
                assert_eq!(answer.status, 405, "{method} {path}");
                assert!(!answer.header("allow").is_empty(), "{method} {path}: which are?");
            }
            assert!(!answer.header("x-request-id").is_empty(), "{method} {path}");
        }
    }
    for path in [
        "/nothing",
        "/token/",
        "//token",
        "/token%00",
        "/%ff",
        "/.git/config",
        "/static/../Cargo.toml",
        "/static/x",
        "/login/x",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

/// No UTF-8, and what PostgreSQL cannot compare.
const NO_NAMES: [&str; 4] = ["%ff", "a%ff%fe", "%00", "a%00b"];

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_names_nothing_is_answered_as_every_other_of_its_endpoint() {
    let app = TestApp::registering().await;
    let caller = Caller::alice(&app).await;
    for name in NO_NAMES {
        let path = format!("/register/{name}");
        let bearer = |request: axum::http::request::Builder| request.header(header::AUTHORIZATION, "Bearer x");
        app.send(bearer(Request::get(&path))).await.bearer_refused(401, "invalid_token");
        app.send(bearer(Request::delete(&path))).await.bearer_refused(401, "invalid_token");
        app.call(with_document(Request::put(&path), Some("x"), &json!({}))).await.bearer_refused(401, "invalid_token");
        for path in ["sessions", "consents", "factors"] {
            caller.delete(&format!("/{path}/{name}")).await.problem(404, "not_found");
        }
        let upstream = caller.call("GET", &format!("/upstream/{name}/token"), None).await;
        assert_eq!(upstream.header("content-type"), "application/problem+json", "{}", upstream.text());
        assert!(upstream.status.is_client_error());
        app.post(&format!("/federation/{name}/backchannel-logout"), &[("logout_token", "x")])
            .await
            .refused("invalid_request");
        app.browser().open(&format!("/federation/{name}/callback?state=x")).await.is_error_page(404);
        assert_eq!(app.get(&format!("/static/{name}")).await.status, 404);
    }
}
