//! An issuer with a path (RFC 8414 §3.1, OpenID Connect Discovery §4.1): everything lies under it.

use axum::http::{Request, header};
use serde_json::Value;

use crate::harness::{Browser, Client, PASSWORD, Page, Shows, TestApp, encode, jwt};

const UNDER: &str = "https://id.test/tenant/auth";
const PATH: &str = "/tenant/auth";
const AFTER: &str = "https://app.test/signed-out";

async fn server() -> TestApp {
    TestApp::configured().issuer(UNDER).explaining().start().await
}

async fn client(app: &TestApp) -> Client {
    app.client().first_party().with(|m| m.post_logout_redirect_uris = vec![AFTER.to_owned()]).create().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_with_a_path_is_discovered_where_the_standards_say() {
    let app = server().await;
    let behind = app.get("/").await;
    assert_eq!(behind.status, 200, "below the path: {}", behind.text());
    // The harness puts the path before everything but what is well known.
    let metadata = app.get(&format!("/.well-known/oauth-authorization-server{PATH}")).await.success();
    assert_eq!(metadata, app.get(&format!("/.well-known/openid-configuration{PATH}")).await.success());
    assert_eq!(metadata["issuer"], UNDER);
    for (name, value) in metadata.as_object().unwrap() {
        let text = value.as_str().unwrap_or_default();
        assert!(!text.contains("://") || text == UNDER || text.starts_with(&format!("{UNDER}/")), "{name}: {text}");
    }
    for elsewhere in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/.well-known/x"]
    {
        assert_eq!(app.get(elsewhere).await.status, 404, "{elsewhere}");
    }
    assert!(app.get("/jwks").await.success()["keys"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_flow_goes_by_under_the_path() {
    let app = server().await;
    let client = client(&app).await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert_eq!(page.shows(), Shows::Login);
    assert!(page.form("login-submit").action.starts_with(&format!("{PATH}/login")), "{}", page.answer.text());
    let answer = browser.press(&page, "login-submit", &[("username", "alice"), ("password", PASSWORD)]).await;
    let response = answer.response();
    assert_eq!(response["iss"], UNDER);
    let tokens = client.redeem(&response["code"]).await.ok();
    assert_eq!(jwt::verify(&app, &tokens.id_token).await.claims["iss"], UNDER);
    assert!(client.userinfo(&tokens.access_token).await.success()["sub"].is_string());
    assert!(client.finds_active(&tokens.access_token).await);
    let tokens = client.refresh(&tokens.refresh_token).await.ok();
    let hint = [("id_token_hint", &*tokens.id_token), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(browser.open(&format!("/logout?{}", encode(&hint))).await.target(), AFTER);
    assert_eq!(browser.open("/account").await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_for_this_path_alone() {
    let app = server().await;
    let client = client(&app).await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let cookies: Vec<_> = page.answer.headers.get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap()).collect();
    assert!(cookies.len() > 2);
    for cookie in cookies {
        assert!(cookie.starts_with("__Secure-latchkey"), "{cookie}");
        assert!(cookie.split("; ").any(|part| part == format!("Path={PATH}")), "{cookie}");
        assert!(cookie.contains("Secure"), "{cookie}");
    }
    let frame = Request::get("/check-session").body(axum::body::Body::empty()).unwrap();
    let frame = browser.exchange(frame).await;
    assert!(frame.text().contains("data-cookie=\"__Secure-latchkey-state\""), "{}", frame.text());
    // What a server at the root of the host has set is not ours.
    let mut other = app.browser();
    for (name, value) in &browser.cookies {
        other.cookies.insert(name.replace("__Secure-", "__Host-"), value.clone());
    }
    assert_eq!(other.open("/account").await.shows(), Shows::Login);
}

/// Every path that the page leads to.
fn leads(page: &Page) -> Vec<String> {
    let text = page.answer.text();
    let starts = [" href=\"/", " src=\"/", " action=\"/", " formaction=\"/"];
    let of =
        |start: &'static str| text.split(start).skip(1).map(|rest| format!("/{}", rest.split('"').next().unwrap()));
    starts.into_iter().flat_map(|start| of(start).collect::<Vec<_>>()).collect()
}

async fn all_lie_under_it(browser: &mut Browser, path: &str) -> Page {
    let page = browser.open(path).await;
    let all = leads(&page);
    assert!(all.len() > 1, "{path}: {}", page.answer.text());
    for lead in &all {
        assert!(lead.starts_with(&format!("{PATH}/")) || lead == PATH, "{path} leads to {lead}");
    }
    for file in all.iter().filter(|lead| lead.contains("/static/")) {
        let answer = browser.exchange(Request::get(&file[PATH.len()..]).body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{file}");
    }
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_form_and_file_of_a_page_lies_under_the_path() {
    let app = server().await;
    let mut browser = app.browser();
    for path in
        ["/", "/login", "/recover", "/signup", "/account", "/logout", "/authorize?client_id=nobody", "/dev/mail"]
    {
        all_lie_under_it(&mut browser, path).await;
    }
    let page = browser.open("/account").await;
    browser.sign_in(&page, "alice").await;
    for page in ["profile", "email", "password", "factors", "sessions", "apps", "activity", "data", "delete"] {
        all_lie_under_it(&mut browser, &format!("/account/{page}")).await;
    }
    let question = all_lie_under_it(&mut browser, "/logout").await;
    assert_eq!(browser.press(&question, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_lead_under_the_path_and_from_there_back_in() {
    let app = server().await;
    let mut browser = app.browser();
    let page = browser.open("/recover").await;
    browser.press(&page, "recover-submit", &[("username", "alice")]).await;
    app.work().await;
    let link = app.mailed_link("alice@example.com");
    assert!(link.starts_with(&format!("{UNDER}/recover/")), "{link}");
    let page = browser.open(&link).await;
    let page = browser.press(&page, "reset-submit", &[("password", "quite-another-passphrase")]).await;
    assert_eq!(page.shows(), Shows::ResetDone);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_lies_under_it_too() {
    let app = server().await;
    let client = app.client().first_party().scope("openid account").create().await;
    let tokens = client.sign_in_for("alice", "openid account").await;
    let bearer = format!("Bearer {}", tokens.access_token);
    let me = app.send(Request::get("/api/v1/me").header(header::AUTHORIZATION, bearer)).await.success();
    assert_eq!(me["username"], "alice");
    let document: Value = app.get("/api/v1/openapi.json").await.success();
    let text = document.to_string();
    assert!(text.contains(&format!("{UNDER}/token")), "{text}");

    // Whoever knows nothing but the API's address finds us (RFC 9728 sections 3.1 and 5.1).
    let known = format!("https://id.test/.well-known/oauth-protected-resource{PATH}");
    let refused = app.get("/api/v1/me").await;
    let challenge = refused.header("www-authenticate");
    assert!(challenge.ends_with(&format!("resource_metadata=\"{known}\"")), "{challenge}");
    let resource = app.get(known.strip_prefix("https://id.test").unwrap()).await.success();
    assert_eq!((&resource["resource"], &resource["authorization_servers"][0]), (&UNDER.into(), &UNDER.into()));
}
