//! Text that would be SQL, if anything of ours were put together as text: through every way by which the product looks
//! something up.

use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use latchkey::domain::oauth::client::ClientId;
use latchkey::services::account;
use latchkey::services::oauth::client;

use crate::harness::{PASSWORD, Shows, TestApp, body, encode};

const PAYLOADS: [&str; 14] = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "\" OR \"\"=\"",
    "alice' --",
    "alice'/*",
    "alice'; DROP TABLE users; --",
    "'; UPDATE users SET administrator = TRUE; --",
    "'; DELETE FROM sessions; --",
    "' UNION SELECT identifier FROM login_identifiers --",
    "alice\\' OR 1=1 --",
    "$1; DROP TABLE clients; --",
    "%",
    "ali%",
    "a_ice",
];

/// What a payload would have to change to have worked: every person and client, and the number of everything else.
async fn state(app: &TestApp) -> String {
    let mut rows = app.rows().await;
    // A failed sign-in is counted; nothing else of these attempts may leave anything.
    rows.retain(|table, _| !["counters", "login_throttles"].contains(&table.as_str()));
    let people = (app.user("alice").await, app.user("bob").await);
    format!("{rows:?} {people:?} {:?}", client::list(&app.app).await.expect("the clients"))
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_sql_elsewhere_finds_nothing_and_changes_nothing() {
    let app = TestApp::configured().toml("[login]\nclient_attempts = 1000\n").start().await;
    let client = app.client().confidential().create().await;
    let tokens = client.sign_in("alice").await;
    let before = state(&app).await;
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    for payload in PAYLOADS {
        assert!(account::find(&app.app, payload).await.expect("an answer").is_none(), "{payload}");
        assert!(client::find(&app.app, &ClientId::new(payload)).await.expect("an answer").is_none(), "{payload}");

        // With the right password of everybody: a name that matched anybody would sign in.
        let page = browser.try_password(&login, payload, PASSWORD).await;
        assert_eq!(page.shows(), Shows::Login, "{payload}");
        assert!(page.answer.text().contains("is not right"), "{payload}");
        let page = browser.try_password(&login, "nobody", payload).await;
        assert_eq!(page.shows(), Shows::Login, "{payload}");

        for (parameter, value) in [("client_id", payload), ("redirect_uri", payload)] {
            browser.open(&client.request().without(parameter).and(parameter, value).url()).await.is_error_page(400);
        }
        browser.open(&format!("/login?{}", encode(&[("flow", payload)]))).await.is_error_page(400);
        let mut thief = app.browser();
        thief.cookies.insert("__Host-latchkey".into(), payload.replace([';', ' ', '"', '\\'], "+"));
        let silent = client.request().with("prompt", "none").url();
        thief.open(&silent).await.client_refused("login_required");

        for (id, secret) in [(payload, client.secret.as_str()), (client.id.as_str(), payload), (payload, payload)] {
            let form = |text: &str| encode(&[("", text)])[1..].to_owned();
            let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", form(id), form(secret))));
            for path in ["/token", "/introspect", "/revoke"] {
                let request = Request::post(path).header(header::AUTHORIZATION, &basic);
                let form = [("grant_type", "client_credentials"), ("token", tokens.access_token.as_str())];
                app.call(body(request, encode(&form))).await.refused("invalid_client");
            }
        }
        client.redeem(payload).await.refused("invalid_grant");
        client.refresh(payload).await.refused("invalid_grant");
        assert!(!client.finds_active(payload).await, "{payload}");
        assert_eq!(client.revoke(payload).await.status, 200, "{payload}");
        let bearer = payload.replace(|c: char| !c.is_ascii_graphic(), "+");
        client.userinfo(&bearer).await.bearer_refused(401, "invalid_token");
    }
    assert_eq!(state(&app).await, before);
    client.userinfo(&tokens.access_token).await.success();
    client.refresh(&tokens.refresh_token).await.ok();
    client.sign_in("bob").await;
}
